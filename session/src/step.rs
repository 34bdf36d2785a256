//! The transitions.

use std::sync::Arc;

use faults::Fault;
use matters::rules::{Verdict, ask};
use matters::{Language, Matter};
use zeroize::Zeroizing;

use crate::citizen::Citizen;
use crate::event::{Action, Command, Effect, Ending, Event, Note, Now};
use crate::filling::{Filling, PORTRAIT, ScannedPage, Stage, Taken};
use crate::receipt::Receipt;
use crate::request::Request;
use crate::state::{Applicant, Consent, Desk, Done, PlaceCard, Printing, Slip, Sorry, State, Submitting};
use crate::view::{CardPrompt, Display, Paper, Rejection, ScanProblem};

pub(crate) fn step(state: State, desk: &mut Desk, now: Now, event: Event) -> State {
    match event {
        Event::Tick => tick(state, desk, now),
        Event::Touch(action) => {
            desk.alive = now.uptime;
            touch(state, desk, now, action)
        }
        Event::CardPresent(present) => card_present(state, desk, now, present),
        Event::CardReading(command) => card_reading(state, desk, now, command),
        Event::CardRead(command, citizen) => card_read(state, desk, now, command, citizen),
        Event::CardFailed(command, fault) => card_failed(state, desk, command, fault),
        Event::ReaderHealth(fault) => reader_health(state, desk, fault),
        Event::PrinterHealth(fault) => {
            desk.printer = fault;
            state
        }
        Event::Printed(command, result) => printed(state, desk, command, result),
        Event::Saved(command, result) => saved(state, desk, now, command, result),
        Event::Accepted { case_number, acceptance_number } => {
            accepted(state, desk, now, &case_number, acceptance_number)
        }
        Event::CameraHealth(fault) => {
            desk.camera = fault;
            state
        }
        Event::Portrait(command, result) => portrait(state, desk, now, command, result),
        Event::Page(command, result) => page(state, desk, now, command, result),
        Event::ScanFinished(command) => scan_finished(state, desk, command),
        Event::StoreHealth(fault) => {
            desk.store = fault;
            serve_or_not(state, desk)
        }
    }
}

/// Between visits the machine opens and closes with its store; a visit under way is never broken off.
fn serve_or_not(state: State, desk: &Desk) -> State {
    match (state, desk.store) {
        (State::Attract | State::Home | State::OutOfService(_), Some(fault)) => State::OutOfService(fault),
        (State::OutOfService(_), None) => State::Attract,
        (state, _) => state,
    }
}

fn tick(state: State, desk: &mut Desk, now: Now) -> State {
    let limits = desk.limits();
    match state {
        State::Attract | State::OutOfService(_) => state,
        State::Home if desk.idle(now) >= limits.idle + limits.warning => leave_home(desk, now),
        State::Home => state,
        State::Notice(_)
        | State::PlaceCard(_)
        | State::Confirm(_)
        | State::Filling(_)
        | State::Refused(..)
        | State::Sorry(_) => {
            if desk.idle(now) >= limits.idle + limits.warning {
                let ending = ending(&state, Ending::Idle);
                return wipe(desk, now, ending);
            }
            state
        }
        State::Submitting(submitting) if now.uptime >= submitting.since + limits.saving => {
            let Submitting { command, slip, .. } = *submitting;
            sorry(desk, slip.matter, Fault::StoreLate, Some(command))
        }
        State::Submitting(_) => state,
        State::Done(done) => tick_done(done, desk, now),
        State::Wipe { since, alarm } => tick_wipe(desk, now, since, alarm),
    }
}

fn tick_done(mut done: Box<Done>, desk: &mut Desk, now: Now) -> State {
    let limits = desk.limits();
    done.printing = match done.printing {
        Printing::Waiting(slip) if now.uptime >= done.since + limits.acceptance => {
            print(desk, now, &slip, &done.case_number, done.acceptance_number.as_deref())
        }
        Printing::Sent { since, .. } if now.uptime >= since + limits.printing => {
            over(desk, Paper::Failed(Fault::PrinterUnconfirmed))
        }
        same @ (Printing::Waiting(_) | Printing::Sent { .. } | Printing::Over(_)) => same,
    };
    if desk.idle(now) >= limits.done && !matches!(done.printing, Printing::Waiting(_)) {
        return wipe(desk, now, Ending::Submitted);
    }
    State::Done(done)
}

fn tick_wipe(desk: &mut Desk, now: Now, since: std::time::Duration, alarm: bool) -> State {
    let limits = desk.limits();
    let stood = now.uptime.saturating_sub(since);
    if !desk.card_present && stood >= limits.wipe {
        return home_again(desk);
    }
    if desk.card_present && stood >= limits.wipe_with_card {
        desk.card_left = true;
        return home_again(desk);
    }
    if desk.card_present && !alarm && stood >= limits.card_left {
        desk.note(Note::CardLeft);
        return State::Wipe { since, alarm: true };
    }
    State::Wipe { since, alarm }
}

/// Nothing was collected on the home page; only a card that lies there must still be asked for.
fn leave_home(desk: &mut Desk, now: Now) -> State {
    if desk.card_present && !desk.card_left {
        return wipe(desk, now, Ending::Left);
    }
    home_again(desk)
}

fn home_again(desk: &mut Desk) -> State {
    desk.language = Language::default();
    desk.display = Display::default();
    serve_or_not(State::Attract, desk)
}

fn touch(state: State, desk: &mut Desk, now: Now, action: Action) -> State {
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
        Action::Stay | Action::Elsewhere => state,
        // A touch that was meant for a page that is gone changes nothing, here and below.
        Action::Begin => {
            let State::Attract = state else { return state };
            State::Home
        }
        Action::ChooseMatter(id) => {
            let State::Home = state else { return state };
            choose_matter(desk, now, &id)
        }
        Action::Accept => {
            let State::Notice(matter) = state else { return state };
            place_card(desk, matter, Consent { unix: now.unix })
        }
        Action::Continue => go_on(state, desk, now),
        Action::Back => back(state, desk, now),
        Action::Choose { question, value } => fill(state, desk, |filling, _| {
            let Filling { applicant, form, .. } = filling;
            form.choose(&applicant.matter, &question, &value);
        }),
        Action::Type(text) => fill(state, desk, |filling, _| {
            let Filling { applicant, form, .. } = filling;
            form.type_text(&applicant.matter, &text);
        }),
        Action::Erase => fill(state, desk, |filling, _| {
            let Filling { applicant, form, .. } = filling;
            form.erase(&applicant.matter);
        }),
        Action::TakeOver => fill(state, desk, |filling, _| {
            let Filling { applicant, form, .. } = filling;
            form.take_over(&applicant.matter, applicant.citizen.address.expose());
        }),
        Action::Change(what) => fill(state, desk, |filling, _| {
            if filling.stage == Stage::Review {
                filling.change(&what, now);
            }
        }),
        Action::Shoot => fill(state, desk, |filling, desk| {
            let ready = filling.portrait.judging.is_none() && desk.camera.is_none();
            if filling.stage == Stage::Photograph && ready && filling.tries_left() > 0 {
                let command = desk.command();
                filling.portrait.judging = Some(command);
                desk.effect(Effect::Shoot(command));
            }
        }),
        Action::ChooseShot(at) => fill(state, desk, |filling, _| {
            if at < filling.portrait.taken.len() {
                filling.portrait.chosen = Some(at);
            }
        }),
        Action::PhotographAtCounter => {
            let state = fill(state, desk, |filling, _| {
                if filling.stage == Stage::Photograph {
                    filling.portrait.at_counter = true;
                    filling.portrait.judging = None;
                }
            });
            go_on(state, desk, now)
        }
        Action::ScanPage => fill(state, desk, |filling, desk| {
            if let Some(paper) = filling.scanned()
                && paper.scanning.is_none()
                && paper.pages.len() < paper.most
            {
                let command = desk.command();
                (paper.scanning, paper.problem) = (Some(command), None);
                desk.effect(Effect::Scan(command));
            }
        }),
        Action::RemovePage(at) => fill(state, desk, |filling, _| {
            if let Some(paper) = filling.scanned()
                && at < paper.pages.len()
            {
                paper.pages.remove(at);
            }
        }),
        Action::Commit(commit) => fill(state, desk, |filling, _| {
            if filling.stage == Stage::Commitment {
                filling.committed = Some(commit);
            }
        }),
        Action::Stroke(points) => fill(state, desk, |filling, _| {
            if filling.stage == Stage::Sign {
                filling.signature.add(points);
            }
        }),
        Action::ClearSignature => fill(state, desk, |filling, _| filling.signature.clear()),
        Action::Rate(rating) => {
            let mut state = state;
            if let State::Done(done) = &mut state
                && (1..=5).contains(&rating)
                && done.rating.is_none()
            {
                done.rating = Some(rating);
                desk.note(Note::Rated(rating));
            }
            state
        }
        Action::Submit => {
            let State::Filling(filling) = state else { return state };
            let last = if filling.matter().signature { Stage::Sign } else { Stage::Review };
            if filling.stage != last || !filling.complete(last) {
                return State::Filling(filling);
            }
            submit(desk, now, filling)
        }
        Action::Leave => leave(state, desk, now),
    }
}

/// Something about the filling, wherever it stands; it checks for itself that its page is shown.
fn fill(mut state: State, desk: &mut Desk, change: impl FnOnce(&mut Filling, &mut Desk)) -> State {
    if let State::Filling(filling) = &mut state {
        change(filling, desk);
    }
    state
}

fn choose_matter(desk: &mut Desk, now: Now, id: &str) -> State {
    let chosen = desk.setting.catalogue.on(now.wall.date()).find(|m| m.id == id).map(Arc::clone);
    match chosen {
        // The tile says why it is not available; a touch on it changes nothing.
        Some(_) if desk.reader.is_some() => State::Home,
        Some(matter) => {
            desk.note(Note::VisitBegan(matter.id.clone()));
            State::Notice(matter)
        }
        None => State::Home,
    }
}

fn place_card(desk: &mut Desk, matter: Arc<Matter>, consent: Consent) -> State {
    if desk.card_left {
        let prompt = CardPrompt::Problem(Fault::CardLeftBehind);
        return State::PlaceCard(PlaceCard { matter, consent, command: None, prompt });
    }
    let command = desk.command();
    desk.effect(Effect::ReadCard(command));
    let prompt = desk.reader.map_or(CardPrompt::Waiting, CardPrompt::Problem);
    State::PlaceCard(PlaceCard { matter, consent, command: Some(command), prompt })
}

fn go_on(state: State, desk: &mut Desk, now: Now) -> State {
    match state {
        State::Confirm(applicant) => match ask(&applicant.matter.rules, applicant.facts(None, now)) {
            Verdict::Refused(refusal) => State::Refused(Arc::clone(&applicant.matter), refusal.clone()),
            Verdict::Eligible | Verdict::StillNeeded(_) => {
                let filling = Box::new(Filling::new(*applicant, now));
                look(desk, Stage::Question, filling.stage);
                State::Filling(filling)
            }
        },
        State::Filling(mut filling) => {
            let before = filling.stage;
            filling.forward(now);
            look(desk, before, filling.stage);
            if before == Stage::Question && filling.stage != Stage::Question {
                return judged(filling, desk, now);
            }
            State::Filling(filling)
        }
        State::Attract
        | State::OutOfService(_)
        | State::Home
        | State::Notice(_)
        | State::PlaceCard(_)
        | State::Submitting(_)
        | State::Done(_)
        | State::Refused(..)
        | State::Sorry(_)
        | State::Wipe { .. } => state,
    }
}

/// The rules are asked once more with the answers, before anything is photographed or scanned.
fn judged(filling: Box<Filling>, desk: &mut Desk, now: Now) -> State {
    match ask(&filling.matter().rules, filling.facts(now)) {
        Verdict::Refused(refusal) => {
            look(desk, filling.stage, Stage::Question);
            State::Refused(Arc::clone(filling.matter()), refusal.clone())
        }
        Verdict::Eligible | Verdict::StillNeeded(_) => State::Filling(filling),
    }
}

/// The camera looks only while its page is shown.
fn look(desk: &mut Desk, before: Stage, after: Stage) {
    let (did, does) = (before == Stage::Photograph, after == Stage::Photograph);
    if did != does {
        desk.effect(Effect::Preview(does));
    }
}

fn back(state: State, desk: &mut Desk, now: Now) -> State {
    match state {
        State::Home => leave_home(desk, now),
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
            place_card(desk, matter, consent)
        }
        State::Filling(mut filling) => {
            let before = filling.stage;
            let scanning = filling.scanned().is_some_and(|paper| paper.scanning.is_some());
            let stays = filling.back(now);
            look(desk, before, filling.stage);
            if scanning {
                desk.effect(Effect::StopScanning);
            }
            if stays { State::Filling(filling) } else { State::Confirm(Box::new(filling.applicant)) }
        }
        State::Refused(..) | State::Sorry(_) => leave(state, desk, now),
        State::Attract
        | State::OutOfService(_)
        | State::Submitting(_)
        | State::Done(_)
        | State::Wipe { .. } => state,
    }
}

fn leave(state: State, desk: &mut Desk, now: Now) -> State {
    match state {
        State::Attract | State::OutOfService(_) | State::Submitting(_) | State::Wipe { .. } => state,
        State::Home => leave_home(desk, now),
        State::PlaceCard(_) => {
            desk.effect(Effect::StopReading);
            wipe(desk, now, Ending::Left)
        }
        State::Done(done) => {
            // The paper is promised: it is printed even when the citizen does not wait for the platform's number.
            if let Printing::Waiting(slip) = &done.printing {
                let _ = print(desk, now, slip, &done.case_number, done.acceptance_number.as_deref());
            }
            wipe(desk, now, Ending::Submitted)
        }
        State::Notice(_) | State::Confirm(_) | State::Filling(_) | State::Refused(..) | State::Sorry(_) => {
            let ending = ending(&state, Ending::Left);
            wipe(desk, now, ending)
        }
    }
}

/// How a visit counts that ends in this state.
fn ending(state: &State, otherwise: Ending) -> Ending {
    match state {
        State::Refused(..) => Ending::Refused,
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

fn wipe(desk: &mut Desk, now: Now, ending: Ending) -> State {
    desk.effect(Effect::StopReading);
    desk.effect(Effect::StopScanning);
    desk.effect(Effect::Preview(false));
    desk.note(Note::VisitEnded(ending));
    desk.effect(Effect::Wipe);
    State::Wipe { since: now.uptime, alarm: false }
}

fn card_present(state: State, desk: &mut Desk, now: Now, present: bool) -> State {
    if present && !desk.card_present {
        desk.alive = now.uptime;
    }
    desk.card_present = present;
    if present {
        return state;
    }
    desk.card_left = false;
    if let State::PlaceCard(PlaceCard { matter, consent, command: None, .. }) = state {
        return place_card(desk, matter, consent);
    }
    tick(state, desk, now)
}

/// The page that waits for the answer to this command; an answer that nobody waits for is counted.
fn awaited<'s>(state: &'s mut State, desk: &mut Desk, command: Command) -> Option<&'s mut PlaceCard> {
    if let State::PlaceCard(place) = state
        && place.command == Some(command)
    {
        return Some(place);
    }
    desk.note(Note::LateAnswer(command));
    None
}

fn card_reading(mut state: State, desk: &mut Desk, now: Now, command: Command) -> State {
    if let Some(place) = awaited(&mut state, desk, command) {
        place.prompt = CardPrompt::Reading;
        desk.alive = now.uptime;
    }
    state
}

fn card_read(mut state: State, desk: &mut Desk, now: Now, command: Command, citizen: Box<Citizen>) -> State {
    if !citizen.number_valid {
        // Nobody can be told apart by a number that cannot be right; the counter compares card and person.
        return card_failed(state, desk, command, Fault::CardNumberInvalid);
    }
    let Some(PlaceCard { matter, consent, .. }) = awaited(&mut state, desk, command) else { return state };
    let applicant = Applicant { matter: Arc::clone(matter), consent: *consent, citizen };
    desk.alive = now.uptime;
    State::Confirm(Box::new(applicant))
}

fn card_failed(mut state: State, desk: &mut Desk, command: Command, fault: Fault) -> State {
    if let Some(place) = awaited(&mut state, desk, command) {
        place.prompt = CardPrompt::Problem(fault);
        desk.note(Note::FaultShown(fault));
    }
    state
}

fn reader_health(mut state: State, desk: &mut Desk, fault: Option<Fault>) -> State {
    desk.reader = fault;
    if let State::PlaceCard(place) = &mut state
        && place.command.is_some()
    {
        place.prompt = match (fault, place.prompt) {
            (Some(fault), _) => CardPrompt::Problem(fault),
            // The reader is back: its trouble is over, a card's trouble is not.
            (None, CardPrompt::Problem(Fault::CardServiceDown | Fault::CardReaderMissing)) => {
                CardPrompt::Waiting
            }
            (None, prompt) => prompt,
        };
    }
    state
}

fn submit(desk: &mut Desk, now: Now, mut filling: Box<Filling>) -> State {
    let slip = Slip::new(&filling, desk.language, now);
    let attachments = filling.attachments(now);
    let committed = filling.committed.filter(|_| filling.may_commit(now));
    let portrait_at_counter = filling.matter().portrait.is_some()
        && !attachments.iter().any(|attachment| attachment.name == PORTRAIT);
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

/// The verdict on a portrait.
fn portrait(
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
fn page(
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
        // A feeder may hold more than the paper can have.
        Ok(scanned) if paper.pages.len() < paper.most => paper.pages.push(*scanned),
        Ok(_) => {}
        Err(problem) => paper.problem = Some(problem),
    }
    state
}

fn scan_finished(mut state: State, desk: &mut Desk, command: Command) -> State {
    let State::Filling(filling) = &mut state else { return late(state, desk, command) };
    let Some(paper) = filling.scanned().filter(|paper| paper.scanning == Some(command)) else {
        return late(state, desk, command);
    };
    paper.scanning = None;
    state
}

/// An answer that nobody waits for any more is dropped and counted.
fn late(state: State, desk: &mut Desk, command: Command) -> State {
    desk.note(Note::LateAnswer(command));
    state
}

fn saved(state: State, desk: &mut Desk, now: Now, command: Command, result: Result<String, Fault>) -> State {
    match (state, result) {
        (State::Submitting(submitting), Ok(case_number)) if submitting.command == command => {
            desk.alive = now.uptime;
            let slip = submitting.slip;
            let (matter, deadline) = (Arc::clone(&slip.matter), slip.deadline);
            let printing = if desk.setting.has_printer {
                Printing::Waiting(slip)
            } else {
                Printing::Over(Paper::NoPrinter)
            };
            let (acceptance_number, since, rating) = (None, now.uptime, None);
            let done = Done { matter, case_number, acceptance_number, deadline, since, printing, rating };
            State::Done(Box::new(done))
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
            desk.note(Note::LateAnswer(command));
            state
        }
    }
}

fn sorry(desk: &mut Desk, matter: Arc<Matter>, fault: Fault, pending: Option<Command>) -> State {
    desk.note(Note::FaultShown(fault));
    State::Sorry(Sorry { matter, fault, pending, case_number: None })
}

fn accepted(mut state: State, desk: &mut Desk, now: Now, case_number: &str, number: String) -> State {
    if let State::Done(done) = &mut state
        && done.case_number == case_number
    {
        if let Printing::Waiting(slip) = &done.printing {
            done.printing = print(desk, now, slip, case_number, Some(&number));
        }
        done.acceptance_number = Some(number);
    }
    state
}

fn print(desk: &mut Desk, now: Now, slip: &Slip, case_number: &str, number: Option<&str>) -> Printing {
    let receipt = Receipt::new(&desk.setting.hall, slip, case_number, number);
    let command = desk.command();
    desk.effect(Effect::Print(command, Box::new(receipt)));
    Printing::Sent { command, since: now.uptime }
}

fn printed(mut state: State, desk: &mut Desk, command: Command, result: Result<(), Fault>) -> State {
    if let State::Done(done) = &mut state
        && matches!(done.printing, Printing::Sent { command: sent, .. } if sent == command)
    {
        done.printing = match result {
            Ok(()) => Printing::Over(Paper::Printed),
            Err(fault) => over(desk, Paper::Failed(fault)),
        };
    } else {
        desk.note(Note::LateAnswer(command));
    }
    state
}

fn over(desk: &mut Desk, paper: Paper) -> Printing {
    if let Paper::Failed(fault) = paper {
        desk.note(Note::FaultShown(fault));
    }
    Printing::Over(paper)
}
