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
pub(crate) mod uploads;
pub(crate) mod word;
pub(crate) mod writer;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use jiff::{Timestamp, tz};
use outbox::secret_file;
use rusqlite::{Connection, TransactionBehavior};

pub use kiosks::{Again, Kiosk};
pub(crate) use kiosks::{find as find_kiosk, takes_certificate};
pub(crate) use requests::{Accepted, accept, find_case, find_own_case, names_file};
pub use requests::{Case, StoredRequest};

use crate::error::PlatformError;

const FILE: &str = "platform.sqlite";
/// The police's day: China has one time zone and no summer time.
pub(crate) const CHINA: tz::Offset = tz::offset(8);
/// How long a command waits for the running intake or the running pages. A guess.
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
        make(&path).map_err(|source| PlatformError::File { path, source })?;
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
        let mut connection = connect(&path)?;
        // What is erased is a person's portrait, and its key lies beside the database.
        connection.pragma_update(None, "secure_delete", true)?;
        schema::bring_up(&mut connection)?;
        Ok(Self { connection })
    }

    /// For looking things up with the functions of the modules.
    pub(crate) fn reading(&self) -> &Connection {
        &self.connection
    }

    /// Empties the write-ahead log: what was erased stands there still. Readers and writers that are busy leave it for the next
    /// time.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn empty_log(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
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

/// Makes a database's file when there is none. SQLite gives its own files the mode of the database, which holds personal data.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// Opens a database for one writer at a time whose every change is on disk when it is done.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Now, as the database keeps it: Unix seconds.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}
