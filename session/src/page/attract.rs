//! Nobody is here.

use super::*;

pub(crate) struct Attract;

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
}
