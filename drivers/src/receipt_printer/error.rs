//! What can go wrong between a document and the paper.

use faults::Fault;

/// A receipt that was not printed, or not surely.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection, or no answer before the job.
    #[error("the printer cannot be reached: {raw}")]
    Unreachable {
        /// The system's own error.
        raw: String,
    },
    /// The roll is used up.
    #[error("the paper is used up ({raw})")]
    PaperOut {
        /// The status bytes in hexadecimal.
        raw: String,
    },
    /// The cover is open.
    #[error("the cover is open ({raw})")]
    CoverOpen {
        /// The status bytes in hexadecimal.
        raw: String,
    },
    /// The cutter is stuck.
    #[error("the cutter is jammed ({raw})")]
    Jammed {
        /// The status bytes in hexadecimal.
        raw: String,
    },
    /// The job went out and nothing came back: nobody knows whether there is a receipt.
    #[error("the printer did not confirm the job: {raw}")]
    Unconfirmed {
        /// What happened to the connection.
        raw: String,
    },
    /// What came back is no status.
    #[error("the printer's answer is no status: {raw}")]
    Garbage {
        /// The bytes in hexadecimal.
        raw: String,
    },
    /// An error that the printer cannot clear by itself, or offline without a reason.
    #[error("the printer reports an error ({raw})")]
    Failed {
        /// The status bytes in hexadecimal.
        raw: String,
    },
    /// The head is too hot; it cools down by itself.
    #[error("the print head is too hot ({raw})")]
    Hot {
        /// The status bytes in hexadecimal.
        raw: String,
    },
}

impl Error {
    /// The code of this failure.
    pub fn fault(&self) -> Fault {
        match self {
            Error::Unreachable { .. } => Fault::PrinterUnreachable,
            Error::PaperOut { .. } => Fault::PrinterPaperOut,
            Error::CoverOpen { .. } => Fault::PrinterCoverOpen,
            Error::Jammed { .. } => Fault::PrinterJammed,
            Error::Unconfirmed { .. } => Fault::PrinterUnconfirmed,
            Error::Garbage { .. } => Fault::PrinterGarbage,
            Error::Failed { .. } => Fault::PrinterFailed,
            Error::Hot { .. } => Fault::PrinterHot,
        }
    }
}
