//! The platform's database: kiosks, requests, receipts.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use ed25519_dalek::{SigningKey, VerifyingKey};
use jiff::{Timestamp, tz};
use outbox::envelope::receipt::{Statement, sign_receipt};
use outbox::envelope::{Manifest, RequestId};
use outbox::secret_file;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params};

use crate::ca;
use crate::error::{EnrolmentRefusal, PlatformError};

const FILE: &str = "platform.sqlite";
const VERSION: i64 = 1;
/// How long a command waits for the running intake. A guess.
const BUSY: Duration = Duration::from_secs(5);
/// The police's day: China has one time zone and no summer time.
const CHINA: tz::Offset = tz::offset(8);

/// An enrolment with a new signing key begins an epoch; `head_seq` and `head_id` are its newest request without a gap
/// before it. A revoked epoch gives nothing more; a revoked certificate does not even get through TLS.
const TABLES: &str = "
    CREATE TABLE kiosks (
        id      TEXT PRIMARY KEY,
        epoch   INTEGER NOT NULL,
        revoked INTEGER
    ) STRICT;
    CREATE TABLE epochs (
        kiosk       TEXT NOT NULL REFERENCES kiosks (id),
        epoch       INTEGER NOT NULL,
        signing_key TEXT NOT NULL,
        enrolled    INTEGER NOT NULL,
        revoked     INTEGER,
        head_seq    INTEGER NOT NULL DEFAULT 0,
        head_id     BLOB NOT NULL CHECK (length(head_id) = 32),
        PRIMARY KEY (kiosk, epoch),
        UNIQUE (kiosk, signing_key)
    ) STRICT;
    CREATE TABLE certificates (
        fingerprint BLOB PRIMARY KEY CHECK (length(fingerprint) = 32),
        kiosk       TEXT NOT NULL REFERENCES kiosks (id),
        revoked     INTEGER
    ) STRICT;
    CREATE TABLE requests (
        number            INTEGER PRIMARY KEY AUTOINCREMENT,
        id                BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
        kiosk             TEXT NOT NULL,
        epoch             INTEGER NOT NULL,
        seq               INTEGER NOT NULL,
        prev              BLOB NOT NULL CHECK (length(prev) = 32),
        case_number       TEXT NOT NULL,
        matter            TEXT NOT NULL,
        received          INTEGER NOT NULL,
        acceptance_number TEXT NOT NULL UNIQUE,
        receipt           BLOB NOT NULL,
        entry             BLOB NOT NULL,
        UNIQUE (kiosk, epoch, seq),
        FOREIGN KEY (kiosk, epoch) REFERENCES epochs (kiosk, epoch)
    ) STRICT;
";

/// The database of one platform folder.
pub struct Store {
    connection: Connection,
}

/// An enrolled kiosk.
pub struct Kiosk {
    /// How often it was enrolled with a new signing key.
    pub epoch: u32,
    /// Whether it is refused.
    pub revoked: bool,
}

/// Whether an enrolment may begin a new epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Another signing key is a mistake.
    No,
    /// Another signing key begins a new epoch.
    Yes,
}

/// A stored request.
pub struct StoredRequest {
    /// Its name.
    pub id: RequestId,
    /// Its kiosk.
    pub kiosk: String,
    /// The kiosk's epoch.
    pub epoch: u32,
    /// Its place in the kiosk's chain.
    pub seq: u64,
    /// The name of the request before it.
    pub prev: RequestId,
    /// The kiosk's number for it.
    pub case_number: String,
    /// The matter's id.
    pub matter: String,
    /// When it came: Unix seconds.
    pub received: i64,
    /// Our number for it.
    pub acceptance_number: String,
    /// The entry as it came, sealed.
    pub entry: Vec<u8>,
}

/// What became of a request that was to be stored.
pub enum Accepted {
    /// The receipt: a new one, or the old one of the same request.
    Receipt(Vec<u8>),
    /// Another request has this sequence.
    Conflict,
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
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match found {
            0 => {
                transaction.execute_batch(TABLES)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            VERSION => {}
            found => return Err(PlatformError::Schema { found, known: VERSION }),
        }
        transaction.commit()?;
        Ok(Self { connection })
    }

    /// Records a kiosk and its certificate's fingerprint; gives its epoch.
    ///
    /// # Errors
    /// [`PlatformError::Enrolment`] for another signing key without [`Again::Yes`], for a signing key of an epoch that
    /// is over, and for a revoked kiosk with its old key.
    pub fn enrol(
        &mut self,
        kiosk: &str,
        key: &VerifyingKey,
        certificate: [u8; 32],
        again: Again,
        now: i64,
    ) -> Result<u32, PlatformError> {
        let refused = |why| Err(PlatformError::Enrolment(why));
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let epoch = match find_kiosk(&transaction, kiosk)? {
            None => begin_epoch(&transaction, kiosk, 1, key, now)?,
            Some(found) if find_key(&transaction, kiosk, found.epoch)? == Some(*key) => {
                if found.revoked {
                    return refused(EnrolmentRefusal::Revoked);
                }
                found.epoch
            }
            Some(_) if again == Again::No => return refused(EnrolmentRefusal::OtherKey),
            Some(_) if knows_key(&transaction, kiosk, key)? => return refused(EnrolmentRefusal::OtherKey),
            Some(found) => begin_epoch(&transaction, kiosk, found.epoch.saturating_add(1), key, now)?,
        };
        transaction
            .execute("INSERT INTO certificates (fingerprint, kiosk) VALUES (?1, ?2)", (certificate, kiosk))?;
        transaction.commit()?;
        Ok(epoch)
    }

    /// Refuses a kiosk, all its certificates and its epoch from now on.
    ///
    /// # Errors
    /// [`PlatformError::UnknownKiosk`].
    pub fn revoke(&mut self, kiosk: &str, now: i64) -> Result<(), PlatformError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changed = 0;
        for (table, column) in [("kiosks", "id"), ("epochs", "kiosk"), ("certificates", "kiosk")] {
            let update = format!("UPDATE {table} SET revoked = coalesce(revoked, ?2) WHERE {column} = ?1");
            changed += transaction.execute(&update, (kiosk, now))?;
        }
        transaction.commit()?;
        if changed == 0 { Err(PlatformError::UnknownKiosk(kiosk.to_owned())) } else { Ok(()) }
    }

    /// An enrolled kiosk.
    ///
    /// # Errors
    /// The database's.
    pub fn kiosk(&self, kiosk: &str) -> rusqlite::Result<Option<Kiosk>> {
        find_kiosk(&self.connection, kiosk)
    }

    /// What a kiosk's requests of an epoch must verify with, whether or not the epoch is over or revoked.
    ///
    /// # Errors
    /// The database's.
    pub fn signing_key(&self, kiosk: &str, epoch: u32) -> rusqlite::Result<Option<VerifyingKey>> {
        find_key(&self.connection, kiosk, epoch)
    }

    /// Whether a kiosk's requests of an epoch are taken: a past epoch's last ones are, a revoked one's are not.
    ///
    /// # Errors
    /// The database's.
    pub fn takes_epoch(&self, kiosk: &str, epoch: u32) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM epochs WHERE kiosk = ?1 AND epoch = ?2 AND revoked IS NULL)",
            )?
            .query_row((kiosk, epoch), |row| row.get(0))
    }

    /// Whether a client certificate with this SHA-256 was given out and not revoked.
    ///
    /// # Errors
    /// The database's.
    pub fn takes_certificate(&self, fingerprint: &[u8; 32]) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM certificates WHERE fingerprint = ?1 AND revoked IS NULL)",
            )?
            .query_row([fingerprint], |row| row.get(0))
    }

    /// The receipt of a request that came before.
    ///
    /// # Errors
    /// The database's.
    pub fn receipt_of(&self, id: &RequestId) -> rusqlite::Result<Option<Vec<u8>>> {
        find_receipt(&self.connection, id)
    }

    /// Stores a verified request and its receipt in one transaction, in whatever order requests come.
    ///
    /// # Errors
    /// The database's; nothing is stored then.
    pub fn accept(
        &mut self,
        id: RequestId,
        manifest: &Manifest,
        entry: &[u8],
        now: Timestamp,
        key: &SigningKey,
    ) -> rusqlite::Result<Accepted> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Looked up again inside the transaction: the same request may come twice at once.
        if let Some(receipt) = find_receipt(&transaction, &id)? {
            return Ok(Accepted::Receipt(receipt));
        }
        let place = (&manifest.kiosk, manifest.epoch, manifest.seq);
        let taken: bool = transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM requests WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3)",
            place,
            |row| row.get(0),
        )?;
        if taken {
            return Ok(Accepted::Conflict);
        }
        let number: i64 = transaction.query_row(
            "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'requests'",
            [],
            |row| row.get(0),
        )?;
        let acceptance_number = acceptance_number(now, number);
        transaction.execute(
            "INSERT INTO requests (number, id, kiosk, epoch, seq, prev, case_number, matter, received,
                 acceptance_number, receipt, entry)
             VALUES (:number, :id, :kiosk, :epoch, :seq, :prev, :case_number, :matter, :received,
                 :acceptance_number, x'', :entry)",
            named_params! {
                ":number": number, ":id": id, ":kiosk": manifest.kiosk, ":epoch": manifest.epoch,
                ":seq": manifest.seq, ":prev": manifest.prev, ":case_number": manifest.case_number,
                ":matter": manifest.matter, ":received": now.as_second(),
                ":acceptance_number": acceptance_number, ":entry": entry,
            },
        )?;
        let statement = Statement {
            id,
            kiosk: manifest.kiosk.clone(),
            seq: manifest.seq,
            head: advance_head(&transaction, &manifest.kiosk, manifest.epoch)?,
            time: now.as_second(),
            acceptance_number,
        };
        let receipt = sign_receipt(&statement, key).to_vec();
        transaction.execute("UPDATE requests SET receipt = ?2 WHERE number = ?1", (number, &receipt))?;
        transaction.commit()?;
        Ok(Accepted::Receipt(receipt))
    }

    /// All requests, in the order they came, given one at a time: together they may not fit into memory.
    ///
    /// # Errors
    /// The database's, or the visitor's.
    pub fn for_each_request(
        &self,
        mut visit: impl FnMut(&Self, StoredRequest) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut statement =
            self.connection.prepare(&format!("SELECT {COLUMNS} FROM requests ORDER BY number"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            visit(self, stored(row)?)?;
        }
        Ok(())
    }

    /// A request by its id's hex digits, its acceptance number or its case number.
    ///
    /// # Errors
    /// The database's.
    pub fn find_request(&self, name: &str) -> rusqlite::Result<Option<StoredRequest>> {
        self.connection
            .query_row(
                &format!(
                    "SELECT {COLUMNS} FROM requests
                     WHERE hex(id) = upper(?1) OR acceptance_number = ?1 OR case_number = ?1
                     ORDER BY number LIMIT 1"
                ),
                [name],
                stored,
            )
            .optional()
    }

    /// The id of a kiosk's request with this sequence.
    ///
    /// # Errors
    /// The database's.
    pub fn id_at(&self, kiosk: &str, epoch: u32, seq: u64) -> rusqlite::Result<Option<RequestId>> {
        find_id(&self.connection, kiosk, epoch, seq)
    }
}

const COLUMNS: &str = "id, kiosk, epoch, seq, prev, case_number, matter, received, acceptance_number, entry";

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredRequest> {
    Ok(StoredRequest {
        id: row.get(0)?,
        kiosk: row.get(1)?,
        epoch: row.get(2)?,
        seq: row.get(3)?,
        prev: row.get(4)?,
        case_number: row.get(5)?,
        matter: row.get(6)?,
        received: row.get(7)?,
        acceptance_number: row.get(8)?,
        entry: row.get(9)?,
    })
}

fn begin_epoch(
    connection: &Connection,
    kiosk: &str,
    epoch: u32,
    key: &VerifyingKey,
    now: i64,
) -> rusqlite::Result<u32> {
    connection.execute(
        "INSERT INTO kiosks (id, epoch) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET epoch = ?2, revoked = NULL",
        (kiosk, epoch),
    )?;
    connection.execute(
        "INSERT INTO epochs (kiosk, epoch, signing_key, enrolled, head_id) VALUES (?1, ?2, ?3, ?4, zeroblob(32))",
        (kiosk, epoch, hex::encode(key.as_bytes()), now),
    )?;
    Ok(epoch)
}

fn find_kiosk(connection: &Connection, kiosk: &str) -> rusqlite::Result<Option<Kiosk>> {
    connection
        .prepare_cached("SELECT epoch, revoked IS NOT NULL FROM kiosks WHERE id = ?1")?
        .query_row([kiosk], |row| Ok(Kiosk { epoch: row.get(0)?, revoked: row.get(1)? }))
        .optional()
}

fn find_key(connection: &Connection, kiosk: &str, epoch: u32) -> rusqlite::Result<Option<VerifyingKey>> {
    let found = connection
        .prepare_cached("SELECT signing_key FROM epochs WHERE kiosk = ?1 AND epoch = ?2")?
        .query_row((kiosk, epoch), |row| row.get::<_, String>(0))
        .optional()?;
    found.map(|key| ca::verifying_key(&key).ok_or(rusqlite::Error::InvalidQuery)).transpose()
}

fn knows_key(connection: &Connection, kiosk: &str, key: &VerifyingKey) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM epochs WHERE kiosk = ?1 AND signing_key = ?2)",
        (kiosk, hex::encode(key.as_bytes())),
        |row| row.get(0),
    )
}

fn find_receipt(connection: &Connection, id: &RequestId) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT receipt FROM requests WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()
}

fn find_id(
    connection: &Connection,
    kiosk: &str,
    epoch: u32,
    seq: u64,
) -> rusqlite::Result<Option<RequestId>> {
    connection
        .prepare_cached("SELECT id FROM requests WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3")?
        .query_row((kiosk, epoch, seq), |row| row.get(0))
        .optional()
}

/// Moves a kiosk's head over every request that now follows it without a gap.
fn advance_head(connection: &Connection, kiosk: &str, epoch: u32) -> rusqlite::Result<RequestId> {
    let (mut seq, mut head): (u64, RequestId) = connection.query_row(
        "SELECT head_seq, head_id FROM epochs WHERE kiosk = ?1 AND epoch = ?2",
        (kiosk, epoch),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut next = connection.prepare_cached(
        "SELECT id FROM requests WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 AND prev = ?4",
    )?;
    while let Some(id) = next.query_row((kiosk, epoch, seq + 1, head), |row| row.get(0)).optional()? {
        seq += 1;
        head = id;
    }
    connection.execute(
        "UPDATE epochs SET head_seq = ?3, head_id = ?4 WHERE kiosk = ?1 AND epoch = ?2",
        (kiosk, epoch, seq, head),
    )?;
    Ok(head)
}

/// Sixteen digits: the day of acceptance and the request's running number, which is never used twice.
fn acceptance_number(now: Timestamp, number: i64) -> String {
    let day = CHINA.to_datetime(now).date();
    format!("{:04}{:02}{:02}{:08}", day.year(), day.month(), day.day(), number.rem_euclid(100_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptance_numbers_have_sixteen_digits_and_chinas_day() {
        let evening: Timestamp = "2026-11-20T17:00:00Z".parse().unwrap();
        assert_eq!(acceptance_number(evening, 47), "2026112100000047");
    }
}
