//! One matter: what a file of the catalogue says, checked.

use jiff::civil::Date;

use crate::rules::{Condition, Facts, Rule};
use crate::text::Text;

mod read;

pub(crate) use read::{name_fits, number_if};

/// A thing a citizen can have done at the kiosk.
#[derive(Debug)]
pub struct Matter {
    /// Short name, `[a-z0-9-]`, equal to the file's name.
    pub id: String,
    /// Counts the versions of the file; travels with each request.
    pub revision: u32,
    /// The first day on which this version holds.
    pub effective_from: Date,
    /// Name of a line drawing of the screens.
    pub icon: String,
    /// Whole minutes a visit takes.
    pub minutes: u32,
    /// Fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// Calendar days until it is handled at the latest.
    pub deadline_days: u32,
    /// Title in plain words.
    pub title: Text,
    /// One sentence: what the citizen gets.
    pub summary: Text,
    /// What to bring.
    pub bring: Text,
    /// What comes after submitting: where to collect.
    pub collect: Text,
    /// The privacy notice.
    pub notice: Notice,
    /// The questions, in their order.
    pub questions: Vec<Question>,
    /// Set when a portrait is taken.
    pub portrait: Option<Portrait>,
    /// How long what is applied for will be valid; the first that holds is shown.
    pub validity: Vec<Validity>,
    /// The papers to scan, in their order.
    pub papers: Vec<Paper>,
    /// 告知承诺: set when the citizen may commit in writing instead of bringing the waivable papers.
    pub commitment: Option<Commitment>,
    /// True when the citizen signs before submitting.
    pub signature: bool,
    /// Who may; checked in their order.
    pub rules: Vec<Rule>,
}

/// What is said before anything is collected.
#[derive(Debug)]
pub struct Notice {
    /// Travels with each request, so that it can be shown which words were accepted.
    pub version: String,
    /// Heading and text.
    pub paragraphs: Vec<(Text, Text)>,
}

/// One question of a form.
#[derive(Debug)]
pub struct Question {
    /// Short name; a rule refers to the answer as `answer_ID`. Not `portrait`, `commitment`, `card` or `signature`.
    pub id: String,
    /// The question as it is asked.
    pub prompt: Text,
    /// One sentence of help.
    pub help: Option<Text>,
    /// The name on the review page and on the receipt.
    pub label: Text,
    /// How it is answered.
    pub kind: Kind,
    /// Asked only when this holds; always when absent.
    pub when: Option<Condition>,
}

/// How a question is answered.
#[derive(Debug)]
pub enum Kind {
    /// One of these.
    Choice(Vec<Choice>),
    /// Typed on the screen's own keyboard.
    Typed(Typed),
}

/// A typed answer.
#[derive(Debug)]
pub struct Typed {
    /// What it is made of.
    pub format: Format,
    /// The fewest characters.
    pub shortest: u32,
    /// The most characters.
    pub longest: u32,
    /// True when the card's address is offered as the answer.
    pub card_address: bool,
}

/// What a typed answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Digits only, such as a telephone number.
    Digits,
    /// `YYYYMMDD`, a day that exists.
    Date,
    /// An identity number with a right check digit (GB 11643).
    IdNumber,
    /// Any text.
    Text,
}

/// The portrait of GA 461.
#[derive(Debug)]
pub struct Portrait {
    /// How many pictures may be taken before the counter takes it.
    pub tries: u32,
    /// Not taken when this holds, such as when the citizen chose the portrait on file.
    pub unless: Option<Condition>,
}

/// How long what is applied for will be valid, for those for whom a condition holds.
#[derive(Debug)]
pub struct Validity {
    /// For whom.
    pub when: Condition,
    /// The whole sentence.
    pub text: Text,
}

/// A paper to scan.
#[derive(Debug)]
pub struct Paper {
    /// Short name; a file of the request. The names kept back from a question are kept back here too.
    pub id: String,
    /// Its name.
    pub title: Text,
    /// What it must show.
    pub help: Option<Text>,
    /// The most pages.
    pub most: u32,
    /// True when a written commitment stands for it.
    pub waivable: bool,
    /// Needed only when this holds; always when absent.
    pub when: Option<Condition>,
}

/// 告知承诺: the duty, the content and the liability in writing.
#[derive(Debug)]
pub struct Commitment {
    /// What must be proved.
    pub duty: Text,
    /// What the citizen states.
    pub content: Text,
    /// What follows from a false statement.
    pub liability: Text,
    /// Which papers are needed otherwise.
    pub papers: Text,
}

/// One answer that can be chosen.
#[derive(Debug)]
pub struct Choice {
    /// What the request says.
    pub value: String,
    /// What the citizen reads.
    pub label: Text,
    /// One sentence more.
    pub detail: Option<Text>,
}

impl Matter {
    /// The question with this id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|q| q.id == id)
    }

    /// True when a portrait is taken, as far as the facts can tell.
    pub fn photographs(&self, facts: Facts<'_>) -> bool {
        let spared = |portrait: &Portrait| portrait.unless.as_ref().and_then(|unless| unless.holds(facts));
        self.portrait.as_ref().is_some_and(|portrait| spared(portrait) != Some(true))
    }

    /// How long what is applied for will be valid; `None` while it cannot be told, or where the file does not say.
    pub fn valid_for(&self, facts: Facts<'_>) -> Option<&Text> {
        self.validity.iter().find(|validity| validity.when.holds(facts) == Some(true)).map(|v| &v.text)
    }

    /// The last day by which something submitted on `day` is handled.
    pub fn deadline(&self, day: Date) -> Date {
        day.saturating_add(jiff::Span::new().days(self.deadline_days))
    }
}

impl Question {
    /// The choice with this value; `None` also for typed answers.
    pub fn choice(&self, value: &str) -> Option<&Choice> {
        match &self.kind {
            Kind::Choice(choices) => choices.iter().find(|c| c.value == value),
            Kind::Typed(_) => None,
        }
    }
}
