//! One room's words into another's. Nothing is decided here.

use drivers::id_card::{CardType, Record, Sex, ValidTo};
use drivers::receipt_printer::{Block, Document};
use outbox::Draft;
use protocol::envelope::{Attachment, CardRecord};
use session::view::Personal;
use session::{Citizen, Line, Receipt, Request};
use zeroize::Zeroizing;

/// What the reader decoded, as the session knows it.
pub fn citizen(record: &Record) -> Citizen {
    Citizen {
        card_type: match record.card_type() {
            CardType::Citizen => session::CardType::Citizen,
            CardType::Hmt => session::CardType::Hmt,
            CardType::Pr2023 => session::CardType::Pr2023,
            CardType::Pr2017 => session::CardType::Pr2017,
        },
        name: Personal::new(record.name()),
        number: Personal::new(record.number()),
        number_valid: record.number_valid(),
        sex: match record.sex() {
            Sex::Male => session::view::Sex::Male,
            Sex::Female => session::view::Sex::Female,
            Sex::Unknown => session::view::Sex::Unknown,
            Sex::Unstated => session::view::Sex::Unstated,
        },
        ethnicity: Personal::new(record.ethnicity().unwrap_or_default()),
        birth: record.birth(),
        address: Personal::new(record.address().unwrap_or_default()),
        valid_from: record.valid_from(),
        valid_to: match record.valid_to() {
            ValidTo::Date(day) => Some(day),
            ValidTo::LongTerm => None,
        },
        record: Zeroizing::new(record.raw().to_vec()),
    }
}

/// A receipt as the printer takes it.
pub fn document(receipt: Receipt) -> Document {
    let blocks = receipt.0.into_iter().map(|line| match line {
        Line::Title(text) => Block::Title(text),
        Line::Text(text) => Block::Text(text),
        Line::Field(label, value) => Block::Field { label, value },
        Line::Big(text) => Block::Big(text),
        Line::Rule => Block::Rule,
        Line::Space => Block::Space,
        Line::Qr(text) => Block::Qr(text),
    });
    Document { blocks: blocks.collect() }
}

/// A request as the outbox signs it. What was committed to and a portrait left to the counter are answers like others.
pub fn draft(request: &mut Request) -> Draft {
    let mut answers: Vec<(String, String)> =
        request.answers.iter().map(|(q, v)| (q.clone(), v.to_string())).collect();
    if let Some(committed) = request.committed {
        answers.push(("commitment".to_owned(), if committed { "given" } else { "papers" }.to_owned()));
    }
    if request.portrait_at_counter {
        answers.push(("portrait".to_owned(), "at-counter".to_owned()));
    }
    let attachments = request.attachments.iter_mut().map(|file| Attachment {
        name: std::mem::take(&mut file.name),
        media_type: file.media_type.to_owned(),
        content: std::mem::take(&mut *file.bytes),
    });
    Draft {
        matter: request.matter.clone(),
        matter_revision: request.revision,
        language: request.language.tag().to_owned(),
        notice_version: request.notice_version.clone(),
        notice_accepted: request.notice_accepted,
        created: request.created,
        card: CardRecord::new(request.record.to_vec()),
        answers,
        deadline: request.deadline.to_string(),
        attachments: attachments.collect(),
    }
}
