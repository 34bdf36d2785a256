//! The reader and the cards that people lay on it, as the driver tells of them.

use super::*;

/// What the driver knows, and what lies there.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) lying: Option<Card>,
    /// The service is down: nothing is seen, and nothing is told of what lies there.
    pub(super) blind: bool,
    pub(super) armed: Option<Command>,
    /// The card that lies there was tried and failed.
    tried: bool,
    /// What was told last of a card lying there.
    told: Option<bool>,
    /// Told next, before anything else happens.
    pub(super) due: Option<Event>,
}

/// A card with its owner's mark, by whom it was laid.
#[derive(Clone, Copy)]
pub(super) struct Card {
    pub(super) mark: char,
    pub(super) person: u32,
    /// What else stands on it.
    pub(super) seed: u64,
}

/// What comes of a look at the reader.
pub(super) enum Look {
    Event(Event),
    /// The card that lies there is read.
    Read(Command, Card),
}

impl Reader {
    pub(super) fn is_empty(&self) -> bool {
        !self.blind && self.lying.is_none() && self.told == Some(false) && self.due.is_none()
    }

    pub(super) fn lay(&mut self, card: Card) -> Event {
        (self.lying, self.tried) = (Some(card), false);
        self.tell()
    }

    pub(super) fn lift(&mut self) -> Event {
        self.lying = None;
        self.tell()
    }

    pub(super) fn lose(&mut self) -> Event {
        self.blind = true;
        Event::Health(Part::Reader, Some(Fault::CardServiceDown))
    }

    pub(super) fn see(&mut self) -> Event {
        (self.blind, self.tried) = (false, false);
        self.due = Some(self.tell());
        Event::Health(Part::Reader, None)
    }

    /// Only what is seen and has changed is told.
    fn tell(&mut self) -> Event {
        let lies = self.lying.is_some();
        if self.blind || self.told.replace(lies) == Some(lies) {
            return Event::Tick;
        }
        Event::CardPresent(lies)
    }

    /// Tries the card that lies there, if somebody asked for one and it has not failed.
    pub(super) fn tries(&mut self, random: &mut fastrand::Rng) -> Option<Look> {
        let (card, command) = (self.lying?, self.armed?);
        if self.blind || self.tried {
            return None;
        }
        Some(match random.u8(..6) {
            0 => {
                self.tried = true;
                Look::Event(Event::CardFailed(command, Fault::CardMute))
            }
            1 => Look::Event(Event::CardReading(command)),
            _ => {
                self.armed = None;
                Look::Read(command, card)
            }
        })
    }
}
