//! The time that certificates are judged by.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// The latest of the machine's clock, the time of the build and the last time that the platform signed: a kiosk whose
/// battery is empty starts in 1970 and must still find the platform.
///
/// What the platform says is believed up to the day on which our own certificate ends: one wrong time in a receipt, kept
/// with it, would otherwise lock the kiosk out for good.
#[derive(Debug)]
pub struct FlooredClock {
    floor: AtomicI64,
    limit: i64,
}

impl FlooredClock {
    /// A clock that is raised to `limit` at most, in Unix seconds; without one, not at all.
    pub(super) fn up_to(limit: Option<i64>) -> Self {
        Self { floor: AtomicI64::new(0), limit: limit.unwrap_or(0) }
    }

    /// It is at least `unix_seconds`, or the limit.
    pub fn raise(&self, unix_seconds: i64) {
        self.floor.fetch_max(unix_seconds.min(self.limit), Ordering::Relaxed);
    }

    fn at_least(&self, machine: u64) -> u64 {
        let floor = u64::try_from(self.floor.load(Ordering::Relaxed)).unwrap_or(0);
        machine.max(build_time()).max(floor)
    }
}

impl TimeProvider for FlooredClock {
    fn current_time(&self) -> Option<UnixTime> {
        let now = self.at_least(UnixTime::now().as_secs());
        Some(UnixTime::since_unix_epoch(Duration::from_secs(now)))
    }
}

/// Unix seconds of the build.
fn build_time() -> u64 {
    env!("OUTBOX_BUILD_TIME").parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_wins() {
        let build = build_time();
        let clock = FlooredClock::up_to(Some(i64::try_from(build).unwrap() + 1000));
        assert!(build > 1_700_000_000);
        assert_eq!(clock.at_least(0), build, "an empty battery");
        assert_eq!(clock.at_least(build + 5), build + 5);
        clock.raise(i64::try_from(build).unwrap() + 100);
        clock.raise(7);
        assert_eq!(clock.at_least(build + 5), build + 100);
        clock.raise(4_102_444_800);
        assert_eq!(clock.at_least(build), build + 1000, "a receipt of 2100 is not believed");
        assert_eq!(clock.at_least(build + 2000), build + 2000, "the machine's own clock may be later");
    }
}
