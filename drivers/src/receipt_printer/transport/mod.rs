//! The seam between bytes and behaviour: a line to the printer that can be opened and closed.

#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod tcp;

use std::io;
use std::time::Duration;

/// A line to the printer.
pub(crate) trait Link {
    /// Opens the line, closing it first where it is open.
    fn open(&mut self) -> io::Result<()>;

    /// Sends all bytes, or fails when the printer does not take them in time.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The next byte from the printer; `None` when none came within `limit`.
    ///
    /// # Errors
    /// `UnexpectedEof` when the printer closed the line.
    fn receive(&mut self, limit: Duration) -> io::Result<Option<u8>>;

    /// Closes the line, so that a printer that serves one client is free for others.
    fn close(&mut self);
}
