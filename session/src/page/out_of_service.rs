//! The machine takes nobody.

use std::time::Duration;

use faults::Fault;

use super::{Behaviour, Next, Page};
use crate::desk::Desk;
use crate::event::Now;
use crate::limits::Limits;

/// Why.
pub(crate) struct OutOfService(pub(crate) Fault);

impl Behaviour for OutOfService {
    fn show(&self, _desk: &Desk, _now: Now) -> Page {
        Page::OutOfService(self.0)
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
