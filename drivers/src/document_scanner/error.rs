//! What can go wrong between the paper and its pixels.

use faults::Fault;

use super::wire::{SaneStatus, Step};

/// A job of the scanner that failed. Pages told before it are good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The helper process cannot be started.
    #[error("kiosk-scan cannot be started: {raw}")]
    NoHelper {
        /// The system's own words.
        raw: String,
    },
    /// The helper process ended in the middle of the job: a scanner library crashed.
    #[error("kiosk-scan ended during the job: {raw}")]
    Crashed {
        /// Its exit status or signal.
        raw: String,
    },
    /// The helper said something that is not in the contract.
    #[error("kiosk-scan answered nonsense: {raw}")]
    Garbage {
        /// What was wrong with it.
        raw: String,
    },
    /// The scanner did not go on in time; the helper was killed.
    #[error("the scanner did not answer in time ({phase})")]
    Overdue {
        /// What was waited for.
        phase: Phase,
    },
    /// The scanner's library reported a failure.
    #[error("the scanner reports {status:?} ({}): {text}", step.as_str())]
    Scanner {
        /// What was being done.
        step: Step,
        /// SANE's status.
        status: SaneStatus,
        /// SANE's words for it.
        text: String,
    },
    /// The page cannot be used: no rows, too large, or pixels of an unknown kind.
    #[error("the page is impossible: {text}")]
    Page {
        /// What was wrong with it.
        text: String,
    },
    /// The scanner's thread is gone.
    #[error("the scanner's thread has ended")]
    Ended,
}

/// What a job was waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The scanner to open.
    Opening,
    /// The next page.
    Scanning,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Phase::Opening => "opening",
            Phase::Scanning => "scanning",
        })
    }
}

impl Error {
    /// The code of this failure.
    pub fn fault(&self) -> Fault {
        match self {
            Error::NoHelper { .. } | Error::Ended => Fault::PrinterUnreachable,
            Error::Crashed { .. } | Error::Garbage { .. } | Error::Page { .. } => Fault::PrinterFailed,
            Error::Overdue { .. } => Fault::PrinterFailed,
            Error::Scanner { step, status, .. } => status_fault(*step, *status),
        }
    }
}

fn status_fault(step: Step, status: SaneStatus) -> Fault {
    match status {
        SaneStatus::Jammed => Fault::PrinterJammed,
        SaneStatus::NoDocs => Fault::PrinterPaperOut,
        SaneStatus::CoverOpen => Fault::PrinterCoverOpen,
        SaneStatus::DeviceBusy | SaneStatus::WarmingUp => Fault::PrinterHot,
        SaneStatus::Inval | SaneStatus::AccessDenied | SaneStatus::IoError if step == Step::Open => {
            Fault::PrinterUnreachable
        }
        SaneStatus::Good
        | SaneStatus::Unsupported
        | SaneStatus::Cancelled
        | SaneStatus::Inval
        | SaneStatus::Eof
        | SaneStatus::IoError
        | SaneStatus::NoMem
        | SaneStatus::AccessDenied
        | SaneStatus::HwLocked
        | SaneStatus::Unknown(_) => Fault::PrinterFailed,
    }
}
