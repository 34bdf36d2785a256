//! The whole screen at one moment, and when it next changes by itself.

use std::time::Duration;

use jiff::civil::DateTime;

use crate::desk::Desk;
use crate::event::Now;
use crate::page::{Behaviour, Warning};
use crate::state::Session;
use crate::view::{IdleWarning, View};

impl Session {
    /// The whole screen at this moment.
    pub fn view(&self, now: Now) -> View {
        let (desk, page) = (&self.desk, self.state.page());
        View {
            language: desk.language,
            display: desk.display,
            hall: desk.setting.hall.clone(),
            clock: whole_minutes(now.wall),
            matter: page.matter().map(|matter| desk.words(&matter.title)),
            person: page.person(),
            steps: page.steps(now),
            not_finished: page.not_finished(),
            page: page.show(desk, now),
            idle: warning(page, desk, now),
            call: desk.shown_call(),
        }
    }

    /// How long nothing changes by itself: the next [`crate::Event::Tick`] is due then, and not before.
    pub fn sleep(&self, now: Now) -> Duration {
        let (desk, page) = (&self.desk, self.state.page());
        let limits = desk.limits();
        let second = Duration::from_secs(1);
        let next_minute = second * (60 - u32::from(now.wall.second().clamp(0, 59).unsigned_abs()));
        let until = if page.hurries() {
            second
        } else if let Some(patience) = page.patience(&limits) {
            let until_warning = patience.saturating_sub(limits.warning + desk.idle(now));
            if until_warning.is_zero() { second } else { until_warning.min(next_minute) }
        } else {
            desk.left_as_it_is(now).map_or(next_minute, |left| left.min(next_minute))
        };
        desk.call_left(now).map_or(until, |call| call.min(until))
    }
}

fn whole_minutes(wall: DateTime) -> DateTime {
    wall.date().at(wall.hour(), wall.minute(), 0, 0)
}

fn warning(page: &dyn Behaviour, desk: &Desk, now: Now) -> Option<IdleWarning> {
    if page.warning() != Warning::Shown {
        return None;
    }
    let limits = desk.limits();
    let left = page.patience(&limits)?.saturating_sub(desk.idle(now));
    (left <= limits.warning).then(|| IdleWarning { seconds_left: whole_seconds(left) })
}

/// Seconds as a countdown shows them: 1 until the very end.
pub(crate) fn whole_seconds(left: Duration) -> u32 {
    u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}
