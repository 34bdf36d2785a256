//! A page in memory, and the gate that keeps the number of pages in memory small.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::wire::PageHead;

/// How many pages of a job exist at once: one in work and one ready. A page in colour at 200 dpi is 12 MB, and a
/// feeder holds 200; the scanner waits for whoever turns pages into files.
const ALIVE: usize = 2;

/// A scanned page, as the scanner sees it. Personal data: no `Debug`, wiped on drop.
///
/// The next but one page is not taken from the scanner before this one is dropped.
pub struct RawPage {
    head: PageHead,
    pixels: Zeroizing<Vec<u8>>,
    _permit: Permit,
}

impl RawPage {
    pub(super) fn new(head: PageHead, pixels: Zeroizing<Vec<u8>>, permit: Permit) -> Self {
        Self { head, pixels, _permit: permit }
    }

    /// Pixels a row.
    pub fn width(&self) -> u32 {
        self.head.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.head.height
    }

    /// Samples a pixel: 1 (grey, 0 is black) or 3 (red, green, blue).
    pub fn channels(&self) -> u32 {
        self.head.channels
    }

    /// Dots an inch; `None` when the scanner does not say.
    pub fn dpi(&self) -> Option<u32> {
        (self.head.dpi > 0).then_some(self.head.dpi)
    }

    /// Rows from the top, left to right, 8 bits a sample, no padding: width × height × channels bytes.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// Counts the pages of one job that are alive.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    alive: usize,
    closed: bool,
}

/// The right of one page to exist.
pub(super) struct Permit(Gate);

impl Gate {
    /// Waits until one more page may exist. `None` when nobody wants the job's pages any more.
    pub fn enter(&self) -> Option<Permit> {
        let (state, changed) = &*self.0;
        let guard = state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut guard = changed
            .wait_while(guard, |state| state.alive >= ALIVE && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        if guard.closed {
            return None;
        }
        guard.alive += 1;
        Some(Permit(self.clone()))
    }

    /// The job is over: nobody waits here any more.
    pub fn close(&self) {
        let (state, changed) = &*self.0;
        state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        changed.notify_all();
    }

    /// Whether the scanner is held up by its pages' owner.
    pub fn is_full(&self) -> bool {
        let (state, _) = &*self.0;
        state.lock().unwrap_or_else(PoisonError::into_inner).alive >= ALIVE
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (state, changed) = &*self.0.0;
        let mut guard = state.lock().unwrap_or_else(PoisonError::into_inner);
        guard.alive = guard.alive.saturating_sub(1);
        changed.notify_all();
    }
}
