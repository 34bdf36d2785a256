//! What can go wrong between the citizen's call and the lamp.

use faults::Fault;

/// A call that nobody sees.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The lamp cannot be reached, or left.
    #[error("the lamp cannot be reached: {raw}")]
    Unreachable {
        /// The system's own words.
        raw: String,
    },
    /// The lamp took the line and did not answer.
    #[error("the lamp does not answer")]
    TimeOut,
    /// Something answers that is no lamp.
    #[error("what answers is no lamp")]
    Garbage,
}

impl Error {
    /// The code of this failure.
    pub fn fault(&self) -> Fault {
        match self {
            Error::Unreachable { .. } | Error::TimeOut | Error::Garbage => Fault::LampUnreachable,
        }
    }
}
