//! The fixed words of the session itself: on the paper, and about an answer being typed. A language is a column.

use jiff::civil::{Date, Weekday};
use matters::Language;

/// A word in every language, in the order of [`Language::ALL`].
#[derive(Clone, Copy)]
pub(crate) struct Word([&'static str; Language::COUNT]);

impl Word {
    pub(crate) fn get(self, language: Language) -> &'static str {
        language.of(&self.0)
    }
}

pub(crate) const TITLE: Word = Word(["受理回执", "Receipt"]);
pub(crate) const MATTER: Word = Word(["事项", "Matter"]);
pub(crate) const NAME: Word = Word(["申请人", "Applicant"]);
pub(crate) const NUMBER: Word = Word(["证件号码", "ID number"]);
pub(crate) const CASE_NUMBER: Word = Word(["登记编号", "Case number"]);
pub(crate) const ACCEPTANCE_NUMBER: Word = Word(["受理编号", "Acceptance no."]);
pub(crate) const TIME: Word = Word(["提交时间", "Submitted"]);
pub(crate) const DEADLINE: Word = Word(["最迟办结", "Handled by"]);
pub(crate) const FEE: Word = Word(["费用", "Fee"]);
pub(crate) const FREE: Word = Word(["免费", "free"]);
pub(crate) const REGISTERED: Word = Word([
    "已登记，待送达公安平台。送达后可凭登记编号查询。",
    "Registered; delivery to the police platform is pending. Ask with the case number.",
]);
pub(crate) const ACCEPTED: Word =
    Word(["已受理。可凭受理编号查询进度。", "Accepted. Ask about progress with the acceptance number."]);
pub(crate) const ORDER: Word = Word(["缴款单号", "Payment order"]);
pub(crate) const PAY: Word = Word([
    "扫下面的码缴费；也可以以后凭登记编号缴费。",
    "Scan this code to pay, or pay later with the case number.",
]);
pub(crate) const PAY_LATER: Word = Word([
    "费用待缴：以后凭登记编号，在自助机或窗口缴费。",
    "To be paid later with the case number, at a machine or a counter.",
]);
pub(crate) const PAID: Word = Word(["费用已缴。", "The fee is paid."]);
pub(crate) const KEEP: Word = Word(["请妥善保管本回执。", "Please keep this receipt."]);
pub(crate) const REFUSAL: Word = Word(["办理提示", "Why it cannot be done here"]);
pub(crate) const COPY: Word = Word(["副本", "Copy"]);
pub(crate) const DATE: Word = Word(["日期", "Date"]);
pub(crate) const REASON: Word = Word(["原因", "Reason"]);
pub(crate) const ARTICLE: Word = Word(["依据", "By"]);
pub(crate) const NEXT_PLACE: Word = Word(["接下来", "Where to go"]);
pub(crate) const NO_DECISION: Word =
    Word(["本单只作提示，不是不予受理决定。", "For your information; this is no official decision."]);

// With a number in place of the braces.
const YUAN: Word = Word(["{} 元", "{} yuan"]);
// With the parts of a day in place of their names.
const DAY: Word = Word(["{year}年{month}月{day}日（星期{weekday}）", "{date} ({weekday})"]);
const WEEKDAYS: [(Weekday, Word); 7] = [
    (Weekday::Monday, Word(["一", "Mon"])),
    (Weekday::Tuesday, Word(["二", "Tue"])),
    (Weekday::Wednesday, Word(["三", "Wed"])),
    (Weekday::Thursday, Word(["四", "Thu"])),
    (Weekday::Friday, Word(["五", "Fri"])),
    (Weekday::Saturday, Word(["六", "Sat"])),
    (Weekday::Sunday, Word(["日", "Sun"])),
];

pub(crate) const TOO_LONG: Word = Word(["太长了", "This is too long"]);
pub(crate) const ODD_CHARACTER: Word = Word(["有不能用的字符", "A character does not belong here"]);
pub(crate) const NO_SUCH_DAY: Word = Word(["没有这一天，请检查", "There is no such day; please check"]);
pub(crate) const WRONG_NUMBER: Word = Word(["号码不对，请检查", "The number is not right; please check"]);

pub(crate) fn yuan(language: Language, yuan: u32) -> String {
    if yuan == 0 {
        FREE.get(language).to_owned()
    } else {
        YUAN.get(language).replace("{}", &yuan.to_string())
    }
}

/// `2026年12月9日（星期三）` or `2026-12-09 (Wed)`.
pub(crate) fn date(language: Language, day: Date) -> String {
    let weekday = WEEKDAYS.iter().find(|(weekday, _)| *weekday == day.weekday());
    DAY.get(language)
        .replace("{date}", &day.to_string())
        .replace("{year}", &day.year().to_string())
        .replace("{month}", &day.month().to_string())
        .replace("{day}", &day.day().to_string())
        .replace("{weekday}", weekday.map_or("", |(_, word)| word.get(language)))
}
