//! Pauses between tries: exponential with full jitter, so that the kiosks of a province do not come back together
//! when the platform does.

use std::time::Duration;

/// The first pause is at most this. A guess.
const FIRST: Duration = Duration::from_secs(1);
/// No pause is longer: a hall must not wait much longer than the outage. A guess.
const LONGEST: Duration = Duration::from_secs(300);

/// The state of the pauses; a new one starts from the shortest.
#[derive(Default)]
pub(crate) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// A random pause up to the limit, which doubles each time.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let mut random = [0; 4];
        // Without random numbers the pause is simply the longest of its step.
        let random = getrandom::fill(&mut random).map_or(u32::MAX, |()| u32::from_ne_bytes(random));
        let pause = pause(self.tries, random);
        self.tries = self.tries.saturating_add(1);
        pause
    }
}

fn pause(tries: u32, random: u32) -> Duration {
    let limit = FIRST.saturating_mul(1 << tries.min(16)).min(LONGEST);
    limit.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_doubles_up_to_the_longest_and_the_pause_is_anywhere_below() {
        for (tries, limit) in [(0, 1), (1, 2), (2, 4), (8, 256), (9, 300), (40, 300), (u32::MAX, 300)] {
            assert_eq!(pause(tries, u32::MAX), Duration::from_secs(limit));
            assert_eq!(pause(tries, 0), Duration::ZERO);
            assert!(pause(tries, u32::MAX / 2) < Duration::from_secs(limit));
        }
    }

    #[test]
    fn tries_count() {
        let mut backoff = Backoff::default();
        for limit in [1, 2, 4, 8] {
            assert!(backoff.next_pause() <= Duration::from_secs(limit));
        }
    }
}
