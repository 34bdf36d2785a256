//! How a device that does not answer is tried again, and when that is told. Pure: it is told the time.
//!
//! ```text
//! well ──failed──► grace: quick tries, nothing told ──outlasted──► slow tries for ever, told once
//!   ▲                 │                                               │
//!   └────recovered────┴───────────────────────────────────────────────┘
//! ```

use std::time::{Duration, Instant};

/// How a device is tried again.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// The pause between two tries during the grace.
    pub quick: Duration,
    /// How long an outage is quick and not told.
    pub grace: Grace,
    /// The pause between two tries after it, which never end.
    pub slow: Duration,
}

/// How long an outage may pass unnoticed.
#[derive(Clone, Copy)]
pub(crate) enum Grace {
    /// So long since its first failure.
    Time(Duration),
    /// So many quick tries after its first failure.
    Tries(u32),
}

/// The outage of one device, or that there is none.
pub(crate) struct Outage {
    pace: Pace,
    began: Option<Instant>,
    failures: u32,
    lasts: bool,
    told: bool,
}

impl Outage {
    /// None yet.
    pub const fn new(pace: Pace) -> Self {
        Self { pace, began: None, failures: 0, lasts: false, told: false }
    }

    /// A try failed. Gives the pause until the next one.
    pub fn failed(&mut self, now: Instant) -> Duration {
        let began = *self.began.get_or_insert(now);
        self.failures = self.failures.saturating_add(1);
        self.lasts = match self.pace.grace {
            Grace::Time(time) => now.saturating_duration_since(began) >= time,
            Grace::Tries(tries) => self.failures > tries,
        };
        if self.lasts { self.pace.slow } else { self.pace.quick }
    }

    /// A try succeeded.
    pub fn recovered(&mut self) {
        *self = Self::new(self.pace);
    }

    /// Whether the last try failed.
    pub fn is_there(&self) -> bool {
        self.began.is_some()
    }

    /// Whether it has outlasted its grace.
    pub fn lasts(&self) -> bool {
        self.lasts
    }

    /// Whether it is to be told now: it has outlasted its grace and was not told. Asking counts as telling.
    pub fn tell(&mut self) -> bool {
        self.lasts && !std::mem::replace(&mut self.told, true)
    }

    /// What comes now was told already, in other words.
    pub fn is_told(&mut self) {
        self.told = true;
    }

    /// Somebody waits who has not been told.
    pub fn tell_again(&mut self) {
        self.told = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(200);
    const SLOW: Duration = Duration::from_secs(5);
    const GRACE: Duration = Duration::from_secs(2);

    fn outage(grace: Grace) -> Outage {
        Outage::new(Pace { quick: QUICK, grace, slow: SLOW })
    }

    #[test]
    fn tries_are_quick_during_the_grace_and_slow_for_ever_after_it() {
        let start = Instant::now();
        let mut by_time = outage(Grace::Time(GRACE));
        assert_eq!(by_time.failed(start), QUICK);
        assert_eq!(by_time.failed(start + GRACE / 2), QUICK);
        assert!(by_time.is_there() && !by_time.lasts() && !by_time.tell());
        for seconds in 2..1000 {
            assert_eq!(by_time.failed(start + Duration::from_secs(seconds)), SLOW);
        }
        let mut by_tries = outage(Grace::Tries(2));
        let pauses: Vec<_> = (0..5).map(|_| by_tries.failed(start)).collect();
        assert_eq!(pauses, [QUICK, QUICK, SLOW, SLOW, SLOW]);
    }

    #[test]
    fn without_grace_the_first_failure_is_told() {
        for grace in [Grace::Time(Duration::ZERO), Grace::Tries(0)] {
            let mut outage = outage(grace);
            assert_eq!(outage.failed(Instant::now()), SLOW);
            assert!(outage.tell());
        }
    }

    #[test]
    fn it_is_told_once_and_once_more_to_whoever_comes_later() {
        let mut outage = outage(Grace::Tries(0));
        outage.failed(Instant::now());
        assert!(outage.tell() && !outage.tell());
        outage.failed(Instant::now());
        assert!(!outage.tell());
        outage.tell_again();
        assert!(outage.tell() && !outage.tell());
    }

    #[test]
    fn what_was_told_in_other_words_is_not_told_again() {
        let mut outage = outage(Grace::Tries(0));
        outage.is_told();
        outage.failed(Instant::now());
        assert!(outage.lasts() && !outage.tell());
    }

    #[test]
    fn after_a_success_the_next_outage_has_its_grace_and_is_told_anew() {
        let start = Instant::now();
        let mut outage = outage(Grace::Time(GRACE));
        outage.failed(start);
        outage.failed(start + GRACE);
        assert!(outage.tell());
        outage.recovered();
        assert!(!outage.is_there() && !outage.lasts() && !outage.tell());
        assert_eq!(outage.failed(start + GRACE * 2), QUICK);
        assert_eq!(outage.failed(start + GRACE * 3), SLOW);
        assert!(outage.tell());
    }
}
