//! A paper at the printer: a receipt, or the slip of a refusal.

use faults::Fault;

use crate::desk::Desk;
use crate::event::{Command, Effect, Now};
use crate::receipt::Receipt;
use crate::state::{Job, Printing, State};
use crate::view::Paper;

pub(super) fn send(desk: &mut Desk, now: Now, receipt: Receipt) -> Job {
    let command = desk.command();
    desk.effect(Effect::Print(command, Box::new(receipt)));
    Job::Sent { command, since: now.uptime }
}

pub(super) fn tick(job: &mut Job, desk: &mut Desk, now: Now) {
    if let Job::Sent { since, .. } = job
        && now.uptime >= *since + desk.limits().printing
    {
        over(job, desk, Err(Fault::PrinterUnconfirmed));
    }
}

/// The printer's answer, to whichever page waits for it.
pub(super) fn printed(
    mut state: State,
    desk: &mut Desk,
    command: Command,
    result: Result<(), Fault>,
) -> State {
    match awaited(&mut state) {
        Some(job) if matches!(*job, Job::Sent { command: sent, .. } if sent == command) => {
            over(job, desk, result);
        }
        Some(_) | None => desk.late(command),
    }
    state
}

fn awaited(state: &mut State) -> Option<&mut Job> {
    match state {
        State::Done(done) => match &mut done.printing {
            Printing::At(job) => Some(job),
            Printing::Waiting(_) => None,
        },
        State::Refused(refused) => refused.slip.as_mut(),
        State::Attract
        | State::OutOfService(_)
        | State::Home
        | State::Notice(_)
        | State::PlaceCard(_)
        | State::Confirm(_)
        | State::Filling(_)
        | State::Submitting(_)
        | State::Sorry(_)
        | State::Wipe { .. } => None,
    }
}

fn over(job: &mut Job, desk: &mut Desk, result: Result<(), Fault>) {
    *job = Job::Over(match result {
        Ok(()) => Paper::Printed,
        Err(fault) => {
            desk.fails(fault);
            Paper::Failed(fault)
        }
    });
}
