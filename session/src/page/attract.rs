//! Nobody is here.

use std::time::Duration;

use super::{Behaviour, Next, Page, home::Home};
use crate::between::Between;
use crate::desk::Desk;
use crate::event::Now;
use crate::limits::Limits;
use crate::state::State;

pub(crate) struct Attract;

impl Attract {
    pub(crate) fn begin(&self) -> Next {
        Some(State::Between(Between::Home(Home)))
    }
}

impl Behaviour for Attract {
    fn show(&self, _desk: &Desk, _now: Now) -> Page {
        Page::Attract
    }

    fn patience(&self, _limits: &Limits) -> Option<Duration> {
        None
    }

    fn tick(&mut self, desk: &mut Desk, now: Now, _nobody: bool) -> Next {
        desk.forget_passers_by(now);
        None
    }

    fn leave(&mut self, _desk: &mut Desk, _now: Now) -> Next {
        None
    }
}
