//! The questions and the check of the answers.

use matters::Language;
use session::view::{Question, Review};
use slint::ComponentHandle;

use super::{Writes, int, put, rows};
use crate::format;
use crate::generated::{AnswerRow, App, ChoiceItem, QuestionModel, ReviewModel};

pub(super) fn question(app: &App, question: Option<&Question>, out: &mut Writes) {
    let model = app.global::<QuestionModel>();
    let choices = question.map_or(&[][..], |question| &question.choices);
    put! { out, model,
        get_id set_id question.map_or("", |question| &question.id).into();
        get_prompt set_prompt question.map_or("", |question| &question.prompt).into();
        get_help set_help question.map_or_else(String::new, |question| format::running(&question.help)).into();
        get_answered set_answered choices.iter().any(|choice| choice.selected);
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
}

pub(super) fn review(app: &App, review: Option<&Review>, language: Language, out: &mut Writes) {
    let model = app.global::<ReviewModel>();
    put! { out, model,
        get_name set_name review.map_or("", |review| review.name.expose()).into();
        get_number set_number
            review.map_or_else(String::new, |review| format::identity_number(review.number.expose())).into();
        get_fee_yuan set_fee_yuan review.map_or(0, |review| int(review.fee_yuan));
        get_deadline set_deadline
            review.map_or_else(String::new, |review| format::day(review.deadline, language)).into();
    }
    let answers = review.map_or(&[][..], |review| &review.answers);
    let wanted = answers
        .iter()
        .map(|answer| AnswerRow {
            question: answer.question.as_str().into(),
            label: answer.label.as_str().into(),
            answer: answer.answer.as_str().into(),
        })
        .collect();
    rows(&model.get_answers(), wanted, out, |rows| model.set_answers(rows));
}
