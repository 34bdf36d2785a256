//! How often a kiosk may ask, and how often anybody may ask about one number: whoever stands at a machine must not be able to
//! try numbers until one answers, nor to fill the clerks' list with portraits or the disk with calls.
//!
//! The counters are this process's own and are gone with it: a list of who was asked about is not to be kept. They hold keyed
//! hashes, no numbers.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::problem::Problem;

/// Counters that are kept before those that are full again are thrown out.
const TIDY_FROM: usize = 4096;

/// What is asked, and how often it may be. Each route says so of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking {
    name: &'static str,
    by_kiosk: Quota,
    /// What all kiosks together may ask about one number; none where no number names anybody.
    by_number: Option<Quota>,
}

impl Asking {
    /// So many questions of one kiosk in so many seconds.
    pub(crate) const fn new(name: &'static str, most: u32, seconds: u64) -> Self {
        Self { name, by_kiosk: quota(most, seconds), by_number: None }
    }

    /// And of all kiosks together about one number.
    pub(crate) const fn and_by_number(mut self, most: u32, seconds: u64) -> Self {
        self.by_number = Some(quota(most, seconds));
        self
    }
}

/// So many at once, and as many again in each span.
#[derive(Clone, Copy, Debug)]
struct Quota {
    most: u32,
    each: Duration,
}

const fn quota(most: u32, each: u64) -> Quota {
    Quota { most, each: Duration::from_secs(each) }
}

/// The counters.
#[derive(Default)]
pub(crate) struct Limits {
    key: RandomState,
    counters: Mutex<HashMap<u64, Instant>>,
}

impl Limits {
    /// Counts a question of a kiosk.
    ///
    /// # Errors
    /// [`Problem::TooOften`] with the seconds until the next one is answered.
    pub(crate) fn kiosk(&self, asking: Asking, kiosk: &str) -> Result<(), Problem> {
        self.count(asking.by_kiosk, self.key.hash_one((asking.name, "kiosk", kiosk)), Instant::now())
    }

    /// Counts a question about a number, however it is written.
    ///
    /// # Errors
    /// As [`Self::kiosk`].
    pub(crate) fn number(&self, asking: Asking, number: &str) -> Result<(), Problem> {
        let Some(quota) = asking.by_number else { return Ok(()) };
        let mut plain: String = number.chars().filter(|c| c.is_alphanumeric()).collect();
        plain.make_ascii_uppercase();
        let counted = self.count(quota, self.key.hash_one((asking.name, "number", &plain)), Instant::now());
        zeroize::Zeroize::zeroize(&mut plain);
        counted
    }

    /// The counter holds when it is full again (the "virtual scheduling" of GCRA, ITU-T I.371): a time is all it needs. A crate
    /// for it would bring ten others along.
    fn count(&self, quota: Quota, key: u64, now: Instant) -> Result<(), Problem> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if counters.len() >= TIDY_FROM {
            counters.retain(|_, full| *full > now);
        }
        let full = counters.get(&key).copied().unwrap_or(now).max(now) + quota.each / quota.most;
        let wait = full.saturating_duration_since(now).saturating_sub(quota.each);
        if !wait.is_zero() {
            return Err(Problem::TooOften(wait.as_secs() + 1));
        }
        counters.insert(key, full);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_used_up_and_comes_back() {
        let limits = Limits::default();
        let (quota, start) = (quota(3, 60), Instant::now());
        let at = |seconds: u64| limits.count(quota, 1, start + Duration::from_secs(seconds));
        for _ in 0..3 {
            assert_eq!(at(0), Ok(()));
        }
        assert_eq!(at(0), Err(Problem::TooOften(21)), "a third of the span, and not a moment less");
        assert_eq!(at(19), Err(Problem::TooOften(2)));
        assert_eq!(at(20), Ok(()));
        assert_eq!(at(20), Err(Problem::TooOften(21)));
        assert_eq!(limits.count(quota, 2, start), Ok(()), "another one's");
        for _ in 0..3 {
            assert_eq!(at(200), Ok(()), "all of it again");
        }
        assert!(at(200).is_err());
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let limits = Limits::default();
        let [check, progress] =
            ["check", "progress"].map(|name| Asking::new(name, 1, 1).and_by_number(5, 3600));
        for number in ["11010519491231002x", "11010519491231002X", "110105 1949-1231 002X"] {
            limits.number(check, number).unwrap();
        }
        assert_eq!(limits.counters.lock().unwrap().len(), 1);
        limits.number(progress, "11010519491231002X").unwrap();
        limits.number(Asking::new("name", 1, 1), "any").unwrap();
        assert_eq!(limits.counters.lock().unwrap().len(), 2);
    }

    #[test]
    fn counters_that_are_full_again_are_thrown_out() {
        let limits = Limits::default();
        let (quota, start) = (quota(1, 10), Instant::now());
        for key in 0..TIDY_FROM as u64 {
            limits.count(quota, key, start).unwrap();
        }
        limits.count(quota, 1 << 32, start + Duration::from_secs(11)).unwrap();
        assert_eq!(limits.counters.lock().unwrap().len(), 1);
    }
}
