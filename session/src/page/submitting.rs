//! The request on its way to the disk.

use super::done::Case;
use super::sorry::Failed;
use super::*;
use crate::receipt::Slip;
use crate::request::Request;

pub(crate) struct Submitting {
    command: Command,
    since: Duration,
    slip: Slip,
}

impl Draft {
    /// Only from the last step, and only when nothing is missing.
    pub(crate) fn submit(&mut self, desk: &mut Desk, now: Now) -> Next {
        let last = if self.matter.signature { Step::Sign } else { Step::Review };
        if self.at != last || !self.complete(last) {
            return None;
        }
        let slip = Slip::new(self, desk, now)?;
        let request = Request::new(self, desk.language, now)?;
        let command = desk.command();
        desk.effect(Effect::Save(command, Box::new(request)));
        Some(State::Visit(Visit::Submitting(Box::new(Submitting { command, since: now.uptime, slip }))))
    }
}

/// The disk answered, to whichever page waits for it.
pub(crate) fn saved(
    state: &mut State,
    desk: &mut Desk,
    now: Now,
    command: Command,
    result: Result<String, Fault>,
) -> Next {
    if let State::Visit(Visit::Submitting(page)) = state
        && page.command == command
    {
        desk.alive = now.uptime;
        return Some(match result {
            Ok(case_number) => Case::begin(page.slip.clone(), case_number, desk, now),
            Err(fault) => Failed::begin(&page.slip.matter, fault, None, desk),
        });
    }
    match result {
        Ok(case_number) => {
            if let State::Visit(Visit::Sorry(page)) = state {
                page.saved_late(command, &case_number);
            }
            desk.note(Note::LateSaved(case_number));
        }
        Err(_) => desk.late(command),
    }
    None
}

impl Behaviour for Submitting {
    fn show(&self, _desk: &Desk, _now: Now) -> Page {
        Page::Submitting
    }

    fn patience(&self, _limits: &Limits) -> Option<Duration> {
        None
    }

    fn hurries(&self) -> bool {
        true
    }

    fn tick(&mut self, desk: &mut Desk, now: Now, _nobody: bool) -> Next {
        if now.uptime < self.since + desk.limits().saving {
            return None;
        }
        desk.alive = now.uptime;
        Some(Failed::begin(&self.slip.matter, Fault::StoreLate, Some(self.command), desk))
    }

    fn matter(&self) -> Option<&Matter> {
        Some(&self.slip.matter)
    }

    fn not_finished(&self) -> bool {
        true
    }

    fn owes(&self) -> bool {
        true
    }
}
