//! The card and what stands on it.

use matters::Language;
use session::view::{CardPrompt, Confirm, Sex};
use slint::ComponentHandle;

use super::{Writes, put};
use crate::generated::{App, CardModel, CardState, ConfirmModel, SexKind};
use crate::{format, wording};

pub(super) fn card(app: &App, prompt: Option<CardPrompt>, language: Language, out: &mut Writes) {
    let model = app.global::<CardModel>();
    let (state, fault) = match prompt {
        None | Some(CardPrompt::Waiting) => (CardState::Waiting, None),
        Some(CardPrompt::Reading) => (CardState::Reading, None),
        Some(CardPrompt::Problem(fault)) => (CardState::Problem, Some(fault)),
    };
    let words = fault.map(|fault| wording::citizen(fault, language));
    put! { out, model,
        get_problem set_problem words.map_or("", |words| words.title).into();
        get_advice set_advice words.map_or("", |words| words.advice).into();
        get_code set_code fault.map_or("", |fault| fault.code()).into();
        get_state set_state state;
    }
}

pub(super) fn confirm(app: &App, confirm: Option<&Confirm>, language: Language, out: &mut Writes) {
    let model = app.global::<ConfirmModel>();
    let day = |date| format::plain_day(date, language);
    put! { out, model,
        get_name set_name confirm.map_or("", |card| card.name.expose()).into();
        get_long_name set_long_name confirm.is_some_and(|card| card.name.expose().chars().count() > 8);
        get_number set_number
            confirm.map_or_else(String::new, |card| format::identity_number(card.number.expose())).into();
        get_sex set_sex confirm.map_or(SexKind::Unstated, |card| sex(card.sex));
        get_ethnicity set_ethnicity confirm.map_or("", |card| card.ethnicity.expose()).into();
        get_birth set_birth confirm.map_or_else(String::new, |card| day(card.birth)).into();
        get_address set_address
            confirm.map_or("", |card| card.address.expose()).into();
        get_valid_to set_valid_to confirm.and_then(|card| card.valid_to).map_or_else(String::new, day).into();
        get_validity set_validity confirm.and_then(|card| card.validity.as_deref()).unwrap_or_default().into();
        get_card_present set_card_present confirm.is_some_and(|card| card.card_present);
    }
}

fn sex(sex: Sex) -> SexKind {
    match sex {
        Sex::Male => SexKind::Male,
        Sex::Female => SexKind::Female,
        Sex::Unknown => SexKind::Unknown,
        Sex::Unstated => SexKind::Unstated,
    }
}
