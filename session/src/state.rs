//! The states of a visit, each with what it may know, and the session around them.

use std::sync::Arc;
use std::time::Duration;

use faults::Fault;
use jiff::civil::{Date, DateTime};
use matters::rules::{CardFacts, Facts, Refusal};
use matters::{Catalogue, Form, Language, Matter};

use crate::citizen::Citizen;
use crate::event::{Command, Effect, Event, Note, Now};
use crate::filling::Filling;
use crate::limits::Limits;
use crate::view::{CardPrompt, Display, Paper, Personal};

/// What does not change during a visit.
pub struct Setting {
    /// The hall's name.
    pub hall: String,
    /// The matters.
    pub catalogue: Arc<Catalogue>,
    /// The limits.
    pub limits: Limits,
    /// True when the machine has a receipt printer.
    pub has_printer: bool,
}

/// The kiosk as its visitors know it.
pub struct Session {
    pub(crate) desk: Desk,
    pub(crate) state: State,
}

/// What stands around the states: the setting, the devices' health and the effects of the step under way.
pub(crate) struct Desk {
    pub(crate) setting: Setting,
    pub(crate) language: Language,
    pub(crate) display: Display,
    pub(crate) reader: Option<Fault>,
    pub(crate) printer: Option<Fault>,
    pub(crate) store: Option<Fault>,
    pub(crate) camera: Option<Fault>,
    pub(crate) card_present: bool,
    /// True while the card on the reader belongs to an earlier visitor.
    pub(crate) card_left: bool,
    /// When the visitor last gave a sign of life.
    pub(crate) alive: Duration,
    commands: Command,
    effects: Vec<Effect>,
}

/// Where a visit stands.
pub(crate) enum State {
    Attract,
    OutOfService(Fault),
    Home,
    Notice(Arc<Matter>),
    PlaceCard(PlaceCard),
    Confirm(Box<Applicant>),
    Filling(Box<Filling>),
    Submitting(Box<Submitting>),
    Done(Box<Done>),
    Refused(Arc<Matter>, Refusal),
    Sorry(Sorry),
    Wipe { since: Duration, alarm: bool },
}

/// The notice was accepted.
#[derive(Clone, Copy)]
pub(crate) struct Consent {
    pub(crate) unix: i64,
}

pub(crate) struct PlaceCard {
    pub(crate) matter: Arc<Matter>,
    pub(crate) consent: Consent,
    /// The read under way; `None` while somebody else's card must first be taken away.
    pub(crate) command: Option<Command>,
    pub(crate) prompt: CardPrompt,
}

pub(crate) struct Applicant {
    pub(crate) matter: Arc<Matter>,
    pub(crate) consent: Consent,
    pub(crate) citizen: Box<Citizen>,
}

pub(crate) struct Submitting {
    pub(crate) command: Command,
    pub(crate) since: Duration,
    pub(crate) slip: Slip,
}

pub(crate) struct Done {
    pub(crate) matter: Arc<Matter>,
    pub(crate) case_number: String,
    pub(crate) acceptance_number: Option<String>,
    pub(crate) deadline: Date,
    pub(crate) since: Duration,
    pub(crate) printing: Printing,
    pub(crate) rating: Option<u8>,
}

/// What becomes of the receipt. The slip is dropped as soon as it is with the printer.
pub(crate) enum Printing {
    /// Until the platform's number came, or its time is over.
    Waiting(Slip),
    Sent {
        command: Command,
        since: Duration,
    },
    Over(Paper),
}

pub(crate) struct Sorry {
    pub(crate) matter: Arc<Matter>,
    pub(crate) fault: Fault,
    /// The save that was given up; its late answer brings the case number.
    pub(crate) pending: Option<Command>,
    pub(crate) case_number: Option<String>,
}

/// What the receipt needs once the request itself has left for the disk.
pub(crate) struct Slip {
    pub(crate) language: Language,
    pub(crate) matter: Arc<Matter>,
    pub(crate) name: Personal,
    pub(crate) number: Personal,
    pub(crate) answers: Vec<(String, String)>,
    pub(crate) submitted: DateTime,
    pub(crate) deadline: Date,
}

impl Session {
    /// A session in which nobody has come yet. A fault that keeps the machine from serving is an
    /// [`Event::StoreHealth`] away.
    pub fn new(setting: Setting) -> Session {
        let desk = Desk {
            setting,
            language: Language::default(),
            display: Display::default(),
            reader: None,
            printer: None,
            store: None,
            camera: None,
            card_present: false,
            card_left: false,
            alive: Duration::ZERO,
            commands: 0,
            effects: Vec::new(),
        };
        Session { desk, state: State::Attract }
    }

    /// One step: what happened, and what is to be done about it.
    #[must_use]
    pub fn step(mut self, now: Now, event: Event) -> (Session, Vec<Effect>) {
        let state = crate::step::step(self.state, &mut self.desk, now, event);
        let effects = std::mem::take(&mut self.desk.effects);
        (Session { desk: self.desk, state }, effects)
    }
}

impl Desk {
    pub(crate) fn command(&mut self) -> Command {
        self.commands += 1;
        self.commands
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.effects.push(Effect::Journal(note));
    }

    /// Three times as long for those who read slowly.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = self.setting.limits;
        if self.display.large {
            limits.idle *= 3;
            limits.warning *= 3;
            limits.done *= 3;
        }
        limits
    }

    /// How long nobody has touched anything.
    pub(crate) fn idle(&self, now: Now) -> Duration {
        now.uptime.saturating_sub(self.alive)
    }
}

impl Applicant {
    /// What the rules may ask, with the form as far as it is filled in.
    pub(crate) fn facts<'a>(&'a self, form: Option<&'a Form>, now: Now) -> Facts<'a> {
        let citizen = &self.citizen;
        let card = CardFacts {
            card_type: citizen.card_type.name(),
            birth: citizen.birth,
            valid_to: citizen.valid_to,
        };
        Facts { today: now.wall.date(), card: Some(card), form }
    }
}

impl Slip {
    pub(crate) fn new(filling: &Filling, language: Language, now: Now) -> Slip {
        let Filling { applicant, form, .. } = filling;
        let matter = &applicant.matter;
        Slip {
            language,
            matter: Arc::clone(matter),
            name: applicant.citizen.name.clone(),
            number: applicant.citizen.masked_number(),
            answers: answers(matter, form, language)
                .map(|(_, label, answer)| (label.to_owned(), answer.to_owned()))
                .collect(),
            submitted: now.wall,
            deadline: matter.deadline(now.wall.date()),
        }
    }
}

/// Each answered question: its id, its short name and the chosen or typed words.
pub(crate) fn answers<'a>(
    matter: &'a Matter,
    form: &'a Form,
    language: Language,
) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    matter.questions.iter().filter_map(move |q| {
        let answer = form.answer(&q.id)?;
        let words = q.choice(answer).map_or(answer, |choice| choice.label.get(language));
        Some((q.id.as_str(), q.label.get(language), words))
    })
}
