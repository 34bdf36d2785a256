//! From "yes, that is me" to the last page before "submit": who may, then everything that is given.

use std::sync::Arc;

use matters::rules::{Verdict, ask};

use crate::desk::Desk;
use crate::event::{Action, Command, Effect, Now, Sound};
use crate::filling::{Filling, ScannedPage, Stage, Taken};
use crate::state::{Applicant, Refused, State};
use crate::view::{Rejection, ScanProblem};

/// The rules are asked with the card alone; what they still need to know is asked of the citizen.
pub(super) fn begin(applicant: Box<Applicant>, desk: &mut Desk, now: Now) -> State {
    match ask(&applicant.matter.rules, applicant.facts(None, now)) {
        Verdict::Refused(refusal) => refuse(&applicant, refusal),
        Verdict::Eligible | Verdict::StillNeeded(_) => {
            let filling = Box::new(Filling::new(*applicant, now));
            look(desk, Stage::Question, filling.stage);
            State::Filling(filling)
        }
    }
}

pub(super) fn go_on(mut filling: Box<Filling>, desk: &mut Desk, now: Now) -> State {
    let before = filling.stage;
    filling.forward(now);
    look(desk, before, filling.stage);
    if before == Stage::Question && filling.stage != Stage::Question {
        return judged(filling, desk, now);
    }
    State::Filling(filling)
}

/// The rules are asked once more with the answers, before anything is photographed or scanned.
fn judged(filling: Box<Filling>, desk: &mut Desk, now: Now) -> State {
    match ask(&filling.matter().rules, filling.facts(now)) {
        Verdict::Refused(refusal) => {
            look(desk, filling.stage, Stage::Question);
            refuse(&filling.applicant, refusal)
        }
        Verdict::Eligible | Verdict::StillNeeded(_) => State::Filling(filling),
    }
}

fn refuse(applicant: &Applicant, refusal: &matters::rules::Refusal) -> State {
    let (matter, refusal) = (Arc::clone(&applicant.matter), refusal.clone());
    State::Refused(Box::new(Refused { matter, refusal, slip: None, copy: false }))
}

/// The camera looks only while its page is shown.
pub(super) fn look(desk: &mut Desk, before: Stage, after: Stage) {
    let (did, does) = (before == Stage::Photograph, after == Stage::Photograph);
    if did != does {
        desk.effect(Effect::Preview(does));
    }
}

/// A touch that gives something or takes it back; it is checked that its page is shown.
pub(super) fn fill(filling: &mut Filling, desk: &mut Desk, now: Now, action: &Action) {
    match (action, filling.stage) {
        (Action::Choose { question, value }, Stage::Question) => {
            filling.form.choose(&filling.applicant.matter, question, value);
        }
        (Action::Type(text), Stage::Question) => {
            filling.form.type_text(&filling.applicant.matter, text);
        }
        (Action::Erase, Stage::Question) => filling.form.erase(&filling.applicant.matter),
        (Action::TakeOver, Stage::Question) => {
            let Applicant { matter, citizen, .. } = &filling.applicant;
            filling.form.take_over(matter, citizen.address.expose());
        }
        (Action::Change(what), Stage::Review) => {
            // What was signed is no longer what will be sent.
            filling.signature.clear();
            filling.change(what, now);
            look(desk, Stage::Review, filling.stage);
        }
        (Action::Shoot, Stage::Photograph) => shoot(filling, desk),
        (Action::ChooseShot(at), Stage::Photograph) => filling.portrait.choose(*at),
        (Action::ScanPage, Stage::Scan(_)) => scan(filling, desk),
        (Action::RemovePage(at), Stage::Scan(_)) => {
            if let Some(paper) = filling.scanned()
                && *at < paper.pages.len()
            {
                paper.pages.remove(*at);
            }
        }
        // Papers cannot be promised where nothing can scan them; the page says so.
        (Action::Commit(commit), Stage::Commitment) if *commit || desk.scanner.is_none() => {
            filling.committed = Some(*commit);
        }
        (Action::Stroke(points), Stage::Sign) => filling.signature.add(points),
        (Action::ClearSignature, Stage::Sign) => filling.signature.clear(),
        // Meant for a page that is gone.
        (_, _) => {}
    }
}

fn shoot(filling: &mut Filling, desk: &mut Desk) {
    let ready = filling.portrait.judging.is_none() && desk.camera.is_none();
    if ready && filling.tries_left() > 0 {
        let command = desk.command();
        filling.portrait.judging = Some(command);
        desk.effect(Effect::Shoot(command));
    }
}

fn scan(filling: &mut Filling, desk: &mut Desk) {
    if let Some(paper) = filling.scanned()
        && paper.scanning.is_none()
        && paper.pages.len() < paper.most
    {
        let command = desk.command();
        (paper.scanning, paper.problem) = (Some(command), None);
        desk.effect(Effect::Scan(command));
    }
}

/// The portrait is left to the counter.
pub(super) fn leave_portrait(filling: &mut Filling) {
    if filling.stage == Stage::Photograph {
        filling.portrait.at_counter = true;
        filling.portrait.judging = None;
    }
}

/// The verdict on a portrait.
pub(super) fn portrait(
    mut state: State,
    desk: &mut Desk,
    now: Now,
    command: Command,
    result: Result<Box<Taken>, Vec<Rejection>>,
) -> State {
    let State::Filling(filling) = &mut state else { return late(state, desk, command) };
    let portrait = &mut filling.portrait;
    if portrait.judging != Some(command) {
        return late(state, desk, command);
    }
    desk.alive = now.uptime;
    portrait.judging = None;
    match result {
        Ok(taken) => portrait.keep(*taken),
        Err(rejected) => portrait.rejected = rejected,
    }
    portrait.tried += 1;
    state
}

/// A page from the scanner.
pub(super) fn page(
    mut state: State,
    desk: &mut Desk,
    now: Now,
    command: Command,
    result: Result<Box<ScannedPage>, ScanProblem>,
) -> State {
    let State::Filling(filling) = &mut state else { return late(state, desk, command) };
    let Some(paper) = filling.scanned().filter(|paper| paper.scanning == Some(command)) else {
        return late(state, desk, command);
    };
    desk.alive = now.uptime;
    match result {
        Ok(scanned) => {
            paper.pages.push(*scanned);
            // A feeder may hold more than the paper can have.
            if paper.pages.len() >= paper.most {
                paper.scanning = None;
                desk.effect(Effect::StopScanning);
            }
        }
        Err(problem) => {
            paper.problem = Some(problem);
            match problem {
                ScanProblem::Fault(fault) => desk.fails(fault),
                // Whoever handles paper does not look at the screen.
                ScanProblem::Blank | ScanProblem::Blurred | ScanProblem::NoPage => {
                    desk.sound(Sound::Attention);
                }
            }
        }
    }
    state
}

pub(super) fn scan_finished(mut state: State, desk: &mut Desk, command: Command) -> State {
    let State::Filling(filling) = &mut state else { return late(state, desk, command) };
    let Some(paper) = filling.scanned().filter(|paper| paper.scanning == Some(command)) else {
        return late(state, desk, command);
    };
    paper.scanning = None;
    state
}

fn late(state: State, desk: &mut Desk, command: Command) -> State {
    desk.late(command);
    state
}
