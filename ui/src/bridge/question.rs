//! A question, chosen or typed.

use session::Action;
use session::view::{Asking, Choice, Keys, Question, Typed};
use slint::SharedString;

use super::actions::Act;
use super::rows::rows;
use super::{PageModel, Turn, Writes, place, put};
use crate::format;
use crate::generated::{App, ChoiceItem, KeysKind, QuestionModel};

/// So much of a typed text stands on one line of large text, in half ems.
const TAIL: usize = 40;

impl PageModel for QuestionModel<'_> {
    type Content = Question;

    fn connect(&self, _app: &App, act: &Act) {
        self.on_type(act.with(|key: SharedString| Action::Type(key.into())));
        self.on_erase(act.send(Action::Erase));
        self.on_take_over(act.send(Action::TakeOver));
        let act = act.clone();
        self.on_choose(move |question, value| {
            act.tell(Action::Choose { question: question.into(), value: value.into() });
        });
    }

    fn write(&self, turn: Turn<'_, Question>, out: &mut Writes) {
        let question = turn.now;
        let (choices, typed) = match question.map(|question| &question.asking) {
            Some(Asking::Choices(choices)) => (&choices[..], None),
            Some(Asking::Typed(typed)) => (&[][..], Some(typed)),
            None => (&[][..], None),
        };
        put! { out, self, question =>
            get_id set_id question.id.as_str().into();
            get_prompt set_prompt question.prompt.as_str().into();
            get_help set_help question.help.as_str().into();
            get_answered set_answered question.answered;
        }
        put! { out, self, get_chosen set_chosen place(choices.iter().position(|choice| choice.selected)); }
        let wanted = choices.iter().map(item).collect();
        rows(&self.get_choices(), wanted, out, |rows| self.set_choices(rows));
        self::typed(self, typed, out);
    }
}

fn item(choice: &Choice) -> ChoiceItem {
    ChoiceItem {
        value: choice.value.as_str().into(),
        label: choice.label.as_str().into(),
        detail: choice.detail.as_str().into(),
        selected: choice.selected,
    }
}

fn typed(model: &QuestionModel<'_>, typed: Option<&Typed>, out: &mut Writes) {
    put! { out, model, get_typed set_typed typed.is_some(); }
    put! { out, model, typed =>
        get_keys set_keys match typed.keys {
            Keys::Digits => KeysKind::Digits,
            Keys::Date => KeysKind::Date,
            Keys::IdNumber => KeysKind::IdNumber,
            Keys::Letters => KeysKind::Letters,
        };
        get_text set_text match typed.keys {
            Keys::Digits => format::telephone(typed.text.expose()),
            Keys::IdNumber => format::growing_identity_number(typed.text.expose()),
            Keys::Date | Keys::Letters => typed.text.expose().to_owned(),
        }.into();
        get_tail set_tail format::tail(typed.text.expose(), TAIL).into();
        get_year set_year part(typed, 0, 4);
        get_month set_month part(typed, 4, 2);
        get_day set_day part(typed, 6, 2);
        get_full set_full typed.text.expose().chars().count() >= typed.longest as usize;
        get_empty set_empty typed.text.expose().is_empty();
        get_known set_known typed.known.as_ref().map_or("", |known| known.expose()).into();
        get_complaint set_complaint typed.complaint.as_deref().unwrap_or_default().into();
    }
}

/// So many digits of a date from there; empty for anything else.
fn part(typed: &Typed, from: usize, count: usize) -> SharedString {
    match typed.keys {
        Keys::Date => typed.text.expose().chars().skip(from).take(count).collect::<String>().into(),
        Keys::Digits | Keys::IdNumber | Keys::Letters => SharedString::new(),
    }
}
