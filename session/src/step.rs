//! What becomes of an event, whatever is shown.

use faults::Fault;

use crate::action;
use crate::call;
use crate::desk::Desk;
use crate::event::{Effect, Event, Now, Part, Sound};
use crate::page::{Next, Warning, place_card, submitting};
use crate::state::{Session, State};

impl Session {
    /// One step: what happened, and what is to be done about it.
    #[must_use]
    pub fn step(&mut self, now: Now, event: Event) -> Vec<Effect> {
        if let Some(next) = happens(&mut self.state, &mut self.desk, now, event) {
            self.state = next;
        }
        self.desk.effects()
    }
}

fn happens(state: &mut State, desk: &mut Desk, now: Now, event: Event) -> Next {
    let (command, heard) = match event {
        Event::Tick => return tick(state, desk, now),
        Event::Touch(mut action) => {
            desk.alive = now.uptime;
            let next = action::touch(state, desk, now, &action);
            action.wipe();
            return next;
        }
        Event::Health(part, fault) => return health(state, desk, part, fault),
        Event::CardPresent(present) => {
            place_card::present(state, desk, now, present);
            // A card that is taken may be all that the last page waited for.
            return if present { None } else { tick(state, desk, now) };
        }
        Event::Saved(command, result) => return submitting::saved(state, desk, now, command, result),
        Event::Accepted { case_number, acceptance_number } => {
            state.case()?.accepted(desk, now, &case_number, acceptance_number);
            return None;
        }
        Event::CardReading(command) => (command, state.draft().and_then(|d| d.card_reading(command))),
        Event::CardRead(command, citizen) => {
            (command, state.draft().and_then(|d| d.card_read(desk, now, command, citizen)))
        }
        Event::CardFailed(command, fault) => {
            (command, state.draft().and_then(|d| d.card_failed(desk, command, fault)))
        }
        Event::Portrait(command, result) => {
            (command, state.draft().and_then(|d| d.portrait(desk, now, command, result)))
        }
        Event::Page(command, result) => {
            (command, state.draft().and_then(|d| d.page(desk, now, command, result)))
        }
        Event::ScanFinished(command) => (command, state.draft().and_then(|d| d.scan_finished(command))),
        Event::PaymentOrder(command, result) => {
            (command, state.case().and_then(|case| case.order(desk, now, command, result)))
        }
        Event::Paid(command) => (command, state.case().and_then(|case| case.paid(desk, now, command))),
        Event::Printed(command, result) => {
            (command, state.page_mut().job().and_then(|job| job.printed(desk, command, result)))
        }
        Event::AttendantAnswered(command) => (command, call::answered(desk, now, command)),
    };
    // An answer that no page waits for any more is dropped and counted.
    if heard.is_none() {
        desk.late(command);
    }
    None
}

/// Most pages read it from the desk.
fn health(state: &mut State, desk: &mut Desk, part: Part, fault: Option<Fault>) -> Next {
    match part {
        Part::Reader => {
            desk.reader = fault;
            state.draft()?.reader_changed(fault);
        }
        Part::Printer => desk.printer = fault,
        Part::Camera => desk.camera = fault,
        Part::Scanner => desk.scanner = fault,
        Part::Attendant => call::health(desk, fault),
        Part::Store => {
            desk.store = fault;
            // A visit under way is never broken off.
            let State::Between(between) = state else { return None };
            return between.serve_or_not(desk);
        }
    }
    None
}

fn tick(state: &mut State, desk: &mut Desk, now: Now) -> Next {
    call::tick(desk, now);
    let (page, limits) = (state.page_mut(), desk.limits());
    let left = page.patience(&limits).map(|patience| patience.saturating_sub(desk.idle(now)));
    // Sounds once when the warning appears, and again only after a sign of life.
    let warns = page.warning() != Warning::Silent && left.is_some_and(|left| left <= limits.warning);
    if warns && desk.warned.replace(desk.alive) != Some(desk.alive) {
        desk.sound(Sound::Warning);
    }
    page.tick(desk, now, left.is_some_and(|left| left.is_zero()))
}
