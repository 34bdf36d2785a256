//! The choice of matters, a matter's notice, and the card.

use faults::Fault;
use jiff::civil::Date;

use super::Personal;

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
    pub ethnicity: Personal,
    /// Date of birth.
    pub birth: Date,
    /// Address, or empty for cards without one.
    pub address: Personal,
    /// Last day of validity; `None` is long-term.
    pub valid_to: Option<Date>,
    /// How long what is applied for will be valid for this person, in a sentence; absent where the matter does not say.
    pub validity: Option<String>,
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
