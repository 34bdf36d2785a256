//! Why there is no client, and why a request did not go through.

use std::path::PathBuf;
use std::time::Duration;

use faults::Fault;

use durable::secret_file::SecretFileError;
use protocol::api::Problem;
use protocol::envelope::ReceiptError;

/// Why there is no client for the platform.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is not an `https` one.
    #[error("{0:?} is no https address")]
    Url(String),
    /// A certificate's file cannot be read or holds none.
    #[error("{path} holds no certificate")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What was found.
        source: rustls::pki_types::pem::Error,
    },
    /// The TLS key's file cannot be used.
    #[error("the TLS key cannot be used")]
    Key(#[from] SecretFileError),
    /// The TLS key's file is missing or holds no key.
    #[error("{0} holds no key")]
    NotAKey(PathBuf),
    /// The receipt key's file does not hold 64 hex digits of a key.
    #[error("{0} holds no receipt key")]
    ReceiptKey(PathBuf),
    /// Certificate and key do not fit.
    #[error("the certificates cannot be used")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made")]
    Http(#[source] reqwest::Error),
}

impl ClientError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Url(_) => Fault::ConfigInvalid,
            Self::Certificate { .. } | Self::Tls(_) | Self::Http(_) => Fault::PlatformUntrusted,
            Self::Key(_) | Self::NotAKey(_) => Fault::KeyUnavailable,
            Self::ReceiptKey(_) => Fault::ReceiptInvalid,
        }
    }
}

/// Why a request was not acknowledged. Nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// No connection, or it broke.
    #[error("the platform cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// TLS refused the platform or the platform refused us.
    #[error("TLS with the platform failed")]
    Untrusted(#[source] reqwest::Error),
    /// No answer in time.
    #[error("the platform did not answer in time")]
    Slow(#[source] reqwest::Error),
    /// 5xx, or 408, 425, 429: the platform's own trouble.
    #[error("the platform answered {status}")]
    Failed {
        /// The HTTP status.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// 401, 403, 407: this kiosk is refused, whatever it sends.
    #[error("the platform refuses this kiosk with {status}")]
    KioskRefused {
        /// The HTTP status.
        status: u16,
        /// The problem type.
        problem: Option<String>,
    },
    /// A redirect, 404, 405, 421, 426: whatever answers there is not the intake.
    #[error("the address answers {status}: this is not the intake")]
    NotTheIntake {
        /// The HTTP status.
        status: u16,
        /// The problem type.
        problem: Option<String>,
    },
    /// Another 4xx: this request is refused.
    #[error("the platform refuses the request with {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem type.
        problem: Option<String>,
    },
    /// A file of the request is gone or changed on our disk, and the platform does not have it.
    #[error("a file of the request is damaged on this kiosk")]
    FileDamaged,
    /// The platform does not have a file that was just sent to it.
    #[error("the platform lost a file that it took")]
    FileLost,
    /// 409: another request has this sequence number.
    #[error("the platform knows another request under this sequence number")]
    Conflict,
    /// The receipt does not verify.
    #[error("the receipt is refused")]
    Receipt(#[from] ReceiptError),
    /// The receipt verifies but is about another request.
    #[error("the receipt is about another request")]
    OtherReceipt,
    /// 409 about the signed head: the platform knows another request under its place.
    #[error("the platform knows another chain of this kiosk")]
    HeadFork,
    /// 409 about the signed head: the platform knows a later request.
    #[error("the platform knows a later request of this kiosk")]
    HeadRollback,
    /// 409 about the signed head: requests before its place never came.
    #[error("the platform misses requests of this kiosk")]
    HeadGap,
    /// 409 about the signed head: the platform knows another or a longer audit journal.
    #[error("the platform knows another audit journal of this kiosk")]
    HeadJournal,
    /// The answer is too long or no JSON.
    #[error("the platform's answer cannot be read")]
    Answer,
    /// The path leads outside of the platform's interface: nothing was asked.
    #[error("the address is not the platform's")]
    Address,
}

/// How far an error reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Only this request: hold it and go on.
    Request,
    /// Perhaps only this request: try the next ones, not all.
    Perhaps,
    /// All requests: wait.
    All,
    /// All requests, for good.
    Frozen,
}

impl ForwardError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unreachable(_) => Fault::PlatformUnreachable,
            Self::Untrusted(_) | Self::KioskRefused { .. } => Fault::PlatformUntrusted,
            Self::Slow(_) => Fault::PlatformSlow,
            Self::Failed { .. } => Fault::PlatformFailed,
            Self::NotTheIntake { .. } | Self::Refused { .. } | Self::Address => Fault::PlatformRefused,
            Self::HeadGap => Fault::RequestMissing,
            Self::HeadJournal => Fault::JournalDamaged,
            Self::FileDamaged => Fault::StoreDamaged,
            Self::FileLost | Self::Answer => Fault::PlatformFailed,
            Self::Conflict | Self::HeadFork | Self::HeadRollback => Fault::StoreFrozen,
            Self::Receipt(_) | Self::OtherReceipt => Fault::ReceiptInvalid,
        }
    }

    /// The problem type that the platform gave.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::KioskRefused { problem, .. }
            | Self::NotTheIntake { problem, .. }
            | Self::Refused { problem, .. } => problem.as_deref(),
            Self::Conflict => Some(Problem::Conflict.kind()),
            Self::HeadFork => Some(Problem::HeadFork.kind()),
            Self::HeadRollback => Some(Problem::HeadRollback.kind()),
            Self::HeadGap => Some(Problem::HeadGap.kind()),
            Self::HeadJournal => Some(Problem::HeadJournal.kind()),
            Self::Unreachable(_)
            | Self::Untrusted(_)
            | Self::Slow(_)
            | Self::Failed { .. }
            | Self::FileDamaged
            | Self::Receipt(_)
            | Self::OtherReceipt
            | Self::Answer
            | Self::Address => None,
            Self::FileLost => Some(Problem::AttachmentMissing.kind()),
        }
    }

    /// The HTTP status that the platform refused with.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Failed { status, .. }
            | Self::KioskRefused { status, .. }
            | Self::NotTheIntake { status, .. }
            | Self::Refused { status, .. } => Some(*status),
            Self::Conflict
            | Self::FileLost
            | Self::HeadFork
            | Self::HeadRollback
            | Self::HeadGap
            | Self::HeadJournal => Some(409),
            Self::Unreachable(_)
            | Self::Untrusted(_)
            | Self::Slow(_)
            | Self::FileDamaged
            | Self::Receipt(_)
            | Self::OtherReceipt
            | Self::Answer
            | Self::Address => None,
        }
    }

    pub(crate) fn reach(&self) -> Reach {
        match self {
            Self::Refused { .. } | Self::FileDamaged => Reach::Request,
            Self::FileLost
            | Self::Failed { retry_after: None, .. }
            | Self::Receipt(_)
            | Self::OtherReceipt
            | Self::Answer
            | Self::HeadGap
            | Self::HeadJournal
            | Self::Address => Reach::Perhaps,
            Self::Failed { retry_after: Some(_), .. }
            | Self::Unreachable(_)
            | Self::Untrusted(_)
            | Self::Slow(_)
            | Self::KioskRefused { .. }
            | Self::NotTheIntake { .. } => Reach::All,
            Self::Conflict | Self::HeadFork | Self::HeadRollback => Reach::Frozen,
        }
    }

    /// Whether another request might have gone through: what broke once a connection stood may be this one's, such as a
    /// proxy that resets or answers for the platform at certain bytes.
    pub(crate) fn may_be_the_requests(&self) -> bool {
        match self {
            Self::Unreachable(error) => !error.is_connect(),
            Self::Untrusted(_) | Self::KioskRefused { .. } => false,
            Self::Slow(_)
            | Self::Failed { .. }
            | Self::NotTheIntake { .. }
            | Self::Refused { .. }
            | Self::FileDamaged
            | Self::FileLost
            | Self::Conflict
            | Self::HeadFork
            | Self::HeadRollback
            | Self::HeadGap
            | Self::HeadJournal
            | Self::Receipt(_)
            | Self::OtherReceipt
            | Self::Answer
            | Self::Address => true,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let Self::Failed { retry_after, .. } = self else { return None };
        *retry_after
    }
}
