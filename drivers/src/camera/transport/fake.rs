//! A camera in memory that a test plays.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::{LinkError, Transport};

/// Plays what the test sends; silent when there is nothing.
pub(crate) struct Fake(pub Receiver<Result<Vec<u8>, LinkError>>);

impl Transport for Fake {
    fn next(&mut self, limit: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError> {
        match self.0.recv_timeout(limit) {
            Ok(scene) => scene.map(|jpeg| Some(Zeroizing::new(jpeg))),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(None),
        }
    }

    fn close(&mut self) {}

    fn name(&self) -> String {
        "Bench".into()
    }
}
