//! The database of one platform folder: many read, one writes.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use durable::secret_file;
use rusqlite::{Connection, OpenFlags, Params, Row};
use tokio::sync::watch;

use super::error::StoreError;
use super::news::{News, Topic};
use super::rows::{all, one};
use super::schema;
use super::writer::Writer;
use crate::error::PlatformError;

const FILE: &str = "platform.sqlite";
/// How long one program waits for the change of another, such as a command for the running intake. A guess.
const BUSY: Duration = Duration::from_secs(5);
/// Connections that stay open to read; more are opened while more read at once. A guess.
const READERS: usize = 8;

/// The database of one platform folder. Clones share it; it ends with the last of them, when everything that was asked for is
/// on disk.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    writer: Writer,
    news: Arc<News>,
    readers: Mutex<Vec<Connection>>,
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
        let mut connection = connect(&path).map_err(StoreError::from)?;
        // What is erased is a person's portrait, and its key lies beside the database.
        connection.pragma_update(None, "secure_delete", true).map_err(StoreError::from)?;
        schema::bring_up(&mut connection)?;
        let news = Arc::new(News::default());
        let writer = Writer::start(connection, news.clone())?;
        let inner = Inner { folder: state.to_owned(), writer, news, readers: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The folder that it was opened in.
    pub(crate) fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// What happens from now on: whoever waits listens first and looks then.
    pub(crate) fn listen(&self, topic: Topic) -> watch::Receiver<()> {
        self.inner.news.listen(topic)
    }

    /// Empties the write-ahead log: what was erased stands there still. Readers and writers that are busy leave it for the next
    /// time.
    pub(crate) fn empty_log(&self) -> Result<(), StoreError> {
        let connection = connect(&self.inner.folder.join(FILE))?;
        Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Looks something up.
    pub(super) fn read<T>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.reading(|connection| Ok(look(connection)?))
    }

    /// Looks something up for somebody who may fail for reasons of their own.
    pub(super) fn reading<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle().pop();
        let connection = idle.map_or_else(|| read_only(&self.inner.folder.join(FILE)), Ok)?;
        let found = look(&connection);
        let mut idle = self.idle();
        if idle.len() < READERS {
            idle.push(connection);
        }
        found
    }

    /// Looks up at most one row.
    pub(super) fn one<T>(
        &self,
        query: &str,
        of: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.read(|connection| one(connection, query, of, read))
    }

    /// Looks up all rows.
    pub(super) fn all<T>(
        &self,
        query: &str,
        of: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.read(|connection| all(connection, query, of, read))
    }

    /// Changes something; it is on disk when this returns.
    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.run(None, work)
    }

    /// Changes something that somebody may wait for.
    pub(super) fn write_and_tell<T: Send + 'static>(
        &self,
        topic: Topic,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.run(Some(topic), work)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Store {
    /// Puts into the tables what no method does.
    pub(crate) fn put_for_test(&self, statements: String) {
        self.write(move |connection| connection.execute_batch(&statements)).unwrap();
    }

    /// How many rows a table has.
    pub(crate) fn rows_for_test(&self, table: &str) -> u64 {
        let count = format!("SELECT count(*) FROM {table}");
        self.read(|connection| connection.query_row(&count, [], |row| row.get(0))).unwrap()
    }
}

/// Makes a database's file when there is none. SQLite gives its own files the mode of the database, which holds personal data.
pub(super) fn make(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// Opens a database for one writer at a time whose every change is on disk when it is done.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}
