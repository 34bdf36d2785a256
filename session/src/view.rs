//! What the screen shows: one page, its words from the catalogue already in the visitor's language.
//!
//! The screens decide nothing. They add their own fixed words, in the language of [`View::language`], and draw.

use std::sync::Arc;

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

/// One question.
#[derive(Clone, PartialEq)]
pub struct Question {
    /// The question's id, given back in [`crate::Action::Choose`].
    pub id: String,
    /// The question.
    pub prompt: String,
    /// One sentence of help, or empty.
    pub help: String,
    /// How it is answered.
    pub asking: Asking,
    /// True when the answer is complete and the visitor may go on.
    pub answered: bool,
}

/// How a question is answered.
#[derive(Clone, PartialEq)]
pub enum Asking {
    /// One of these.
    Choices(Vec<Choice>),
    /// Typed on the screen's own keyboard, one key a [`crate::Action::Type`].
    Typed(Typed),
}

/// An answer being typed.
#[derive(Clone, PartialEq)]
pub struct Typed {
    /// Which keys are offered and how the text is laid out.
    pub keys: Keys,
    /// What was typed so far.
    pub text: Personal,
    /// The most characters it can have.
    pub longest: u32,
    /// An answer that is already known and can be taken over with one touch ([`crate::Action::TakeOver`]), such as the
    /// card's address.
    pub known: Option<Personal>,
    /// What is wrong with what stands there, in a sentence, once it is long enough to say so.
    pub complaint: Option<String>,
}

/// The keys of the screen's own keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Ten digits; the text in groups, like a telephone number.
    Digits,
    /// Ten digits; the text as year, month, day.
    Date,
    /// Digits and the letter X: an identity number.
    IdNumber,
    /// Latin letters, digits, space and a little punctuation.
    Letters,
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

/// A picture that the machine took, 8-bit RGB, rows without gaps. No `Debug`; wiped on drop.
#[derive(PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// `width × height × 3` bytes.
    pub rgb: Zeroizing<Vec<u8>>,
}

/// A picture that is shared, never copied.
#[derive(Clone)]
pub struct Shot(pub Arc<Picture>);

impl PartialEq for Shot {
    /// Two shots are equal when they are the same one: pixels are never compared.
    fn eq(&self, other: &Shot) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The portrait page. The live preview comes beside the view, straight from the camera.
#[derive(Clone, PartialEq)]
pub struct Photograph {
    /// The portraits taken so far, already cropped; up to three.
    pub shots: Vec<Shot>,
    /// Which of them is chosen.
    pub chosen: Option<usize>,
    /// True between the shutter and the verdict.
    pub judging: bool,
    /// Why the last picture cannot be used: what to change, in plain words of the screens.
    pub rejected: Vec<Rejection>,
    /// How many more pictures can be taken; at 0 the visitor goes on with the best, or is photographed at the counter.
    pub tries_left: u32,
    /// Why there is no picture at all.
    pub fault: Option<Fault>,
}

/// Why a portrait cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// No face was found.
    NoFace,
    /// More than one face.
    SeveralFaces,
    /// Come closer.
    TooFar,
    /// Step back.
    TooClose,
    /// Move into the outline.
    NotCentred,
    /// The eyes are covered or in shadow.
    EyesNotSeen,
    /// Hold the head straight.
    Tilted,
    /// Too little light.
    TooDark,
    /// Too much light.
    TooBright,
    /// Hold still.
    Blurred,
    /// Something is behind the head.
    Background,
}

/// The scan page of one kind of paper.
#[derive(Clone, PartialEq)]
pub struct Scan {
    /// The paper's name.
    pub title: String,
    /// What it must show, or empty.
    pub help: String,
    /// The pages scanned so far, small.
    pub pages: Vec<Shot>,
    /// The most pages it can have.
    pub most: u32,
    /// True while the scanner works.
    pub scanning: bool,
    /// What is wrong with the last page or the scanner.
    pub problem: Option<ScanProblem>,
}

/// What is wrong with a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanProblem {
    /// The page is blank.
    Blank,
    /// The page is blurred.
    Blurred,
    /// No page was found on the glass.
    NoPage,
    /// The scanner failed.
    Fault(Fault),
}

/// 告知承诺: what the citizen commits to, and the other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// What must be proved.
    pub duty: String,
    /// What the citizen states.
    pub content: String,
    /// What follows from a false statement.
    pub liability: String,
    /// Which papers are needed otherwise.
    pub papers: String,
    /// `true`: commit; `false`: papers; `None`: not chosen yet.
    pub chosen: Option<bool>,
}

/// The signature page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// True once something was written that can be a signature.
    pub signed: bool,
}

/// Check your answers.
#[derive(Clone, PartialEq)]
pub struct Review {
    /// The chosen portrait.
    pub portrait: Option<Shot>,
    /// True when the portrait is taken at the counter later.
    pub portrait_at_counter: bool,
    /// The papers: name and number of pages, or a commitment instead.
    pub papers: Vec<PaperRow>,
    /// True when a signature follows; else the forward button submits.
    pub signature_follows: bool,
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

/// One paper on the review page.
#[derive(Clone, PartialEq, Eq)]
pub struct PaperRow {
    /// The paper's id, given back in [`crate::Action::Change`].
    pub paper: String,
    /// Its name.
    pub label: String,
    /// How many pages were scanned; 0: committed in writing instead.
    pub pages: u32,
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
    /// What is to be paid, until it is paid; absent for what is free.
    pub payment: Option<Payment>,
    /// The given rating, from 1 (very dissatisfied) to 5 (very satisfied).
    pub rating: Option<u8>,
}

/// The payment order of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// In yuan.
    pub yuan: u32,
    /// The text of the payment QR code; absent while the platform has not given the order.
    pub qr: Option<String>,
    /// True only for a payment that the platform confirmed.
    pub paid: bool,
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
