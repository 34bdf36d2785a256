//! What a matter is, what it costs and what happens with the data; nothing is collected before it is accepted.

use super::*;

/// The first page of a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// One sentence: what the citizen gets.
    pub summary: String,
    /// What to bring.
    pub bring: String,
    /// Whole minutes it takes.
    pub minutes: u32,
    /// The fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// The last day by which it is handled when submitted now.
    pub deadline: Date,
    /// The privacy notice: heading and text of each paragraph.
    pub paragraphs: Vec<(String, String)>,
}

/// The notice was accepted.
#[derive(Clone, Copy)]
pub(crate) struct Consent {
    pub(crate) unix: i64,
}

impl Draft {
    pub(crate) fn accept(&mut self, desk: &mut Desk, now: Now) {
        if self.at == Step::Notice {
            self.consent = Some(Consent { unix: now.unix });
            self.go(desk, Step::Identify);
            self.card = place_card::place(desk);
        }
    }

    pub(crate) fn notice(&self, desk: &Desk, now: Now) -> Notice {
        let matter = &self.matter;
        Notice {
            summary: desk.words(&matter.summary),
            bring: desk.words(&matter.bring),
            minutes: matter.minutes,
            fee_yuan: matter.fee_yuan,
            deadline: matter.deadline(now.wall.date()),
            paragraphs: matter
                .notice
                .paragraphs
                .iter()
                .map(|(h, t)| (desk.words(h), desk.words(t)))
                .collect(),
        }
    }
}
