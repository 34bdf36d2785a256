//! Unclean ends in a row: after a few of them the kiosk no longer serves, and says so, until somebody has looked.
//!
//! Each start leaves a mark in a small file of the state folder; a clean end takes all marks away. What remains are the
//! starts that ended by a crash, a kill or a power cut.

use std::path::{Path, PathBuf};

use durable::Readers;
use tracing::warn;

/// So many unclean ends within [`WINDOW_S`] are a crash loop: a power cut or two are none. A guess.
pub const MOST: usize = 5;
/// Ten minutes: with the pause between two starts, a program that crashes while starting fills it in one. A guess.
const WINDOW_S: i64 = 600;

/// The file's name in the state folder: one line a start, Unix seconds.
const FILE: &str = "starts";

/// This start, until it ends cleanly.
pub struct Starts {
    path: PathBuf,
    unclean: usize,
}

impl Starts {
    /// Notes a start at `now`, in Unix seconds. A file that cannot be read or written counts as none: the store, which
    /// lies beside it, will say what is wrong.
    pub fn begin(state: &Path, now: i64) -> Starts {
        let path = state.join(FILE);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let recent = |mark: &i64| now.abs_diff(*mark) <= WINDOW_S.unsigned_abs();
        let mut marks: Vec<i64> = text.lines().filter_map(|line| line.parse().ok()).filter(recent).collect();
        let unclean = marks.len();
        marks.push(now);
        let lines: String = marks.iter().rev().take(MOST).rev().map(|mark| format!("{mark}\n")).collect();
        let written = std::fs::create_dir_all(state)
            .and_then(|()| durable::write(&path, lines.as_bytes(), Readers::Anybody));
        if let Err(error) = written {
            warn!("this start cannot be noted: {error}");
        }
        Starts { path, unclean }
    }

    /// True when the program has ended uncleanly too often.
    pub fn is_loop(&self) -> bool {
        self.unclean >= MOST
    }

    /// This start ended as it should: nothing is left to remember.
    pub fn end(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            warn!("this end cannot be noted: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_unclean_ends_in_a_row_are_a_loop_and_a_clean_one_ends_it() {
        let state = tempfile::tempdir().unwrap();
        let mut now = 1_790_000_000;
        for _ in 0..MOST {
            assert!(!Starts::begin(state.path(), now).is_loop());
            now += 20;
        }
        let looping = Starts::begin(state.path(), now);
        assert!(looping.is_loop());
        looping.end();
        assert!(!Starts::begin(state.path(), now).is_loop());
    }

    #[test]
    fn old_marks_a_jumping_clock_and_nonsense_are_no_loop() {
        let state = tempfile::tempdir().unwrap();
        for now in [0, 1_000_000, 2_000_000_000, 1_000_000_000, 5, 10_000] {
            assert!(!Starts::begin(state.path(), now).is_loop());
        }
        std::fs::write(state.path().join(FILE), "yesterday\n\n-\n".repeat(100)).unwrap();
        assert!(!Starts::begin(state.path(), 7).is_loop());
    }
}
