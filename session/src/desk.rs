//! What stands around the states: the setting, the devices' health, the call of an attendant, and the effects of the
//! step under way.

use std::time::Duration;

use faults::Fault;
use matters::{Language, Matter, Text};

use crate::event::{Command, Effect, Note, Now, Sound};
use crate::limits::Limits;
use crate::state::Setting;
use crate::view::{Call, Display};

pub(crate) struct Desk {
    pub(crate) setting: Setting,
    pub(crate) language: Language,
    pub(crate) display: Display,
    pub(crate) reader: Option<Fault>,
    pub(crate) printer: Option<Fault>,
    pub(crate) store: Option<Fault>,
    pub(crate) camera: Option<Fault>,
    pub(crate) scanner: Option<Fault>,
    pub(crate) attendant: Option<Fault>,
    pub(crate) call: Calling,
    pub(crate) card_present: bool,
    /// True while a card on the reader belongs to an earlier visitor, or may: until the reader was first seen empty.
    pub(crate) card_left: bool,
    /// When the visitor last gave a sign of life.
    pub(crate) alive: Duration,
    /// The sign of life after whose silence the warning has already sounded.
    pub(crate) warned: Option<Duration>,
    commands: Command,
    effects: Vec<Effect>,
}

/// The call of an attendant. It belongs to no page: whoever called may go on, or fall silent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calling {
    Nobody,
    Called { command: Command, since: Duration },
    Comes { since: Duration },
}

impl Desk {
    pub(crate) fn new(setting: Setting) -> Desk {
        Desk {
            setting,
            language: Language::default(),
            display: Display::default(),
            reader: None,
            printer: None,
            store: None,
            camera: None,
            scanner: None,
            // No button before somebody is known to hear it.
            attendant: Some(Fault::NoDevice),
            call: Calling::Nobody,
            card_present: false,
            card_left: true,
            alive: Duration::ZERO,
            warned: None,
            commands: 0,
            effects: Vec::new(),
        }
    }

    pub(crate) fn command(&mut self) -> Command {
        self.commands += 1;
        self.commands
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(crate) fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.effects.push(Effect::Journal(note));
    }

    pub(crate) fn sound(&mut self, sound: Sound) {
        self.effects.push(Effect::Sound(sound));
    }

    /// A failure is shown: the journal keeps it, and a sound turns the visitor's eyes to the page.
    pub(crate) fn fails(&mut self, fault: Fault) {
        self.note(Note::FaultShown(fault));
        self.sound(Sound::Attention);
    }

    /// An answer that nobody waits for any more is dropped and counted.
    pub(crate) fn late(&mut self, command: Command) {
        self.note(Note::LateAnswer(command));
    }

    /// Three times as long for those who read slowly.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = self.setting.limits;
        if self.display.large {
            limits.idle *= 3;
            limits.warning *= 3;
            limits.done *= 3;
            limits.paying *= 3;
        }
        limits
    }

    /// A text of the catalogue in the visitor's language.
    pub(crate) fn words(&self, text: &Text) -> String {
        text.get(self.language).to_owned()
    }

    /// How long nobody has touched anything.
    pub(crate) fn idle(&self, now: Now) -> Duration {
        now.uptime.saturating_sub(self.alive)
    }

    /// How long language, size and contrast that somebody chose between visits still stand, as long as a page of a visit
    /// would; `None` when nothing was chosen.
    pub(crate) fn left_as_it_is(&self, now: Now) -> Option<Duration> {
        let chosen = (self.language, self.display) != (Language::default(), Display::default());
        let limits = self.limits();
        chosen.then(|| (limits.idle + limits.warning).saturating_sub(self.idle(now)))
    }

    /// Whoever chose a language or large text between visits and went away leaves the page as it was found.
    pub(crate) fn forget_passers_by(&mut self, now: Now) {
        if self.left_as_it_is(now).is_some_and(|left| left.is_zero()) {
            self.forget_display();
        }
    }

    /// The next visitor finds the pages as everybody does.
    pub(crate) fn forget_display(&mut self) {
        (self.language, self.display) = (Language::default(), Display::default());
    }

    /// True when the printer can be trusted with a paper now.
    pub(crate) fn can_print(&self) -> bool {
        self.setting.has_printer && self.printer.is_none()
    }

    /// Why a matter cannot be done now. A portrait can be taken at the counter and a commitment can stand for a waivable
    /// paper; a paper that everybody must scan needs the scanner.
    pub(crate) fn unavailable(&self, matter: &Matter) -> Option<Fault> {
        let scans = matter.papers.iter().any(|paper| !paper.waivable && paper.when.is_none());
        self.reader.or(self.scanner.filter(|_| scans))
    }

    /// The call as the page shows it: no button where nobody would hear it.
    pub(crate) fn shown_call(&self) -> Option<Call> {
        match (self.call, self.attendant) {
            (Calling::Nobody, Some(_)) => None,
            (Calling::Nobody, None) => Some(Call::Offered),
            (Calling::Called { .. }, _) => Some(Call::Calling),
            (Calling::Comes { .. }, _) => Some(Call::Comes),
        }
    }

    /// How long a call still stands.
    pub(crate) fn call_left(&self, now: Now) -> Option<Duration> {
        match self.call {
            Calling::Nobody => None,
            Calling::Called { since, .. } | Calling::Comes { since } => {
                Some((since + self.setting.limits.call).saturating_sub(now.uptime))
            }
        }
    }
}
