//! The database file: how it is opened, and its tables.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension};

use super::error::OpenError;
use durable::secret_file;
use protocol::envelope::RequestId;

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

/// Begins the keys of `meta` that name a refused request.
const REFUSED: &str = "refused-";

/// `number` counts through all epochs and is the order of sending; `seq` counts in one epoch.
///
/// The outer envelope stays for ever, so that the chain can be followed and verified. The sealed content lies in a
/// table of its own: acknowledging writes a short row, and the content can be erased later.
const TABLES: &str = "
    CREATE TABLE meta (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE epochs (
        epoch       INTEGER PRIMARY KEY CHECK (epoch > 0),
        signing_key TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE requests (
        number            INTEGER PRIMARY KEY CHECK (number > 0),
        epoch             INTEGER NOT NULL REFERENCES epochs (epoch),
        seq               INTEGER NOT NULL CHECK (seq > 0),
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
        outer             BLOB NOT NULL,
        UNIQUE (epoch, seq),
        CHECK ((state = 1) = (receipt IS NOT NULL)),
        CHECK ((state = 1) = (acceptance_number IS NOT NULL))
    ) STRICT;
    CREATE INDEX requests_queued ON requests (number) WHERE state = 0;
    CREATE TABLE contents (
        number INTEGER PRIMARY KEY REFERENCES requests (number),
        sealed BLOB NOT NULL
    ) STRICT;
    CREATE TABLE attachments (
        number INTEGER NOT NULL REFERENCES requests (number),
        place  INTEGER NOT NULL,
        hash   BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
        bytes  INTEGER NOT NULL,
        PRIMARY KEY (number, place)
    ) STRICT, WITHOUT ROWID;
";

/// What later releases added: columns that may be empty and indexes, which the release before neither needs nor minds. So
/// the schema's number stays.
const COLUMNS: [&str; 3] = ["attempted", "changed", "erased"];
const INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS requests_held ON requests (number) WHERE state = 2;
    CREATE INDEX IF NOT EXISTS requests_accepted ON requests (acceptance_number) WHERE acceptance_number IS NOT NULL;
";

/// Opens the database of `kiosk` in `dir`, making it on the first start.
///
/// # Errors
/// [`OpenError`]; a database that is not ours is left as it is.
pub(crate) fn open(
    dir: &Path,
    kiosk: &str,
    key: &VerifyingKey,
    epoch: Option<u32>,
) -> Result<Connection, OpenError> {
    secret_file::private_dir(dir).map_err(OpenError::Folder)?;
    open_file(dir, FILE, kiosk, key, epoch)
}

/// Opens a database of this name in `dir`.
pub(crate) fn open_file(
    dir: &Path,
    name: &str,
    kiosk: &str,
    key: &VerifyingKey,
    epoch: Option<u32>,
) -> Result<Connection, OpenError> {
    let path = dir.join(name);
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
    prepare(&mut connection, kiosk, key, epoch)?;
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
    // FAST leaves old content in freed pages until they are used again; the content is sealed.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    // A full disk must not keep a query from its temporary table.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

fn prepare(
    connection: &mut Connection,
    kiosk: &str,
    key: &VerifyingKey,
    epoch: Option<u32>,
) -> Result<(), OpenError> {
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
    } else if found != VERSION {
        return Err(OpenError::Schema { found, known: VERSION });
    }
    for column in COLUMNS {
        let known: bool = transaction
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM pragma_table_info('requests') WHERE name = ?1)",
                [column],
                |row| row.get(0),
            )
            .map_err(db)?;
        if !known {
            transaction
                .execute_batch(&format!("ALTER TABLE requests ADD COLUMN {column} INTEGER"))
                .map_err(db)?;
        }
    }
    transaction.execute_batch(INDEXES).map_err(db)?;
    // It was written with the tables: without it, pages are missing.
    let owner = meta(&transaction, "kiosk").map_err(db)?;
    let owner = owner.ok_or_else(|| OpenError::Damaged("it names no kiosk".to_owned()))?;
    if owner != kiosk {
        return Err(OpenError::OtherKiosk(owner));
    }
    enter_epoch(&transaction, key, epoch)?;
    transaction.commit().map_err(db)
}

/// The epoch of this signing key: the one on record, or a new one when the kiosk was enrolled again.
///
/// `enrolled` is the epoch of the enrolment, as far as the caller knows it.
fn enter_epoch(connection: &Connection, key: &VerifyingKey, enrolled: Option<u32>) -> Result<(), OpenError> {
    let db = OpenError::Database;
    let key = hex::encode(key.as_bytes());
    let known: Option<(u32, String)> = connection
        .query_row("SELECT epoch, signing_key FROM epochs ORDER BY epoch DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .map_err(db)?;
    let requests: i64 =
        connection.query_row("SELECT count(*) FROM requests", [], |row| row.get(0)).map_err(db)?;
    let known = match known {
        // A store that was opened before its enrolment and never used has no epoch to keep.
        Some((epoch, _)) if requests == 0 && enrolled.is_some_and(|enrolled| enrolled > epoch) => {
            connection.execute("DELETE FROM epochs", []).map_err(db)?;
            None
        }
        known => known,
    };
    let epoch = match known {
        None => enrolled.unwrap_or(1),
        Some((epoch, recorded)) if recorded == key => {
            return if enrolled.is_none_or(|enrolled| enrolled == epoch) {
                Ok(())
            } else {
                Err(OpenError::Epoch { store: epoch, enrolment: enrolled.unwrap_or(0) })
            };
        }
        Some((epoch, _)) => match enrolled {
            // A key whose epoch is over does not come back.
            Some(enrolled) if enrolled > epoch && !is_spent(connection, &key).map_err(db)? => {
                begin_anew(connection).map_err(db)?;
                enrolled
            }
            Some(_) | None => return Err(OpenError::OtherKey),
        },
    };
    connection
        .execute("INSERT INTO epochs (epoch, signing_key) VALUES (?1, ?2)", (epoch, key))
        .map_err(db)?;
    Ok(())
}

fn is_spent(connection: &Connection, key: &str) -> rusqlite::Result<bool> {
    connection
        .query_row("SELECT EXISTS (SELECT 1 FROM epochs WHERE signing_key = ?1)", [key], |row| row.get(0))
}

/// What a freeze meant ends with its epoch: the requests of a frozen epoch wait for staff, the new chain is free.
fn begin_anew(connection: &Connection) -> rusqlite::Result<()> {
    if meta(connection, "frozen")?.is_some() {
        connection.execute(
            "UPDATE requests SET state = ?1, last_code = ?2 WHERE state = ?3",
            (HELD, faults::Fault::StoreFrozen.code(), QUEUED),
        )?;
        connection.execute("DELETE FROM meta WHERE key = 'frozen'", [])?;
    }
    Ok(())
}

/// The newest epoch, and the keys of all.
pub(crate) fn epochs(connection: &Connection) -> rusqlite::Result<Epochs> {
    let mut statement = connection.prepare_cached("SELECT epoch, signing_key FROM epochs ORDER BY epoch")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let mut epochs = Vec::new();
    for row in rows {
        let (epoch, key) = row?;
        let key = hex::decode(key).ok().and_then(|key| <[u8; 32]>::try_from(key).ok());
        if let Some(key) = key.and_then(|key| VerifyingKey::from_bytes(&key).ok()) {
            epochs.push((epoch, key));
        }
    }
    Ok(Epochs(epochs))
}

/// Where an epoch's chain begins here: after a rebuild, what came before may be gone.
pub(crate) fn base(connection: &Connection, epoch: u32) -> rusqlite::Result<(u64, RequestId)> {
    Ok(link(connection, &format!("base-{epoch}"))?.unwrap_or((1, [0; 32])))
}

/// Where an epoch's chain goes on at the earliest: after a rebuild its end may be gone, and those places were given.
pub(crate) fn next(connection: &Connection, epoch: u32) -> rusqlite::Result<Option<(u64, RequestId)>> {
    link(connection, &format!("next-{epoch}"))
}

fn link(connection: &Connection, key: &str) -> rusqlite::Result<Option<(u64, RequestId)>> {
    let link = meta(connection, key)?;
    Ok(link
        .as_deref()
        .and_then(|link| link.split_once(' '))
        .and_then(|(seq, prev)| Some((seq.parse().ok()?, hex::decode(prev).ok()?.try_into().ok()?))))
}

/// Sets where an epoch's chain begins here.
pub(crate) fn set_base(
    connection: &Connection,
    epoch: u32,
    seq: u64,
    prev: &RequestId,
) -> rusqlite::Result<()> {
    set_meta(connection, &format!("base-{epoch}"), &format!("{seq} {}", hex::encode(prev)))
}

/// Sets where an epoch's chain goes on at the earliest.
pub(crate) fn set_next(
    connection: &Connection,
    epoch: u32,
    seq: u64,
    prev: &RequestId,
) -> rusqlite::Result<()> {
    set_meta(connection, &format!("next-{epoch}"), &format!("{seq} {}", hex::encode(prev)))
}

/// Notes that the citizen was told that this request was not taken.
pub(crate) fn set_refused(connection: &Connection, id: &RequestId) -> rusqlite::Result<()> {
    set_meta(connection, &format!("{REFUSED}{}", hex::encode(id)), "")
}

/// Whether the citizen was told that this request was not taken.
pub(crate) fn is_refused(connection: &Connection, id: &RequestId) -> rusqlite::Result<bool> {
    meta(connection, &format!("{REFUSED}{}", hex::encode(id))).map(|found| found.is_some())
}

/// The request that a key of `meta` is about, if it says that one was refused.
pub(crate) fn refused_id(key: &str) -> Option<RequestId> {
    hex::decode(key.strip_prefix(REFUSED)?).ok()?.try_into().ok()
}

/// The signing keys of all epochs, oldest first.
#[derive(Clone)]
pub(crate) struct Epochs(Vec<(u32, VerifyingKey)>);

impl Epochs {
    /// The epoch that new requests belong to.
    pub(crate) fn current(&self) -> u32 {
        self.0.last().map_or(1, |(epoch, _)| *epoch)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (u32, [u8; 32])> {
        self.0.iter().map(|(epoch, key)| (*epoch, key.to_bytes()))
    }

    pub(crate) fn key(&self, epoch: u32) -> Option<&VerifyingKey> {
        self.0.iter().find(|(found, _)| *found == epoch).map(|(_, key)| key)
    }
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
