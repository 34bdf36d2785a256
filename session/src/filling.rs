//! Everything that is given between "yes, that is me" and "submit": answers, portrait, commitment, papers, signature.
//!
//! The catalogue says which of them a matter wants; the stages follow from that and from the answers. No matter has
//! code of its own.

use std::sync::Arc;

use matters::rules::Facts;
use matters::{Form, Leads, Matter, Paper, Question};

use crate::event::Now;
use crate::request::Attachment;
use crate::state::Applicant;

mod given;

pub(crate) use given::{Pages, Portrait, Signature};
pub use given::{ScannedPage, Taken};

/// A visit past its identification. All of it is wiped on drop.
pub(crate) struct Filling {
    pub(crate) applicant: Applicant,
    pub(crate) form: Form,
    pub(crate) stage: Stage,
    /// Set by "change": "continue" leads to whatever is still missing, else back to the review.
    returning: bool,
    pub(crate) portrait: Portrait,
    pub(crate) committed: Option<bool>,
    pub(crate) papers: Vec<Pages>,
    pub(crate) signature: Signature,
}

/// Which page of the filling is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Question,
    Photograph,
    Commitment,
    /// The paper's place in the matter's list.
    Scan(usize),
    Review,
    Sign,
}

impl Filling {
    /// Nothing given yet, at the first page that the matter wants.
    pub(crate) fn new(applicant: Applicant, now: Now) -> Filling {
        let papers = applicant.matter.papers.iter().map(Pages::none).collect();
        let mut filling = Filling {
            applicant,
            form: Form::new(),
            stage: Stage::Question,
            returning: false,
            portrait: Portrait::default(),
            committed: None,
            papers,
            signature: Signature::default(),
        };
        if filling.matter().questions.is_empty() {
            filling.stage = filling.stages(now).first().copied().unwrap_or(Stage::Review);
        }
        filling
    }

    pub(crate) fn matter(&self) -> &Arc<Matter> {
        &self.applicant.matter
    }

    pub(crate) fn facts(&self, now: Now) -> Facts<'_> {
        self.applicant.facts(Some(&self.form), now)
    }

    /// The questions that are asked, as far as the answers so far tell.
    pub(crate) fn asked(&self, now: Now) -> Vec<&Question> {
        let (form, facts) = (&self.form, self.facts(now));
        self.matter().questions.iter().filter(|question| form.asks(question, facts)).collect()
    }

    /// True when a portrait is taken: the matter wants one, and the citizen did not choose the one on file.
    pub(crate) fn photographs(&self, now: Now) -> bool {
        self.matter().photographs(self.facts(now))
    }

    /// The portrait that will be sent, as far as it was taken.
    pub(crate) fn chosen_portrait(&self, now: Now) -> Option<usize> {
        let chosen = self.portrait.chosen.filter(|at| *at < self.portrait.taken.len());
        chosen.filter(|_| !self.portrait.at_counter && self.photographs(now))
    }

    /// The paper that is being scanned.
    pub(crate) fn scanned(&mut self) -> Option<&mut Pages> {
        match self.stage {
            Stage::Scan(at) => self.papers.get_mut(at),
            Stage::Question | Stage::Photograph | Stage::Commitment | Stage::Review | Stage::Sign => None,
        }
    }

    /// The papers that are wanted, with their places: their condition holds and no commitment stands for them.
    pub(crate) fn wanted(&self, now: Now) -> impl Iterator<Item = (usize, &Paper)> {
        let committed = self.committed == Some(true);
        let facts = self.facts(now);
        self.matter().papers.iter().enumerate().filter(move |(_, paper)| {
            let needed = paper.when.as_ref().is_none_or(|when| when.holds(facts) == Some(true));
            needed && !(paper.waivable && committed)
        })
    }

    /// True when there is something to commit to: a waivable paper is needed.
    pub(crate) fn may_commit(&self, now: Now) -> bool {
        let facts = self.facts(now);
        self.matter().commitment.is_some()
            && self.matter().papers.iter().any(|paper| {
                paper.waivable && paper.when.as_ref().is_none_or(|when| when.holds(facts) == Some(true))
            })
    }

    /// The pages after the questions, in their order, ending with the review.
    fn stages(&self, now: Now) -> Vec<Stage> {
        let mut stages = Vec::new();
        if self.photographs(now) {
            stages.push(Stage::Photograph);
        }
        if self.may_commit(now) {
            stages.push(Stage::Commitment);
        }
        stages.extend(self.wanted(now).map(|(at, _)| Stage::Scan(at)));
        stages.push(Stage::Review);
        stages
    }

    /// True when the page has all it wants.
    pub(crate) fn complete(&self, stage: Stage) -> bool {
        match stage {
            Stage::Question => self.form.question(self.matter()).is_none_or(|q| self.form.answered(q)),
            Stage::Photograph => {
                self.portrait.judging.is_none()
                    && (self.portrait.chosen.is_some() || self.portrait.at_counter || self.tries_left() == 0)
            }
            Stage::Commitment => self.committed.is_some(),
            Stage::Scan(at) => {
                self.papers.get(at).is_some_and(|p| !p.pages.is_empty() && p.scanning.is_none())
            }
            Stage::Review => true,
            Stage::Sign => self.signature.is_one(),
        }
    }

    /// How many more portraits can be taken.
    pub(crate) fn tries_left(&self) -> u32 {
        let tries = self.matter().portrait.as_ref().map_or(0, |portrait| portrait.tries);
        tries.saturating_sub(self.portrait.tried)
    }

    /// One page forward; stays where something is missing.
    pub(crate) fn forward(&mut self, now: Now) {
        if !self.complete(self.stage) {
            return;
        }
        if self.stage == Stage::Question {
            let matter = Arc::clone(self.matter());
            let facts = self.applicant.facts(None, now);
            if self.form.forward(&matter, facts) != Leads::Review {
                return;
            }
        }
        let stages = self.stages(now);
        let next = if self.returning || self.stage == Stage::Question {
            // Everything given before stays given: only what is missing is asked, after the questions as after a change.
            stages.iter().find(|stage| **stage == Stage::Review || !self.complete(**stage))
        } else if self.stage == Stage::Review && self.matter().signature {
            Some(&Stage::Sign)
        } else {
            let at = stages.iter().position(|stage| *stage == self.stage);
            at.and_then(|at| stages.get(at + 1))
        };
        if let Some(next) = next {
            self.stage = *next;
        }
        self.returning &= self.stage != Stage::Review;
    }

    /// One page back; `false` before the first one.
    pub(crate) fn back(&mut self, now: Now) -> bool {
        self.returning = false;
        self.stop_scanning();
        if self.stage == Stage::Sign {
            self.stage = Stage::Review;
            return true;
        }
        // From here on what was signed may change, and the pad is wiped.
        self.signature.clear();
        if self.stage != Stage::Question {
            let stages = self.stages(now);
            let at = stages.iter().position(|stage| *stage == self.stage);
            if let Some(before) = at.and_then(|at| at.checked_sub(1)).and_then(|at| stages.get(at)) {
                self.stage = *before;
                return true;
            }
        }
        self.stage = Stage::Question;
        let matter = Arc::clone(self.matter());
        let facts = self.applicant.facts(None, now);
        self.form.back(&matter, facts) == Leads::Question
    }

    /// From the review to the page that gave something: a question's id, a paper's id, or `portrait`.
    pub(crate) fn change(&mut self, what: &str, now: Now) {
        let matter = Arc::clone(self.matter());
        let paper = matter.papers.iter().position(|paper| paper.id == what);
        let stage = if self.form.change(&matter, what) {
            Stage::Question
        } else if what == PORTRAIT && self.photographs(now) {
            Stage::Photograph
        } else if let Some(at) = paper {
            if matter.papers.get(at).is_some_and(|paper| paper.waivable) && self.may_commit(now) {
                Stage::Commitment
            } else {
                Stage::Scan(at)
            }
        } else {
            return;
        };
        self.returning = true;
        self.stage = stage;
    }

    fn stop_scanning(&mut self) {
        for paper in &mut self.papers {
            paper.scanning = None;
        }
    }

    /// Everything that travels as a file beside the answers.
    pub(crate) fn attachments(&mut self, now: Now) -> Vec<Attachment> {
        let mut attachments = Vec::new();
        if let Some(chosen) = self.chosen_portrait(now) {
            let taken = self.portrait.taken.swap_remove(chosen);
            attachments.push(Attachment { name: PORTRAIT.to_owned(), media_type: JPEG, bytes: taken.jpeg });
        }
        let wanted: Vec<(usize, String)> =
            self.wanted(now).map(|(at, paper)| (at, paper.id.clone())).collect();
        for (at, id) in wanted {
            let pages = self.papers.get_mut(at).map(|paper| std::mem::take(&mut paper.pages));
            for (number, page) in pages.unwrap_or_default().into_iter().enumerate() {
                let name = format!("{id}-{}", number + 1);
                attachments.push(Attachment { name, media_type: JPEG, bytes: page.jpeg });
            }
        }
        if self.signature.is_one() {
            let bytes = self.signature.svg();
            attachments.push(Attachment { name: "signature".to_owned(), media_type: SVG, bytes });
        }
        attachments
    }
}

/// The name of the portrait in a request and in `Action::Change`.
pub(crate) const PORTRAIT: &str = "portrait";
const JPEG: &str = "image/jpeg";
const SVG: &str = "image/svg+xml";
