//! One page back, and out.

use crate::desk::Desk;
use crate::event::{Effect, Ending, Note, Now};
use crate::state::{Applicant, PlaceCard, State};
use crate::view::CardPrompt;

use super::{call, card, done, giving, hall};

pub(super) fn back(state: State, desk: &mut Desk, now: Now) -> State {
    match state {
        State::Notice(_) => {
            desk.note(Note::VisitEnded(Ending::Left));
            State::Home
        }
        State::PlaceCard(PlaceCard { matter, .. }) => {
            desk.effect(Effect::StopReading);
            State::Notice(matter)
        }
        State::Confirm(applicant) => {
            let Applicant { matter, consent, .. } = *applicant;
            // The same card would be read again at once.
            if desk.card_present {
                return card::wait_for_lift(matter, consent, CardPrompt::Waiting);
            }
            card::place(desk, matter, consent)
        }
        State::Filling(mut filling) => {
            let before = filling.stage;
            let scanning = filling.scanned().is_some_and(|paper| paper.scanning.is_some());
            let stays = filling.back(now);
            giving::look(desk, before, filling.stage);
            if scanning {
                desk.effect(Effect::StopScanning);
            }
            if stays { State::Filling(filling) } else { State::Confirm(Box::new(filling.applicant)) }
        }
        State::Home | State::Refused(_) | State::Sorry(_) => leave(state, desk, now),
        State::Attract
        | State::OutOfService(_)
        | State::Submitting(_)
        | State::Done(_)
        | State::Wipe { .. } => state,
    }
}

/// Whoever leaves needs no help any more; whoever falls silent may, so an idle end keeps the call.
pub(super) fn leave(state: State, desk: &mut Desk, now: Now) -> State {
    match state {
        State::Attract | State::OutOfService(_) | State::Submitting(_) | State::Wipe { .. } => state,
        State::Home => {
            call::end(desk);
            hall::leave(desk, now)
        }
        State::Done(done) => {
            call::end(desk);
            done::leave(done, desk, now)
        }
        State::Notice(_)
        | State::PlaceCard(_)
        | State::Confirm(_)
        | State::Filling(_)
        | State::Refused(_)
        | State::Sorry(_) => {
            call::end(desk);
            let ending = ending(&state, Ending::Left);
            wipe(desk, now, ending)
        }
    }
}

/// Nobody answered the warning.
pub(super) fn idle(state: State, desk: &mut Desk, now: Now) -> State {
    let ending = ending(&state, Ending::Idle);
    wipe(desk, now, ending)
}

/// How a visit counts that ends in this state.
fn ending(state: &State, otherwise: Ending) -> Ending {
    match state {
        State::Refused(_) => Ending::Refused,
        State::Sorry(sorry) => Ending::Failed(sorry.fault),
        State::Done(_) => Ending::Submitted,
        State::Attract
        | State::OutOfService(_)
        | State::Home
        | State::Notice(_)
        | State::PlaceCard(_)
        | State::Confirm(_)
        | State::Filling(_)
        | State::Submitting(_)
        | State::Wipe { .. } => otherwise,
    }
}

pub(super) fn wipe(desk: &mut Desk, now: Now, ending: Ending) -> State {
    desk.effect(Effect::StopReading);
    desk.effect(Effect::StopScanning);
    desk.effect(Effect::Preview(false));
    desk.note(Note::VisitEnded(ending));
    State::Wipe { since: now.uptime, alarm: false }
}
