//! What can go wrong with clerks' accounts.

use std::path::PathBuf;

use argon2::password_hash;
use durable::secret_file::SecretFileError;

use crate::store::error::StoreError;

/// Why an account cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum ClerkError {
    /// The name cannot be a clerk's.
    #[error("a clerk's name has 1 to 32 letters, digits, hyphens or dots")]
    Name,
    /// There is such a clerk already.
    #[error("there is a clerk {0} already")]
    Taken(String),
    /// There is no such clerk.
    #[error("there is no clerk {0}")]
    Unknown(String),
    /// The password is too short or too long.
    #[error("a password has 12 characters or more, and at most 256 bytes")]
    Password,
    /// The wait after wrong passwords still runs.
    #[error("too many wrong passwords: wait {seconds} s")]
    TooSoon {
        /// How long it still runs.
        seconds: u64,
    },
    /// A password cannot be hashed.
    #[error("a password cannot be hashed: {0}")]
    Hash(password_hash::Error),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random(#[source] getrandom::Error),
    /// The folder cannot be used.
    #[error("the folder of the accounts cannot be used")]
    Folder(#[from] SecretFileError),
    /// A file cannot be made.
    #[error("{path} cannot be made")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A password cannot be read from standard input.
    #[error("no password on standard input")]
    Input(#[source] std::io::Error),
    /// Somebody changed the journal.
    #[error("the journal of the clerks was changed: line {0} does not follow")]
    JournalBroken(u64),
    /// The journal does not go on from its signed head.
    #[error("the journal of the clerks does not go on from its signed head at line {0}")]
    JournalHead(u64),
    /// The database failed.
    #[error("the database of the accounts failed")]
    Database(#[from] StoreError),
    /// The database was written by another release.
    #[error("the database of the accounts has schema {found}; this release knows {known}")]
    Schema {
        /// What stands in the file.
        found: i64,
        /// What this release writes.
        known: i64,
    },
}

impl From<rusqlite::Error> for ClerkError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl ClerkError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name | Self::Password => "clerk-invalid",
            Self::Taken(_) => "clerk-taken",
            Self::Unknown(_) => "unknown-clerk",
            Self::TooSoon { .. } => "too-soon",
            Self::Hash(_) | Self::Random(_) => "key-unavailable",
            Self::Folder(_) | Self::File { .. } | Self::Input(_) => "file-unavailable",
            Self::JournalBroken(_) | Self::JournalHead(_) => "journal-damaged",
            Self::Database(_) | Self::Schema { .. } => "database-unavailable",
        }
    }
}
