//! After the request is on disk: the platform's number, the payment and the receipt.

use std::sync::Arc;

use faults::Fault;

use crate::desk::Desk;
use crate::event::{Command, Effect, Ending, Note, Now, PaymentOrder, Sound};
use crate::receipt::{Fee, Receipt, Slip};
use crate::state::{Done, Job, Paying, Printing, State};
use crate::view::Paper;

use super::{ending, printing};

/// The longest number of a payment order. A guess: those of 非税缴款码 have 20 digits.
const LONGEST_ORDER: usize = 64;

/// The longest address of a payment. A guess, and still a code that a telephone reads from the receipt.
const LONGEST_URL: usize = 512;

pub(super) fn begin(slip: Slip, case_number: String, desk: &mut Desk, now: Now) -> State {
    desk.sound(Sound::Done);
    let (matter, deadline) = (Arc::clone(&slip.matter), slip.deadline);
    let printing = if desk.setting.has_printer {
        Printing::Waiting(slip)
    } else {
        Printing::At(Job::Over(Paper::NoPrinter))
    };
    let paying = (matter.fee_yuan > 0).then_some(Paying::Waiting);
    State::Done(Box::new(Done {
        matter,
        case_number,
        acceptance_number: None,
        deadline,
        since: now.uptime,
        printing,
        paying,
        rating: None,
    }))
}

pub(super) fn tick(mut done: Box<Done>, desk: &mut Desk, now: Now, nobody: bool) -> State {
    let limits = desk.limits();
    let overdue = match &done.paying {
        Some(Paying::Waiting) => now.uptime >= done.since + limits.acceptance,
        Some(Paying::Asked { since, .. }) => now.uptime >= *since + limits.order,
        Some(Paying::Open { .. } | Paying::Paid | Paying::Later(_)) | None => false,
    };
    if overdue {
        stop_paying(&done, desk);
        later(&mut done, desk, Fault::PaymentUnavailable);
    }
    print_when_due(&mut done, desk, now);
    if let Printing::At(job) = &mut done.printing {
        printing::tick(job, desk, now);
    }
    // A paper that is still to come ends no visit: its time is over long before the page's.
    if nobody && matches!(done.printing, Printing::At(_)) {
        leave(done, desk, now)
    } else {
        State::Done(done)
    }
}

pub(super) fn accepted(
    mut state: State,
    desk: &mut Desk,
    now: Now,
    case_number: &str,
    acceptance_number: String,
) -> State {
    if let State::Done(done) = &mut state
        && done.case_number == case_number
        && done.acceptance_number.is_none()
    {
        done.acceptance_number = Some(acceptance_number);
        if done.paying.is_some() {
            let (command, yuan) = (desk.command(), done.matter.fee_yuan);
            done.paying = Some(Paying::Asked { command, since: now.uptime });
            let case_number = done.case_number.clone();
            desk.effect(Effect::RequestPayment { command, case_number, yuan });
        }
        print_when_due(done, desk, now);
    }
    state
}

pub(super) fn order(
    mut state: State,
    desk: &mut Desk,
    now: Now,
    command: Command,
    result: Result<PaymentOrder, Fault>,
) -> State {
    if let State::Done(done) = &mut state
        && matches!(done.paying, Some(Paying::Asked { command: asked, .. }) if asked == command)
    {
        match result {
            Ok(order) if fits(&order, done.matter.fee_yuan) => {
                // The time to pay is counted from here.
                desk.alive = now.uptime;
                done.paying = Some(Paying::Open { command, order });
            }
            Ok(_) => {
                stop_paying(done, desk);
                later(done, desk, Fault::PaymentUnavailable);
            }
            Err(fault) => later(done, desk, fault),
        }
        print_when_due(done, desk, now);
    } else {
        desk.late(command);
    }
    state
}

/// Nobody is sent to pay another sum, or to something that is no address.
fn fits(order: &PaymentOrder, yuan: u32) -> bool {
    let plain = |text: &str, longest: usize| {
        (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    order.yuan == yuan && plain(&order.number, LONGEST_ORDER) && plain(&order.url, LONGEST_URL)
}

pub(super) fn paid(mut state: State, desk: &mut Desk, now: Now, command: Command) -> State {
    if let State::Done(done) = &mut state
        && let Some(Paying::Asked { command: asked, .. } | Paying::Open { command: asked, .. }) = done.paying
        && asked == command
    {
        done.paying = Some(Paying::Paid);
        desk.note(Note::Paid(done.case_number.clone()));
        desk.alive = now.uptime;
        print_when_due(done, desk, now);
    } else {
        desk.late(command);
    }
    state
}

fn later(done: &mut Done, desk: &mut Desk, fault: Fault) {
    done.paying = Some(Paying::Later(fault));
    desk.fails(fault);
}

fn stop_paying(done: &Done, desk: &mut Desk) {
    if let Some(Paying::Asked { .. } | Paying::Open { .. }) = done.paying {
        desk.effect(Effect::StopPaying);
    }
}

/// The receipt goes to the printer once everything it can say is known, or its time is over.
fn print_when_due(done: &mut Done, desk: &mut Desk, now: Now) {
    let accepted = done.acceptance_number.is_some();
    let settled = !matches!(done.paying, Some(Paying::Waiting | Paying::Asked { .. }));
    if settled && (accepted || now.uptime >= done.since + desk.limits().acceptance) {
        print(done, desk, now);
    }
}

fn print(done: &mut Done, desk: &mut Desk, now: Now) {
    let Printing::Waiting(slip) = &done.printing else { return };
    let fee = match &done.paying {
        None => Fee::Free,
        Some(Paying::Open { order, .. }) => Fee::Order(order),
        Some(Paying::Paid) => Fee::Paid,
        Some(Paying::Waiting | Paying::Asked { .. } | Paying::Later(_)) => Fee::Later,
    };
    let hall = &desk.setting.hall;
    let receipt = Receipt::new(hall, slip, &done.case_number, done.acceptance_number.as_deref(), fee);
    done.printing = Printing::At(printing::send(desk, now, receipt));
}

/// The paper is promised: it is printed even when the citizen does not wait for the platform. The order stays open.
pub(super) fn leave(mut done: Box<Done>, desk: &mut Desk, now: Now) -> State {
    print(&mut done, desk, now);
    stop_paying(&done, desk);
    ending::wipe(desk, now, Ending::Submitted)
}
