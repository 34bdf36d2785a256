//! The states of a visit, each with what it may know, and the session around them.

use std::sync::Arc;
use std::time::Duration;

use faults::Fault;
use jiff::civil::Date;
use matters::rules::{CardFacts, Facts, Refusal};
use matters::{Catalogue, Form, Language, Matter};

use crate::citizen::Citizen;
use crate::desk::Desk;
use crate::event::{Command, Effect, Event, Now, PaymentOrder};
use crate::filling::Filling;
use crate::limits::Limits;
use crate::receipt::Slip;
use crate::view::{CardPrompt, Paper};

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
    Refused(Box<Refused>),
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
    /// The read under way; `None` while the card that lies there must first be taken away.
    pub(crate) command: Option<Command>,
    pub(crate) prompt: CardPrompt,
    /// The failure that sounded last: a reader that tries on for ever does not sound for ever.
    pub(crate) sounded: Option<Fault>,
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
    /// `None` for what is free.
    pub(crate) paying: Option<Paying>,
    pub(crate) rating: Option<u8>,
}

/// What becomes of the receipt. The slip is dropped as soon as it is with the printer.
pub(crate) enum Printing {
    /// Until the platform's number and its payment order came, or their time is over.
    Waiting(Slip),
    At(Job),
}

/// A paper at the printer.
pub(crate) enum Job {
    Sent { command: Command, since: Duration },
    Over(Paper),
}

/// What becomes of the fee. Save first, pay second: an unpaid request stays a request.
pub(crate) enum Paying {
    /// The platform has not accepted the case yet, so there is nothing to pay for.
    Waiting,
    Asked {
        command: Command,
        since: Duration,
    },
    Open {
        command: Command,
        order: PaymentOrder,
    },
    Paid,
    Later(Fault),
}

pub(crate) struct Refused {
    pub(crate) matter: Arc<Matter>,
    pub(crate) refusal: Refusal,
    /// The slip, once it was asked for.
    pub(crate) slip: Option<Job>,
    /// True once nobody knows whether a slip came out: the next one says that it is a copy.
    pub(crate) copy: bool,
}

pub(crate) struct Sorry {
    pub(crate) matter: Arc<Matter>,
    pub(crate) fault: Fault,
    /// The save that was given up; its late answer brings the case number.
    pub(crate) pending: Option<Command>,
    pub(crate) case_number: Option<String>,
}

impl Session {
    /// A session in which nobody has come yet. A fault that keeps the machine from serving is an
    /// [`Event::Health`] away.
    pub fn new(setting: Setting) -> Session {
        Session { desk: Desk::new(setting), state: State::Attract }
    }

    /// A new catalogue comes into effect: a visit that chose its matter before ends with the words it began with.
    pub fn set_catalogue(&mut self, catalogue: Arc<Catalogue>) {
        self.desk.setting.catalogue = catalogue;
    }

    /// One step: what happened, and what is to be done about it.
    #[must_use]
    pub fn step(mut self, now: Now, event: Event) -> (Session, Vec<Effect>) {
        let state = crate::step::step(self.state, &mut self.desk, now, event);
        let effects = self.desk.effects();
        (Session { desk: self.desk, state }, effects)
    }
}

impl State {
    /// How long nobody may touch anything before this page ends by itself; `None` for pages that do not end that way.
    pub(crate) fn patience(&self, limits: &Limits) -> Option<Duration> {
        match self {
            State::Home
            | State::Notice(_)
            | State::PlaceCard(_)
            | State::Confirm(_)
            | State::Filling(_)
            | State::Refused(_)
            | State::Sorry(_) => Some(limits.idle + limits.warning),
            State::Done(done) if done.payable() => Some(limits.paying),
            State::Done(_) => Some(limits.done),
            State::Attract | State::OutOfService(_) | State::Submitting(_) | State::Wipe { .. } => None,
        }
    }

    /// True for pages whose end is announced with a sound. The done page counts down in silence unless somebody may be
    /// paying: everything is done and nothing is lost.
    pub(crate) fn warns(&self) -> bool {
        match self {
            State::Done(done) => done.payable(),
            State::Home
            | State::Notice(_)
            | State::PlaceCard(_)
            | State::Confirm(_)
            | State::Filling(_)
            | State::Refused(_)
            | State::Sorry(_) => true,
            State::Attract | State::OutOfService(_) | State::Submitting(_) | State::Wipe { .. } => false,
        }
    }
}

impl Done {
    /// True while the page shows an order that can be paid.
    pub(crate) fn payable(&self) -> bool {
        matches!(self.paying, Some(Paying::Open { .. }))
    }
}

impl Applicant {
    /// What the rules may ask, with the form as far as it is filled in.
    pub(crate) fn facts<'a>(&'a self, form: Option<&'a Form>, now: Now) -> Facts<'a> {
        let citizen = &self.citizen;
        let card = CardFacts {
            card_type: citizen.card_type.name(),
            birth: citizen.birth,
            valid_from: citizen.valid_from,
            valid_to: citizen.valid_to,
        };
        Facts { today: now.wall.date(), card: Some(card), form }
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
