//! The card: asked for, read, lost, left behind.

use super::*;

/// The page that asks for the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CardPrompt {
    /// No card noticed yet.
    #[default]
    Waiting,
    /// A card was noticed and is being read.
    Reading,
    /// The last try failed; a new one has already begun unless the reader is gone.
    Problem(Fault),
}

#[derive(Default)]
pub(crate) struct PlaceCard {
    /// The read under way; `None` while the card that lies there must first be taken away.
    command: Option<Command>,
    pub(crate) prompt: CardPrompt,
    /// The failure that sounded last: a reader that tries on for ever does not sound for ever.
    sounded: Option<Fault>,
}

/// Asks for a card. One that an earlier visitor left must be taken away first.
pub(crate) fn place(desk: &mut Desk) -> PlaceCard {
    if desk.card_left && desk.card_present {
        return PlaceCard { prompt: CardPrompt::Problem(Fault::CardLeftBehind), ..PlaceCard::default() };
    }
    let command = desk.command();
    desk.effect(Effect::ReadCard(command));
    let prompt = desk.reader.map_or(CardPrompt::Waiting, CardPrompt::Problem);
    PlaceCard { command: Some(command), prompt, sounded: None }
}

/// Asks for another card than the one that was read: the same would be read again at once.
pub(crate) fn place_another(desk: &mut Desk) -> PlaceCard {
    if desk.card_present { PlaceCard::default() } else { place(desk) }
}

/// A card was laid or lifted, whatever is shown.
pub(crate) fn present(state: &mut State, desk: &mut Desk, now: Now, present: bool) {
    let waiting = state.draft().and_then(Draft::placing);
    // Where a card is asked for, laying one is a sign of life. Elsewhere a card on the edge of the reader, seen and lost
    // in turns, must not keep a page open for ever.
    if present && !desk.card_present && waiting.is_some() {
        desk.alive = now.uptime;
    }
    desk.card_present = present;
    desk.card_left &= present;
    let Some(card) = waiting else { return };
    match (present, card.command) {
        (false, None) => *card = place(desk),
        // The first that the reader sees after the start: it may have lain there all the time.
        (true, Some(_)) if desk.card_left => {
            desk.effect(Effect::StopReading);
            *card = place(desk);
        }
        (false, Some(_)) | (true, _) => {}
    }
}

impl Draft {
    /// The page that asks for the card, while it is shown.
    fn placing(&mut self) -> Option<&mut PlaceCard> {
        (self.at == Step::Identify && self.person.is_none()).then_some(&mut self.card)
    }

    /// The page that waits for the answer to this command.
    fn reads(&mut self, command: Command) -> Option<&mut PlaceCard> {
        self.placing().filter(|card| card.command == Some(command))
    }

    /// No sign of life: a reader that comes and goes tries the same card again and again.
    pub(crate) fn card_reading(&mut self, command: Command) -> Option<()> {
        self.reads(command)?.prompt = CardPrompt::Reading;
        Some(())
    }

    pub(crate) fn card_read(
        &mut self,
        desk: &mut Desk,
        now: Now,
        command: Command,
        citizen: Box<Citizen>,
    ) -> Option<()> {
        let card = self.reads(command)?;
        if citizen.number_valid {
            desk.alive = now.uptime;
            self.person = Some(citizen);
        } else {
            // Nobody can be told apart by a number that cannot be right; the counter compares card and person.
            card.fails(desk, Fault::CardNumberInvalid);
            // The reader has read it and looks no further: the next card is asked for once this one is lifted.
            card.command = None;
        }
        Some(())
    }

    pub(crate) fn card_failed(&mut self, desk: &mut Desk, command: Command, fault: Fault) -> Option<()> {
        self.reads(command)?.fails(desk, fault);
        Some(())
    }

    pub(crate) fn reader_changed(&mut self, fault: Option<Fault>) {
        let Some(card) = self.placing().filter(|card| card.command.is_some()) else { return };
        card.prompt = match (fault, card.prompt) {
            (Some(fault), _) => CardPrompt::Problem(fault),
            // The reader is back: its trouble is over, a card's trouble is not.
            (None, CardPrompt::Problem(Fault::CardServiceDown | Fault::CardReaderMissing)) => {
                CardPrompt::Waiting
            }
            (None, prompt) => prompt,
        };
    }
}

impl PlaceCard {
    fn fails(&mut self, desk: &mut Desk, fault: Fault) {
        self.prompt = CardPrompt::Problem(fault);
        let again = self.sounded.replace(fault) == Some(fault);
        desk.note(Note::FaultShown(fault));
        if !again {
            desk.sound(Sound::Attention);
        }
    }
}
