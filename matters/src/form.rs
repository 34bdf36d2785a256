//! The answers that were given. Which questions are asked, and what is an answer, is `asking`'s.

use zeroize::Zeroize;

/// A form being filled in. Answers are wiped on drop.
#[derive(Default)]
pub struct Form {
    /// A question's id and what was answered, complete or not.
    pub(crate) answers: Vec<(String, String)>,
}

impl Form {
    /// The answer to a question, complete or not.
    pub fn answer(&self, question: &str) -> Option<&str> {
        self.answers.iter().find(|(q, _)| q == question).map(|(_, value)| value.as_str())
    }

    /// All answers, in the order in which they were first given.
    pub fn answers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.answers.iter().map(|(q, value)| (q.as_str(), value.as_str()))
    }

    /// Puts this in the place of what was answered before.
    pub(crate) fn set(&mut self, question: &str, value: &str) {
        match self.answers.iter_mut().find(|(q, _)| q == question) {
            Some((_, old)) => {
                old.zeroize();
                old.push_str(value);
            }
            None => self.answers.push((question.to_owned(), value.to_owned())),
        }
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        for (_, value) in &mut self.answers {
            value.zeroize();
        }
    }
}
