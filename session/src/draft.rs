//! A request being put together: one list of steps, computed from the matter, the card and what was given so far, and
//! one cursor on it. The catalogue says what a matter wants; no matter has code of its own.

use std::sync::Arc;

use matters::rules::{Facts, Verdict, ask};
use matters::{Form, Matter, Paper};

use crate::between::Between;
use crate::citizen::Citizen;
use crate::desk::Desk;
use crate::event::{Effect, Ending, Note, Now};
use crate::page::home::Home;
use crate::page::notice::Consent;
use crate::page::photograph::Portrait;
use crate::page::place_card::{self, PlaceCard};
use crate::page::refused::Refused;
use crate::page::scan::Pages;
use crate::page::sign::Signature;
use crate::page::{Behaviour, Next, Page};
use crate::request::PORTRAIT;
use crate::state::State;
use crate::view::{Personal, StepKind, Steps};

/// What a visit knows until it is submitted. All of it is wiped on drop.
pub(crate) struct Draft {
    pub(crate) matter: Arc<Matter>,
    /// The cursor: the step whose page is shown.
    pub(crate) at: Step,
    /// True on the way back to the review after a change.
    changing: bool,
    pub(crate) consent: Option<Consent>,
    /// What is asked of the reader while nobody is known.
    pub(crate) card: PlaceCard,
    /// Whom the card names. They have said "that is me" once the cursor is past [`Step::Identify`].
    pub(crate) person: Option<Box<Citizen>>,
    pub(crate) given: Given,
}

/// What only a person who is known can give.
pub(crate) struct Given {
    pub(crate) form: Form,
    pub(crate) portrait: Portrait,
    pub(crate) committed: Option<bool>,
    /// Of each paper of the matter.
    pub(crate) papers: Vec<Pages>,
    pub(crate) signature: Signature,
}

/// A step, in the order in which they come. Numbers are places in the matter's own lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Notice,
    Identify,
    Ask(usize),
    Photograph,
    Commit,
    Scan(usize),
    Review,
    Sign,
}

impl Draft {
    /// At the notice.
    pub(crate) fn new(matter: Arc<Matter>) -> Draft {
        let given = Given::none(&matter);
        Draft {
            matter,
            at: Step::Notice,
            changing: false,
            consent: None,
            card: PlaceCard::default(),
            person: None,
            given,
        }
    }

    /// What rules and conditions may ask.
    pub(crate) fn facts(&self, now: Now) -> Facts<'_> {
        let card = self.person.as_deref().map(Citizen::facts);
        Facts { today: now.wall.date(), card, form: Some(&self.given.form) }
    }

    /// The paper under way: what the matter says of it, and its pages.
    pub(crate) fn scanned(&mut self) -> Option<(&Paper, &mut Pages)> {
        let Step::Scan(at) = self.at else { return None };
        Some((self.matter.papers.get(at)?, self.given.papers.get_mut(at)?))
    }

    /// True when a portrait is taken: the matter wants one, and the citizen did not choose the one on file.
    pub(crate) fn photographs(&self, now: Now) -> bool {
        self.matter.photographs(self.facts(now))
    }

    /// The papers that are wanted, with their places: their condition holds and no commitment stands for them.
    pub(crate) fn wanted(&self, now: Now) -> impl Iterator<Item = (usize, &Paper)> {
        let (committed, facts) = (self.given.committed == Some(true), self.facts(now));
        let papers = self.matter.papers.iter().enumerate();
        papers.filter(move |(_, paper)| needed(paper, facts) && !(paper.waivable && committed))
    }

    /// True when there is something to commit to: a waivable paper is needed.
    pub(crate) fn may_commit(&self, now: Now) -> bool {
        let facts = self.facts(now);
        let waivable = |paper: &Paper| paper.waivable && needed(paper, facts);
        self.matter.commitment.is_some() && self.matter.papers.iter().any(waivable)
    }

    /// The questions that are asked, as far as the facts tell.
    fn asks(&self, facts: Facts<'_>) -> impl Iterator<Item = Step> {
        let questions = self.matter.questions.iter().enumerate();
        questions.filter(move |(_, q)| self.given.form.asks(q, facts)).map(|(at, _)| Step::Ask(at))
    }

    /// Every step of this visit, in order.
    fn list(&self, now: Now) -> Vec<Step> {
        let mut list = vec![Step::Notice, Step::Identify];
        list.extend(self.asks(self.facts(now)));
        list.extend(self.photographs(now).then_some(Step::Photograph));
        list.extend(self.may_commit(now).then_some(Step::Commit));
        list.extend(self.wanted(now).map(|(at, _)| Step::Scan(at)));
        list.push(Step::Review);
        list.extend(self.matter.signature.then_some(Step::Sign));
        list
    }

    /// True when a step has all it wants.
    pub(crate) fn complete(&self, step: Step) -> bool {
        let Given { form, portrait, committed, papers, signature } = &self.given;
        match step {
            Step::Notice => self.consent.is_some(),
            Step::Identify => self.person.is_some(),
            Step::Ask(at) => self.matter.questions.get(at).is_none_or(|question| form.answered(question)),
            Step::Photograph => portrait.is_settled(self.tries_left()),
            Step::Commit => committed.is_some(),
            Step::Scan(at) => papers.get(at).is_some_and(Pages::are_all),
            Step::Review => true,
            Step::Sign => signature.is_one(),
        }
    }

    /// One step forward; stays where something is missing.
    pub(crate) fn forward(&mut self, desk: &mut Desk, now: Now) -> Next {
        if !self.complete(self.at) {
            return None;
        }
        let card = self.person.as_deref().map(Citizen::facts);
        self.given.form.prune(&self.matter, Facts { today: now.wall.date(), card, form: None });
        let asks = |step: Step| matches!(step, Step::Ask(_));
        let list = self.list(now);
        let following = list.iter().copied().find(|step| *step > self.at)?;
        // Everything given before stays given: only what is missing is asked, after the questions as after a change.
        let missing = |step: &Step| *step == Step::Review || !self.complete(*step);
        let next = if self.changing || (asks(self.at) && !asks(following)) {
            list.into_iter().find(missing)?
        } else {
            following
        };
        // The rules are asked with the card alone, and once more with the answers, before anything is photographed or
        // scanned; what they still need to know is asked of the citizen.
        if (self.at == Step::Identify || (asks(self.at) && !asks(next)))
            && let Verdict::Refused(refusal) = ask(&self.matter.rules, self.facts(now))
        {
            return Some(Refused::begin(&self.matter, refusal));
        }
        self.go(desk, next);
        None
    }

    /// From the review to the step that gave something: a question's id, a paper's id, or [`PORTRAIT`].
    pub(crate) fn change(&mut self, what: &str, desk: &mut Desk, now: Now) {
        let Matter { questions, papers, .. } = &*self.matter;
        let gave = |step: &Step| match *step {
            Step::Ask(at) => questions.get(at).is_some_and(|question| question.id == what),
            Step::Photograph => what == PORTRAIT,
            Step::Commit => papers.iter().any(|paper| paper.waivable && paper.id == what),
            Step::Scan(at) => papers.get(at).is_some_and(|paper| paper.id == what),
            Step::Notice | Step::Identify | Step::Review | Step::Sign => false,
        };
        if self.at == Step::Review
            && let Some(step) = self.list(now).into_iter().find(gave)
        {
            self.go(desk, step);
            self.changing = true;
        }
    }

    /// Moves the cursor. What belongs only to the steps that are given up is dropped.
    pub(crate) fn go(&mut self, desk: &mut Desk, step: Step) {
        // The camera looks only while its page is shown.
        let (looked, looks) = (self.at == Step::Photograph, step == Step::Photograph);
        if looked != looks {
            desk.effect(Effect::Preview(looks));
        }
        if let Some((_, pages)) = self.scanned()
            && pages.scanning.take().is_some()
        {
            desk.effect(Effect::StopScanning);
        }
        if step < Step::Review {
            // What was signed is no longer what will be sent.
            self.given.signature.clear();
        }
        if step <= Step::Identify {
            self.given = Given::none(&self.matter);
        }
        self.changing &= Step::Identify < step && step < Step::Review;
        self.at = step;
    }

    /// How long what is applied for will be valid, where the matter says so.
    pub(crate) fn validity(&self, desk: &Desk, now: Now) -> Option<String> {
        self.matter.valid_for(self.facts(now)).map(|text| desk.words(text))
    }

    /// Each answered question: its id, its short name and the chosen or typed words.
    pub(crate) fn answers<'a>(&'a self, desk: &'a Desk) -> impl Iterator<Item = (&'a str, String, Personal)> {
        self.matter.questions.iter().filter_map(|q| {
            let answer = self.given.form.answer(&q.id)?;
            let words = q.choice(answer).map_or(answer, |choice| choice.label.get(desk.language));
            Some((q.id.as_str(), desk.words(&q.label), Personal::new(words)))
        })
    }
}

impl Given {
    fn none(matter: &Matter) -> Given {
        Given {
            form: Form::default(),
            portrait: Portrait::default(),
            committed: None,
            papers: matter.papers.iter().map(|_| Pages::default()).collect(),
            signature: Signature::default(),
        }
    }
}

fn needed(paper: &Paper, facts: Facts<'_>) -> bool {
    paper.when.as_ref().is_none_or(|when| when.holds(facts) == Some(true))
}

impl Behaviour for Draft {
    /// Whoever is not known is asked for the card.
    fn show(&self, desk: &Desk, now: Now) -> Page {
        let page = match self.at {
            Step::Notice => Some(Page::Notice(self.notice(desk, now))),
            Step::Identify => self.confirm(desk, now).map(Page::Confirm),
            Step::Ask(at) => self.question(at, desk).map(Page::Question),
            Step::Photograph => Some(Page::Photograph(self.photograph(desk))),
            Step::Commit => self.commitment(desk).map(Page::Commitment),
            Step::Scan(at) => self.scan(at, desk).map(Page::Scan),
            Step::Review => self.review(desk, now).map(Page::Review),
            Step::Sign => Some(Page::Sign(self.sign())),
        };
        page.unwrap_or(Page::PlaceCard(self.card.prompt))
    }

    fn back(&mut self, desk: &mut Desk, now: Now) -> Next {
        self.changing = false;
        if self.at == Step::Identify && self.person.take().is_some() {
            self.card = place_card::place_another(desk);
            return None;
        }
        let before = self.list(now).into_iter().rfind(|step| *step < self.at);
        let Some(before) = before else {
            desk.note(Note::VisitEnded(Ending::Left));
            return Some(State::Between(Between::Home(Home)));
        };
        if before == Step::Notice {
            desk.effect(Effect::StopReading);
            self.consent = None;
        }
        self.go(desk, before);
        None
    }

    fn matter(&self) -> Option<&Matter> {
        Some(&self.matter)
    }

    fn person(&self) -> Option<Personal> {
        let citizen = self.person.as_ref().filter(|_| self.at > Step::Identify)?;
        let (name, number) = (citizen.masked_name(), citizen.masked_number());
        Some(Personal::new(format!("{} · {}", name.expose(), number.expose())))
    }

    fn not_finished(&self) -> bool {
        self.at >= Step::Photograph || self.given.form.answers().next().is_some()
    }

    /// Notice, identify, one step for each question, the portrait, the papers, the review. A question that depends on the
    /// card or an answer counts as soon as it is known to be asked.
    fn steps(&self, now: Now) -> Option<Steps> {
        let known = self.facts(now);
        let facts = if self.at > Step::Identify { known } else { Facts { card: None, ..known } };
        let mut bar = vec![Step::Notice, Step::Identify];
        bar.extend(self.asks(facts));
        bar.extend(self.matter.portrait.as_ref().map(|_| Step::Photograph));
        bar.extend((!self.matter.papers.is_empty()).then_some(Step::Commit));
        bar.push(Step::Review);
        let (at, kind) = match self.at {
            Step::Notice => (Step::Notice, StepKind::Notice),
            Step::Identify => (Step::Identify, StepKind::Identify),
            Step::Ask(_) => (self.at, StepKind::Questions),
            Step::Photograph => (Step::Photograph, StepKind::Photograph),
            Step::Commit | Step::Scan(_) => (Step::Commit, StepKind::Papers),
            Step::Review | Step::Sign => (Step::Review, StepKind::Review),
        };
        let count = |steps: usize| u32::try_from(steps).unwrap_or(u32::MAX);
        let total = count(bar.len());
        let done = count(bar.iter().filter(|step| **step < at).count());
        let minutes_left = (self.matter.minutes * (total - done)).div_ceil(total).max(1);
        Some(Steps { current: done + 1, total, kind, minutes_left })
    }
}
