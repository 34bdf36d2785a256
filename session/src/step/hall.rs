//! Between visits: attract, home, out of service, and the last page of the visit before.

use std::time::Duration;

use crate::desk::Desk;
use crate::event::{Ending, Note, Now, Sound};
use crate::state::State;

use super::ending;

/// Between visits the machine opens and closes with its store; a visit under way is never broken off.
pub(super) fn serve_or_not(state: State, desk: &mut Desk) -> State {
    match (state, desk.store) {
        (State::Attract | State::Home | State::OutOfService(_), Some(fault)) => State::OutOfService(fault),
        (State::OutOfService(_), None) => home_again(desk),
        (state, _) => state,
    }
}

/// Whoever chose a language or large text between visits and went away leaves the page as it was found.
pub(super) fn tick_idle(state: State, desk: &mut Desk, now: Now) -> State {
    if desk.left_as_it_is(now).is_some_and(|left| left.is_zero()) {
        desk.forget_display();
    }
    state
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
    desk.forget_display();
    // Whoever laid it there is gone.
    desk.card_left |= desk.card_present;
    match desk.store {
        Some(fault) => State::OutOfService(fault),
        None => State::Attract,
    }
}

pub(super) fn tick_wipe(desk: &mut Desk, now: Now, since: Duration, alarm: bool) -> State {
    let limits = desk.limits();
    let stood = now.uptime.saturating_sub(since);
    // A reader that sees nothing would never tell that the card was taken.
    let waits = desk.card_present && desk.reader.is_none();
    if stood >= if waits { limits.wipe_with_card } else { limits.wipe } {
        return home_again(desk);
    }
    if waits && !alarm && stood >= limits.card_left {
        desk.note(Note::CardLeft);
        desk.sound(Sound::CardLeft);
        return State::Wipe { since, alarm: true };
    }
    State::Wipe { since, alarm }
}
