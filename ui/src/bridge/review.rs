//! The check of everything.

use session::Action;
use session::view::{Answer, PaperRow, Review};
use slint::{ComponentHandle, SharedString};

use super::actions::Act;
use super::rows::{even_sheets, picture, rows};
use super::{PageModel, Turn, Writes, int, put};
use crate::format;
use crate::generated::{App, ReviewModel, ReviewRow};

/// A longer answer needs the smaller type: two lines of 16 em at the usual size, in half ems.
const LONG: usize = 60;

impl PageModel for ReviewModel<'_> {
    type Content = Review;

    fn connect(&self, app: &App, act: &Act) {
        self.on_change(act.with(|what: SharedString| Action::Change(what.into())));
        let weak = app.as_weak();
        self.on_begins(move |rows, width, first, others| {
            let height = |app: &App, row| app.global::<ReviewModel>().invoke_height(row, width);
            even_sheets(&weak, &rows, height, 0.0, first, others)
        });
    }

    fn write(&self, turn: Turn<'_, Review>, out: &mut Writes) {
        let review = turn.now;
        put! { out, self, review =>
            get_name set_name review.name.expose().into();
            get_number set_number format::identity_number(review.number.expose()).into();
            get_portrait_at_counter set_portrait_at_counter review.portrait_at_counter;
            get_signature_follows set_signature_follows review.signature_follows;
            get_fee_yuan set_fee_yuan int(review.fee_yuan);
            get_deadline set_deadline format::day(review.deadline, turn.language).into();
            get_validity set_validity review.validity.as_deref().unwrap_or_default().into();
        }
        let portrait = |review: &Review| review.portrait.clone();
        let portrait_now = review.and_then(portrait);
        if portrait_now != turn.before.and_then(portrait) {
            self.set_portrait(portrait_now.as_ref().map(picture).unwrap_or_default());
            out.0 += 1;
        }
        let answers = review.into_iter().flat_map(|review| &review.answers).map(answer);
        let papers = review.into_iter().flat_map(|review| &review.papers).map(paper);
        let wanted = answers.chain(papers).collect();
        rows(&self.get_rows(), wanted, out, |rows| self.set_rows(rows));
    }
}

fn answer(row: &Answer) -> ReviewRow {
    ReviewRow {
        id: row.question.as_str().into(),
        label: row.label.as_str().into(),
        answer: grouped(row.answer.expose()).into(),
        long: format::half_ems(row.answer.expose()) > LONG,
        pages: -1,
    }
}

fn paper(row: &PaperRow) -> ReviewRow {
    ReviewRow {
        id: row.paper.as_str().into(),
        label: row.label.as_str().into(),
        answer: "".into(),
        long: false,
        pages: int(row.pages),
    }
}

/// A number that was typed, in the groups it was typed in.
fn grouped(answer: &str) -> String {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match answer.len() {
        11 if digits(answer) => format::telephone(answer),
        18 if digits(answer.strip_suffix('X').unwrap_or(answer)) => format::growing_identity_number(answer),
        _ => answer.to_owned(),
    }
}
