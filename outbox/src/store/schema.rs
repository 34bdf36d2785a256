//! The database file: how it is opened, and its tables.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension};

use super::error::OpenError;
use crate::secret_file;

/// Name of the database in the outbox's folder.
pub(crate) const FILE: &str = "outbox.sqlite";

/// The schema this release writes (`PRAGMA user_version`).
pub(crate) const VERSION: i64 = 1;

/// `PRAGMA application_id`: "BMOB".
const APPLICATION: i64 = 0x424d_4f42;

/// How long SQLite waits for another program, such as `kiosk queue list` beside the running kiosk. A guess.
const BUSY: Duration = Duration::from_secs(5);

/// Column `state`. A request being sent is `QUEUED` on disk: a crash must not leave it in between.
pub(crate) const QUEUED: i64 = 0;
pub(crate) const ACKNOWLEDGED: i64 = 1;
pub(crate) const HELD: i64 = 2;

/// Body last: SQLite then reads the short columns without following the pages of the body.
///
/// An acknowledged row has its receipt and no body; any other row has a body. SQLite itself holds to that.
const TABLES: &str = "
    CREATE TABLE meta (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE requests (
        seq               INTEGER PRIMARY KEY CHECK (seq > 0),
        id                BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
        prev              BLOB NOT NULL CHECK (length(prev) = 32),
        case_number       TEXT NOT NULL UNIQUE,
        created           INTEGER NOT NULL,
        state             INTEGER NOT NULL CHECK (state IN (0, 1, 2)),
        attempts          INTEGER NOT NULL DEFAULT 0,
        last_code         TEXT,
        last_problem      TEXT,
        acknowledged      INTEGER,
        acceptance_number TEXT,
        receipt           BLOB,
        body              BLOB,
        CHECK ((state = 1) = (body IS NULL)),
        CHECK ((state = 1) = (receipt IS NOT NULL)),
        CHECK ((state = 1) = (acceptance_number IS NOT NULL))
    ) STRICT;
    CREATE INDEX requests_queued ON requests (seq) WHERE state = 0;
";

/// Opens the database of `kiosk` in `dir`, making it on the first start.
///
/// # Errors
/// [`OpenError`]; a database that is not ours is left as it is.
pub(crate) fn open(dir: &Path, kiosk: &str, key: &VerifyingKey) -> Result<Connection, OpenError> {
    secret_file::private_dir(dir).map_err(OpenError::Folder)?;
    let path = dir.join(FILE);
    let file_failed = |source| OpenError::File { path: path.clone(), source };
    // SQLite gives its own files the mode of the database: make it 0600 before SQLite makes it looser.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(file_failed)?;
    let mut connection = connect(&path).map_err(OpenError::Database)?;
    prepare(&mut connection, kiosk, key)?;
    // The names of the database and its log must survive a power cut too.
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(file_failed)?;
    Ok(connection)
}

/// A second connection that only reads.
pub(crate) fn open_reader(dir: &Path) -> Result<Connection, OpenError> {
    let connection = connect(&dir.join(FILE)).map_err(OpenError::Database)?;
    connection.pragma_update(None, "query_only", true).map_err(OpenError::Database)?;
    Ok(connection)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // It only counts before the first table is made, and later it would write to the file at each start.
    if connection.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0))? == 0 {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
    // A mapped file turns a read error of the disk into SIGBUS.
    connection.pragma_update(None, "mmap_size", 0)?;
    // ON, not FAST: FAST leaves old content in freed pages, and the content is not sealed yet.
    connection.pragma_update(None, "secure_delete", true)?;
    // No temporary file may ever hold a piece of a request.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

fn prepare(connection: &mut Connection, kiosk: &str, key: &VerifyingKey) -> Result<(), OpenError> {
    let db = OpenError::Database;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(db)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(db)?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(db)?;
    if found == 0 && tables == 0 {
        transaction.execute_batch(TABLES).map_err(db)?;
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(db)?;
        transaction.pragma_update(None, "user_version", VERSION).map_err(db)?;
        set_meta(&transaction, "kiosk", kiosk).map_err(db)?;
        set_meta(&transaction, "signing_key", &hex::encode(key.as_bytes())).map_err(db)?;
        set_meta(&transaction, "epoch", "1").map_err(db)?;
    } else if found != VERSION {
        return Err(OpenError::Schema { found, known: VERSION });
    }
    let owner = meta(&transaction, "kiosk").map_err(db)?.unwrap_or_default();
    if owner != kiosk {
        return Err(OpenError::OtherKiosk(owner));
    }
    if meta(&transaction, "signing_key").map_err(db)? != Some(hex::encode(key.as_bytes())) {
        return Err(OpenError::OtherKey);
    }
    transaction.commit().map_err(db)
}

/// A setting of the store; `None` when it was never set.
pub(crate) fn meta(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Sets a setting of the store.
pub(crate) fn set_meta(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        )?
        .execute([key, value])
        .map(|_| ())
}
