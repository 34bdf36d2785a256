//! The paper: what the citizen takes home.

use jiff::civil::{Date, DateTime, Weekday};
use matters::Language;

use crate::state::Slip;

/// A receipt as neutral lines. No `Debug`: it names a person.
pub struct Receipt(pub Vec<Line>);

/// One piece of a receipt, from top to bottom.
pub enum Line {
    /// Large and centred.
    Title(String),
    /// A paragraph.
    Text(String),
    /// A label with its value.
    Field(String, String),
    /// Large: what must be read out at a counter.
    Big(String),
    /// A line across.
    Rule,
    /// Room.
    Space,
    /// A QR code with this text.
    Qr(String),
}

/// What the QR code of a case says; a window's scanner and the progress query read it.
pub fn qr(case_number: &str) -> String {
    format!("bianmin:case:{case_number}")
}

/// Numbers in groups of four, as people read them out; a number with groups of its own keeps them.
fn grouped(number: &str) -> String {
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let digits: Vec<char> = number.chars().collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

struct Words {
    title: &'static str,
    matter: &'static str,
    name: &'static str,
    number: &'static str,
    case_number: &'static str,
    acceptance_number: &'static str,
    time: &'static str,
    deadline: &'static str,
    fee: &'static str,
    free: &'static str,
    registered: &'static str,
    accepted: &'static str,
    keep: &'static str,
}

fn words(language: Language) -> Words {
    match language {
        Language::ZhHans => Words {
            title: "受理回执",
            matter: "事项",
            name: "申请人",
            number: "证件号码",
            case_number: "登记编号",
            acceptance_number: "受理编号",
            time: "提交时间",
            deadline: "最迟办结",
            fee: "费用",
            free: "免费",
            registered: "已登记，待送达公安平台。送达后可凭登记编号查询。",
            accepted: "已受理。可凭受理编号查询进度。",
            keep: "请妥善保管本回执。",
        },
        Language::En => Words {
            title: "Receipt",
            matter: "Matter",
            name: "Applicant",
            number: "ID number",
            case_number: "Case number",
            acceptance_number: "Acceptance no.",
            time: "Submitted",
            deadline: "Handled by",
            fee: "Fee",
            free: "free",
            registered: "Registered; delivery to the police platform is pending. Ask with the case number.",
            accepted: "Accepted. Ask about progress with the acceptance number.",
            keep: "Please keep this receipt.",
        },
    }
}

impl Receipt {
    /// Lays out the receipt of a case that is on disk.
    pub(crate) fn new(
        hall: &str,
        slip: &Slip,
        case_number: &str,
        acceptance_number: Option<&str>,
    ) -> Receipt {
        let w = words(slip.language);
        let matter = &slip.matter;
        let field = |label: &str, value: &str| Line::Field(label.to_owned(), value.to_owned());
        let mut lines = vec![
            Line::Title(hall.to_owned()),
            Line::Title(w.title.to_owned()),
            Line::Rule,
            field(w.matter, matter.title.get(slip.language)),
            field(w.name, slip.name.expose()),
            field(w.number, slip.number.expose()),
        ];
        for (label, answer) in &slip.answers {
            lines.push(field(label, answer));
        }
        lines.extend([
            field(w.time, &time(slip.submitted)),
            field(w.deadline, &date(slip.language, slip.deadline)),
            field(w.fee, &fee(&w, slip.language, matter.fee_yuan)),
            Line::Rule,
            Line::Text(w.case_number.to_owned()),
            Line::Big(grouped(case_number)),
        ]);
        if let Some(number) = acceptance_number {
            lines.extend([Line::Text(w.acceptance_number.to_owned()), Line::Big(grouped(number))]);
        }
        let stands = if acceptance_number.is_some() { w.accepted } else { w.registered };
        lines.extend([
            Line::Text(stands.to_owned()),
            Line::Space,
            Line::Qr(qr(case_number)),
            Line::Space,
            Line::Text(matter.collect.get(slip.language).to_owned()),
            Line::Text(w.keep.to_owned()),
        ]);
        Receipt(lines)
    }
}

fn fee(w: &Words, language: Language, yuan: u32) -> String {
    match (yuan, language) {
        (0, _) => w.free.to_owned(),
        (_, Language::ZhHans) => format!("{yuan} 元"),
        (_, Language::En) => format!("{yuan} yuan"),
    }
}

fn time(at: DateTime) -> String {
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// `2026年12月9日（星期三）` or `2026-12-09 (Wed)`.
fn date(language: Language, day: Date) -> String {
    let (zh, en) = match day.weekday() {
        Weekday::Monday => ("一", "Mon"),
        Weekday::Tuesday => ("二", "Tue"),
        Weekday::Wednesday => ("三", "Wed"),
        Weekday::Thursday => ("四", "Thu"),
        Weekday::Friday => ("五", "Fri"),
        Weekday::Saturday => ("六", "Sat"),
        Weekday::Sunday => ("日", "Sun"),
    };
    match language {
        Language::ZhHans => format!("{}年{}月{}日（星期{zh}）", day.year(), day.month(), day.day()),
        Language::En => format!("{day} ({en})"),
    }
}
