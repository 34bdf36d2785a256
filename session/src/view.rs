//! What the screen shows: one page, its words from the catalogue already in the visitor's language.
//!
//! The screens decide nothing. They add their own fixed words, in the language of [`View::language`], and draw.

use faults::Fault;
use jiff::civil::{Date, DateTime};
use matters::Language;
use zeroize::Zeroizing;

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
    /// Check the answers and submit.
    Review,
}

/// "Are you still there?"
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleWarning {
    /// Whole seconds until the visit ends and everything is wiped.
    pub seconds_left: u32,
}

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
    /// Check the answers, then submit.
    Review(Review),
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

/// A matter on the home page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The matter's id, given back in [`crate::Action::ChooseMatter`].
    pub matter: String,
    /// Name of a line drawing of the screens, such as `document`.
    pub icon: String,
    /// Title in plain words.
    pub title: String,
    /// One sentence: what the citizen gets.
    pub summary: String,
    /// What to bring.
    pub bring: String,
    /// Whole minutes it takes.
    pub minutes: u32,
    /// The fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// Set when it cannot be done now: why.
    pub unavailable: Option<Fault>,
}

/// The first page of a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// One sentence: what the citizen gets.
    pub summary: String,
    /// What to bring.
    pub bring: String,
    /// Whole minutes it takes.
    pub minutes: u32,
    /// The fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// The last day by which it is handled when submitted now.
    pub deadline: Date,
    /// The privacy notice: heading and text of each paragraph.
    pub paragraphs: Vec<(String, String)>,
}

/// The page that asks for the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardPrompt {
    /// No card noticed yet.
    Waiting,
    /// A card was noticed and is being read.
    Reading,
    /// The last try failed; a new one has already begun unless the reader is gone.
    Problem(Fault),
}

/// What the card says.
#[derive(Clone, PartialEq)]
pub struct Confirm {
    /// Full name, never truncated.
    pub name: Personal,
    /// Identity number, masked.
    pub number: Personal,
    /// Sex, as printed on the card.
    pub sex: Sex,
    /// Name of the ethnic group as on the card (满), its number when unknown, or empty for cards without one.
    pub ethnicity: String,
    /// Date of birth.
    pub birth: Date,
    /// Address, or empty for cards without one.
    pub address: Personal,
    /// Last day of validity; `None` is long-term.
    pub valid_to: Option<Date>,
    /// True while the card still lies on the reader.
    pub card_present: bool,
}

/// GB/T 2261.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
    /// 未知
    Unknown,
    /// 未说明
    Unstated,
}

/// One question with its choices.
#[derive(Clone, PartialEq)]
pub struct Question {
    /// The question's id, given back in [`crate::Action::Choose`].
    pub id: String,
    /// The question.
    pub prompt: String,
    /// One sentence of help, or empty.
    pub help: String,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// One choice.
#[derive(Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its value, given back in [`crate::Action::Choose`].
    pub value: String,
    /// Its words.
    pub label: String,
    /// One sentence more, or empty.
    pub detail: String,
    /// True for the chosen one.
    pub selected: bool,
}

/// Check your answers.
#[derive(Clone, PartialEq)]
pub struct Review {
    /// Full name.
    pub name: Personal,
    /// Identity number, masked.
    pub number: Personal,
    /// The answers.
    pub answers: Vec<Answer>,
    /// The fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// The last day by which it is handled when submitted now.
    pub deadline: Date,
}

/// One answer on the review page.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The question's id, given back in [`crate::Action::Change`].
    pub question: String,
    /// The question's short name.
    pub label: String,
    /// The chosen words.
    pub answer: String,
}

/// After the request is on disk.
#[derive(Clone, PartialEq)]
pub struct Done {
    /// The kiosk's case number.
    pub case_number: String,
    /// Set once a verified receipt of the platform came.
    pub acceptance_number: Option<String>,
    /// The last day by which it is handled.
    pub deadline: Date,
    /// Where to collect or what comes next.
    pub collect: String,
    /// The text of the QR code.
    pub qr: String,
    /// The fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// What became of the paper.
    pub paper: Paper,
    /// True while the card still lies on the reader.
    pub card_present: bool,
    /// Whole seconds until the page leaves by itself.
    pub seconds_left: u32,
}

/// The printed receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// Waiting for the platform's answer or for the printer.
    Printing,
    /// The printer confirmed it.
    Printed,
    /// No paper came, or nobody knows: write the case number down. Why.
    Failed(Fault),
    /// This machine has no printer: write the case number down.
    NoPrinter,
}

/// A rule says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, in a sentence.
    pub reason: String,
    /// The article of law or rule it stands on.
    pub article: String,
    /// The next place to go.
    pub next_place: String,
}

/// A failure that ends the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorry {
    /// Which.
    pub fault: Fault,
    /// Set when the request is on disk in spite of it.
    pub case_number: Option<String>,
    /// True while the card still lies on the reader.
    pub card_present: bool,
}

/// The last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wipe {
    /// True while the card still lies on the reader.
    pub card_present: bool,
    /// True once the card has lain there long enough for the alarm.
    pub alarm: bool,
}
