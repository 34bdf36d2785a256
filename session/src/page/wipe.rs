//! The last page of a visit: everything about the visitor is wiped, and a card that was left is asked for.

use super::*;

/// The last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wipe {
    /// True while the card still lies on the reader.
    pub card_present: bool,
    /// True once the card has lain there long enough for the alarm.
    pub alarm: bool,
}

pub(crate) struct Wiped {
    since: Duration,
    alarm: bool,
}

/// Ends a visit.
pub(crate) fn begin(desk: &mut Desk, now: Now, ending: Ending) -> State {
    desk.effect(Effect::StopReading);
    desk.effect(Effect::StopScanning);
    desk.effect(Effect::Preview(false));
    desk.note(Note::VisitEnded(ending));
    State::Between(Between::Wipe(Wiped { since: now.uptime, alarm: false }))
}

impl Behaviour for Wiped {
    fn show(&self, desk: &Desk, _now: Now) -> Page {
        Page::Wipe(Wipe { card_present: desk.card_present, alarm: self.alarm })
    }

    fn patience(&self, _limits: &Limits) -> Option<Duration> {
        None
    }

    fn hurries(&self) -> bool {
        true
    }

    fn tick(&mut self, desk: &mut Desk, now: Now, _nobody: bool) -> Next {
        let limits = desk.limits();
        let stood = now.uptime.saturating_sub(self.since);
        // A reader that sees nothing would never tell that the card was taken.
        let waits = desk.card_present && desk.reader.is_none();
        if stood >= if waits { limits.wipe_with_card } else { limits.wipe } {
            return Some(home_again(desk));
        }
        if waits && !self.alarm && stood >= limits.card_left {
            desk.note(Note::CardLeft);
            desk.sound(Sound::CardLeft);
            self.alarm = true;
        }
        None
    }
}
