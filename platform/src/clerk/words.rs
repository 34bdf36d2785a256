//! Chinese for what the database says: matters, states, deeds, devices, times, numbers. The pages have one language; what they
//! say of one thing stands in one row here.

use jiff::Timestamp;
use jiff::civil::Weekday;
use matters::{Catalogue, Language};
use maud::{Markup, html};

use crate::store::alarms::Kind;
use crate::store::checks::CheckState;
use crate::store::clerks::journal::Deed;
use crate::store::listing::Paid;
use crate::store::progress::State;
use crate::time::CHINA;

const ZH: Language = Language::ZhHans;

/// A matter's title, or its id when the catalogue does not know it.
pub(crate) fn matter<'a>(catalogue: &'a Catalogue, id: &'a str) -> &'a str {
    catalogue.matter(id).map_or(id, |matter| matter.title.get(ZH))
}

/// A question's label and the answer's words, or both as they are.
pub(super) fn answer<'a>(
    catalogue: &'a Catalogue,
    matter: &str,
    question: &'a str,
    value: &'a str,
) -> (&'a str, &'a str) {
    match catalogue.matter(matter).and_then(|matter| matter.question(question)) {
        Some(known) => {
            (known.label.get(ZH), known.choice(value).map_or(value, |choice| choice.label.get(ZH)))
        }
        None => (question, value),
    }
}

/// What a file of a request is: `portrait`, `signature`, or a paper's id with the page's number.
pub(super) fn file(catalogue: &Catalogue, matter: &str, name: &str) -> String {
    match name {
        "portrait" => "相片".to_owned(),
        "signature" => "签名".to_owned(),
        name => {
            let paper = name.rsplit_once('-').and_then(|(id, page)| {
                let paper = catalogue.matter(matter)?.papers.iter().find(|paper| paper.id == id)?;
                Some(format!("{} 第 {page} 页", paper.title.get(ZH)))
            });
            paper.unwrap_or_else(|| name.to_owned())
        }
    }
}

/// The kiosk's id as hall and machine: `110101-0007` → 110101 所 0007 号机.
pub(super) fn kiosk(id: &str) -> String {
    match id.split_once('-') {
        Some((hall, machine)) => format!("{hall} 所 {machine} 号机"),
        None => id.to_owned(),
    }
}

/// `2026-11-21 09:41` on the police's clock; a time outside of the calendar stays a number.
pub(crate) fn time(seconds: i64) -> Markup {
    let Ok(stamp) = Timestamp::from_second(seconds) else { return html! { (seconds) } };
    let civil = CHINA.to_datetime(stamp);
    let (day, clock) = (civil.date(), civil.time());
    html! {
        time datetime=(stamp) { span.nowrap { (day) } " " span.nowrap { (format!("{:02}:{:02}", clock.hour(), clock.minute())) } }
    }
}

/// How long ago, coarsely: what a person would say.
pub(super) fn ago(now: i64, then: i64) -> String {
    match now.saturating_sub(then) {
        ..60 => "刚刚".to_owned(),
        seconds @ 60..3600 => format!("{} 分钟前", seconds / 60),
        seconds @ 3600..86400 => format!("{} 小时前", seconds / 3600),
        seconds => format!("{} 天前", seconds / 86400),
    }
}

/// A date with its weekday; what is no date stays as it is.
pub(super) fn date(text: &str) -> String {
    let Ok(date) = text.parse::<jiff::civil::Date>() else { return text.to_owned() };
    let weekday = match date.weekday() {
        Weekday::Monday => "一",
        Weekday::Tuesday => "二",
        Weekday::Wednesday => "三",
        Weekday::Thursday => "四",
        Weekday::Friday => "五",
        Weekday::Saturday => "六",
        Weekday::Sunday => "日",
    };
    format!("{} 年 {} 月 {} 日 星期{weekday}", date.year(), date.month(), date.day())
}

/// A number in groups of four from the left.
pub(crate) fn grouped(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// All but the first `head` and the last four letters as stars; a short text wholly.
pub(crate) fn masked(text: &str, head: usize) -> String {
    let length = text.chars().count();
    let shown = |at: usize| length >= head + 8 && (at < head || at + 4 >= length);
    text.chars().enumerate().map(|(at, letter)| if shown(at) { letter } else { '*' }).collect()
}

/// A case number with its middle hidden: `1101**-****-******-0001`.
pub(crate) fn masked_case(number: &str) -> String {
    let length = number.chars().count();
    let shown = |at: usize, letter: char| letter == '-' || at < 4 || at + 4 >= length;
    number.chars().enumerate().map(|(at, letter)| if shown(at, letter) { letter } else { '*' }).collect()
}

/// Money: fen as yuan, without empty fen.
pub(crate) fn yuan(fen: u64) -> String {
    match fen % 100 {
        0 => format!("{} 元", fen / 100),
        rest => format!("{}.{rest:02} 元", fen / 100),
    }
}

/// A state: its name, what a clerk does to bring a request there, and the colour of its label, which says nothing that the
/// name does not.
fn of_state(state: State) -> (&'static str, &'static str, &'static str) {
    match state {
        State::Accepted => ("已受理", "受理", "label new"),
        State::Reviewing => ("审核中", "开始审核", "label busy"),
        State::MoreNeeded => ("待补正", "要求补正", "label warn"),
        State::Approved => ("审核通过", "审核通过", "label busy"),
        State::Producing => ("制作中", "开始制作", "label busy"),
        State::Ready => ("可领取", "可以领取", "label busy"),
        State::Sent => ("已寄出", "已经寄出", "label busy"),
        State::Finished => ("已办结", "办结", "label ok"),
        State::Refused => ("不予办理", "不予办理", "label stop"),
    }
}

/// A state's name.
pub(super) fn state(state: State) -> &'static str {
    of_state(state).0
}

/// What a button says: what the clerk does, not how it is called afterwards.
pub(super) fn verb(to: State) -> &'static str {
    of_state(to).1
}

/// A state as a coloured label.
pub(super) fn state_label(state: State) -> Markup {
    let (name, _, class) = of_state(state);
    html! { span class=(class) { (name) } }
}

/// A decision: its name and the colour of its label.
fn of_check(state: CheckState) -> (&'static str, &'static str) {
    match state {
        CheckState::Pending => ("等待核验", "label warn"),
        CheckState::Match => ("是同一人", "label ok"),
        CheckState::NoMatch => ("不是同一人", "label stop"),
        CheckState::Unsure => ("无法判断", "label warn"),
        CheckState::Ended => ("已结束", "label new"),
    }
}

/// A decision's name.
pub(super) fn check(state: CheckState) -> &'static str {
    of_check(state).0
}

/// A decision as a coloured label.
pub(super) fn check_label(state: CheckState) -> Markup {
    let (name, class) = of_check(state);
    html! { span class=(class) { (name) } }
}

/// What a clerk did.
pub(super) fn deed(deed: Deed) -> &'static str {
    match deed {
        Deed::SignedIn => "登录",
        Deed::SignedOut => "退出",
        Deed::Opened => "查看办件",
        Deed::OpenedCheck => "查看核验",
        Deed::OpenedInFull => "查看完整号码",
        Deed::SawFile => "查看图像",
        Deed::SetProgress => "更新进度",
        Deed::Identified => "身份核验",
        Deed::AnsweredCall => "应答呼叫",
    }
}

/// What is wrong with a kiosk's chain.
pub(super) fn alarm(kind: Kind) -> &'static str {
    match kind {
        Kind::Fork => "同一序号出现两份不同的记录，磁盘可能被复制，或记录被改动",
        Kind::Rollback => "机器忘记了已送达的办件，可能恢复了旧的磁盘",
        Kind::Gap => "机器登记过的办件没有送达，也没有说明原因",
        Kind::Journal => "机器的审计记录变短，或被换成另一份",
    }
}

/// A device of a kiosk, by the name that the kiosk gives it.
pub(super) fn device(name: &str) -> &str {
    match name {
        "id_card" => "身份证阅读器",
        "receipt_printer" => "回执打印机",
        "camera" => "摄像头",
        "document_scanner" => "扫描仪",
        "code_reader" => "扫码器",
        "staff_card" => "民警卡阅读器",
        "sound" => "声音",
        "attendant_call" => "呼叫灯",
        other => other,
    }
}

/// A device's status: the colour of its light, a mark and a word that say the same.
pub(super) fn light(status: &str) -> (&'static str, &'static str, &str) {
    match status {
        "Online" => ("ok", "✓", "正常"),
        "Starting" => ("warn", "…", "启动中"),
        "DeviceBusy" => ("ok", "✓", "使用中"),
        "Offline" => ("stop", "!", "未连接"),
        "PowerOff" => ("stop", "!", "未通电"),
        "NoDevice" => ("none", "–", "未安装"),
        "HardwareError" => ("stop", "!", "故障"),
        "UserError" => ("warn", "!", "需要整理"),
        "FraudAttempt" | "PotentialFraud" => ("stop", "!", "疑似破坏"),
        other => ("warn", "?", other),
    }
}

/// Who decided an identity check: a clerk's name, or the matcher's model.
pub(super) fn decider(by: &str) -> String {
    match (by.strip_prefix("clerk "), by.strip_prefix("matcher ")) {
        (Some(clerk), _) => clerk.to_owned(),
        (None, Some(model)) => format!("比对程序 {model}"),
        (None, None) => by.to_owned(),
    }
}

/// The state of the fee.
pub(super) fn paid(paid: Paid) -> Markup {
    match paid {
        Paid::Nothing => html! { span.faint { "—" } },
        Paid::Open(fen) => html! { span.label.warn { "待缴 " (yuan(fen)) } },
        Paid::Done(fen) => html! { span.label.ok { "已缴 " (yuan(fen)) } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_and_grouped() {
        assert_eq!(masked("11010519491231002X", 6), "110105********002X");
        assert_eq!(masked("13800000000", 3), "138****0000");
        assert_eq!(masked("12345", 3), "*****", "too short to show anything");
        assert_eq!(masked_case("110101-0007-261121-0001"), "1101**-****-******-0001");
        assert_eq!(grouped("2026112100000047"), "2026 1121 0000 0047");
        assert_eq!((yuan(2000), yuan(2050), yuan(5)), ("20 元".into(), "20.50 元".into(), "0.05 元".into()));
    }

    #[test]
    fn times_are_chinas() {
        let evening = time(1_795_193_999).into_string();
        assert!(evening.contains("2026-11-20T16:59:59Z"), "{evening}");
        assert!(evening.contains(">2026-11-21<") && evening.contains(">00:59<"), "{evening}");
        assert_eq!(date("2027-01-20"), "2027 年 1 月 20 日 星期三");
        assert_eq!(date("<b>"), "<b>");
        assert_eq!((ago(100, 90), ago(4000, 100)), ("刚刚".to_owned(), "1 小时前".to_owned()));
        assert_eq!(kiosk("110101-0007"), "110101 所 0007 号机");
    }

    #[test]
    fn what_the_catalogue_does_not_know_stays() {
        let catalogue = Catalogue::parse(matters::BUILT_IN.iter().copied()).unwrap();
        assert_eq!(matter(&catalogue, "household-certificate"), "开户籍证明");
        assert_eq!(matter(&catalogue, "x"), "x");
        let words = answer(&catalogue, "household-certificate", "purpose", "school");
        assert_eq!(words, ("用途", "入学"));
        assert_eq!(answer(&catalogue, "household-certificate", "purpose", "?"), ("用途", "?"));
        assert_eq!(answer(&catalogue, "x", "purpose", "school"), ("purpose", "school"));
        assert_eq!(file(&catalogue, "x", "residence-1"), "residence-1");
    }
}
