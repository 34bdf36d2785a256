//! The card: asked for, read, lost, left behind.

use std::sync::Arc;

use faults::Fault;
use matters::Matter;

use crate::citizen::Citizen;
use crate::desk::Desk;
use crate::event::{Command, Effect, Note, Now, Sound};
use crate::state::{Applicant, Consent, PlaceCard, State};
use crate::view::CardPrompt;

/// The notice was accepted.
pub(super) fn accept(desk: &mut Desk, now: Now, matter: Arc<Matter>) -> State {
    place(desk, matter, Consent { unix: now.unix })
}

pub(super) fn place(desk: &mut Desk, matter: Arc<Matter>, consent: Consent) -> State {
    if desk.card_left && desk.card_present {
        return wait_for_lift(matter, consent, CardPrompt::Problem(Fault::CardLeftBehind));
    }
    let command = desk.command();
    desk.effect(Effect::ReadCard(command));
    let prompt = desk.reader.map_or(CardPrompt::Waiting, CardPrompt::Problem);
    State::PlaceCard(PlaceCard { matter, consent, command: Some(command), prompt, sounded: None })
}

/// The card that lies there must be taken away before the next one is read.
pub(super) fn wait_for_lift(matter: Arc<Matter>, consent: Consent, prompt: CardPrompt) -> State {
    State::PlaceCard(PlaceCard { matter, consent, command: None, prompt, sounded: None })
}

pub(super) fn present(state: State, desk: &mut Desk, now: Now, present: bool) -> State {
    // Where a card is asked for, laying one is a sign of life. Elsewhere a card on the edge of the reader, seen and lost
    // in turns, must not keep a page open for ever.
    if present && !desk.card_present && matches!(state, State::PlaceCard(_)) {
        desk.alive = now.uptime;
    }
    desk.card_present = present;
    desk.card_left &= present;
    match (present, state) {
        (false, State::PlaceCard(PlaceCard { matter, consent, command: None, .. })) => {
            place(desk, matter, consent)
        }
        // The first that the reader sees after the start: it may have lain there all the time.
        (true, State::PlaceCard(PlaceCard { matter, consent, command: Some(_), .. })) if desk.card_left => {
            desk.effect(Effect::StopReading);
            place(desk, matter, consent)
        }
        (_, state) => state,
    }
}

/// The page that waits for the answer to this command; an answer that nobody waits for is counted.
fn awaited<'s>(state: &'s mut State, desk: &mut Desk, command: Command) -> Option<&'s mut PlaceCard> {
    if let State::PlaceCard(place) = state
        && place.command == Some(command)
    {
        return Some(place);
    }
    desk.late(command);
    None
}

/// No sign of life: a reader that comes and goes tries the same card again and again.
pub(super) fn reading(mut state: State, desk: &mut Desk, command: Command) -> State {
    if let Some(place) = awaited(&mut state, desk, command) {
        place.prompt = CardPrompt::Reading;
    }
    state
}

pub(super) fn read(
    mut state: State,
    desk: &mut Desk,
    now: Now,
    command: Command,
    citizen: Box<Citizen>,
) -> State {
    if !citizen.number_valid {
        // Nobody can be told apart by a number that cannot be right; the counter compares card and person.
        state = failed(state, desk, command, Fault::CardNumberInvalid);
        // The reader has read it and looks no further: the next card is asked for once this one is lifted.
        if let State::PlaceCard(place) = &mut state
            && place.command == Some(command)
        {
            place.command = None;
        }
        return state;
    }
    let Some(PlaceCard { matter, consent, .. }) = awaited(&mut state, desk, command) else { return state };
    let applicant = Applicant { matter: Arc::clone(matter), consent: *consent, citizen };
    desk.alive = now.uptime;
    State::Confirm(Box::new(applicant))
}

pub(super) fn failed(mut state: State, desk: &mut Desk, command: Command, fault: Fault) -> State {
    if let Some(place) = awaited(&mut state, desk, command) {
        place.prompt = CardPrompt::Problem(fault);
        let again = place.sounded.replace(fault) == Some(fault);
        desk.note(Note::FaultShown(fault));
        if !again {
            desk.sound(Sound::Attention);
        }
    }
    state
}

pub(super) fn reader_health(mut state: State, desk: &mut Desk, fault: Option<Fault>) -> State {
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
