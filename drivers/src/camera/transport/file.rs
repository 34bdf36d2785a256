//! A JPEG file as the source: for tests and exhibitions.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{LinkError, Transport};
use crate::camera::wire::MAX_PART;

/// The pause between two pictures, that of a camera with 30 a second.
const PAUSE: Duration = Duration::from_millis(33);

pub(crate) struct StillFile {
    path: PathBuf,
}

impl StillFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Transport for StillFile {
    fn next(&mut self, limit: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError> {
        std::thread::sleep(PAUSE.min(limit));
        let raw = |error| LinkError::Unreachable(format!("{}: {error}", self.path.display()));
        let mut bytes = Zeroizing::new(Vec::new());
        // One more than allowed, so that the length tells.
        let most = MAX_PART as u64 + 1;
        File::open(&self.path).map_err(raw)?.take(most).read_to_end(&mut bytes).map_err(raw)?;
        if bytes.len() > MAX_PART {
            return Err(LinkError::Garbage(format!("{}: more than {MAX_PART} bytes", self.path.display())));
        }
        Ok(Some(bytes))
    }

    fn close(&mut self) {}

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn is_still(&self) -> bool {
        true
    }
}
