//! The machine takes nobody.

use super::*;

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
}
