//! Work that comes round by itself, in a thread that ends with its handle.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::error::PlatformError;

/// The thread; it ends with this handle.
pub(crate) struct Ticker {
    _end: mpsc::Sender<()>,
}

impl Ticker {
    /// Does the work now, and again after each pause.
    pub(crate) fn start(
        name: &str,
        pause: Duration,
        mut work: impl FnMut() + Send + 'static,
    ) -> Result<Self, PlatformError> {
        let (end, ended) = mpsc::channel();
        let run = move || {
            work();
            while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                work();
            }
        };
        thread::Builder::new().name(name.into()).spawn(run).map_err(PlatformError::Thread)?;
        Ok(Self { _end: end })
    }
}
