//! The paper: what the citizen takes home.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use matters::{Language, Matter};

use crate::desk::Desk;
use crate::draft::Draft;
use crate::event::{Now, PaymentOrder};
use crate::page::refused::Refused;
use crate::view::Personal;
use crate::words::{self, Word};

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
#[derive(Clone)]
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
    /// `None` while nobody is known.
    pub(crate) fn new(draft: &Draft, desk: &Desk, now: Now) -> Option<Slip> {
        let (citizen, matter) = (draft.person.as_ref()?, &draft.matter);
        Some(Slip {
            language: desk.language,
            matter: Arc::clone(matter),
            name: citizen.name.clone(),
            number: citizen.masked_number(),
            answers: draft.answers(desk).map(|(_, label, answer)| (label, answer)).collect(),
            validity: draft.validity(desk, now),
            submitted: now.wall,
            deadline: matter.deadline(now.wall.date()),
        })
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
        let matter = &slip.matter;
        let w = |word: Word| word.get(slip.language).to_owned();
        let field = |label: Word, value: &str| Line::Field(w(label), value.to_owned());
        let mut lines = vec![
            Line::Title(hall.to_owned()),
            Line::Title(w(words::TITLE)),
            Line::Rule,
            field(words::MATTER, matter.title.get(slip.language)),
            field(words::NAME, slip.name.expose()),
            field(words::NUMBER, slip.number.expose()),
        ];
        lines.extend(
            slip.answers.iter().map(|(label, answer)| Line::Field(label.clone(), answer.expose().to_owned())),
        );
        lines.extend([
            field(words::TIME, &time(slip.submitted)),
            field(words::DEADLINE, &words::date(slip.language, slip.deadline)),
            field(words::FEE, &words::yuan(slip.language, matter.fee_yuan)),
        ]);
        lines.extend(slip.validity.iter().map(|validity| Line::Text(validity.clone())));
        lines.extend([Line::Rule, Line::Text(w(words::CASE_NUMBER)), Line::Big(grouped(case_number))]);
        if let Some(number) = acceptance_number {
            lines.extend([Line::Text(w(words::ACCEPTANCE_NUMBER)), Line::Big(grouped(number))]);
        }
        let stands = if acceptance_number.is_some() { words::ACCEPTED } else { words::REGISTERED };
        lines.extend([Line::Text(w(stands)), Line::Space, Line::Qr(qr(case_number)), Line::Space]);
        match fee {
            Fee::Free => {}
            Fee::Order(order) => lines.extend([
                Line::Rule,
                Line::Text(w(words::PAY)),
                Line::Field(w(words::ORDER), order.number.clone()),
                Line::Space,
                Line::Qr(order.url.clone()),
                Line::Space,
            ]),
            Fee::Later => lines.extend([Line::Rule, Line::Text(w(words::PAY_LATER))]),
            Fee::Paid => lines.extend([Line::Rule, Line::Text(w(words::PAID))]),
        }
        lines.extend([Line::Text(matter.collect.get(slip.language).to_owned()), Line::Text(w(words::KEEP))]);
        Receipt(lines)
    }

    /// Lays out the slip of a refusal. It can be left lying about: it says nothing about a person.
    pub(crate) fn refusal(hall: &str, refused: &Refused, language: Language, day: Date) -> Receipt {
        let Refused { matter, ground, copy, .. } = refused;
        let w = |word: Word| word.get(language).to_owned();
        let field = |label: Word, value: &str| Line::Field(w(label), value.to_owned());
        let mut lines = vec![Line::Title(hall.to_owned()), Line::Title(w(words::REFUSAL))];
        lines.extend(copy.then(|| Line::Title(w(words::COPY))));
        lines.extend([
            Line::Rule,
            field(words::DATE, &words::date(language, day)),
            field(words::MATTER, matter.title.get(language)),
            field(words::REASON, ground.reason.get(language)),
            field(words::ARTICLE, ground.article.get(language)),
            field(words::NEXT_PLACE, ground.next_place.get(language)),
            Line::Rule,
            Line::Text(w(words::NO_DECISION)),
        ]);
        Receipt(lines)
    }
}

fn time(at: DateTime) -> String {
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}
