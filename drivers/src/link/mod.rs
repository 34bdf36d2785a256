//! Bytes to and from devices: the only seam that tests replace. A way in which devices are connected is a file here.

pub(crate) mod pcsc;
pub(crate) mod process;
pub(crate) mod tcp;

use std::io;
use std::time::Duration;

/// A line of bytes that can be opened and closed.
pub(crate) trait Link {
    /// Opens the line, closing it first where it is open.
    fn open(&mut self) -> io::Result<()>;

    /// Sends all bytes, or fails when the device does not take them in time.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The next bytes from the device, and how many they are; `None` when none came within `limit`.
    ///
    /// # Errors
    /// `UnexpectedEof` when the device closed the line.
    fn receive(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<Option<usize>>;

    /// Closes the line, so that a device that serves one client is free for others.
    fn close(&mut self);
}
