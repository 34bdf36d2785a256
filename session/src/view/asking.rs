//! One question, and the answers on the review page.

use jiff::civil::Date;

use super::{Personal, Shot};

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
    /// How long what is applied for will be valid for this person, in a sentence; absent where the matter does not say.
    pub validity: Option<String>,
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
    pub answer: Personal,
}
