//! The request on its way to the disk, and the apology when it does not get there.

use std::sync::Arc;

use faults::Fault;
use matters::Matter;
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::event::{Command, Effect, Note, Now};
use crate::filling::{Filling, PORTRAIT, Stage};
use crate::receipt::Slip;
use crate::request::Request;
use crate::state::{Applicant, Sorry, State, Submitting};

use super::done;

/// Only from the last page, and only when nothing is missing.
pub(super) fn submit(mut filling: Box<Filling>, desk: &mut Desk, now: Now) -> State {
    let last = if filling.matter().signature { Stage::Sign } else { Stage::Review };
    if filling.stage != last || !filling.complete(last) {
        return State::Filling(filling);
    }
    let slip = Slip::new(&filling, desk.language, now);
    let photographs = filling.photographs(now);
    let committed = filling.committed.filter(|_| filling.may_commit(now));
    let attachments = filling.attachments(now);
    let portrait_at_counter = photographs && !attachments.iter().any(|file| file.name == PORTRAIT);
    let Filling { applicant: Applicant { matter, consent, citizen }, form, .. } = *filling;
    let command = desk.command();
    let request = Request {
        matter: matter.id.clone(),
        revision: matter.revision,
        language: desk.language,
        notice_version: matter.notice.version.clone(),
        notice_accepted: consent.unix,
        created: now.unix,
        day: now.wall.date(),
        deadline: slip.deadline,
        record: citizen.record,
        answers: form.answers().map(|(q, v)| (q.to_owned(), Zeroizing::new(v.to_owned()))).collect(),
        committed,
        portrait_at_counter,
        attachments,
    };
    desk.effect(Effect::Save(command, Box::new(request)));
    State::Submitting(Box::new(Submitting { command, since: now.uptime, slip }))
}

pub(super) fn tick(submitting: Box<Submitting>, desk: &mut Desk, now: Now) -> State {
    if now.uptime < submitting.since + desk.limits().saving {
        return State::Submitting(submitting);
    }
    let Submitting { command, slip, .. } = *submitting;
    desk.alive = now.uptime;
    sorry(desk, slip.matter, Fault::StoreLate, Some(command))
}

pub(super) fn saved(
    state: State,
    desk: &mut Desk,
    now: Now,
    command: Command,
    result: Result<String, Fault>,
) -> State {
    match (state, result) {
        (State::Submitting(submitting), Ok(case_number)) if submitting.command == command => {
            desk.alive = now.uptime;
            done::begin(submitting.slip, case_number, desk, now)
        }
        (State::Submitting(submitting), Err(fault)) if submitting.command == command => {
            desk.alive = now.uptime;
            sorry(desk, submitting.slip.matter, fault, None)
        }
        (State::Sorry(mut sorry), Ok(case_number)) if sorry.pending == Some(command) => {
            desk.note(Note::LateSaved(case_number.clone()));
            sorry.pending = None;
            sorry.case_number = Some(case_number);
            State::Sorry(sorry)
        }
        (state, Ok(case_number)) => {
            desk.note(Note::LateSaved(case_number));
            state
        }
        (state, Err(_)) => {
            desk.late(command);
            state
        }
    }
}

fn sorry(desk: &mut Desk, matter: Arc<Matter>, fault: Fault, pending: Option<Command>) -> State {
    desk.fails(fault);
    State::Sorry(Sorry { matter, fault, pending, case_number: None })
}
