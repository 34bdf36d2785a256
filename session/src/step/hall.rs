//! Between visits: attract, home, out of service, and the last page of the visit before.

use std::time::Duration;

use matters::Language;

use crate::desk::Desk;
use crate::event::{Ending, Note, Now, Sound};
use crate::state::State;
use crate::view::Display;

use super::ending;

/// Between visits the machine opens and closes with its store; a visit under way is never broken off.
pub(super) fn serve_or_not(state: State, desk: &Desk) -> State {
    match (state, desk.store) {
        (State::Attract | State::Home | State::OutOfService(_), Some(fault)) => State::OutOfService(fault),
        (State::OutOfService(_), None) => State::Attract,
        (state, _) => state,
    }
}

/// The tile of a matter that cannot be done says why; a touch on it changes nothing.
pub(super) fn choose(desk: &mut Desk, now: Now, id: &str) -> State {
    let chosen = desk.setting.catalogue.on(now.wall.date()).find(|matter| matter.id == id).cloned();
    match chosen.filter(|matter| desk.unavailable(matter).is_none()) {
        Some(matter) => {
            desk.note(Note::VisitBegan(matter.id.clone()));
            State::Notice(matter)
        }
        None => State::Home,
    }
}

/// Nothing was collected on the home page; only a card that lies there must still be asked for.
pub(super) fn leave(desk: &mut Desk, now: Now) -> State {
    if desk.card_present && !desk.card_left {
        return ending::wipe(desk, now, Ending::Left);
    }
    home_again(desk)
}

fn home_again(desk: &mut Desk) -> State {
    desk.language = Language::default();
    desk.display = Display::default();
    serve_or_not(State::Attract, desk)
}

pub(super) fn tick_wipe(desk: &mut Desk, now: Now, since: Duration, alarm: bool) -> State {
    let limits = desk.limits();
    let stood = now.uptime.saturating_sub(since);
    if !desk.card_present && stood >= limits.wipe {
        return home_again(desk);
    }
    if desk.card_present && stood >= limits.wipe_with_card {
        desk.card_left = true;
        return home_again(desk);
    }
    if desk.card_present && !alarm && stood >= limits.card_left {
        desk.note(Note::CardLeft);
        desk.sound(Sound::CardLeft);
        return State::Wipe { since, alarm: true };
    }
    State::Wipe { since, alarm }
}
