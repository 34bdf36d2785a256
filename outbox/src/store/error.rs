//! What can go wrong with the store, a type an operation.

use std::path::PathBuf;
use std::sync::Arc;

use faults::Fault;
use rusqlite::ErrorCode;

use durable::secret_file::SecretFileError;
use protocol::envelope::EnvelopeError;

/// Why the store does not open. Nothing was changed or erased.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The configured id cannot name a kiosk.
    #[error("{0:?} cannot be a kiosk's id")]
    KioskId(String),
    /// The folder cannot be made.
    #[error("the store's folder cannot be used")]
    Folder(#[source] SecretFileError),
    /// A file of the store cannot be made or synced.
    #[error("{path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// SQLite cannot open or read it.
    #[error("the database cannot be used")]
    Database(#[source] rusqlite::Error),
    /// It was written by a newer release, or it is another program's.
    #[error("the database has schema {found}; this release knows {known}")]
    Schema {
        /// What stands in the file.
        found: i64,
        /// What this release writes.
        known: i64,
    },
    /// It belongs to another kiosk.
    #[error("the database belongs to kiosk {0}")]
    OtherKiosk(String),
    /// It was written with another signing key.
    #[error("the database was written with another signing key")]
    OtherKey,
    /// The enrolment is of another epoch than the store, with the same signing key.
    #[error("the store is in epoch {store}, the enrolment in {enrolment}")]
    Epoch {
        /// The store's.
        store: u32,
        /// The enrolment's.
        enrolment: u32,
    },
    /// SQLite's own check found damage.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The system gives no thread.
    #[error("the writer's thread cannot be started")]
    Thread(#[source] std::io::Error),
}

impl OpenError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::KioskId(_) => Fault::ConfigInvalid,
            Self::Folder(_)
            | Self::File { .. }
            | Self::Schema { .. }
            | Self::OtherKiosk(_)
            | Self::Thread(_) => Fault::StoreUnavailable,
            Self::Database(_) if self.is_full() => Fault::StoreFull,
            Self::Database(error) if is_damage(error) => Fault::StoreDamaged,
            Self::Database(_) => Fault::StoreUnavailable,
            Self::OtherKey | Self::Epoch { .. } => Fault::KeyUnavailable,
            Self::Damaged(_) => Fault::StoreDamaged,
        }
    }
}

impl OpenError {
    /// Whether the disk has no room for what SQLite needs to open: its log, or its shared memory.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Database(error) => error.sqlite_error().is_some_and(|error| {
                error.code == ErrorCode::DiskFull
                    || error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
            }),
            Self::File { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
            Self::KioskId(_)
            | Self::Folder(_)
            | Self::Schema { .. }
            | Self::OtherKiosk(_)
            | Self::OtherKey
            | Self::Epoch { .. }
            | Self::Damaged(_)
            | Self::Thread(_) => false,
        }
    }
}

/// Why a request was not taken. It is not on the disk, except as [`SubmitError::Write`] says.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SubmitError {
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The disk failed. Should the request turn up when the store is opened again, it is held and not sent, because
    /// the citizen was told that it was not taken.
    #[error("the disk failed while the request was written")]
    Write(#[source] Arc<rusqlite::Error>),
    /// A file of the request could not be written and synced.
    #[error("the disk failed while a file of the request was written")]
    File(#[source] Arc<std::io::Error>),
    /// More attachments than a request may have.
    #[error("{0} are more attachments than a request may have")]
    Attachments(usize),
    /// The platform's sealing keys are missing: nothing can be sealed.
    #[error("there are no sealing keys")]
    NoSealingKeys,
    /// Another program holds the store.
    #[error("another program holds the store")]
    Busy,
    /// The store does not open again after a failure.
    #[error("the store does not open")]
    Open(#[source] Arc<OpenError>),
    /// The platform knows another request under a sequence of this kiosk.
    #[error("the store is frozen")]
    Frozen,
    /// The request cannot be put into an envelope.
    #[error("the request cannot be put into an envelope")]
    Envelope(#[source] EnvelopeError),
    /// The outbox was closed.
    #[error("the outbox is closed")]
    Closed,
}

impl SubmitError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Full => Fault::StoreFull,
            Self::Write(_) | Self::File(_) | Self::Attachments(_) => Fault::StoreWriteFailed,
            // An envelope that cannot be written is no damage of the store.
            Self::Envelope(EnvelopeError::Crypto) | Self::NoSealingKeys => Fault::SealingKeyMissing,
            Self::Envelope(_) => Fault::StoreWriteFailed,
            Self::Busy | Self::Closed => Fault::StoreUnavailable,
            Self::Open(error) => error.fault(),
            Self::Frozen => Fault::StoreFrozen,
        }
    }
}

/// Why the queue cannot be read or a change of it is not kept. Nothing was erased.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QueueError {
    /// SQLite cannot read.
    #[error("the queue cannot be read")]
    Read(#[source] Arc<rusqlite::Error>),
    /// The change is not on the disk.
    #[error("the change of the queue cannot be kept")]
    Write(#[source] SubmitError),
    /// No such request.
    #[error("there is no such request")]
    Unknown,
    /// The receipt is about another kiosk or another sequence.
    #[error("the receipt is about another request")]
    OtherRequest,
    /// The request is damaged: it is neither sent nor erased.
    #[error("the stored request is damaged")]
    Damaged,
    /// The outbox was closed.
    #[error("the outbox is closed")]
    Closed,
}

impl QueueError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Read(error) if is_damage(error) => Fault::StoreDamaged,
            Self::Read(_) | Self::Unknown | Self::Closed => Fault::StoreUnavailable,
            Self::Write(error) => error.fault(),
            Self::OtherRequest => Fault::ReceiptInvalid,
            Self::Damaged => Fault::StoreDamaged,
        }
    }
}

impl From<rusqlite::Error> for QueueError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Read(Arc::new(error))
    }
}

/// Whether the file is to blame: SQLite says so, or our own strict columns hold what they cannot.
fn is_damage(error: &rusqlite::Error) -> bool {
    let impossible = matches!(
        error,
        rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    );
    // SQLITE_ERROR on a statement of ours: a table is gone.
    let no_table = error.sqlite_error_code() == Some(ErrorCode::Unknown);
    impossible
        || no_table
        || matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}
