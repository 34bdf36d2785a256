//! A visit: from the choice of a matter to the end of it. Only the draft knows who is there; once it has left for the
//! disk, the pages after it hold what they show and print.

use crate::draft::Draft;
use crate::page::Behaviour;
use crate::page::done::Case;
use crate::page::refused::Refused;
use crate::page::sorry::Failed;
use crate::page::submitting::Submitting;

pub(crate) enum Visit {
    /// On the list of steps.
    Draft(Box<Draft>),
    Submitting(Box<Submitting>),
    Done(Box<Case>),
    Refused(Box<Refused>),
    Sorry(Failed),
}

impl Visit {
    pub(crate) fn page(&self) -> &dyn Behaviour {
        match self {
            Visit::Draft(draft) => &**draft,
            Visit::Submitting(page) => &**page,
            Visit::Done(page) => &**page,
            Visit::Refused(page) => &**page,
            Visit::Sorry(page) => page,
        }
    }

    pub(crate) fn page_mut(&mut self) -> &mut dyn Behaviour {
        match self {
            Visit::Draft(draft) => &mut **draft,
            Visit::Submitting(page) => &mut **page,
            Visit::Done(page) => &mut **page,
            Visit::Refused(page) => &mut **page,
            Visit::Sorry(page) => page,
        }
    }
}
