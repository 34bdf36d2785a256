//! The platform's database: kiosks, requests, receipts, and everything that kiosks ask for beside them.
//!
//! Functions on a connection run inside whatever transaction is open: the writer's for the routes, one of their own for
//! commands and pages, which go through [`Store`].

pub mod alarms;
pub mod appointments;
pub mod calls;
pub mod catalogues;
pub mod checks;
pub mod heads;
pub mod heartbeats;
pub mod journal;
mod kiosks;
pub mod payments;
pub mod progress;
mod requests;
mod schema;
pub(crate) mod writer;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use outbox::secret_file;
use rusqlite::{Connection, TransactionBehavior};

pub(crate) use kiosks::find as find_kiosk;
pub use kiosks::{Again, Kiosk};
pub(crate) use requests::{Accepted, accept, entry_of, find_case, find_own_case};
pub use requests::{Case, StoredRequest};

use crate::error::PlatformError;

const FILE: &str = "platform.sqlite";
/// How long a command waits for the running intake. A guess.
const BUSY: Duration = Duration::from_secs(5);

/// The database of one platform folder.
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the database in `state`, making it when there is none: `init`'s part.
    ///
    /// # Errors
    /// [`PlatformError`].
    pub fn create(state: &Path) -> Result<Self, PlatformError> {
        secret_file::private_dir(state)?;
        let path = state.join(FILE);
        // SQLite gives its own files the mode of the database, which holds personal data.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|source| PlatformError::File { path, source })?;
        Self::open(state)
    }

    /// Opens the database in `state`.
    ///
    /// # Errors
    /// [`PlatformError::NotInitialised`] when there is none: a mistyped folder must not look like an empty platform.
    pub fn open(state: &Path) -> Result<Self, PlatformError> {
        let path = state.join(FILE);
        if !path.exists() {
            return Err(PlatformError::NotInitialised(path));
        }
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::bring_up(&mut connection)?;
        Ok(Self { connection })
    }

    /// For looking things up with the functions of the modules.
    pub(crate) fn reading(&self) -> &Connection {
        &self.connection
    }

    /// Changes something in a transaction of its own.
    pub(crate) fn change<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

/// Now, as the database keeps it: Unix seconds.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}
