//! A rule says no: why, by which article, where to go instead, and a slip that says the same.

use matters::rules::Refusal as Ground;

use super::*;

/// A rule says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, in a sentence.
    pub reason: String,
    /// The article of law or rule it stands on.
    pub article: String,
    /// The next place to go.
    pub next_place: String,
    /// True when a slip can be printed now: there is a printer and it is well.
    pub can_print: bool,
    /// What became of the slip; `None`: not asked for yet.
    pub slip: Option<Paper>,
}

pub(crate) struct Refused {
    pub(crate) matter: Arc<Matter>,
    pub(crate) ground: Ground,
    /// The slip, once it was asked for.
    slip: Option<Job>,
    /// True once nobody knows whether a slip came out: the next one says that it is a copy.
    pub(crate) copy: bool,
}

impl Refused {
    pub(crate) fn begin(matter: &Arc<Matter>, ground: &Ground) -> State {
        let (matter, ground) = (Arc::clone(matter), ground.clone());
        State::Visit(Visit::Refused(Box::new(Refused { matter, ground, slip: None, copy: false })))
    }

    /// One slip a refusal; another try only when none came out, as far as anybody knows.
    pub(crate) fn print(&mut self, desk: &mut Desk, now: Now) {
        if self.can_print(desk) {
            self.copy |= matches!(self.slip, Some(Job::Over(Paper::Failed(Fault::PrinterUnconfirmed))));
            let slip = Receipt::refusal(&desk.setting.hall, self, desk.language, now.wall.date());
            self.slip = Some(Job::send(desk, now, slip));
        }
    }

    /// True when a touch prints the slip.
    fn can_print(&self, desk: &Desk) -> bool {
        matches!(self.slip.as_ref().map(Job::paper), None | Some(Paper::Failed(_))) && desk.can_print()
    }
}

impl Behaviour for Refused {
    fn show(&self, desk: &Desk, _now: Now) -> Page {
        Page::Refusal(Refusal {
            reason: desk.words(&self.ground.reason),
            article: desk.words(&self.ground.article),
            next_place: desk.words(&self.ground.next_place),
            can_print: self.can_print(desk),
            slip: self.slip.as_ref().map(Job::paper),
        })
    }

    fn hurries(&self) -> bool {
        matches!(self.slip, Some(Job::Sent { .. }))
    }

    fn tick(&mut self, desk: &mut Desk, now: Now, nobody: bool) -> Next {
        if let Some(job) = &mut self.slip {
            job.tick(desk, now);
        }
        nobody.then(|| wipe::begin(desk, now, Ending::Refused))
    }

    fn ending(&self, _otherwise: Ending) -> Ending {
        Ending::Refused
    }

    fn matter(&self) -> Option<&Matter> {
        Some(&self.matter)
    }

    fn job(&mut self) -> Option<&mut Job> {
        self.slip.as_mut()
    }
}
