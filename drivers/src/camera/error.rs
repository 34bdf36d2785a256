//! What can go wrong between the lens and a picture.

use faults::Fault;

/// A picture that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The camera cannot be reached, or stopped sending.
    #[error("the camera cannot be reached: {raw}")]
    Unreachable {
        /// The system's own words.
        raw: String,
    },
    /// The camera sends something that is no picture.
    #[error("the camera sends no pictures: {raw}")]
    Garbage {
        /// What was wrong with it.
        raw: String,
    },
    /// The camera sends the same picture again and again.
    #[error("the picture is frozen")]
    Frozen,
    /// The picture is black: the lens is covered or the sensor is off.
    #[error("the picture is black")]
    Dark,
    /// No picture came in time.
    #[error("no picture came in time")]
    TimeOut,
    /// The camera's thread is gone.
    #[error("the camera's thread has ended")]
    Ended,
}

impl Error {
    /// The code of this failure.
    pub fn fault(&self) -> Fault {
        match self {
            Error::Unreachable { .. } | Error::TimeOut | Error::Ended => Fault::CameraUnreachable,
            Error::Frozen => Fault::CameraFrozen,
            Error::Garbage { .. } => Fault::CameraGarbage,
            Error::Dark => Fault::CameraDark,
        }
    }
}
