//! The tables, a version after the other: an older database is brought up when it is opened.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::PlatformError;

/// What each version added, from 1.
const VERSIONS: &[&str] = &[REQUESTS, SERVICES];

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

/// Brings a database to the newest version, in one transaction.
pub(super) fn bring_up(connection: &mut Connection) -> Result<(), PlatformError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = VERSIONS.len() as i64;
    let missing = usize::try_from(found).ok().and_then(|found| VERSIONS.get(found..));
    let missing = missing.ok_or(PlatformError::Schema { found, known })?;
    if !missing.is_empty() {
        for tables in missing {
            transaction.execute_batch(tables)?;
        }
        transaction.pragma_update(None, "user_version", known)?;
    }
    transaction.commit()?;
    Ok(())
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
        connection.pragma_update(None, "user_version", 3).unwrap();
        let refused = bring_up(&mut connection);
        assert!(matches!(refused, Err(PlatformError::Schema { found: 3, known: 2 })));
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
