//! One question: chosen, or typed on the screen's own keyboard.

use matters::{Complaint, Form, Format, Kind, Language, Question as Asked, Text};

use super::*;
use crate::words;

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

impl Draft {
    /// An answer to a question that is no longer shown changes nothing.
    pub(crate) fn choose(&mut self, question: &str, value: &str) {
        self.answer(|form, asked, _| {
            if asked.id == question {
                form.choose(asked, value);
            }
        });
    }

    pub(crate) fn type_text(&mut self, text: &str) {
        self.answer(|form, asked, _| form.type_text(asked, text));
    }

    pub(crate) fn erase(&mut self) {
        self.answer(|form, asked, _| form.erase(asked));
    }

    /// Takes the card's address over.
    pub(crate) fn take_over(&mut self) {
        self.answer(|form, asked, citizen| form.take_over(asked, citizen.address.expose()));
    }

    /// Changes the answer to the question under way.
    fn answer(&mut self, change: impl FnOnce(&mut Form, &Asked, &Citizen)) {
        if let (Step::Ask(at), Some(citizen)) = (self.at, &self.person)
            && let Some(asked) = self.matter.questions.get(at)
        {
            change(&mut self.given.form, asked, citizen);
        }
    }

    pub(crate) fn question(&self, at: usize, desk: &Desk) -> Option<Question> {
        let (asked, citizen) = (self.matter.questions.get(at)?, self.person.as_ref()?);
        let form = &self.given.form;
        let words = |text: Option<&Text>| text.map_or(String::new(), |text| desk.words(text));
        let answer = form.answer(&asked.id);
        let asking = match &asked.kind {
            Kind::Choice(choices) => Asking::Choices(
                choices
                    .iter()
                    .map(|choice| Choice {
                        value: choice.value.clone(),
                        label: words(Some(&choice.label)),
                        detail: words(choice.detail.as_ref()),
                        selected: answer == Some(&choice.value),
                    })
                    .collect(),
            ),
            Kind::Typed(typed) => Asking::Typed(Typed {
                keys: match typed.format {
                    Format::Digits => Keys::Digits,
                    Format::Date => Keys::Date,
                    Format::IdNumber => Keys::IdNumber,
                    Format::Text => Keys::Letters,
                },
                text: Personal::new(answer.unwrap_or_default()),
                longest: typed.longest,
                known: typed.card_address.then(|| citizen.address.clone()),
                complaint: complaint(asked.accepts(answer.unwrap_or_default()), desk.language),
            }),
        };
        Some(Question {
            id: asked.id.clone(),
            prompt: desk.words(&asked.prompt),
            help: words(asked.help.as_ref()),
            asking,
            answered: form.answered(asked),
        })
    }
}

/// What is wrong with a typed answer; what is merely too short is not said while it is being typed.
fn complaint(accepted: Result<(), Complaint>, language: Language) -> Option<String> {
    let word = match accepted.err()? {
        Complaint::TooShort => return None,
        Complaint::TooLong => words::TOO_LONG,
        Complaint::Character => words::ODD_CHARACTER,
        Complaint::Date => words::NO_SUCH_DAY,
        Complaint::CheckDigit => words::WRONG_NUMBER,
    };
    Some(word.get(language).to_owned())
}
