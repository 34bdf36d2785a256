//! The questions and the check of the answers.

use matters::Language;
use session::view::{Asking, Keys, PaperRow, Question, Review, Shot, Typed};
use slint::{ComponentHandle, Image};

use super::{Writes, int, picture, put, rows};
use crate::format;
use crate::generated::{App, ChoiceItem, KeysKind, QuestionModel, ReviewModel, ReviewRow};

pub(super) fn question(app: &App, question: Option<&Question>, out: &mut Writes) {
    let model = app.global::<QuestionModel>();
    let (choices, typed) = match question.map(|question| &question.asking) {
        Some(Asking::Choices(choices)) => (&choices[..], None),
        Some(Asking::Typed(typed)) => (&[][..], Some(typed)),
        None => (&[][..], None),
    };
    put! { out, model,
        get_id set_id question.map_or("", |question| &question.id).into();
        get_prompt set_prompt question.map_or("", |question| &question.prompt).into();
        get_help set_help question.map_or("", |question| &question.help).into();
        get_chosen set_chosen choices
            .iter()
            .position(|choice| choice.selected)
            .and_then(|at| i32::try_from(at).ok())
            .unwrap_or(-1);
        get_answered set_answered question.is_some_and(|question| question.answered);
    }
    let wanted = choices
        .iter()
        .map(|choice| ChoiceItem {
            value: choice.value.as_str().into(),
            label: choice.label.as_str().into(),
            detail: choice.detail.as_str().into(),
            selected: choice.selected,
        })
        .collect();
    rows(&model.get_choices(), wanted, out, |rows| model.set_choices(rows));
    self::typed(&model, typed, out);
}

/// So much of a typed text stands on one line of large text, in half ems.
const TAIL: usize = 40;

fn typed(model: &QuestionModel, typed: Option<&Typed>, out: &mut Writes) {
    let keys = typed.map_or(Keys::Letters, |typed| typed.keys);
    let text = typed.map_or("", |typed| typed.text.expose());
    let longest = typed.map_or(u32::MAX, |typed| typed.longest);
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let part = |from: usize, to: usize| -> slint::SharedString {
        let digits: String = text.chars().skip(from).take(to - from).collect();
        if matches!(keys, Keys::Date) { digits.into() } else { "".into() }
    };
    put! { out, model,
        get_typed set_typed typed.is_some();
        get_keys set_keys match keys {
            Keys::Digits => KeysKind::Digits,
            Keys::Date => KeysKind::Date,
            Keys::IdNumber => KeysKind::IdNumber,
            Keys::Letters => KeysKind::Letters,
        };
        get_text set_text match keys {
            Keys::Digits => format::telephone(text),
            Keys::IdNumber => format::growing_identity_number(text),
            Keys::Date | Keys::Letters => text.to_owned(),
        }.into();
        get_tail set_tail format::tail(text, TAIL).into();
        get_year set_year part(0, 4);
        get_month set_month part(4, 6);
        get_day set_day part(6, 8);
        get_full set_full typed.is_some() && length >= longest;
        get_empty set_empty text.is_empty();
        get_known set_known
            typed.and_then(|typed| typed.known.as_ref()).map_or("", |known| known.expose()).into();
        get_complaint set_complaint
            typed.and_then(|typed| typed.complaint.as_deref()).unwrap_or_default().into();
    }
}

pub(super) fn review(
    app: &App,
    review: Option<&Review>,
    before: Option<&Review>,
    language: Language,
    out: &mut Writes,
) {
    let model = app.global::<ReviewModel>();
    put! { out, model,
        get_name set_name review.map_or("", |review| review.name.expose()).into();
        get_number set_number
            review.map_or_else(String::new, |review| format::identity_number(review.number.expose())).into();
        get_portrait_at_counter set_portrait_at_counter review.is_some_and(|review| review.portrait_at_counter);
        get_signature_follows set_signature_follows review.is_some_and(|review| review.signature_follows);
        get_fee_yuan set_fee_yuan review.map_or(0, |review| int(review.fee_yuan));
        get_deadline set_deadline
            review.map_or_else(String::new, |review| format::day(review.deadline, language)).into();
        get_validity set_validity review.and_then(|review| review.validity.as_deref()).unwrap_or_default().into();
    }
    let portrait: Option<&Shot> = review.and_then(|review| review.portrait.as_ref());
    if portrait != before.and_then(|review| review.portrait.as_ref()) {
        model.set_portrait(portrait.map_or_else(Image::default, picture));
        out.0 += 1;
    }
    let answers = review.map_or(&[][..], |review| &review.answers).iter().map(|answer| ReviewRow {
        id: answer.question.as_str().into(),
        label: answer.label.as_str().into(),
        answer: grouped(answer.answer.expose()).into(),
        long: half_ems(answer.answer.expose()) > LONG,
        pages: -1,
    });
    let papers = review.map_or(&[][..], |review| &review.papers).iter().map(paper);
    let wanted = answers.chain(papers).collect();
    rows(&model.get_rows(), wanted, out, |rows| model.set_rows(rows));
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

/// A longer answer needs the smaller type: two lines of 16 em at the usual size.
const LONG: usize = 60;

fn half_ems(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}
