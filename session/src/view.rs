//! What the screen shows: one page, its words from the catalogue already in the visitor's language.
//!
//! The screens decide nothing. They add their own fixed words, in the language of [`View::language`], and draw.

use jiff::civil::DateTime;
use matters::Language;
use zeroize::Zeroizing;

pub use crate::citizen::Sex;
pub use crate::page::*;
pub use crate::picture::{Picture, Shot};
pub use crate::printing::Paper;

/// Text about a person: wiped on drop, and never printed because it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal(Zeroizing<String>);

impl Personal {
    /// Takes ownership of a text about a person.
    pub fn new(text: impl Into<String>) -> Personal {
        Personal(Zeroizing::new(text.into()))
    }

    /// The text, to be drawn, printed or sealed and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The whole screen at one moment.
#[derive(Clone, PartialEq)]
pub struct View {
    /// The language of every fixed word.
    pub language: Language,
    /// How the visitor wants it drawn.
    pub display: Display,
    /// The hall's name, from the configuration.
    pub hall: String,
    /// The wall clock, whole minutes.
    pub clock: DateTime,
    /// The matter under way: its title.
    pub matter: Option<String>,
    /// Who is being served, masked, once the card has been confirmed.
    pub person: Option<Personal>,
    /// Where the visit stands; absent outside a visit.
    pub steps: Option<Steps>,
    /// True from the first answer until the request is on disk.
    pub not_finished: bool,
    /// The page.
    pub page: Page,
    /// The warning over the page before an idle visit ends.
    pub idle: Option<IdleWarning>,
    /// The call of an attendant; `None`: there is no way to call one, so there is no button.
    pub call: Option<Call>,
}

/// Where the call of an attendant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// A touch calls somebody.
    Offered,
    /// The lamp is on; nobody has answered yet. A touch takes it back.
    Calling,
    /// Somebody has answered and comes. A touch ends it.
    Comes,
}

/// How the visitor wants the pages drawn. It ends with the visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Display {
    /// Large text, with fewer things a page.
    pub large: bool,
    /// White and yellow on black.
    pub contrast: bool,
}

/// The steps bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The step under way, from 1.
    pub current: u32,
    /// How many steps this matter has.
    pub total: u32,
    /// What the step is.
    pub kind: StepKind,
    /// Whole minutes left, at least 1.
    pub minutes_left: u32,
}

/// What a step of a visit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Read the notice.
    Notice,
    /// Place the card and confirm who it is.
    Identify,
    /// Answer questions.
    Questions,
    /// Have the portrait taken.
    Photograph,
    /// Scan papers, or commit in writing instead.
    Papers,
    /// Check the answers and submit.
    Review,
}

/// "Are you still there?"
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleWarning {
    /// Whole seconds until the visit ends and everything is wiped.
    pub seconds_left: u32,
}
