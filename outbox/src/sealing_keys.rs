//! The kiosk's file of the keys that requests are sealed to, as an enrolment gave it.

use std::path::{Path, PathBuf};

use faults::Fault;
use protocol::envelope::SealingKeys;

/// Why the sealing keys cannot be used: the kiosk takes no requests.
#[derive(Debug, thiserror::Error)]
pub enum SealingKeysError {
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A line is no key, an id is not its key's, or there is none or too many.
    #[error("{path} holds no usable sealing keys (line {line})")]
    NotKeys {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 for the whole file.
        line: usize,
    },
}

impl SealingKeysError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::File { .. } | Self::NotKeys { .. } => Fault::SealingKeyMissing,
        }
    }
}

/// Reads the kiosk's file.
///
/// # Errors
/// [`SealingKeysError`] names the line.
pub fn load(path: &Path) -> Result<SealingKeys, SealingKeysError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| SealingKeysError::File { path: path.to_owned(), source })?;
    SealingKeys::parse(&text).map_err(|line| SealingKeysError::NotKeys { path: path.to_owned(), line })
}
