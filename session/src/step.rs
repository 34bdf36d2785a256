//! What becomes of an event, whatever is shown.

use faults::Fault;

use crate::action;
use crate::call;
use crate::desk::Desk;
use crate::event::{Command, Effect, Event, Now, Part, Sound};
use crate::page::{Behaviour, Next, Warning, place_card, submitting};
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
    match event {
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
            if !present {
                return tick(state, desk, now);
            }
        }
        Event::CardReading(command) => {
            unless_late(state.draft().and_then(|draft| draft.card_reading(command)), desk, command);
        }
        Event::CardRead(command, citizen) => {
            let heard = state.draft().and_then(|draft| draft.card_read(desk, now, command, citizen));
            unless_late(heard, desk, command);
        }
        Event::CardFailed(command, fault) => {
            let heard = state.draft().and_then(|draft| draft.card_failed(desk, command, fault));
            unless_late(heard, desk, command);
        }
        Event::Portrait(command, result) => {
            let heard = state.draft().and_then(|draft| draft.portrait(desk, now, command, result));
            unless_late(heard, desk, command);
        }
        Event::Page(command, result) => {
            let heard = state.draft().and_then(|draft| draft.page(desk, now, command, result));
            unless_late(heard, desk, command);
        }
        Event::ScanFinished(command) => {
            unless_late(state.draft().and_then(|draft| draft.scan_finished(command)), desk, command);
        }
        Event::Saved(command, result) => return submitting::saved(state, desk, now, command, result),
        Event::Accepted { case_number, acceptance_number } => {
            state.case()?.accepted(desk, now, &case_number, acceptance_number);
        }
        Event::PaymentOrder(command, result) => {
            let heard = state.case().and_then(|case| case.order(desk, now, command, result));
            unless_late(heard, desk, command);
        }
        Event::Paid(command) => {
            unless_late(state.case().and_then(|case| case.paid(desk, now, command)), desk, command);
        }
        Event::Printed(command, result) => {
            let heard = state.page_mut().job().and_then(|job| job.printed(desk, command, result));
            unless_late(heard, desk, command);
        }
        Event::AttendantAnswered(command) => call::answered(desk, now, command),
    }
    None
}

/// An answer that no page waits for any more is dropped and counted.
fn unless_late(heard: Option<()>, desk: &mut Desk, command: Command) {
    if heard.is_none() {
        desk.late(command);
    }
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
    let page = state.page_mut();
    warn(page, desk, now);
    let patience = page.patience(&desk.limits());
    let nobody = patience.is_some_and(|patience| desk.idle(now) >= patience);
    page.tick(desk, now, nobody)
}

/// Sounds once when the warning appears, and again only after a sign of life.
fn warn(page: &dyn Behaviour, desk: &mut Desk, now: Now) {
    let limits = desk.limits();
    let Some(patience) = page.patience(&limits).filter(|_| page.warning() != Warning::Silent) else { return };
    if desk.idle(now) + limits.warning >= patience && desk.warned != Some(desk.alive) {
        desk.warned = Some(desk.alive);
        desk.sound(Sound::Warning);
    }
}
