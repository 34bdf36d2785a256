//! The transitions: one module a family of states. Here is only what becomes of an event, whatever is shown.

use faults::Fault;

use crate::desk::Desk;
use crate::event::{Action, Event, Note, Now, Part, Sound};
use crate::state::State;

mod call;
mod card;
mod done;
mod ending;
mod giving;
mod hall;
mod printing;
mod refused;
mod saving;

pub(crate) fn step(state: State, desk: &mut Desk, now: Now, event: Event) -> State {
    match event {
        Event::Tick => tick(state, desk, now),
        Event::Touch(mut action) => {
            desk.alive = now.uptime;
            let state = touch(state, desk, now, &action);
            action.wipe();
            state
        }
        Event::CardPresent(present) => {
            let state = card::present(state, desk, now, present);
            // A card that is taken may be all that the last page waited for.
            if present { state } else { tick(state, desk, now) }
        }
        Event::CardReading(command) => card::reading(state, desk, command),
        Event::CardRead(command, citizen) => card::read(state, desk, now, command, citizen),
        Event::CardFailed(command, fault) => card::failed(state, desk, command, fault),
        Event::Portrait(command, result) => giving::portrait(state, desk, now, command, result),
        Event::Page(command, result) => giving::page(state, desk, now, command, result),
        Event::ScanFinished(command) => giving::scan_finished(state, desk, command),
        Event::Saved(command, result) => saving::saved(state, desk, now, command, result),
        Event::Accepted { case_number, acceptance_number } => {
            done::accepted(state, desk, now, &case_number, acceptance_number)
        }
        Event::PaymentOrder(command, result) => done::order(state, desk, now, command, result),
        Event::Paid(command) => done::paid(state, desk, now, command),
        Event::Printed(command, result) => printing::printed(state, desk, command, result),
        Event::AttendantAnswered(command) => {
            call::answered(desk, now, command);
            state
        }
        Event::Health(part, fault) => health(state, desk, part, fault),
    }
}

/// Most pages read it from the desk.
fn health(state: State, desk: &mut Desk, part: Part, fault: Option<Fault>) -> State {
    match part {
        Part::Reader => return card::reader_health(state, desk, fault),
        Part::Printer => desk.printer = fault,
        Part::Camera => desk.camera = fault,
        Part::Scanner => desk.scanner = fault,
        Part::Attendant => call::health(desk, fault),
        Part::Store => {
            desk.store = fault;
            return hall::serve_or_not(state, desk);
        }
    }
    state
}

fn tick(state: State, desk: &mut Desk, now: Now) -> State {
    call::tick(desk, now);
    warn(&state, desk, now);
    let patience = state.patience(&desk.limits());
    let nobody = patience.is_some_and(|patience| desk.idle(now) >= patience);
    match state {
        State::Attract | State::OutOfService(_) => hall::tick_idle(state, desk, now),
        State::Home if nobody => hall::leave(desk, now),
        State::Notice(_) | State::PlaceCard(_) | State::Confirm(_) | State::Filling(_) | State::Sorry(_)
            if nobody =>
        {
            ending::idle(state, desk, now)
        }
        State::Home
        | State::Notice(_)
        | State::PlaceCard(_)
        | State::Confirm(_)
        | State::Filling(_)
        | State::Sorry(_) => state,
        State::Refused(refused) => {
            let refused = refused::tick(refused, desk, now);
            if nobody { ending::idle(refused, desk, now) } else { refused }
        }
        State::Submitting(submitting) => saving::tick(submitting, desk, now),
        State::Done(done) => done::tick(done, desk, now, nobody),
        State::Wipe { since, alarm } => hall::tick_wipe(desk, now, since, alarm),
    }
}

/// Sounds once when the warning appears, and again only after a sign of life.
fn warn(state: &State, desk: &mut Desk, now: Now) {
    let limits = desk.limits();
    let Some(patience) = state.patience(&limits).filter(|_| state.warns()) else { return };
    if desk.idle(now) + limits.warning >= patience && desk.warned != Some(desk.alive) {
        desk.warned = Some(desk.alive);
        desk.sound(Sound::Warning);
    }
}

/// A touch that was meant for a page that is gone changes nothing, here and in every module.
fn touch(state: State, desk: &mut Desk, now: Now, action: &Action) -> State {
    match action {
        Action::SwitchLanguage => {
            desk.language = desk.language.following();
            state
        }
        Action::ToggleLarge => {
            desk.display.large = !desk.display.large;
            state
        }
        Action::ToggleContrast => {
            desk.display.contrast = !desk.display.contrast;
            state
        }
        Action::CallAttendant => {
            call::touch(desk, now);
            state
        }
        Action::Stay | Action::Elsewhere => state,
        Action::Begin => {
            let State::Attract = state else { return state };
            State::Home
        }
        Action::ChooseMatter(id) => {
            let State::Home = state else { return state };
            hall::choose(desk, now, id)
        }
        Action::Accept => {
            let State::Notice(matter) = state else { return state };
            card::accept(desk, now, matter)
        }
        Action::Continue => go_on(state, desk, now),
        Action::Back => ending::back(state, desk, now),
        Action::Choose { .. }
        | Action::Type(_)
        | Action::Erase
        | Action::TakeOver
        | Action::Change(_)
        | Action::Shoot
        | Action::ChooseShot(_)
        | Action::ScanPage
        | Action::RemovePage(_)
        | Action::Commit(_)
        | Action::Stroke(_)
        | Action::ClearSignature => {
            let State::Filling(mut filling) = state else { return state };
            giving::fill(&mut filling, desk, now, action);
            State::Filling(filling)
        }
        Action::PhotographAtCounter => {
            let State::Filling(mut filling) = state else { return state };
            giving::leave_portrait(&mut filling);
            giving::go_on(filling, desk, now)
        }
        Action::Submit => {
            let State::Filling(filling) = state else { return state };
            saving::submit(filling, desk, now)
        }
        Action::Rate(rating) => {
            let State::Done(mut done) = state else { return state };
            if (1..=5).contains(rating) && done.rating.is_none() {
                done.rating = Some(*rating);
                desk.note(Note::Rated(*rating));
            }
            State::Done(done)
        }
        Action::PrintSlip => {
            let State::Refused(refused) = state else { return state };
            refused::print(refused, desk, now)
        }
        Action::Leave => ending::leave(state, desk, now),
    }
}

fn go_on(state: State, desk: &mut Desk, now: Now) -> State {
    match state {
        State::Confirm(applicant) => giving::begin(applicant, desk, now),
        State::Filling(filling) => giving::go_on(filling, desk, now),
        State::Attract
        | State::OutOfService(_)
        | State::Home
        | State::Notice(_)
        | State::PlaceCard(_)
        | State::Submitting(_)
        | State::Done(_)
        | State::Refused(_)
        | State::Sorry(_)
        | State::Wipe { .. } => state,
    }
}
