//! Notices a camera that sends pictures but sees nothing any more. Pure: it is told the time.

use std::time::{Duration, Instant};

/// How long the same picture may come again and again, and how long it may be black. At 15 pictures a second a living
/// sensor differs from one to the next, while firmware that hangs repeats its last one; a hand passes the lens in less.
/// Guess.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// What the pictures say about the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Well,
    Frozen,
    Dark,
}

pub(super) struct Watchdog {
    patience: Duration,
    last: Option<(u64, Instant)>,
    dark_since: Option<Instant>,
}

impl Watchdog {
    /// Trouble that lasts longer than `patience` is told.
    pub fn new(patience: Duration) -> Self {
        Self { patience, last: None, dark_since: None }
    }

    /// True for a picture that differs from the one before, and so is one of now: firmware that hangs still gives a
    /// picture to whoever opens it, perhaps of the visitor before. A source that never changes (no fingerprint) is of now.
    pub fn is_news(&self, fingerprint: Option<u64>) -> bool {
        match (fingerprint, self.last) {
            (Some(new), Some((last, _))) => new != last,
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// Judges a picture by its fingerprint (none for a source that never changes) and whether it is black.
    pub fn see(&mut self, now: Instant, fingerprint: Option<u64>, black: bool) -> Verdict {
        let since = match (self.last, fingerprint) {
            (Some((last, since)), Some(new)) if last == new => since,
            _ => now,
        };
        self.last = fingerprint.map(|new| (new, since));
        self.dark_since = black.then(|| self.dark_since.unwrap_or(now));
        let lasts = |since: Instant| now.saturating_duration_since(since) >= self.patience;
        // Firmware that hangs may well hang on black: that is told as frozen, which names the cause.
        if lasts(since) {
            Verdict::Frozen
        } else if self.dark_since.is_some_and(lasts) {
            Verdict::Dark
        } else {
            Verdict::Well
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_picture_for_long_is_frozen_until_it_changes() {
        let mut dog = Watchdog::new(PATIENCE);
        let start = Instant::now();
        assert_eq!(dog.see(start, Some(1), false), Verdict::Well);
        assert_eq!(dog.see(start + PATIENCE / 2, Some(1), false), Verdict::Well);
        assert_eq!(dog.see(start + PATIENCE, Some(1), false), Verdict::Frozen);
        assert_eq!(dog.see(start + PATIENCE * 2, Some(1), true), Verdict::Frozen);
        assert_eq!(dog.see(start + PATIENCE * 3, Some(2), false), Verdict::Well);
    }

    #[test]
    fn pictures_that_come_again_are_not_frozen() {
        let mut dog = Watchdog::new(PATIENCE);
        let start = Instant::now();
        for second in 0..20 {
            let verdict = dog.see(start + Duration::from_secs(second), Some(second % 2), false);
            assert_eq!(verdict, Verdict::Well);
        }
    }

    #[test]
    fn black_for_long_is_dark_until_light_returns() {
        let mut dog = Watchdog::new(PATIENCE);
        let start = Instant::now();
        assert_eq!(dog.see(start, Some(1), true), Verdict::Well);
        assert_eq!(dog.see(start + PATIENCE, Some(2), true), Verdict::Dark);
        assert_eq!(dog.see(start + PATIENCE, Some(3), false), Verdict::Well);
        assert_eq!(dog.see(start + PATIENCE, Some(4), true), Verdict::Well);
    }

    #[test]
    fn the_first_picture_and_one_that_comes_again_are_no_news() {
        let mut dog = Watchdog::new(PATIENCE);
        assert!(!dog.is_news(Some(1)) && dog.is_news(None));
        dog.see(Instant::now(), Some(1), false);
        assert!(!dog.is_news(Some(1)) && dog.is_news(Some(2)));
    }

    #[test]
    fn a_still_source_never_freezes() {
        let mut dog = Watchdog::new(PATIENCE);
        let start = Instant::now();
        assert_eq!(dog.see(start, None, false), Verdict::Well);
        assert_eq!(dog.see(start + PATIENCE * 9, None, false), Verdict::Well);
    }
}
