//! The time that certificates are judged by.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// The latest of the machine's clock, the time of the build and the last time that the platform signed: a kiosk whose
/// battery is empty starts in 1970 and must still find the platform.
#[derive(Debug, Default)]
pub struct FlooredClock {
    floor: AtomicI64,
}

impl FlooredClock {
    /// It is at least `unix_seconds`.
    pub fn raise(&self, unix_seconds: i64) {
        self.floor.fetch_max(unix_seconds, Ordering::Relaxed);
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
        let clock = FlooredClock::default();
        let build = build_time();
        assert!(build > 1_700_000_000);
        assert_eq!(clock.at_least(0), build, "an empty battery");
        assert_eq!(clock.at_least(build + 5), build + 5);
        clock.raise(i64::try_from(build).unwrap() + 100);
        clock.raise(7);
        assert_eq!(clock.at_least(build + 5), build + 100);
    }
}
