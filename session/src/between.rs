//! Between visits: nothing here knows a matter or a person.

use crate::desk::Desk;
use crate::page::attract::Attract;
use crate::page::home::Home;
use crate::page::out_of_service::OutOfService;
use crate::page::wipe::Wiped;
use crate::page::{Behaviour, Next};
use crate::state::State;

pub(crate) enum Between {
    Attract(Attract),
    OutOfService(OutOfService),
    Home(Home),
    Wipe(Wiped),
}

impl Between {
    pub(crate) fn page(&self) -> &dyn Behaviour {
        match self {
            Between::Attract(page) => page,
            Between::OutOfService(page) => page,
            Between::Home(page) => page,
            Between::Wipe(page) => page,
        }
    }

    pub(crate) fn page_mut(&mut self) -> &mut dyn Behaviour {
        match self {
            Between::Attract(page) => page,
            Between::OutOfService(page) => page,
            Between::Home(page) => page,
            Between::Wipe(page) => page,
        }
    }

    /// The machine opens and closes with its store; a visit that is being wiped is not broken off.
    pub(crate) fn serve_or_not(&self, desk: &mut Desk) -> Next {
        match self {
            Between::Attract(_) | Between::Home(_) => desk.store.map(closed),
            Between::OutOfService(_) => Some(desk.store.map_or_else(|| home_again(desk), closed)),
            Between::Wipe(_) => None,
        }
    }
}

/// Whoever comes next finds the page as everybody does.
pub(crate) fn home_again(desk: &mut Desk) -> State {
    desk.forget_display();
    // Whoever laid it there is gone.
    desk.card_left |= desk.card_present;
    desk.store.map_or(State::Between(Between::Attract(Attract)), closed)
}

fn closed(fault: faults::Fault) -> State {
    State::Between(Between::OutOfService(OutOfService(fault)))
}
