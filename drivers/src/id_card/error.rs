//! What can go wrong between a card and its record.

use faults::Fault;

use super::wire::RecordError;

/// A card that was not read. Carries the raw words of the system, never anything from the card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The smart card service does not run.
    #[error("the smart card service is down: {raw}")]
    NoService {
        /// The service's own error.
        raw: String,
    },
    /// No reader fits the configured name.
    #[error("no reader is connected whose name contains \"{wanted}\"")]
    NoReader {
        /// The part of the name that was configured.
        wanted: String,
    },
    /// No card was placed, or it did not finish, in the time given.
    #[error("the card was not read in time")]
    TimeOut,
    /// Something lies there but does not answer.
    #[error("the card does not answer: {raw}")]
    Mute {
        /// The service's own error.
        raw: String,
    },
    /// The card answers, but is no identity card that this reader decodes.
    #[error("the card is not an identity card: {raw}")]
    Foreign {
        /// Its answer to reset or its status word, in hexadecimal.
        raw: String,
    },
    /// The card was lifted too early.
    #[error("the card was lifted before it was read")]
    Removed,
    /// Another program holds the card.
    #[error("another program uses the reader: {raw}")]
    Busy {
        /// The service's own error.
        raw: String,
    },
    /// The reader broke off or answered with an error.
    #[error("the reader failed: {raw}")]
    Reader {
        /// The service's own error, or the status word in hexadecimal.
        raw: String,
    },
    /// The record cannot be true.
    #[error("the card's record is impossible")]
    Record(#[source] RecordError),
    /// The reading thread is gone.
    #[error("the reader's thread has ended")]
    Ended,
}

impl Error {
    /// The code of this failure.
    pub fn fault(&self) -> Fault {
        match self {
            Error::NoService { .. } => Fault::CardServiceDown,
            Error::NoReader { .. } => Fault::CardReaderMissing,
            Error::Mute { .. } => Fault::CardMute,
            Error::Foreign { .. } => Fault::CardForeign,
            Error::Removed => Fault::CardRemoved,
            Error::Record(_) => Fault::CardRecordInvalid,
            Error::Busy { .. } | Error::Reader { .. } | Error::Ended => Fault::CardReaderFailed,
            Error::TimeOut => Fault::CardTimeOut,
        }
    }
}
