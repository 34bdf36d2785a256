//! Which questions are asked, what is an answer to one, and what becomes of those no longer asked.

use jiff::civil::Date;
use zeroize::Zeroize;

use crate::form::Form;
use crate::matter::{Format, Kind, Matter, Question, Typed};
use crate::rules::Facts;

/// What is wrong with a typed answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// Too few characters.
    TooShort,
    /// Too many characters.
    TooLong,
    /// A character that does not belong.
    Character,
    /// No such day.
    Date,
    /// The check digit is wrong.
    CheckDigit,
}

impl Form {
    /// True when the question has an answer with which the visitor may go on.
    pub fn answered(&self, question: &Question) -> bool {
        self.answer(&question.id).is_some_and(|answer| question.accepts(answer).is_ok())
    }

    /// True when the question is asked: it has no condition, or its condition holds.
    pub fn asks(&self, question: &Question, facts: Facts<'_>) -> bool {
        let facts = Facts { form: Some(self), ..facts };
        question.when.as_ref().is_none_or(|condition| condition.holds(facts) == Some(true))
    }

    /// Answers a question with one of its choices; an unknown value changes nothing.
    pub fn choose(&mut self, question: &Question, value: &str) {
        if question.choice(value).is_some() {
            self.set(&question.id, value);
        }
    }

    /// Adds typed characters to the answer, as far as they belong there and fit.
    pub fn type_text(&mut self, question: &Question, text: &str) {
        let Kind::Typed(typed) = &question.kind else { return };
        let mut answer = self.answer(&question.id).unwrap_or_default().to_owned();
        let room = typed.longest as usize;
        for character in text.chars().filter(|c| typed.format.takes(*c)) {
            if answer.chars().count() < room {
                answer.push(character);
            }
        }
        self.set(&question.id, &answer);
        answer.zeroize();
    }

    /// Takes the last typed character back.
    pub fn erase(&mut self, question: &Question) {
        let Kind::Typed(_) = &question.kind else { return };
        if let Some((_, answer)) = self.answers.iter_mut().find(|(q, _)| *q == question.id) {
            answer.pop();
        }
    }

    /// Takes a known answer over, such as the card's address.
    pub fn take_over(&mut self, question: &Question, known: &str) {
        if let Kind::Typed(_) = &question.kind {
            self.set(&question.id, known);
        }
    }

    /// Drops the answers to questions that are no longer asked. One after the other: a question can depend only on those
    /// before it, and must not see an answer that has just gone.
    pub fn prune(&mut self, matter: &Matter, facts: Facts<'_>) {
        for question in &matter.questions {
            if !self.asks(question, facts)
                && let Some(at) = self.answers.iter().position(|(id, _)| *id == question.id)
            {
                self.answers.remove(at).1.zeroize();
            }
        }
    }
}

impl Question {
    /// Whether an answer is one: a known choice, or a text of the right form.
    ///
    /// # Errors
    /// The first thing that is wrong. An unknown choice counts as a wrong character.
    pub fn accepts(&self, answer: &str) -> Result<(), Complaint> {
        match &self.kind {
            Kind::Choice(_) => self.choice(answer).map(drop).ok_or(Complaint::Character),
            Kind::Typed(typed) => typed.accepts(answer),
        }
    }
}

impl Typed {
    fn accepts(&self, answer: &str) -> Result<(), Complaint> {
        let length = answer.chars().count();
        if !answer.chars().all(|c| self.format.takes(c)) {
            return Err(Complaint::Character);
        }
        if length < self.shortest as usize {
            return Err(Complaint::TooShort);
        }
        if length > self.longest as usize {
            return Err(Complaint::TooLong);
        }
        match self.format {
            Format::Digits | Format::Text => Ok(()),
            Format::Date => Date::strptime("%Y%m%d", answer).map(drop).map_err(|_| Complaint::Date),
            Format::IdNumber if standards::number::gb11643(answer) => Ok(()),
            Format::IdNumber => Err(Complaint::CheckDigit),
        }
    }
}

impl Format {
    /// Whether a character can stand in such an answer.
    fn takes(self, character: char) -> bool {
        match self {
            Format::Digits | Format::Date => character.is_ascii_digit(),
            Format::IdNumber => character.is_ascii_digit() || character == 'X',
            Format::Text => !character.is_control(),
        }
    }
}
