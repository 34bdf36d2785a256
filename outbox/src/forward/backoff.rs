//! Pauses between tries: exponential with full jitter, so that the kiosks of a province do not come back together
//! when the platform does.

use std::time::Duration;

/// The pauses after tries that failed; each is random, also the first.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    tries: u32,
}

impl Backoff {
    /// Pauses of at most `first`, then of at most twice that, and so on up to `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, tries: 0 }
    }

    /// A random pause up to the limit, which doubles each time.
    pub fn next_pause(&mut self) -> Duration {
        let mut random = [0; 4];
        // Without random numbers the pause is simply the longest of its step.
        let random = getrandom::fill(&mut random).map_or(u32::MAX, |()| u32::from_ne_bytes(random));
        let pause = self.pause(random);
        self.tries = self.tries.saturating_add(1);
        pause
    }

    /// It went through: the next pause is a first one again.
    pub fn reset(&mut self) {
        self.tries = 0;
    }

    fn pause(&self, random: u32) -> Duration {
        let limit = self.first.saturating_mul(1 << self.tries.min(16)).min(self.longest);
        limit.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(300));

    #[test]
    fn the_limit_doubles_up_to_the_longest_and_the_pause_is_anywhere_below() {
        for (tries, limit) in [(0, 1), (1, 2), (2, 4), (8, 256), (9, 300), (40, 300), (u32::MAX, 300)] {
            let backoff = Backoff { tries, ..BACKOFF };
            assert_eq!(backoff.pause(u32::MAX), Duration::from_secs(limit));
            assert_eq!(backoff.pause(0), Duration::ZERO);
            assert!(backoff.pause(u32::MAX / 2) < Duration::from_secs(limit));
        }
    }

    #[test]
    fn tries_count_until_one_goes_through() {
        let mut backoff = BACKOFF;
        for limit in [1, 2, 4, 8] {
            assert!(backoff.next_pause() <= Duration::from_secs(limit));
        }
        backoff.reset();
        assert!(backoff.next_pause() <= Duration::from_secs(1));
    }
}
