//! The pages, a file each: what the page knows, does and shows. Here is their list, and what each answers for itself.

use std::sync::Arc;
use std::time::Duration;

use faults::Fault;
use jiff::civil::Date;
use matters::Matter;
use zeroize::Zeroizing;

use crate::between::{Between, home_again};
use crate::call;
use crate::citizen::{Citizen, Sex};
use crate::desk::Desk;
use crate::draft::{Draft, Step};
use crate::event::{Command, Effect, Ending, Note, Now, Sound};
use crate::limits::Limits;
use crate::picture::Shot;
use crate::printing::{Job, Paper};
use crate::receipt::Receipt;
use crate::state::State;
use crate::view::{Personal, Steps};
use crate::visit::Visit;

pub(crate) mod attract;
pub(crate) mod commitment;
pub(crate) mod confirm;
pub(crate) mod done;
pub(crate) mod home;
pub(crate) mod notice;
pub(crate) mod out_of_service;
pub(crate) mod photograph;
pub(crate) mod place_card;
pub(crate) mod question;
pub(crate) mod refused;
pub(crate) mod review;
pub(crate) mod scan;
pub(crate) mod sign;
pub(crate) mod sorry;
pub(crate) mod submitting;
pub(crate) mod wipe;

pub use commitment::Commitment;
pub use confirm::Confirm;
pub use done::{Done, Payment, PaymentState};
pub use home::Tile;
pub use notice::Notice;
pub use photograph::{Photograph, Rejection};
pub use place_card::CardPrompt;
pub use question::{Asking, Choice, Keys, Question, Typed};
pub use refused::Refusal;
pub use review::{Answer, PaperRow, Review};
pub use scan::{Scan, ScanProblem};
pub use sign::Sign;
pub use sorry::Sorry;
pub use wipe::Wipe;

/// One page.
#[derive(Clone, PartialEq)]
pub enum Page {
    /// Nobody is here.
    Attract,
    /// The machine takes nobody: why.
    OutOfService(Fault),
    /// The choice of matters.
    Home(Vec<Tile>),
    /// What the matter is, what it costs and what happens with the data.
    Notice(Notice),
    /// The card, please.
    PlaceCard(CardPrompt),
    /// Is this you?
    Confirm(Confirm),
    /// One question.
    Question(Question),
    /// The portrait.
    Photograph(Photograph),
    /// The papers of one kind.
    Scan(Scan),
    /// Commit in writing, or bring papers: the citizen chooses.
    Commitment(Commitment),
    /// Check the answers, then sign or submit.
    Review(Review),
    /// The signature.
    Sign(Sign),
    /// Being written to disk: not finished.
    Submitting,
    /// On disk; perhaps already accepted by the platform.
    Done(Done),
    /// The rule says no: why, by which article, where to go instead.
    Refusal(Refusal),
    /// Something failed.
    Sorry(Sorry),
    /// Everything about the visitor is wiped.
    Wipe(Wipe),
}

/// Where a page leads; `None`: it stays.
pub(crate) type Next = Option<State>;

/// What a page answers for itself. What stands here is so for most pages of a visit.
pub(crate) trait Behaviour {
    /// What is shown.
    fn show(&self, desk: &Desk, now: Now) -> Page;

    /// How long nobody may touch anything before this page ends by itself; `None` for pages that do not end that way.
    fn patience(&self, limits: &Limits) -> Option<Duration> {
        Some(limits.idle + limits.warning)
    }

    /// How that end is announced.
    fn warning(&self) -> Warning {
        Warning::Shown
    }

    /// True for pages that count down, or end within seconds.
    fn hurries(&self) -> bool {
        false
    }

    /// Time passed; `nobody`: the patience is over.
    fn tick(&mut self, desk: &mut Desk, now: Now, nobody: bool) -> Next {
        nobody.then(|| wipe::begin(desk, now, self.ending(Ending::Idle)))
    }

    /// One page back.
    fn back(&mut self, desk: &mut Desk, now: Now) -> Next {
        self.leave(desk, now)
    }

    /// Whoever leaves needs no help any more; whoever falls silent may, so an idle end keeps the call. Nobody leaves a
    /// page that does not wait for them.
    fn leave(&mut self, desk: &mut Desk, now: Now) -> Next {
        self.patience(&desk.limits())?;
        call::end(desk);
        Some(wipe::begin(desk, now, self.ending(Ending::Left)))
    }

    /// How a visit counts that ends on this page.
    fn ending(&self, otherwise: Ending) -> Ending {
        otherwise
    }

    /// The matter under way.
    fn matter(&self) -> Option<&Matter> {
        None
    }

    /// Masked name and number of a person who has said "that is me".
    fn person(&self) -> Option<Personal> {
        None
    }

    /// The steps bar.
    fn steps(&self, _now: Now) -> Option<Steps> {
        None
    }

    /// True from the first answer until the request is on disk.
    fn not_finished(&self) -> bool {
        false
    }

    /// True while something that was promised is still to be done.
    fn owes(&self) -> bool {
        false
    }

    /// The paper at the printer.
    fn job(&mut self) -> Option<&mut Job> {
        None
    }
}

/// How the end of an idle page is announced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Warning {
    /// Over the page, and with a sound.
    Shown,
    /// With a sound; the page counts down by itself.
    Heard,
    /// Not at all: everything is done and nothing is lost.
    Silent,
}
