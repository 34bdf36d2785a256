//! Requests and their receipts.

use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use protocol::envelope::receipt::{Statement, sign_receipt};
use protocol::envelope::{Manifest, RequestId};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::alarms::{self, Kind};
use super::database::Store;
use super::error::StoreError;
use super::files::keep_files;
use super::kiosks::{Denied, Peer};
use super::rows::{first, one, value};
use crate::time::CHINA;

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

/// What everybody who works with a request may know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its running number in this database.
    pub number: i64,
    /// Its kiosk.
    pub kiosk: String,
    /// The kiosk's number for it.
    pub case_number: String,
    /// Our number for it.
    pub acceptance_number: String,
    /// The matter's id.
    pub matter: String,
    /// When it came: Unix seconds.
    pub received: i64,
}

/// What became of a request that was to be stored.
pub(crate) enum Accepted {
    /// The receipt: a new one, or the old one of the same request.
    Receipt(Vec<u8>),
    /// Another request has this sequence.
    Conflict,
}

impl Store {
    /// The receipt of a request that came before.
    pub fn receipt_of(&self, id: &RequestId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| find_receipt(connection, id))
    }

    /// Stores a kiosk's verified request and its receipt, signed with `key`, in whatever order requests come. Another request
    /// under the same place is alarmed.
    pub(crate) fn accept(
        &self,
        peer: &Peer,
        id: RequestId,
        manifest: Manifest,
        entry: Vec<u8>,
        key: SigningKey,
    ) -> Result<Accepted, Denied> {
        self.write_for(peer, move |connection, _| {
            let accepted = accept(connection, id, &manifest, &entry, Timestamp::now(), &key)?;
            match accepted {
                Accepted::Receipt(_) => {
                    tracing::debug!(kiosk = manifest.kiosk, seq = manifest.seq, "a request was accepted");
                }
                Accepted::Conflict => {
                    let place = manifest.seq.to_string();
                    alarms::raise(connection, &manifest.kiosk, manifest.epoch, Kind::Fork, &place)?;
                }
            }
            Ok(accepted)
        })
    }

    /// All requests, in the order they came, given one at a time: together they may not fit into memory.
    pub fn for_each_request(
        &self,
        mut visit: impl FnMut(StoredRequest) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.reading(|connection| {
            let mut statement =
                connection.prepare(&format!("SELECT {COLUMNS} FROM requests ORDER BY number"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                visit(stored(row)?)?;
            }
            Ok(())
        })
    }

    /// The requests of a kiosk's epoch in the order of their sequences, given one at a time.
    pub fn for_each_of(
        &self,
        kiosk: &str,
        epoch: u32,
        mut visit: impl FnMut(StoredRequest) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.reading(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT {COLUMNS} FROM requests WHERE kiosk = ?1 AND epoch = ?2 ORDER BY seq"
            ))?;
            let mut rows = statement.query((kiosk, epoch))?;
            while let Some(row) = rows.next()? {
                visit(stored(row)?)?;
            }
            Ok(())
        })
    }

    /// A request by its id's hex digits, its acceptance number or its case number.
    pub fn find_request(&self, name: &str) -> Result<Option<StoredRequest>, StoreError> {
        let id = hex::decode(name).unwrap_or_default();
        self.one(
            &format!(
                "SELECT {COLUMNS} FROM requests WHERE id = ?2 OR acceptance_number = ?1 OR case_number = ?1
                     ORDER BY number LIMIT 1"
            ),
            (name, id),
            stored,
        )
    }

    /// The request of a case, by its acceptance number or its case number.
    pub fn case(&self, name: &str) -> Result<Option<Case>, StoreError> {
        self.read(|connection| find_case(connection, name))
    }

    /// A case of this kiosk, by its case number.
    pub(crate) fn own_case(&self, kiosk: &str, case_number: &str) -> Result<Option<Case>, StoreError> {
        self.read(|connection| find_own_case(connection, kiosk, case_number))
    }

    /// The id of a kiosk's request with this sequence.
    pub fn id_at(&self, kiosk: &str, epoch: u32, seq: u64) -> Result<Option<RequestId>, StoreError> {
        self.read(|connection| find_id(connection, kiosk, epoch, seq))
    }
}

fn accept(
    connection: &Connection,
    id: RequestId,
    manifest: &Manifest,
    entry: &[u8],
    now: Timestamp,
    key: &SigningKey,
) -> rusqlite::Result<Accepted> {
    // Looked up again inside the transaction: the same request may come twice at once.
    if let Some(receipt) = find_receipt(connection, &id)? {
        return Ok(Accepted::Receipt(receipt));
    }
    if find_id(connection, &manifest.kiosk, manifest.epoch, manifest.seq)?.is_some() {
        return Ok(Accepted::Conflict);
    }
    let number: i64 = value(
        connection,
        "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'requests'",
        [],
    )?;
    let statement = Statement {
        id,
        kiosk: manifest.kiosk.clone(),
        seq: manifest.seq,
        head: advance_head(connection, manifest, id)?,
        time: now.as_second(),
        acceptance_number: acceptance_number(now, number),
    };
    let receipt = sign_receipt(&statement, key).to_vec();
    connection
        .prepare_cached(
            "INSERT INTO requests (number, id, kiosk, epoch, seq, prev, case_number, matter, received,
                 acceptance_number, receipt, entry)
             VALUES (:number, :id, :kiosk, :epoch, :seq, :prev, :case_number, :matter, :received,
                 :acceptance_number, :receipt, :entry)",
        )?
        .execute(named_params! {
            ":number": number, ":id": id, ":kiosk": manifest.kiosk, ":epoch": manifest.epoch,
            ":seq": manifest.seq, ":prev": manifest.prev, ":case_number": manifest.case_number,
            ":matter": manifest.matter, ":received": statement.time,
            ":acceptance_number": statement.acceptance_number, ":receipt": receipt, ":entry": entry,
        })?;
    keep_files(connection, number, manifest.attachments.iter().map(|file| &file.hash))?;
    Ok(Accepted::Receipt(receipt))
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

/// A case of any kiosk, by its acceptance number or its case number.
pub(super) fn find_case(connection: &Connection, name: &str) -> rusqlite::Result<Option<Case>> {
    one(
        connection,
        &format!("{CASE} WHERE acceptance_number = ?1 OR case_number = ?1 ORDER BY number LIMIT 1"),
        [name],
        case,
    )
}

/// A case of this kiosk, by its case number.
pub(super) fn find_own_case(
    connection: &Connection,
    kiosk: &str,
    case_number: &str,
) -> rusqlite::Result<Option<Case>> {
    one(
        connection,
        &format!("{CASE} WHERE case_number = ?1 AND kiosk = ?2 ORDER BY number LIMIT 1"),
        (case_number, kiosk),
        case,
    )
}

const CASE: &str = "SELECT number, kiosk, case_number, acceptance_number, matter, received FROM requests";

fn case(row: &Row<'_>) -> rusqlite::Result<Case> {
    Ok(Case {
        number: row.get(0)?,
        kiosk: row.get(1)?,
        case_number: row.get(2)?,
        acceptance_number: row.get(3)?,
        matter: row.get(4)?,
        received: row.get(5)?,
    })
}

fn find_receipt(connection: &Connection, id: &RequestId) -> rusqlite::Result<Option<Vec<u8>>> {
    one(connection, "SELECT receipt FROM requests WHERE id = ?1", [id], first)
}

/// The id of a kiosk's request with this sequence.
pub(super) fn find_id(
    connection: &Connection,
    kiosk: &str,
    epoch: u32,
    seq: u64,
) -> rusqlite::Result<Option<RequestId>> {
    one(
        connection,
        "SELECT id FROM requests WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3",
        (kiosk, epoch, seq),
        first,
    )
}

/// Moves a kiosk's head over every request that follows it without a gap, with the one that is about to be stored.
fn advance_head(connection: &Connection, new: &Manifest, id: RequestId) -> rusqlite::Result<RequestId> {
    let (from, head): (u64, RequestId) = connection
        .prepare_cached("SELECT head_seq, head_id FROM epochs WHERE kiosk = ?1 AND epoch = ?2")?
        .query_row((&new.kiosk, new.epoch), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if (from + 1, head) != (new.seq, new.prev) {
        return Ok(head);
    }
    let (mut seq, mut head) = (new.seq, id);
    let mut next = connection.prepare_cached(
        "SELECT id FROM requests WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 AND prev = ?4",
    )?;
    while let Some(id) =
        next.query_row((&new.kiosk, new.epoch, seq + 1, head), |row| row.get(0)).optional()?
    {
        seq += 1;
        head = id;
    }
    connection
        .prepare_cached("UPDATE epochs SET head_seq = ?3, head_id = ?4 WHERE kiosk = ?1 AND epoch = ?2")?
        .execute((&new.kiosk, new.epoch, seq, head))?;
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
