//! A damaged database is put aside and rebuilt: from the second copy, and from whatever the damaged one still gives.
//!
//! Nothing is thrown away: database, log and shared memory go together into a folder of `quarantine/`. The new database is
//! built under another name and renamed when it is whole. Until then a marker lies in that folder: a rebuild that fails or
//! is cut off at any step is begun again, from the same damaged database.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ed25519_dalek::VerifyingKey;
use faults::Fault;
use rusqlite::{Connection, OpenFlags, Row};

use super::check::Rebuilt;
use super::error::OpenError;
use super::files::Files;
use super::rows::{self, NewRow, Place};
use super::schema;
use super::second_copy::{Extent, Found, Head, Record, SecondCopy};
use super::writer::now;
use crate::fault_points::reach;
use durable::secret_file;
use protocol::envelope::{Outer, RequestId, Sealed};

/// Folder for what was damaged.
const QUARANTINE: &str = "quarantine";
/// Lies beside a damaged database until the new one is in its place.
const MARKER: &str = "unfinished";
/// The database while it is rebuilt.
const NEW: &str = "rebuilt.sqlite";
/// What SQLite appends to the names of its files.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];
/// How much of a damaged file is given up where the disk cannot read it: a page of SQLite.
const BLOCK: usize = 4096;

/// Whether the database is missing or empty though there were requests: a rebuild was cut off, or somebody took the
/// file. SQLite would begin a new one without a word.
pub(crate) fn is_missing(dir: &Path, copy: &SecondCopy) -> bool {
    is_empty(&dir.join(schema::FILE)) && (copy.has_head() || unfinished(dir).is_some())
}

fn is_empty(path: &Path) -> bool {
    fs::metadata(path).map_or(0, |found| found.len()) == 0
}

/// Puts the damaged database aside and builds a new one. Nobody may have it open.
///
/// # Errors
/// [`OpenError`]: then there is no database, [`is_missing`] says so, and the next try goes on from the same one.
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
    // The second copy first: while it cannot be read, the database stays where it is.
    let extent = copy.extent().map_err(failed(dir))?;
    let mut heads = Vec::new();
    let read = extent.scan(|found| {
        if let Found::Head(head) = found {
            heads.push(head);
        }
    });
    read.map_err(failed(dir))?;
    let aside = put_aside(dir).map_err(failed(dir))?;
    let old = aside.as_deref().map(Old::open).transpose()?.flatten();
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
    close(connection, &dir.join(format!("{NEW}-wal")))?;
    reach("rebuilt");
    let path = dir.join(schema::FILE);
    durable::rename(&dir.join(NEW), &path).map_err(failed(&path))?;
    reach("rebuilt-named");
    if let Some(aside) = aside {
        finished(&aside).map_err(failed(&aside))?;
    }
    Ok(rebuilt)
}

/// Closes the new database with everything in one file. Closing alone says nothing when its log cannot be copied into it,
/// and the log would stay behind.
fn close(connection: Connection, log: &Path) -> Result<(), OpenError> {
    let busy: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(OpenError::Database)?;
    connection.close().map_err(|(_, error)| OpenError::Database(error))?;
    if busy || !is_empty(log) {
        let source = io::Error::other("its log is not all in the database");
        return Err(OpenError::File { path: log.to_owned(), source });
    }
    Ok(())
}

/// The folder of a rebuild that was not finished.
fn unfinished(dir: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(dir.join(QUARANTINE)).ok()?;
    folders.flatten().map(|folder| folder.path()).find(|folder| folder.join(MARKER).exists())
}

fn finished(aside: &Path) -> io::Result<()> {
    match fs::remove_file(aside.join(MARKER)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => File::open(aside)?.sync_all(),
    }
}

/// Moves the database's files into a folder of their own; gives the folder, or `None` when there was nothing.
fn put_aside(dir: &Path) -> io::Result<Option<PathBuf>> {
    let database = dir.join(schema::FILE);
    let mut begun = unfinished(dir);
    if let Some(aside) = &begun
        && aside.join(schema::FILE).exists()
        && !is_empty(&database)
    {
        // The new one was in its place already, and only the marker was left: this is another damage.
        finished(aside)?;
        begun = None;
    }
    if begun.is_none() && PARTS.iter().all(|part| !dir.join(format!("{}{part}", schema::FILE)).exists()) {
        return Ok(None);
    }
    let aside = match begun {
        Some(aside) => aside,
        None => new_folder(&dir.join(QUARANTINE), !is_empty(&database))?,
    };
    for part in PARTS {
        let name = format!("{}{part}", schema::FILE);
        // Never over what lies there already.
        let mut target = aside.join(&name);
        let mut again = 1u32;
        while target.exists() {
            target = aside.join(format!("{name}.{again}"));
            again += 1;
        }
        match fs::rename(dir.join(&name), target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => reach("put-aside"),
        }
    }
    File::open(&aside)?.sync_all()?;
    File::open(dir)?.sync_all()?;
    Ok(Some(aside))
}

/// Makes the next folder of the quarantine, and `marked` the marker in it.
fn new_folder(quarantine: &Path, marked: bool) -> io::Result<PathBuf> {
    let mut place = 1u32;
    while quarantine.join(format!("{place:04}")).exists() {
        place += 1;
    }
    let aside = quarantine.join(format!("{place:04}"));
    secret_file::private_dir(&aside).map_err(io::Error::other)?;
    if marked {
        let mut marker = OpenOptions::new();
        marker.write(true).create(true).truncate(true).mode(0o600).open(aside.join(MARKER))?.sync_all()?;
        File::open(&aside)?.sync_all()?;
        File::open(quarantine)?.sync_all()?;
        reach("marked");
    }
    Ok(aside)
}

/// What a damaged database still gives.
#[derive(Default)]
struct Salvaged {
    epochs: BTreeMap<u32, [u8; 32]>,
    rows: Vec<OldRow>,
    meta: Vec<(String, String)>,
    /// Requests that the citizen was told were not taken.
    refused: BTreeSet<RequestId>,
}

struct OldRow {
    number: u64,
    epoch: u32,
    seq: u64,
    case_number: String,
    created: i64,
    state: i64,
    last_code: Option<String>,
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
                if !salvaged.refused.contains(&record.sealed.id) {
                    index.newest.insert((record.epoch, record.seq), at);
                }
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
    /// # Errors
    /// When the copy cannot be written: then what it still gives would be less than what is there.
    fn open(aside: &Path) -> Result<Option<Self>, OpenError> {
        let copies = PARTS.map(|part| aside.join(format!("copy{part}")));
        for (part, copy) in PARTS.iter().zip(&copies) {
            copy_readable(&aside.join(format!("{}{part}", schema::FILE)), copy)
                .map_err(|source| OpenError::File { path: copy.clone(), source })?;
        }
        let connection = Connection::open_with_flags(aside.join("copy"), OpenFlags::SQLITE_OPEN_READ_WRITE);
        let Ok(connection) = connection else {
            copies.iter().for_each(|copy| drop(fs::remove_file(copy)));
            return Ok(None);
        };
        let old = Self { connection, copies };
        // Alone, SQLite needs no shared memory for the log: a full disk must not look like damage.
        let looked = old
            .connection
            .execute_batch(
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY; SELECT 1 FROM sqlite_schema;",
            )
            .map_err(OpenError::Database);
        match looked {
            Err(error) if error.is_full() => Err(error),
            Ok(()) | Err(_) => Ok(Some(old)),
        }
    }

    fn settings(&self) -> Salvaged {
        let mut salvaged = Salvaged::default();
        if let Ok(epochs) = schema::epochs(&self.connection) {
            salvaged.epochs.extend(epochs.all());
        }
        let pairs = self.connection.prepare("SELECT key, value FROM meta");
        if let Ok(mut pairs) = pairs
            && let Ok(pairs) = pairs.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
        {
            for (key, value) in readable(pairs) {
                let refused = schema::refused_id(&key);
                if refused.is_some() || key == "frozen" || key == "platform_time" {
                    salvaged.refused.extend(refused);
                    salvaged.meta.push((key, value));
                }
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
                     acknowledged, last_code
                 FROM requests LEFT JOIN contents USING (number) ORDER BY number {order}"
            );
            let Ok(mut statement) = self.connection.prepare(&query) else { continue };
            let Ok(rows) = statement.query_map([], |row| old_row(row, index)) else { continue };
            for row in readable(rows) {
                seen.entry(row.number).or_insert(row);
            }
        }
        seen.into_values().collect()
    }
}

/// Rows up to the first that SQLite cannot reach, without those that hold what they cannot.
fn readable<T>(rows: impl Iterator<Item = rusqlite::Result<T>>) -> impl Iterator<Item = T> {
    rows.take_while(|row| !matches!(row, Err(rusqlite::Error::SqliteFailure(..)))).filter_map(Result::ok)
}

/// Copies a file that may be damaged: where it cannot be read, the copy has noughts. A missing one is no error.
///
/// # Errors
/// When the copy cannot be written.
fn copy_readable(from: &Path, to: &Path) -> io::Result<()> {
    let source = match File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let length = source.metadata()?.len();
    let mut copy = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to)?;
    let mut at = 0;
    while at < length {
        let mut block = vec![0; BLOCK.min(usize::try_from(length - at).unwrap_or(BLOCK))];
        if source.read_exact_at(&mut block, at).is_err() {
            block.fill(0);
        }
        copy.write_all(&block)?;
        at += block.len() as u64;
    }
    Ok(())
}

fn old_row(row: &Row<'_>, index: &Index) -> rusqlite::Result<OldRow> {
    let receipt: Option<Vec<u8>> = row.get(8)?;
    let (acceptance, time): (Option<String>, Option<i64>) = (row.get(9)?, row.get(10)?);
    let outer: Vec<u8> = row.get(6)?;
    let copied = index.by_id.contains_key(&protocol::envelope::outer_id(&outer));
    Ok(OldRow {
        number: row.get(0)?,
        epoch: row.get(1)?,
        seq: row.get(2)?,
        case_number: rows::lossy(row, 3)?,
        created: row.get(4)?,
        state: row.get(5)?,
        last_code: row.get(11)?,
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
    let mut held = BTreeMap::new();
    for row in &from.salvaged.rows {
        // One that was held because of damage is judged anew: it may be whole in the second copy.
        if row.state == schema::HELD && row.last_code.as_deref() != Some(Fault::StoreDamaged.code()) {
            let code = row.last_code.as_deref().unwrap_or(Fault::StoreDamaged.code());
            held.insert((row.epoch, row.seq), code);
        }
        let Some(key) = epochs.key(row.epoch) else { continue };
        let Ok(outer) = Outer::verify(&row.outer, key) else { continue };
        if !is_place(&outer, from.kiosk, row.epoch, row.seq) {
            continue;
        }
        let at = (row.epoch, row.seq);
        let sealed = Sealed {
            id: protocol::envelope::outer_id(&row.outer),
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
        // One that also stands in the second copy is sent again, while that can be done: the platform answers with the
        // same receipt.
        let can_be_sent = outer.attachments.iter().all(|hash| files.length(hash) > 0);
        if can_be_sent && (whole.contains_key(&at) || chosen.contains_key(&at)) {
            continue;
        }
        whole.remove(&at);
        chosen.remove(&at);
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
        rows::insert(&transaction, &row)?;
        match held.get(&(record.epoch, record.seq)) {
            Some(code) => rows::hold(&transaction, &record.sealed.id, Some(code), now()),
            None => Ok(()),
        }
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
            Some(newest) => {
                missing.extend(newest.saturating_add(1)..next.seq);
                schema::set_next(connection, next.epoch, next.seq, &next.prev)?;
            }
        }
    }
    Ok(missing)
}
