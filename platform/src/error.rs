//! What can go wrong on the platform's side.

use std::path::PathBuf;

use durable::secret_file::SecretFileError;

use crate::store::clerks::error::ClerkError;
use crate::store::error::StoreError;

/// Why a command failed or the intake does not start.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// `init` was not run for this folder.
    #[error("{0} is missing: run `kiosk-platform --state DIR init` first")]
    NotInitialised(PathBuf),
    /// A key's file cannot be used.
    #[error("a key's file cannot be used")]
    Secret(#[from] SecretFileError),
    /// A file cannot be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A key's file holds no key.
    #[error("{0} holds no key")]
    NotAKey(PathBuf),
    /// A certificate cannot be made or read.
    #[error("a certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// TLS cannot be set up with these certificates.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The certificate authority cannot verify clients.
    #[error("the authority's certificate cannot verify kiosks")]
    ClientVerifier(#[from] rustls::server::VerifierBuilderError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] StoreError),
    /// The database was written by another release.
    #[error("the database has schema {found}; this release knows {known}")]
    Schema {
        /// What stands in the file.
        found: i64,
        /// What this release writes.
        known: i64,
    },
    /// No such kiosk.
    #[error("kiosk {0} is not enrolled")]
    UnknownKiosk(String),
    /// No such request.
    #[error("there is no request {0}")]
    UnknownRequest(String),
    /// The enrolment is refused.
    #[error("the enrolment is refused: {0}")]
    Enrolment(EnrolmentRefusal),
    /// A clerk's account cannot be made or used.
    #[error(transparent)]
    Clerk(#[from] ClerkError),
    /// Every mistake of a catalogue.
    #[error("{} mistakes in the catalogue: {}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Catalogue(Vec<matters::Problem>),
    /// A catalogue is larger than kiosks take, or a file of it has a name that they do not take.
    #[error("a kiosk would not take a catalogue of this size or with these names of files")]
    CatalogueUnfit,
    /// The matcher's program cannot be used.
    #[error("the matcher {path} cannot be used")]
    Matcher {
        /// The program.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A kiosk's chain is not whole.
    #[error("the chain of {kiosk} is not whole: {findings}")]
    Chain {
        /// The kiosk.
        kiosk: String,
        /// What was found, as JSON.
        findings: String,
    },
    /// No such thing.
    #[error("there is no {what} {name}")]
    Unknown {
        /// Such as `identity check`.
        what: &'static str,
        /// What was asked for.
        name: String,
    },
    /// A slot's time cannot be.
    #[error("this cannot be a slot: {0}")]
    Slot(&'static str),
    /// The thread of the writer or of the matcher cannot be made.
    #[error("a thread cannot be made")]
    Thread(#[source] std::io::Error),
    /// The listener failed.
    #[error("the listener failed")]
    Listener(#[source] std::io::Error),
    /// As many sealing keys as kiosks take are there already.
    #[error("there are {0} sealing keys already: retire one first")]
    SealingKeys(usize),
    /// A sealing key cannot be made.
    #[error("a sealing key cannot be made")]
    Sealing(#[from] protocol::envelope::EnvelopeError),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

/// Why a kiosk is not enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentRefusal {
    /// The id cannot name a kiosk.
    #[error("this cannot be a kiosk's id")]
    KioskId,
    /// The signing key is not 64 hex digits of an Ed25519 key.
    #[error("the signing key is not 64 hex digits of an Ed25519 public key")]
    SigningKey,
    /// The certificate request is for another kiosk.
    #[error("the certificate request names another kiosk")]
    OtherName,
    /// The id is enrolled with another signing key.
    #[error("this kiosk is enrolled with another signing key: enrol it again to begin a new epoch")]
    OtherKey,
    /// The kiosk was revoked.
    #[error("this kiosk was revoked: it needs a new signing key and is enrolled again")]
    Revoked,
}

impl PlatformError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotInitialised(_) => "not-initialised",
            Self::Secret(_)
            | Self::NotAKey(_)
            | Self::Random(_)
            | Self::SealingKeys(_)
            | Self::Sealing(_) => "key-unavailable",
            Self::File { .. } => "file-unavailable",
            Self::Certificate(_) => "certificate-invalid",
            Self::Tls(_) | Self::ClientVerifier(_) => "tls-unavailable",
            Self::Database(_) | Self::Schema { .. } => "database-unavailable",
            Self::UnknownKiosk(_) => "unknown-kiosk",
            Self::UnknownRequest(_) => "unknown-request",
            Self::Enrolment(_) => "enrolment-refused",
            Self::Clerk(error) => error.code(),
            Self::Catalogue(_) => "catalogue-invalid",
            Self::CatalogueUnfit => "catalogue-unfit",
            Self::Matcher { .. } => "matcher-unavailable",
            Self::Chain { .. } => "chain-not-whole",
            Self::Unknown { .. } => "unknown",
            Self::Slot(_) => "slot-invalid",
            Self::Thread(_) => "thread-unavailable",
            Self::Listener(_) => "listener-failed",
        }
    }
}
