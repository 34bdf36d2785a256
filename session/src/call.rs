//! The call of an attendant, from every page: it changes no page.

use faults::Fault;

use crate::desk::{Calling, Desk};
use crate::event::{Command, Effect, Note, Now};

/// Calls; a second touch takes the call back.
pub(crate) fn touch(desk: &mut Desk, now: Now) {
    match desk.call {
        Calling::Nobody if desk.attendant.is_none() => {
            let command = desk.command();
            desk.call = Calling::Called { command, since: now.uptime };
            desk.effect(Effect::CallAttendant(command));
            desk.note(Note::Called);
        }
        Calling::Nobody => {}
        Calling::Called { .. } | Calling::Comes { .. } => end(desk),
    }
}

pub(crate) fn answered(desk: &mut Desk, now: Now, command: Command) -> Option<()> {
    let Calling::Called { command: called, .. } = desk.call else { return None };
    if called != command {
        return None;
    }
    desk.call = Calling::Comes { since: now.uptime };
    // Whoever waits for help is given the time until it comes.
    desk.alive = now.uptime;
    desk.note(Note::CallAnswered);
    Some(())
}

/// A call that nobody can see any more is not shown as one.
pub(crate) fn health(desk: &mut Desk, fault: Option<Fault>) {
    desk.attendant = fault;
    if let (Some(fault), Calling::Called { .. }) = (fault, desk.call) {
        end(desk);
        desk.fails(fault);
    }
}

pub(crate) fn tick(desk: &mut Desk, now: Now) {
    if desk.call_left(now).is_some_and(|left| left.is_zero()) {
        end(desk);
    }
}

/// Ends a call, if there is one.
pub(crate) fn end(desk: &mut Desk) {
    if desk.call != Calling::Nobody {
        desk.call = Calling::Nobody;
        desk.effect(Effect::EndCall);
        desk.note(Note::CallOver);
    }
}
