//! The tables, a version after the other: an older database is brought up when it is opened.

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;
use super::files;
use crate::error::PlatformError;

/// What each version added, from 1: tables, and what is put into them from the older ones.
const VERSIONS: &[(&str, Fill)] =
    &[(REQUESTS, nothing), (SERVICES, nothing), (EARLY_CHECKS, files::fill_files), (BOUNDS, nothing)];

type Fill = fn(&Connection) -> rusqlite::Result<()>;

fn nothing(_: &Connection) -> rusqlite::Result<()> {
    Ok(())
}

/// An enrolment with a new signing key begins an epoch; `head_seq` and `head_id` are its newest request without a gap
/// before it. A revoked epoch gives nothing more; a revoked certificate does not even get through TLS.
const REQUESTS: &str = "
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

/// Times are Unix seconds. A `request` is the running number of one. The journal only grows.
const SERVICES: &str = "
    CREATE INDEX requests_by_case ON requests (case_number);
    CREATE TABLE journal (
        number  INTEGER PRIMARY KEY AUTOINCREMENT,
        at      INTEGER NOT NULL,
        event   TEXT NOT NULL,
        kiosk   TEXT,
        subject TEXT,
        problem TEXT
    ) STRICT;
    CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
        BEGIN SELECT raise(ABORT, 'the journal only grows'); END;
    CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal
        BEGIN SELECT raise(ABORT, 'the journal only grows'); END;
    CREATE TABLE orders (
        number     TEXT PRIMARY KEY,
        request    INTEGER NOT NULL UNIQUE REFERENCES requests (number),
        amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
        opened     INTEGER NOT NULL,
        paid       INTEGER
    ) STRICT;
    CREATE TABLE progress (
        number  INTEGER PRIMARY KEY AUTOINCREMENT,
        request INTEGER NOT NULL REFERENCES requests (number),
        state   TEXT NOT NULL,
        note    TEXT,
        at      INTEGER NOT NULL,
        clerk   TEXT
    ) STRICT;
    CREATE INDEX progress_by_request ON progress (request);
    CREATE TABLE heartbeats (
        kiosk    TEXT PRIMARY KEY REFERENCES kiosks (id),
        received INTEGER NOT NULL,
        clock    INTEGER NOT NULL,
        version  TEXT NOT NULL,
        uptime_s INTEGER NOT NULL,
        queued   INTEGER NOT NULL,
        held     INTEGER NOT NULL,
        oldest_s INTEGER,
        devices  TEXT NOT NULL
    ) STRICT;
    CREATE TABLE calls (
        kiosk    TEXT NOT NULL REFERENCES kiosks (id),
        id       TEXT NOT NULL,
        opened   INTEGER NOT NULL,
        answered INTEGER,
        ended    INTEGER,
        PRIMARY KEY (kiosk, id)
    ) STRICT;
    CREATE INDEX calls_that_ring ON calls (opened) WHERE ended IS NULL;
    CREATE TABLE checks (
        number     INTEGER PRIMARY KEY AUTOINCREMENT,
        id         TEXT NOT NULL UNIQUE,
        request    INTEGER NOT NULL REFERENCES requests (number),
        portrait   BLOB NOT NULL CHECK (length(portrait) = 32),
        asked      INTEGER NOT NULL,
        state      TEXT NOT NULL DEFAULT 'pending',
        decided_by TEXT,
        score      REAL,
        decided    INTEGER,
        UNIQUE (request, portrait)
    ) STRICT;
    CREATE TABLE slots (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        office TEXT NOT NULL,
        starts INTEGER NOT NULL,
        ends   INTEGER NOT NULL CHECK (ends > starts),
        places INTEGER NOT NULL CHECK (places > 0),
        UNIQUE (office, starts)
    ) STRICT;
    CREATE INDEX slots_by_start ON slots (starts);
    CREATE TABLE appointments (
        kiosk     TEXT NOT NULL REFERENCES kiosks (id),
        id        TEXT NOT NULL,
        slot      INTEGER NOT NULL REFERENCES slots (number),
        request   INTEGER REFERENCES requests (number),
        booked    INTEGER NOT NULL,
        cancelled INTEGER,
        PRIMARY KEY (kiosk, id)
    ) STRICT;
    CREATE INDEX appointments_by_slot ON appointments (slot) WHERE cancelled IS NULL;
    CREATE UNIQUE INDEX one_appointment_a_case ON appointments (request) WHERE cancelled IS NULL;
    CREATE TABLE catalogues (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        put    INTEGER NOT NULL,
        signed BLOB NOT NULL
    ) STRICT;
    CREATE TABLE heads (
        number       INTEGER PRIMARY KEY AUTOINCREMENT,
        digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        kiosk        TEXT NOT NULL,
        epoch        INTEGER NOT NULL,
        seq          INTEGER NOT NULL,
        hash         BLOB NOT NULL CHECK (length(hash) = 32),
        journal_seq  INTEGER NOT NULL,
        journal_hash BLOB NOT NULL CHECK (length(journal_hash) = 32),
        time         INTEGER NOT NULL,
        received     INTEGER NOT NULL,
        signed       BLOB NOT NULL,
        FOREIGN KEY (kiosk, epoch) REFERENCES epochs (kiosk, epoch)
    ) STRICT;
    CREATE INDEX heads_by_place ON heads (kiosk, epoch, seq);
    CREATE TABLE alarms (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        kiosk  TEXT NOT NULL REFERENCES kiosks (id),
        epoch  INTEGER NOT NULL,
        kind   TEXT NOT NULL,
        detail TEXT NOT NULL,
        raised INTEGER NOT NULL,
        ended  INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX alarms_that_stand ON alarms (kiosk, epoch, kind, detail) WHERE ended IS NULL;
";

/// A check belongs to a request, with the hash of its portrait, or came before one, sealed: then `digest` is the SHA-256 of
/// what was sent and stays, `sealed` goes at `kept_until`. `files` says which requests name a sealed file. A signed head of the
/// clerks' journal stands here because that journal is another database: who changes one has to change both.
const EARLY_CHECKS: &str = "
    CREATE TABLE files (
        hash    BLOB NOT NULL CHECK (length(hash) = 32),
        request INTEGER NOT NULL REFERENCES requests (number),
        PRIMARY KEY (hash, request)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE checks RENAME TO checks_of_requests;
    CREATE TABLE checks (
        number     INTEGER PRIMARY KEY AUTOINCREMENT,
        id         TEXT NOT NULL UNIQUE,
        kiosk      TEXT NOT NULL REFERENCES kiosks (id),
        epoch      INTEGER NOT NULL,
        request    INTEGER REFERENCES requests (number),
        portrait   BLOB CHECK (length(portrait) = 32),
        digest     BLOB CHECK (length(digest) = 32),
        sealed     BLOB,
        kept_until INTEGER,
        asked      INTEGER NOT NULL,
        state      TEXT NOT NULL DEFAULT 'pending',
        decided_by TEXT,
        score      REAL,
        decided    INTEGER,
        UNIQUE (request, portrait),
        CHECK ((request IS NULL) = (portrait IS NULL)),
        CHECK ((request IS NULL) = (digest IS NOT NULL)),
        CHECK ((sealed IS NULL) = (kept_until IS NULL))
    ) STRICT;
    INSERT INTO checks (number, id, kiosk, epoch, request, portrait, asked, state, decided_by, score, decided)
        SELECT c.number, c.id, r.kiosk, r.epoch, c.request, c.portrait, c.asked, c.state, c.decided_by, c.score, c.decided
        FROM checks_of_requests c JOIN requests r ON r.number = c.request;
    DROP TABLE checks_of_requests;
    CREATE INDEX checks_that_wait ON checks (number) WHERE state IN ('pending', 'unsure');
    CREATE INDEX checks_with_content ON checks (kept_until) WHERE sealed IS NOT NULL;
    CREATE TABLE clerk_heads (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        lines  INTEGER NOT NULL,
        hash   BLOB NOT NULL CHECK (length(hash) = 32),
        at     INTEGER NOT NULL,
        signed BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER clerk_heads_are_not_changed BEFORE UPDATE ON clerk_heads
        BEGIN SELECT raise(ABORT, 'signed heads only grow'); END;
    CREATE TRIGGER clerk_heads_are_not_cut BEFORE DELETE ON clerk_heads
        BEGIN SELECT raise(ABORT, 'signed heads only grow'); END;
";

/// What one kiosk may leave behind is bounded: `uploads` are its sealed files that no request named when they came, `repeats`
/// how often it caused a line of the journal again.
const BOUNDS: &str = "
    CREATE TABLE uploads (
        kiosk TEXT NOT NULL REFERENCES kiosks (id),
        hash  BLOB NOT NULL CHECK (length(hash) = 32),
        bytes INTEGER NOT NULL,
        begun INTEGER NOT NULL,
        PRIMARY KEY (kiosk, hash)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE repeats (
        line  INTEGER PRIMARY KEY REFERENCES journal (number),
        kiosk TEXT,
        kind  TEXT NOT NULL,
        first INTEGER NOT NULL,
        more  INTEGER NOT NULL DEFAULT 0,
        last  INTEGER
    ) STRICT;
    CREATE INDEX repeats_by_kind ON repeats (kiosk, kind, line);
";

/// Brings a database to the newest version, in one transaction.
pub(super) fn bring_up(connection: &mut Connection) -> Result<(), PlatformError> {
    let known = VERSIONS.len() as i64;
    match bring_up_to(known, connection).map_err(StoreError::from)? {
        found if (0..=known).contains(&found) => Ok(()),
        found => Err(PlatformError::Schema { found, known }),
    }
}

/// Adds what is missing, and gives the version that was there; to one that is not ours nothing is added.
fn bring_up_to(known: i64, connection: &mut Connection) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = usize::try_from(found).ok().and_then(|found| VERSIONS.get(found..)).unwrap_or_default();
    for (tables, fill) in missing {
        transaction.execute_batch(tables)?;
        fill(&transaction)?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "user_version", known)?;
    }
    transaction.commit()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_database_is_brought_up_and_a_newer_one_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(REQUESTS).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection.execute("INSERT INTO kiosks (id, epoch) VALUES ('1', 1)", []).unwrap();
        bring_up(&mut connection).unwrap();
        bring_up(&mut connection).unwrap();
        let kept: i64 = connection.query_row("SELECT count(*) FROM kiosks", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
        connection.query_row("SELECT count(*) FROM alarms", [], |_| Ok(())).unwrap();
        connection.pragma_update(None, "user_version", 5).unwrap();
        let refused = bring_up(&mut connection);
        assert!(matches!(refused, Err(PlatformError::Schema { found: 5, known: 4 })));
    }

    #[test]
    fn checks_of_the_second_version_are_kept_and_files_of_its_requests_are_known() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&[REQUESTS, SERVICES].concat()).unwrap();
        connection.pragma_update(None, "user_version", 2).unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        connection
            .execute_batch(
                "INSERT INTO kiosks (id, epoch) VALUES ('110101-0007', 1);
                 INSERT INTO epochs (kiosk, epoch, signing_key, enrolled, head_id)
                     VALUES ('110101-0007', 1, '', 0, zeroblob(32));
                 INSERT INTO requests (id, kiosk, epoch, seq, prev, case_number, matter, received, acceptance_number, receipt,
                     entry) VALUES (zeroblob(32), '110101-0007', 1, 1, zeroblob(32), 'c', 'm', 0, 'a', x'', x'');
                 INSERT INTO checks (id, request, portrait, asked, state, score) VALUES ('x', 1, zeroblob(32), 5, 'match', 0.5)",
            )
            .unwrap();
        let vector = include_str!("../../../docs/envelope.md");
        let entry = vector.split_once("entry:\n    ").unwrap().1.lines().next().unwrap();
        connection.execute("UPDATE requests SET entry = ?1", [hex::decode(entry).unwrap()]).unwrap();
        bring_up(&mut connection).unwrap();
        let kept: (String, u32, String, f64) = connection
            .query_row("SELECT kiosk, epoch, state, score FROM checks WHERE id = 'x'", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .unwrap();
        assert_eq!(kept, ("110101-0007".into(), 1, "match".into(), 0.5));
        let files: Vec<(String, i64)> = connection
            .prepare("SELECT lower(hex(hash)), request FROM files")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let named = "37420acfe5ae03db0f10674fc3a16bc0e565a0fc8251dad768586051289fdd01";
        assert_eq!(files, [(named.to_owned(), 1)]);
    }

    #[test]
    fn the_journal_only_grows() {
        let mut connection = Connection::open_in_memory().unwrap();
        bring_up(&mut connection).unwrap();
        connection.execute("INSERT INTO journal (at, event) VALUES (1, 'refused')", []).unwrap();
        assert!(connection.execute("UPDATE journal SET at = 2", []).is_err());
        assert!(connection.execute("DELETE FROM journal", []).is_err());
    }
}
