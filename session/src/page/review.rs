//! Check the answers, then sign or submit.

use super::*;

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

impl Draft {
    pub(crate) fn review(&self, desk: &Desk, now: Now) -> Option<Review> {
        let (citizen, matter, given) = (self.person.as_ref()?, &self.matter, &self.given);
        let shot = self.chosen_portrait(now).and_then(|at| given.portrait.taken.get(at));
        let row = |paper: &matters::Paper, pages: usize| PaperRow {
            paper: paper.id.clone(),
            label: desk.words(&paper.title),
            pages: u32::try_from(pages).unwrap_or(u32::MAX),
        };
        let scanned = |at: usize| given.papers.get(at).map_or(0, |pages| pages.pages.len());
        let mut papers: Vec<PaperRow> = self.wanted(now).map(|(at, paper)| row(paper, scanned(at))).collect();
        if self.may_commit(now) && given.committed == Some(true) {
            papers.extend(matter.papers.iter().filter(|paper| paper.waivable).map(|paper| row(paper, 0)));
        }
        Some(Review {
            portrait: shot.map(|taken| taken.shot.clone()),
            portrait_at_counter: self.photographs(now) && shot.is_none(),
            papers,
            signature_follows: matter.signature,
            name: citizen.name.clone(),
            number: citizen.masked_number(),
            answers: self
                .answers(desk)
                .map(|(question, label, answer)| Answer { question: question.to_owned(), label, answer })
                .collect(),
            fee_yuan: matter.fee_yuan,
            deadline: matter.deadline(now.wall.date()),
            validity: self.validity(desk, now),
        })
    }
}
