//! A rule says no: why, by which article, where to go instead, and a slip that says the same.

use faults::Fault;

use crate::desk::Desk;
use crate::event::Now;
use crate::receipt::Receipt;
use crate::state::{Job, Refused, State};
use crate::view::Paper;

use super::printing;

/// One slip a refusal; another try only when none came out, as far as anybody knows.
pub(super) fn print(mut refused: Box<Refused>, desk: &mut Desk, now: Now) -> State {
    if refused.can_print(desk) {
        refused.copy |= matches!(refused.slip, Some(Job::Over(Paper::Failed(Fault::PrinterUnconfirmed))));
        let slip = Receipt::refusal(&desk.setting.hall, &refused, desk.language, now.wall.date());
        refused.slip = Some(printing::send(desk, now, slip));
    }
    State::Refused(refused)
}

pub(super) fn tick(mut refused: Box<Refused>, desk: &mut Desk, now: Now) -> State {
    if let Some(job) = &mut refused.slip {
        printing::tick(job, desk, now);
    }
    State::Refused(refused)
}

impl Refused {
    /// True when a touch prints the slip.
    pub(crate) fn can_print(&self, desk: &Desk) -> bool {
        let open = match &self.slip {
            None | Some(Job::Over(Paper::Failed(_))) => true,
            Some(Job::Sent { .. } | Job::Over(Paper::Printing | Paper::Printed | Paper::NoPrinter)) => false,
        };
        open && desk.can_print()
    }
}
