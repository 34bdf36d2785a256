//! The paper: what the citizen takes home.

use std::sync::Arc;

use jiff::civil::{Date, DateTime, Weekday};
use matters::{Language, Matter};

use crate::event::{Now, PaymentOrder};
use crate::filling::Filling;
use crate::state::{Refused, answers};
use crate::view::Personal;

mod words;

use words::words;

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

/// What the receipt needs once the request itself has left for the disk.
pub(crate) struct Slip {
    pub(crate) language: Language,
    pub(crate) matter: Arc<Matter>,
    name: Personal,
    number: Personal,
    answers: Vec<(String, Personal)>,
    validity: Option<String>,
    submitted: DateTime,
    pub(crate) deadline: Date,
}

impl Slip {
    pub(crate) fn new(filling: &Filling, language: Language, now: Now) -> Slip {
        let Filling { applicant, form, .. } = filling;
        let matter = &applicant.matter;
        Slip {
            language,
            matter: Arc::clone(matter),
            name: applicant.citizen.name.clone(),
            number: applicant.citizen.masked_number(),
            answers: answers(matter, form, language)
                .map(|(_, label, answer)| (label.to_owned(), Personal::new(answer)))
                .collect(),
            validity: matter.valid_for(filling.facts(now)).map(|text| text.get(language).to_owned()),
            submitted: now.wall,
            deadline: matter.deadline(now.wall.date()),
        }
    }
}

/// What the receipt says about the fee.
pub(crate) enum Fee<'a> {
    Free,
    /// To be paid by the code on the receipt, or later.
    Order(&'a PaymentOrder),
    /// To be paid later with the case number.
    Later,
    /// The platform confirmed it.
    Paid,
}

impl Receipt {
    /// Lays out the receipt of a case that is on disk.
    pub(crate) fn new(
        hall: &str,
        slip: &Slip,
        case_number: &str,
        acceptance_number: Option<&str>,
        fee: Fee<'_>,
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
        lines.extend(slip.answers.iter().map(|(label, answer)| field(label, answer.expose())));
        lines.extend([
            field(w.time, &time(slip.submitted)),
            field(w.deadline, &date(slip.language, slip.deadline)),
            field(w.fee, &yuan(slip.language, matter.fee_yuan)),
        ]);
        lines.extend(slip.validity.iter().map(|validity| Line::Text(validity.clone())));
        lines.extend([Line::Rule, Line::Text(w.case_number.to_owned()), Line::Big(grouped(case_number))]);
        if let Some(number) = acceptance_number {
            lines.extend([Line::Text(w.acceptance_number.to_owned()), Line::Big(grouped(number))]);
        }
        let stands = if acceptance_number.is_some() { w.accepted } else { w.registered };
        lines.extend([Line::Text(stands.to_owned()), Line::Space, Line::Qr(qr(case_number)), Line::Space]);
        match fee {
            Fee::Free => {}
            Fee::Order(order) => lines.extend([
                Line::Rule,
                Line::Text(w.pay.to_owned()),
                Line::Field(w.order.to_owned(), order.number.clone()),
                Line::Space,
                Line::Qr(order.url.clone()),
                Line::Space,
            ]),
            Fee::Later => lines.extend([Line::Rule, Line::Text(w.pay_later.to_owned())]),
            Fee::Paid => lines.extend([Line::Rule, Line::Text(w.paid.to_owned())]),
        }
        lines.extend([
            Line::Text(matter.collect.get(slip.language).to_owned()),
            Line::Text(w.keep.to_owned()),
        ]);
        Receipt(lines)
    }

    /// Lays out the slip of a refusal. It can be left lying about: it says nothing about a person.
    pub(crate) fn refusal(hall: &str, refused: &Refused, language: Language, day: Date) -> Receipt {
        let Refused { matter, refusal, copy, .. } = refused;
        let w = words(language);
        let field = |label: &str, value: &str| Line::Field(label.to_owned(), value.to_owned());
        let mut lines = vec![Line::Title(hall.to_owned()), Line::Title(w.refusal.to_owned())];
        lines.extend(copy.then(|| Line::Title(w.copy.to_owned())));
        lines.extend([
            Line::Rule,
            field(w.date, &date(language, day)),
            field(w.matter, matter.title.get(language)),
            field(w.reason, refusal.reason.get(language)),
            field(w.article, refusal.article.get(language)),
            field(w.next_place, refusal.next_place.get(language)),
            Line::Rule,
            Line::Text(w.no_decision.to_owned()),
        ]);
        Receipt(lines)
    }
}

fn yuan(language: Language, yuan: u32) -> String {
    match (yuan, language) {
        (0, _) => words(language).free.to_owned(),
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
