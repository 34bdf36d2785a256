//! How fast files may go: a hall's line belongs to others too.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep_until};

/// Bytes of one piece of a file: 10 s on a line of 400 kbit/s, so that a slow line still gets on. A guess.
const PIECE: u64 = 512 * 1024;
/// Smallest piece: below, the head of each request would be most of it.
const SMALLEST_PIECE: u64 = 16 * 1024;

/// Lets files through one at a time and not faster than allowed.
pub(super) struct Pace {
    bytes_per_second: Option<u64>,
    turn: Mutex<()>,
    free_at: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(kbit_per_second: Option<u32>) -> Self {
        // At least one, or nothing would ever go.
        let bytes_per_second = kbit_per_second.map(|kbit| (u64::from(kbit) * 1000 / 8).max(1));
        Self { bytes_per_second, turn: Mutex::new(()), free_at: Mutex::new(None) }
    }

    /// Waits until no other request's files are on their way.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Bytes of one piece: a quarter of a second of what is allowed, so that the line is never taken for long.
    pub(super) fn piece(&self) -> u64 {
        self.bytes_per_second.map_or(PIECE, |rate| (rate / 4).clamp(SMALLEST_PIECE, PIECE))
    }

    /// Waits until a piece may go.
    pub(super) async fn wait(&self, bytes: u64) {
        let Some(rate) = self.bytes_per_second else { return };
        let mut free_at = self.free_at.lock().await;
        if let Some(at) = *free_at {
            sleep_until(at).await;
        }
        let seconds = bytes as f64 / rate as f64;
        *free_at = Some(Instant::now() + Duration::from_secs_f64(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_megabyte_takes_its_time_and_no_more() {
        // 80 kbit/s are 10,000 bytes a second.
        let pace = Pace::new(Some(80));
        assert_eq!(pace.piece(), SMALLEST_PIECE);
        let begin = Instant::now();
        for _ in 0..60 {
            pace.wait(pace.piece()).await;
        }
        // The last piece goes when the 59 before it have had their time.
        let seconds = begin.elapsed().as_secs_f64();
        assert!((96.0..97.5).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nothing_waits() {
        let pace = Pace::new(None);
        let begin = Instant::now();
        for _ in 0..1000 {
            pace.wait(pace.piece()).await;
        }
        assert_eq!(begin.elapsed(), Duration::ZERO);
        assert_eq!(Pace::new(Some(u32::MAX)).piece(), PIECE);
        assert_eq!(Pace::new(Some(0)).piece(), SMALLEST_PIECE);
    }
}
