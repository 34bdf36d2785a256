//! What can go wrong with a tone.

use faults::Fault;

/// A tone that was not heard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The device cannot be opened.
    #[error("the sound device cannot be opened: {raw}")]
    NoDevice {
        /// The system's own words.
        raw: String,
    },
    /// The device failed while it played.
    #[error("the sound device failed: {raw}")]
    Failed {
        /// The system's own words.
        raw: String,
    },
    /// The device did not take the tone in time.
    #[error("the sound device does not play")]
    Overdue,
    /// A newer tone or [`super::Handle::stop`] ended it.
    #[error("the tone was stopped")]
    Stopped,
}

impl Error {
    /// The code of this failure.
    pub fn fault(&self) -> Fault {
        match self {
            Error::NoDevice { .. } | Error::Failed { .. } | Error::Overdue | Error::Stopped => {
                Fault::SoundUnavailable
            }
        }
    }
}
