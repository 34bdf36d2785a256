//! A damaged database is put aside and rebuilt: from the second copy, and from whatever the damaged one still gives.
//!
//! Nothing is thrown away: database, log and shared memory go together into `quarantine/`. The new database is built
//! under another name and renamed when it is whole, so that a crash here is harmless too.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OpenFlags, Row};

use super::check::Rebuilt;
use super::error::OpenError;
use super::files::Files;
use super::rows::{self, NewRow, Place};
use super::schema;
use super::second_copy::{Extent, Found, Head, Record, SecondCopy};
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
pub(crate) fn is_missing(dir: &Path, copy: &SecondCopy) -> bool {
    fs::metadata(dir.join(schema::FILE)).map_or(0, |found| found.len()) == 0 && copy.has_head()
}

/// Puts the damaged database aside and builds a new one. Nobody may have it open.
pub(crate) fn rebuild(
    dir: &Path,
    kiosk: &str,
    key: &VerifyingKey,
    epoch: Option<u32>,
    copy: &SecondCopy,
    files: &Files,
) -> Result<Rebuilt, OpenError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::File { path, source }
    };
    let aside = put_aside(dir).map_err(failed(dir))?;
    let extent = copy.extent().map_err(failed(dir))?;
    let mut heads = Vec::new();
    let read = extent.scan(|found| {
        if let Found::Head(head) = found {
            heads.push(head);
        }
    });
    read.map_err(failed(dir))?;
    let old = aside.as_deref().and_then(Old::open);
    let mut salvaged = old.as_ref().map(Old::settings).unwrap_or_default();
    salvaged.epochs.extend(heads.iter().flat_map(|head| head.epochs.iter().copied()));
    let index = Index::of(&extent, kiosk, &salvaged).map_err(failed(dir))?;
    salvaged.rows = old.map(|old| old.rows(&index)).unwrap_or_default();

    for part in PARTS {
        let _ = fs::remove_file(dir.join(format!("{NEW}{part}")));
    }
    let newest = salvaged.epochs.last_key_value().map(|(epoch, _)| *epoch);
    // The signing key's own epoch: the one it had, or the enrolment's.
    let own = salvaged.epochs.iter().find(|(_, found)| *found == key.as_bytes()).map(|(epoch, _)| *epoch);
    let mut connection = schema::open_file(dir, NEW, kiosk, key, own.or(epoch).or(newest))?;
    let sources = Sources { kiosk, salvaged: &salvaged, index: &index, extent: &extent, heads: &heads };
    let rebuilt = fill(&mut connection, &sources, files).map_err(OpenError::Database)?;
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

/// What the second copy holds, without its contents: a hundred thousand requests may wait.
#[derive(Default)]
struct Index {
    /// Of a request by its id: which record of the scan it is.
    by_id: BTreeMap<RequestId, u64>,
    /// Of a place: its newest record. An older one was taken back.
    newest: BTreeMap<(u32, u64), u64>,
}

impl Index {
    fn of(extent: &Extent, kiosk: &str, salvaged: &Salvaged) -> io::Result<Self> {
        let mut index = Self::default();
        let mut at = 0;
        extent.scan(|found| {
            let Found::Record(record) = found else { return };
            at += 1;
            let key = salvaged.epochs.get(&record.epoch).and_then(|key| VerifyingKey::from_bytes(key).ok());
            let sound = key.and_then(|key| record.sealed.check(&key).ok());
            if sound.is_some_and(|outer| is_place(&outer, kiosk, record.epoch, record.seq)) {
                index.by_id.insert(record.sealed.id, at);
                index.newest.insert((record.epoch, record.seq), at);
            }
        })?;
        Ok(index)
    }
}

/// The damaged database. A copy is read, because reading would change the evidence, and every error only means less.
struct Old {
    connection: Connection,
    copies: [PathBuf; 3],
}

impl Drop for Old {
    fn drop(&mut self) {
        for copy in &self.copies {
            let _ = fs::remove_file(copy);
        }
    }
}

impl Old {
    fn open(aside: &Path) -> Option<Self> {
        let copies = PARTS.map(|part| aside.join(format!("copy{part}")));
        for (part, copy) in PARTS.iter().zip(&copies) {
            let _ = fs::copy(aside.join(format!("{}{part}", schema::FILE)), copy);
        }
        let connection = Connection::open_with_flags(aside.join("copy"), OpenFlags::SQLITE_OPEN_READ_WRITE);
        match connection {
            Ok(connection) => Some(Self { connection, copies }),
            Err(_) => {
                copies.iter().for_each(|copy| drop(fs::remove_file(copy)));
                None
            }
        }
    }

    fn settings(&self) -> Salvaged {
        let mut salvaged = Salvaged::default();
        if let Ok(epochs) = schema::epochs(&self.connection) {
            salvaged.epochs.extend(epochs.all());
        }
        for key in ["frozen", "platform_time"] {
            if let Ok(Some(value)) = schema::meta(&self.connection, key) {
                salvaged.meta.push((key.to_owned(), value));
            }
        }
        salvaged
    }

    /// All rows that can be read; contents only of those that the second copy does not have.
    fn rows(&self, index: &Index) -> Vec<OldRow> {
        let mut seen = BTreeMap::new();
        // From both ends: a broken page stops each direction once.
        for order in ["ASC", "DESC"] {
            let query = format!(
                "SELECT number, epoch, seq, case_number, created, state, outer, sealed, receipt, acceptance_number,
                     acknowledged
                 FROM requests LEFT JOIN contents USING (number) ORDER BY number {order}"
            );
            let Ok(mut statement) = self.connection.prepare(&query) else { continue };
            let Ok(rows) = statement.query_map([], |row| old_row(row, index)) else { continue };
            for row in rows.map_while(Result::ok) {
                seen.entry(row.number).or_insert(row);
            }
        }
        seen.into_values().collect()
    }
}

fn old_row(row: &Row<'_>, index: &Index) -> rusqlite::Result<OldRow> {
    let receipt: Option<Vec<u8>> = row.get(8)?;
    let (acceptance, time): (Option<String>, Option<i64>) = (row.get(9)?, row.get(10)?);
    let outer: Vec<u8> = row.get(6)?;
    let copied = index.by_id.contains_key(&crate::envelope::outer_id(&outer));
    Ok(OldRow {
        number: row.get(0)?,
        epoch: row.get(1)?,
        seq: row.get(2)?,
        case_number: row.get(3)?,
        created: row.get(4)?,
        state: row.get(5)?,
        outer,
        content: if copied { None } else { row.get(7)? },
        receipt: receipt.zip(acceptance).zip(time).map(|((receipt, number), time)| (receipt, number, time)),
    })
}

/// What a new database is filled from.
struct Sources<'a> {
    kiosk: &'a str,
    salvaged: &'a Salvaged,
    index: &'a Index,
    extent: &'a Extent,
    heads: &'a [Head],
}

fn fill(connection: &mut Connection, from: &Sources<'_>, files: &Files) -> rusqlite::Result<Rebuilt> {
    let transaction = connection.transaction()?;
    for (epoch, key) in &from.salvaged.epochs {
        transaction.execute(
            "INSERT INTO epochs (epoch, signing_key) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (epoch, hex::encode(key)),
        )?;
    }
    for (key, value) in &from.salvaged.meta {
        schema::set_meta(&transaction, key, value)?;
    }
    let epochs = schema::epochs(&transaction)?;
    // Which record of the second copy stands for a place, and what only the database has.
    let mut chosen = from.index.newest.clone();
    let mut whole: BTreeMap<(u32, u64), Record> = BTreeMap::new();
    let mut done = BTreeMap::new();
    for row in &from.salvaged.rows {
        let Some(key) = epochs.key(row.epoch) else { continue };
        let Ok(outer) = Outer::verify(&row.outer, key) else { continue };
        if !is_place(&outer, from.kiosk, row.epoch, row.seq) {
            continue;
        }
        let at = (row.epoch, row.seq);
        let sealed = Sealed {
            id: crate::envelope::outer_id(&row.outer),
            outer: row.outer.clone(),
            content: row.content.clone().unwrap_or_default(),
        };
        match (&row.receipt, from.index.by_id.get(&sealed.id)) {
            (Some(receipt), _) if row.state == schema::ACKNOWLEDGED => {
                done.insert(at, (row, outer, sealed, receipt));
            }
            // The database is the authority on which of two records was committed.
            (_, Some(record)) => {
                chosen.insert(at, *record);
            }
            _ if sealed.check(key).is_ok() => {
                chosen.remove(&at);
                let (number, case_number, created) = (row.number, row.case_number.clone(), row.created);
                whole.insert(at, Record { number, epoch: at.0, seq: at.1, case_number, created, sealed });
            }
            _ => {}
        }
    }
    let mut chain = Chain::new();
    for (at, (row, outer, sealed, receipt)) in done {
        // A request that also stands in the second copy is sent again: the platform answers with the same receipt.
        if whole.contains_key(&at) || chosen.contains_key(&at) {
            continue;
        }
        chain.insert(at, (outer.prev, sealed.id));
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
    let mut put = |record: &Record| -> rusqlite::Result<()> {
        let outer = epochs.key(record.epoch).and_then(|key| record.sealed.check(key).ok());
        let Some(outer) = outer else { return Ok(()) };
        let attachments: Vec<_> = outer.attachments.iter().map(|hash| (*hash, files.length(hash))).collect();
        chain.insert((record.epoch, record.seq), (outer.prev, record.sealed.id));
        let place = Place { number: record.number, epoch: record.epoch, seq: record.seq, prev: outer.prev };
        let row = NewRow {
            place,
            case_number: &record.case_number,
            created: record.created,
            sealed: &record.sealed,
            attachments: &attachments,
        };
        rows::insert(&transaction, &row)
    };
    whole.values().try_for_each(&mut put)?;
    let (mut at, mut failed) = (0, Ok(()));
    // It was read twice already; what cannot be read now is missing, and said.
    let _ = from.extent.scan(|found| {
        let Found::Record(record) = found else { return };
        at += 1;
        if failed.is_ok() && chosen.get(&(record.epoch, record.seq)) == Some(&at) {
            failed = put(&record);
        }
    });
    failed?;
    let missing = bases(&transaction, &chain, from.heads)?;
    transaction.commit()?;
    Ok(Rebuilt { restored: (whole.len() + chosen.len()) as u64, missing })
}

/// Of each place: the id before, and its own.
type Chain = BTreeMap<(u32, u64), (RequestId, RequestId)>;

fn is_place(outer: &Outer, kiosk: &str, epoch: u32, seq: u64) -> bool {
    (outer.kiosk.as_str(), outer.epoch, outer.seq) == (kiosk, epoch, seq)
}

/// Notes where each chain begins and goes on; gives the sequences that are missing in its middle.
fn bases(connection: &Connection, chain: &Chain, heads: &[Head]) -> rusqlite::Result<Vec<u64>> {
    let mut missing = Vec::new();
    let mut last: Option<(u32, u64)> = None;
    for ((epoch, seq), (prev, _)) in chain {
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
