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
            Error::NoHelper { .. } | Error::Ended => Fault::ScannerUnreachable,
            Error::Crashed { .. } | Error::Garbage { .. } | Error::Page { .. } => Fault::ScannerFailed,
            Error::Overdue { .. } => Fault::ScannerOverdue,
            Error::Scanner { step, status, .. } => status_fault(*step, *status),
        }
    }
}

fn status_fault(step: Step, status: SaneStatus) -> Fault {
    match status {
        SaneStatus::Jammed => Fault::ScannerJammed,
        SaneStatus::NoDocs => Fault::ScannerNoPaper,
        SaneStatus::CoverOpen => Fault::ScannerCoverOpen,
        SaneStatus::DeviceBusy | SaneStatus::WarmingUp => Fault::ScannerBusy,
        SaneStatus::Inval | SaneStatus::AccessDenied | SaneStatus::IoError if step == Step::Open => {
            Fault::ScannerUnreachable
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
        | SaneStatus::Unknown(_) => Fault::ScannerFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_leads_to_who_can_end_it() {
        let fault = |step, code| status_fault(step, SaneStatus::from_code(code));
        assert_eq!(fault(Step::Start, 6), Fault::ScannerJammed);
        assert_eq!(fault(Step::Start, 7), Fault::ScannerNoPaper);
        assert_eq!(fault(Step::Read, 8), Fault::ScannerCoverOpen);
        assert_eq!(fault(Step::Open, 3), Fault::ScannerBusy);
        // There is no such scanner; in the middle of a page the same number is a broken library.
        assert_eq!(fault(Step::Open, 4), Fault::ScannerUnreachable);
        assert_eq!(fault(Step::Read, 4), Fault::ScannerFailed);
        assert_eq!(fault(Step::Read, 99), Fault::ScannerFailed);
        assert_eq!(Error::Overdue { phase: Phase::Opening }.fault(), Fault::ScannerOverdue);
    }
}
