//! The session, and the two levels of its states.

use std::sync::Arc;

use matters::Catalogue;

use crate::between::Between;
use crate::desk::Desk;
use crate::draft::Draft;
use crate::limits::Limits;
use crate::page::Behaviour;
use crate::page::attract::Attract;
use crate::page::done::Case;
use crate::visit::Visit;

/// What does not change during a visit.
pub struct Setting {
    /// The hall's name.
    pub hall: String,
    /// The matters.
    pub catalogue: Arc<Catalogue>,
    /// The limits.
    pub limits: Limits,
    /// True when the machine has a receipt printer.
    pub has_printer: bool,
}

/// The kiosk as its visitors know it.
pub struct Session {
    pub(crate) desk: Desk,
    pub(crate) state: State,
}

/// Where the machine stands. Leaving a state wipes what it knows.
pub(crate) enum State {
    Between(Between),
    Visit(Visit),
}

impl Session {
    /// A session in which nobody has come yet. A fault that keeps the machine from serving is an
    /// [`crate::Event::Health`] away.
    pub fn new(setting: Setting) -> Session {
        Session { desk: Desk::new(setting), state: State::Between(Between::Attract(Attract)) }
    }

    /// A new catalogue comes into effect: a visit that chose its matter before ends with the words it began with.
    pub fn set_catalogue(&mut self, catalogue: Arc<Catalogue>) {
        self.desk.setting.catalogue = catalogue;
    }

    /// True while something that a visitor was promised is still to be done: the disk has not answered, or the receipt
    /// is not with the citizen yet.
    pub fn owes(&self) -> bool {
        self.state.page().owes()
    }
}

impl State {
    pub(crate) fn page(&self) -> &dyn Behaviour {
        match self {
            State::Between(between) => between.page(),
            State::Visit(visit) => visit.page(),
        }
    }

    pub(crate) fn page_mut(&mut self) -> &mut dyn Behaviour {
        match self {
            State::Between(between) => between.page_mut(),
            State::Visit(visit) => visit.page_mut(),
        }
    }

    /// The request being put together, if one is.
    pub(crate) fn draft(&mut self) -> Option<&mut Draft> {
        if let State::Visit(Visit::Draft(draft)) = self { Some(draft) } else { None }
    }

    /// The case on disk, while its page is shown.
    pub(crate) fn case(&mut self) -> Option<&mut Case> {
        if let State::Visit(Visit::Done(case)) = self { Some(case) } else { None }
    }
}
