//! A picture in memory, and the slot in which the newest preview lies.

use std::sync::{Arc, Mutex, PoisonError};

use zeroize::optimization_barrier;

/// A picture: rows from the top, left to right, three bytes a pixel (red, green, blue), no padding. Shows a person: no
/// `Debug`, wiped on drop.
pub struct Frame {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Frame {
    /// `None` when the pixels are not width × height × 3 bytes, or none.
    pub(super) fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        let size = (width as usize).checked_mul(height as usize)?.checked_mul(3)?;
        // Made before it is judged, so that pixels that do not fit are wiped too.
        let frame = Self { width, height, pixels };
        (size > 0 && size == frame.pixels.len()).then_some(frame)
    }

    /// Pixels a row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// width × height × 3 bytes.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    pub(super) fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // Fifteen times a second and megabytes large: written at once, not byte by byte as `Zeroize` does it.
        self.pixels.fill(0);
        optimization_barrier(&self.pixels);
    }
}

/// Holds the newest preview frame; an older one that nobody took is wiped.
#[derive(Clone, Default)]
pub struct Slot(Arc<Mutex<Option<Frame>>>);

impl Slot {
    /// Takes the newest frame; `None` when it was taken already.
    pub fn take(&self) -> Option<Frame> {
        self.lock().take()
    }

    /// True when the slot was empty: whoever takes frames has to be told.
    pub(super) fn put(&self, frame: Frame) -> bool {
        self.lock().replace(frame).is_none()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Frame>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
