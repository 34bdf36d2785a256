//! A damaged database is put aside and rebuilt: from the second copy, and from whatever the damaged one still gives.
//!
//! Nothing is thrown away: database, log and shared memory go together into `quarantine/`. The new database is built
//! under another name and renamed when it is whole, so that a crash here is harmless too.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OpenFlags};

use super::check::Rebuilt;
use super::error::OpenError;
use super::files::Files;
use super::journal::{Head, Journal, Record};
use super::rows::{self, NewRow, Place};
use super::schema;
use crate::envelope::{Outer, RequestId, Sealed};
use crate::secret_file;

/// Folder for what was damaged.
const QUARANTINE: &str = "quarantine";
/// The database while it is rebuilt.
const NEW: &str = "rebuilt.sqlite";
/// What SQLite appends to the names of its files.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];

/// Whether the database is missing or empty though there were requests: a rebuild was cut off, or somebody took the
/// file. SQLite would begin a new one without a word.
pub(crate) fn is_missing(dir: &Path, journal: &Journal) -> bool {
    fs::metadata(dir.join(schema::FILE)).map_or(0, |found| found.len()) == 0
        && journal.read().is_ok_and(|back| !back.heads.is_empty())
}

/// Puts the damaged database aside and builds a new one. Nobody may have it open.
pub(crate) fn rebuild(
    dir: &Path,
    kiosk: &str,
    key: &VerifyingKey,
    epoch: Option<u32>,
    journal: &Journal,
    files: &Files,
) -> Result<Rebuilt, OpenError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::File { path, source }
    };
    let aside = put_aside(dir).map_err(failed(dir))?;
    let back = journal.read().map_err(failed(dir))?;
    let mut salvaged = aside.as_deref().map(salvage).unwrap_or_default();
    salvaged.epochs.extend(back.heads.iter().flat_map(|head| head.epochs.iter().copied()));

    for part in PARTS {
        let _ = fs::remove_file(dir.join(format!("{NEW}{part}")));
    }
    let newest = salvaged.epochs.last_key_value().map(|(epoch, _)| *epoch);
    // The signing key's own epoch: the one it had, or the enrolment's.
    let own = salvaged.epochs.iter().find(|(_, found)| *found == key.as_bytes()).map(|(epoch, _)| *epoch);
    let mut connection = schema::open_file(dir, NEW, kiosk, key, own.or(epoch).or(newest))?;
    let rebuilt = fill(&mut connection, kiosk, &salvaged, back.records, &back.heads, files)
        .map_err(OpenError::Database)?;
    connection.close().map_err(|(_, error)| OpenError::Database(error))?;
    let path = dir.join(schema::FILE);
    fs::rename(dir.join(NEW), &path).and_then(|()| File::open(dir)?.sync_all()).map_err(failed(&path))?;
    Ok(rebuilt)
}

/// Moves the database's files into a folder of their own; gives the folder, or `None` when there was nothing.
fn put_aside(dir: &Path) -> io::Result<Option<PathBuf>> {
    if PARTS.iter().all(|part| !dir.join(format!("{}{part}", schema::FILE)).exists()) {
        return Ok(None);
    }
    let quarantine = dir.join(QUARANTINE);
    let mut place = 1u32;
    while quarantine.join(format!("{place:04}")).exists() {
        place += 1;
    }
    let aside = quarantine.join(format!("{place:04}"));
    secret_file::private_dir(&aside).map_err(io::Error::other)?;
    for part in PARTS {
        let name = format!("{}{part}", schema::FILE);
        match fs::rename(dir.join(&name), aside.join(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    File::open(&aside)?.sync_all()?;
    File::open(dir)?.sync_all()?;
    Ok(Some(aside))
}

/// What a damaged database still gives.
#[derive(Default)]
struct Salvaged {
    epochs: BTreeMap<u32, [u8; 32]>,
    rows: Vec<OldRow>,
    meta: Vec<(String, String)>,
}

struct OldRow {
    number: u64,
    epoch: u32,
    seq: u64,
    case_number: String,
    created: i64,
    state: i64,
    outer: Vec<u8>,
    content: Option<Vec<u8>>,
    receipt: Option<(Vec<u8>, String, i64)>,
}

/// Reads a copy, because reading would change the evidence. Every error only means less.
fn salvage(aside: &Path) -> Salvaged {
    let copy = |part: &str| aside.join(format!("copy{part}"));
    for part in PARTS {
        let _ = fs::copy(aside.join(format!("{}{part}", schema::FILE)), copy(part));
    }
    let found = Connection::open_with_flags(copy(""), OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map(|connection| read_old(&connection))
        .unwrap_or_default();
    for part in PARTS {
        let _ = fs::remove_file(copy(part));
    }
    found
}

fn read_old(connection: &Connection) -> Salvaged {
    let mut salvaged = Salvaged::default();
    if let Ok(epochs) = schema::epochs(connection) {
        salvaged.epochs.extend(epochs.all());
    }
    for key in ["frozen", "platform_time"] {
        if let Ok(Some(value)) = schema::meta(connection, key) {
            salvaged.meta.push((key.to_owned(), value));
        }
    }
    let mut seen = BTreeMap::new();
    // From both ends: a broken page stops each direction once.
    for order in ["ASC", "DESC"] {
        let query = format!(
            "SELECT number, epoch, seq, case_number, created, state, outer, sealed, receipt, acceptance_number,
                 acknowledged
             FROM requests LEFT JOIN contents USING (number) ORDER BY number {order}"
        );
        let Ok(mut statement) = connection.prepare(&query) else { continue };
        let Ok(rows) = statement.query_map([], |row| {
            let receipt: Option<Vec<u8>> = row.get(8)?;
            let (acceptance, time): (Option<String>, Option<i64>) = (row.get(9)?, row.get(10)?);
            Ok(OldRow {
                number: row.get(0)?,
                epoch: row.get(1)?,
                seq: row.get(2)?,
                case_number: row.get(3)?,
                created: row.get(4)?,
                state: row.get(5)?,
                outer: row.get(6)?,
                content: row.get(7)?,
                receipt: receipt
                    .zip(acceptance)
                    .zip(time)
                    .map(|((receipt, number), time)| (receipt, number, time)),
            })
        }) else {
            continue;
        };
        for row in rows.map_while(Result::ok) {
            seen.entry(row.number).or_insert(row);
        }
    }
    salvaged.rows = seen.into_values().collect();
    salvaged
}

fn fill(
    connection: &mut Connection,
    kiosk: &str,
    salvaged: &Salvaged,
    records: Vec<Record>,
    heads: &[Head],
    files: &Files,
) -> rusqlite::Result<Rebuilt> {
    let transaction = connection.transaction()?;
    for (epoch, key) in &salvaged.epochs {
        transaction.execute(
            "INSERT INTO epochs (epoch, signing_key) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (epoch, hex::encode(key)),
        )?;
    }
    for (key, value) in &salvaged.meta {
        schema::set_meta(&transaction, key, value)?;
    }
    let epochs = schema::epochs(&transaction)?;
    // The newest record of a place is the one that was committed: an older one was taken back.
    let mut whole: BTreeMap<(u32, u64), Record> = BTreeMap::new();
    for record in records {
        let sound = epochs.key(record.epoch).and_then(|key| record.sealed.check(key).ok());
        if sound.is_some_and(|outer| is_place(&outer, kiosk, record.epoch, record.seq)) {
            whole.insert((record.epoch, record.seq), record);
        }
    }
    let mut done = BTreeMap::new();
    for row in &salvaged.rows {
        let Some(key) = epochs.key(row.epoch) else { continue };
        let Ok(outer) = Outer::verify(&row.outer, key) else { continue };
        if !is_place(&outer, kiosk, row.epoch, row.seq) {
            continue;
        }
        let sealed = Sealed {
            id: crate::envelope::outer_id(&row.outer),
            outer: row.outer.clone(),
            content: row.content.clone().unwrap_or_default(),
        };
        match &row.receipt {
            Some(receipt) if row.state == schema::ACKNOWLEDGED => {
                done.insert((row.epoch, row.seq), (row, outer, sealed, receipt));
            }
            _ if sealed.check(key).is_ok() => {
                // The database is the authority on which of two records was committed.
                let record = Record {
                    number: row.number,
                    epoch: row.epoch,
                    seq: row.seq,
                    case_number: row.case_number.clone(),
                    created: row.created,
                    sealed,
                };
                whole.insert((row.epoch, row.seq), record);
            }
            _ => {}
        }
    }
    let mut chain: BTreeMap<(u32, u64), (u64, RequestId, RequestId)> = BTreeMap::new();
    for (at, (row, outer, sealed, receipt)) in done {
        // A request that also stands in the second copy is sent again: the platform answers with the same receipt.
        if whole.contains_key(&at) {
            continue;
        }
        chain.insert(at, (row.number, outer.prev, sealed.id));
        transaction.execute(
            "INSERT INTO requests (number, epoch, seq, id, prev, case_number, created, state, outer, receipt,
                 acceptance_number, acknowledged)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?10, ?11)",
            (
                row.number,
                row.epoch,
                row.seq,
                sealed.id,
                outer.prev,
                &row.case_number,
                row.created,
                &row.outer,
                &receipt.0,
                &receipt.1,
                receipt.2,
            ),
        )?;
    }
    let restored = whole.len() as u64;
    for (at, record) in whole {
        let Some(outer) = epochs.key(record.epoch).and_then(|key| record.sealed.check(key).ok()) else {
            continue;
        };
        let attachments: Vec<_> = outer.attachments.iter().map(|hash| (*hash, files.length(hash))).collect();
        chain.insert(at, (record.number, outer.prev, record.sealed.id));
        let place = Place { number: record.number, epoch: at.0, seq: at.1, prev: outer.prev };
        let row = NewRow {
            place,
            case_number: &record.case_number,
            created: record.created,
            sealed: &record.sealed,
            attachments: &attachments,
        };
        rows::insert(&transaction, &row)?;
    }
    let missing = bases(&transaction, &chain, heads)?;
    transaction.commit()?;
    Ok(Rebuilt { restored, missing })
}

fn is_place(outer: &Outer, kiosk: &str, epoch: u32, seq: u64) -> bool {
    (outer.kiosk.as_str(), outer.epoch, outer.seq) == (kiosk, epoch, seq)
}

/// Notes where each chain begins and goes on; gives the sequences that are missing in its middle.
fn bases(
    connection: &Connection,
    chain: &BTreeMap<(u32, u64), (u64, RequestId, RequestId)>,
    heads: &[Head],
) -> rusqlite::Result<Vec<u64>> {
    let mut missing = Vec::new();
    let mut last: Option<(u32, u64)> = None;
    for ((epoch, seq), (_, prev, _)) in chain {
        match last {
            Some((before, at)) if before == *epoch => missing.extend(at.saturating_add(1)..*seq),
            _ => schema::set_base(connection, *epoch, *seq, prev)?,
        }
        last = Some((*epoch, *seq));
    }
    // The newest head may be ahead of every request that is left: then the chain goes on from there.
    if let Some(head) = heads.iter().max_by_key(|head| head.next.number) {
        let next = head.next;
        schema::set_meta(connection, "base-number", &next.number.to_string())?;
        let newest =
            chain.range((next.epoch, 0)..=(next.epoch, u64::MAX)).next_back().map(|((_, seq), _)| *seq);
        match newest {
            None => schema::set_base(connection, next.epoch, next.seq, &next.prev)?,
            Some(newest) => missing.extend(newest.saturating_add(1)..next.seq),
        }
    }
    Ok(missing)
}
