//! The one form machine: which question is asked, what was answered, what comes next.

use zeroize::Zeroize;

use crate::matter::{Matter, Question};

/// A form being filled in. Answers are wiped on drop.
pub struct Form {
    answers: Vec<(String, String)>,
    at: usize,
    /// Set by "change": the next "continue" leads back to the review.
    returning: bool,
}

/// Where a step through the form leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To another question.
    Question,
    /// Past the last question.
    Review,
    /// Before the first question.
    Before,
    /// Nowhere: the question is not answered yet.
    Nowhere,
}

impl Form {
    /// An empty form at its first question.
    pub fn new() -> Form {
        Form { answers: Vec::new(), at: 0, returning: false }
    }

    /// The question being asked; `None` when the matter has none.
    pub fn question<'m>(&self, matter: &'m Matter) -> Option<&'m Question> {
        matter.questions.get(self.at)
    }

    /// The answer to a question.
    pub fn answer(&self, question: &str) -> Option<&str> {
        self.answers.iter().find(|(q, _)| q == question).map(|(_, value)| value.as_str())
    }

    /// All answers, in the order in which they were first given.
    pub fn answers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.answers.iter().map(|(q, value)| (q.as_str(), value.as_str()))
    }

    /// Answers the question being asked. An answer to another question or with an unknown value changes nothing:
    /// it was meant for a page that is gone.
    pub fn choose(&mut self, matter: &Matter, question: &str, value: &str) {
        let Some(asked) = self.question(matter) else { return };
        if asked.id != question || asked.choice(value).is_none() {
            return;
        }
        match self.answers.iter_mut().find(|(q, _)| q == question) {
            Some((_, old)) => value.clone_into(old),
            None => self.answers.push((question.to_owned(), value.to_owned())),
        }
    }

    /// One step forward.
    pub fn forward(&mut self, matter: &Matter) -> Leads {
        match self.question(matter) {
            Some(asked) if self.answer(&asked.id).is_none() => return Leads::Nowhere,
            Some(_) => self.at += 1,
            None => {}
        }
        if self.returning || self.at >= matter.questions.len() {
            self.returning = false;
            self.at = matter.questions.len();
            return Leads::Review;
        }
        Leads::Question
    }

    /// One step back.
    pub fn back(&mut self, matter: &Matter) -> Leads {
        if self.returning {
            self.returning = false;
            self.at = matter.questions.len();
            return Leads::Review;
        }
        match self.at.checked_sub(1) {
            Some(before) => {
                self.at = before;
                Leads::Question
            }
            None => Leads::Before,
        }
    }

    /// From the review to one question; `false` when there is no such question.
    pub fn change(&mut self, matter: &Matter, question: &str) -> bool {
        let Some(at) = matter.questions.iter().position(|q| q.id == question) else { return false };
        self.at = at;
        self.returning = true;
        true
    }
}

impl Default for Form {
    fn default() -> Self {
        Form::new()
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        for (_, value) in &mut self.answers {
            value.zeroize();
        }
    }
}
