//! The page that asks for the card.

use session::view::CardPrompt;

use super::{PageModel, Turn, Writes, put};
use crate::generated::{CardState, PlaceCardModel};
use crate::wording;

impl PageModel for PlaceCardModel<'_> {
    type Content = CardPrompt;

    fn write(&self, turn: Turn<'_, CardPrompt>, out: &mut Writes) {
        let (state, fault) = match turn.now {
            None | Some(CardPrompt::Waiting) => (CardState::Waiting, None),
            Some(CardPrompt::Reading) => (CardState::Reading, None),
            Some(CardPrompt::Problem(fault)) => (CardState::Problem, Some(fault)),
        };
        put! { out, self, fault =>
            get_problem set_problem wording::citizen(*fault, turn.language).title.into();
            get_advice set_advice wording::citizen(*fault, turn.language).advice.into();
            get_code set_code fault.code().into();
        }
        put! { out, self, get_state set_state state; }
    }
}
