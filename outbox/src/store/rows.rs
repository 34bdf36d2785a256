//! The rows of the queue: the only place with SQL about requests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::files::Files;
use super::schema::{self, ACKNOWLEDGED, HELD, QUEUED};
use protocol::envelope::attachment::AttachmentHash;
use protocol::envelope::{self, Receipt, RequestId, Sealed};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueState {
    /// It waits.
    Queued,
    /// It is on the wire now. Only the process that sends it knows that.
    Sending,
    /// The platform has it; its body is erased here.
    Acknowledged,
    /// It is kept and not sent until staff release it.
    Held,
}

impl QueueState {
    /// The word in `kiosk queue list`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Acknowledged => "acknowledged",
            Self::Held => "held",
        }
    }
}

/// A request as staff see it: no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// Its name, 64 hex digits.
    pub id: String,
    /// Its epoch.
    pub epoch: u32,
    /// Its place in the epoch's chain.
    pub seq: u64,
    /// Its case number.
    pub case_number: String,
    /// Where it stands.
    pub state: QueueState,
    /// When it was submitted: Unix seconds.
    pub created: i64,
    /// How often it was sent.
    pub attempts: u32,
    /// The failure code of the last attempt or of the hold.
    pub last_code: Option<String>,
    /// The problem type that the platform gave with it.
    pub last_problem: Option<String>,
    /// The platform's number, once acknowledged.
    pub acceptance_number: Option<String>,
    /// When it was acknowledged: Unix seconds of the platform's clock.
    pub acknowledged: Option<i64>,
    /// When it was last tried: Unix seconds of this machine's clock, as the following.
    pub attempted: Option<i64>,
    /// Since when it is held, queued again or acknowledged; `None` for one that waits since it was created.
    pub changed: Option<i64>,
    /// When its content was erased.
    pub erased: Option<i64>,
}

/// A request as staff see it when they look closer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestDetail {
    /// What the list shows.
    pub row: QueueRow,
    /// The id of the request before it in the chain, 64 hex digits.
    pub prev: String,
    /// Bytes of its sealed content that are kept; 0 once it is erased.
    pub bytes: u64,
    /// Names and lengths of its sealed files that are kept.
    pub files: Vec<(String, u64)>,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Requests that wait to be sent.
    pub queued: u64,
    /// Requests that staff must look at.
    pub held: u64,
    /// When the oldest of both was created: Unix seconds.
    pub oldest: Option<i64>,
}

/// A request that is to be sent: sealed, and readable by nobody here.
pub struct Entry {
    /// Its name.
    pub id: RequestId,
    /// Its place among all requests of this store, through all epochs.
    pub number: u64,
    /// Its epoch.
    pub epoch: u32,
    /// Its place in the epoch's chain.
    pub seq: u64,
    /// Its case number.
    pub case_number: String,
    /// The entry as it is sent.
    pub body: Vec<u8>,
    /// Its files, in the manifest's order.
    pub attachments: Vec<StoredFile>,
}

/// A sealed attachment on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name.
    pub hash: AttachmentHash,
    /// Its length.
    pub bytes: u64,
    /// Where it lies.
    pub path: PathBuf,
}

/// A new row.
pub(crate) struct NewRow<'a> {
    pub(crate) place: Place,
    pub(crate) case_number: &'a str,
    pub(crate) created: i64,
    pub(crate) sealed: &'a Sealed,
    pub(crate) attachments: &'a [(AttachmentHash, u64)],
}

/// The end of a chain: where the next request goes.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) number: u64,
    pub(crate) epoch: u32,
    pub(crate) seq: u64,
    pub(crate) prev: RequestId,
}

impl Place {
    /// The place after this one, when the request in it has this id.
    pub(crate) fn after(self, id: RequestId) -> Self {
        let (number, seq) = (self.number.saturating_add(1), self.seq.saturating_add(1));
        Self { number, seq, prev: id, ..self }
    }
}

/// Where the next request of an epoch goes.
pub(crate) fn next_place(connection: &Connection, epoch: u32) -> rusqlite::Result<Place> {
    let number = connection
        .prepare_cached(
            "SELECT max(coalesce((SELECT max(number) FROM requests), 0) + 1,
                 coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'base-number'), 1))",
        )?
        .query_row([], |row| row.get(0))?;
    let last = connection
        // By the table alone: an index that the disk changed would give a place twice.
        .prepare_cached(
            "SELECT seq, id FROM requests NOT INDEXED WHERE epoch = ?1 ORDER BY number DESC LIMIT 1",
        )?
        .query_row([epoch], |row| Ok((row.get::<_, u64>(0)?, row.get(1)?)))
        .optional()?;
    let (seq, prev) = match last {
        Some((seq, id)) => (seq.saturating_add(1), id),
        None => schema::base(connection, epoch)?,
    };
    let (seq, prev) = schema::next(connection, epoch)?.filter(|(next, _)| *next > seq).unwrap_or((seq, prev));
    Ok(Place { number, epoch, seq, prev })
}

pub(crate) fn insert(connection: &Connection, row: &NewRow<'_>) -> rusqlite::Result<()> {
    let number = row.place.number;
    connection
        .prepare_cached(
            "INSERT INTO requests (number, epoch, seq, id, prev, case_number, created, state, outer)
             VALUES (:number, :epoch, :seq, :id, :prev, :case_number, :created, :state, :outer)",
        )?
        .execute(named_params! {
            ":number": number, ":epoch": row.place.epoch, ":seq": row.place.seq, ":id": row.sealed.id,
            ":prev": row.place.prev, ":case_number": row.case_number, ":created": row.created,
            ":state": QUEUED, ":outer": row.sealed.outer,
        })?;
    connection
        .prepare_cached("INSERT INTO contents (number, sealed) VALUES (?1, ?2)")?
        .execute((number, &row.sealed.content))?;
    let mut files = connection
        .prepare_cached("INSERT INTO attachments (number, place, hash, bytes) VALUES (?1, ?2, ?3, ?4)")?;
    for (place, (hash, bytes)) in (1i64..).zip(row.attachments) {
        files.execute((number, place, hash, bytes))?;
    }
    Ok(())
}

/// What is asked of one request before it is changed.
pub(crate) struct Found {
    pub(crate) number: u64,
    pub(crate) seq: u64,
    pub(crate) state: i64,
    pub(crate) last_code: Option<String>,
}

/// One request.
pub(crate) fn find(connection: &Connection, id: &RequestId) -> rusqlite::Result<Option<Found>> {
    connection
        .prepare_cached("SELECT number, seq, state, last_code FROM requests WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Found { number: row.get(0)?, seq: row.get(1)?, state: row.get(2)?, last_code: row.get(3)? })
        })
        .optional()
}

/// Keeps the receipt. The row stays, so that the chain can be followed; the content goes with [`erase`].
pub(crate) fn acknowledge(connection: &Connection, receipt: &Receipt, now: i64) -> rusqlite::Result<()> {
    let statement = receipt.statement();
    connection
        .prepare_cached(
            "UPDATE requests SET state = :state, receipt = :receipt, attempts = attempts + 1,
                 acceptance_number = :number, acknowledged = :time, last_code = NULL, last_problem = NULL,
                 attempted = :now, changed = :now
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":state": ACKNOWLEDGED, ":receipt": receipt.bytes(), ":number": statement.acceptance_number,
            ":time": statement.time, ":id": statement.id, ":now": now,
        })
        .map(|_| ())
}

/// Notes an attempt that failed.
pub(crate) fn attempt(
    connection: &Connection,
    id: &RequestId,
    code: &str,
    problem: Option<&str>,
    now: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE requests SET attempts = attempts + 1, last_code = :code, last_problem = :problem,
                 attempted = :now
             WHERE id = :id AND state <> :done",
        )?
        .execute(named_params! {
            ":code": code, ":problem": problem, ":now": now, ":id": id, ":done": ACKNOWLEDGED,
        })
        .map(|_| ())
}

/// Takes a request out of the queue, or puts it back with `code = None`.
pub(crate) fn hold(
    connection: &Connection,
    id: &RequestId,
    code: Option<&str>,
    now: i64,
) -> rusqlite::Result<()> {
    let state = if code.is_some() { HELD } else { QUEUED };
    connection
        .prepare_cached(
            "UPDATE requests SET state = :state, last_code = coalesce(:code, last_code),
                 changed = iif(state = :state, changed, :now)
             WHERE id = :id AND state <> :done",
        )?
        .execute(named_params! {
            ":state": state, ":code": code, ":now": now, ":id": id, ":done": ACKNOWLEDGED,
        })
        .map(|_| ())
}

/// How many requests wait to be sent; held ones do not count.
pub(crate) fn waiting(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM requests WHERE state = ?1")?
        .query_row([QUEUED], |row| row.get(0))
}

/// Erases the content of acknowledged requests, at most `most`; gives the files that are to go with it.
pub(crate) fn erase(connection: &Connection, most: u32, now: i64) -> rusqlite::Result<Vec<AttachmentHash>> {
    let numbers: Vec<u64> = connection
        .prepare_cached(
            "SELECT number FROM contents JOIN requests USING (number) WHERE state = ?1 ORDER BY number LIMIT ?2",
        )?
        .query_map((ACKNOWLEDGED, most), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut files = Vec::new();
    for number in numbers {
        let mut found = connection.prepare_cached("SELECT hash FROM attachments WHERE number = ?1")?;
        for hash in found.query_map([number], |row| row.get(0))? {
            files.push(hash?);
        }
        connection.prepare_cached("DELETE FROM attachments WHERE number = ?1")?.execute([number])?;
        connection.prepare_cached("DELETE FROM contents WHERE number = ?1")?.execute([number])?;
        connection
            .prepare_cached("UPDATE requests SET erased = ?2 WHERE number = ?1")?
            .execute((number, now))?;
    }
    Ok(files)
}

/// Whether acknowledged requests still have a content.
pub(crate) fn to_erase(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM contents JOIN requests USING (number) WHERE state = ?1)",
        )?
        .query_row([ACKNOWLEDGED], |row| row.get(0))
}

/// The number of the oldest request with a content.
pub(crate) fn oldest_content(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    connection.prepare_cached("SELECT min(number) FROM contents")?.query_row([], |row| row.get(0))
}

/// The place of the oldest request with a content.
pub(crate) fn first_content(connection: &Connection) -> rusqlite::Result<Option<Place>> {
    connection
        .prepare_cached(
            "SELECT number, epoch, seq, prev FROM requests JOIN contents USING (number) ORDER BY number LIMIT 1",
        )?
        .query_row([], place)
        .optional()
}

fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok(Place { number: row.get(0)?, epoch: row.get(1)?, seq: row.get(2)?, prev: row.get(3)? })
}

/// Gives everything with a content to `take`, oldest first, for the second copy.
pub(crate) fn each_content<E: From<rusqlite::Error>>(
    connection: &Connection,
    mut take: impl FnMut(Place, &str, i64, &Sealed) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection.prepare_cached(
        "SELECT number, epoch, seq, prev, case_number, created, outer, sealed
         FROM requests JOIN contents USING (number) ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let outer: Vec<u8> = row.get(6)?;
        let sealed = Sealed { id: envelope::outer_id(&outer), outer, content: row.get(7)? };
        take(place(row)?, &row.get::<_, String>(4)?, row.get(5)?, &sealed)?;
    }
    Ok(())
}

/// What the second copy must say of a request too.
pub(crate) struct Copied {
    pub(crate) number: u64,
    pub(crate) seq: u64,
    pub(crate) case_number: String,
    pub(crate) created: i64,
}

/// All requests with a content and a number below `below`, by their ids.
pub(crate) fn copied(connection: &Connection, below: u64) -> rusqlite::Result<BTreeMap<RequestId, Copied>> {
    // SQLite's integers are signed.
    let below = i64::try_from(below).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT id, number, seq, case_number, created FROM requests JOIN contents USING (number)
             WHERE number < ?1",
        )?
        .query_map([below], |row| {
            let (number, seq, created) = (row.get(1)?, row.get(2)?, row.get(4)?);
            Ok((row.get(0)?, Copied { number, seq, case_number: lossy(row, 3)?, created }))
        })?
        .collect()
}

/// Epoch, sequence and id of a request.
pub(crate) fn place_of(connection: &Connection, number: u64) -> rusqlite::Result<(u32, u64, RequestId)> {
    connection
        .prepare_cached("SELECT epoch, seq, id FROM requests WHERE number = ?1")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Case number and time of a request.
pub(crate) fn unsigned(connection: &Connection, number: u64) -> rusqlite::Result<Option<(String, i64)>> {
    connection
        .prepare_cached("SELECT case_number, created FROM requests WHERE number = ?1")?
        .query_row([number], |row| Ok((lossy(row, 0)?, row.get(1)?)))
        .optional()
}

/// Puts a damaged request back, with what is not signed: case number and time.
pub(crate) fn repair(
    connection: &Connection,
    number: u64,
    prev: &RequestId,
    unsigned: (&str, i64),
    sealed: &Sealed,
) -> rusqlite::Result<()> {
    let (case_number, created) = unsigned;
    connection
        .prepare_cached(
            "UPDATE requests SET id = ?2, prev = ?3, outer = ?4, case_number = ?5, created = ?6 WHERE number = ?1",
        )?
        .execute((number, sealed.id, prev, &sealed.outer, case_number, created))?;
    connection
        .prepare_cached(
            "INSERT INTO contents (number, sealed) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET sealed = ?2",
        )?
        .execute((number, &sealed.content))
        .map(|_| ())
}

/// Writes the files of a request anew, as its signature names them.
pub(crate) fn repair_files(
    connection: &Connection,
    number: u64,
    attachments: &[(AttachmentHash, u64)],
) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM attachments WHERE number = ?1")?.execute([number])?;
    for (place, (hash, bytes)) in (1i64..).zip(attachments) {
        // Damage may have given it to another request.
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO attachments (number, place, hash, bytes) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((number, place, hash, bytes))?;
    }
    Ok(())
}

/// The oldest request to be sent after the request with this number.
pub(crate) fn next_unsent(
    connection: &Connection,
    after: u64,
    files: &Files,
) -> rusqlite::Result<Option<Entry>> {
    let found = connection
        .prepare_cached(
            "SELECT number, epoch, seq, id, case_number, outer, sealed
             FROM requests JOIN contents USING (number)
             WHERE state = 0 AND number > ?1 ORDER BY number LIMIT 1",
        )?
        .query_row([after], |row| {
            Ok(Entry {
                number: row.get(0)?,
                epoch: row.get(1)?,
                seq: row.get(2)?,
                id: row.get(3)?,
                case_number: lossy(row, 4)?,
                body: envelope::join(&row.get::<_, Vec<u8>>(5)?, &row.get::<_, Vec<u8>>(6)?),
                attachments: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut entry) = found else { return Ok(None) };
    entry.attachments = connection
        .prepare_cached("SELECT hash, bytes FROM attachments WHERE number = ?1 ORDER BY place")?
        .query_map([entry.number], |row| {
            let hash: AttachmentHash = row.get(0)?;
            Ok(StoredFile { hash, bytes: row.get(1)?, path: files.path(&hash) })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Some(entry))
}

/// Every file that a request still needs: by the table, because an index can be damaged without it.
pub(crate) fn needed_files(connection: &Connection) -> rusqlite::Result<BTreeSet<AttachmentHash>> {
    connection
        .prepare_cached("SELECT hash FROM attachments NOT INDEXED")?
        .query_map([], |row| row.get(0))?
        .collect()
}

const COLUMNS: &str =
    "id, seq, case_number, state, created, attempts, last_code, last_problem, acceptance_number,
    acknowledged, number, epoch, attempted, changed, erased";

/// All rows, oldest first. `sending` are the numbers of the requests on the wire.
pub(crate) fn list(connection: &Connection, sending: &BTreeSet<u64>) -> rusqlite::Result<Vec<QueueRow>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM requests ORDER BY number"))?
        .query_map([], |row| queue_row(row, sending))?
        .collect()
}

/// One request by a name of it.
pub(crate) fn detail(
    connection: &Connection,
    name: &str,
    sending: &BTreeSet<u64>,
) -> rusqlite::Result<Option<RequestDetail>> {
    let Some(number) = number_of(connection, name)? else { return Ok(None) };
    let row = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM requests WHERE number = ?1"))?
        .query_row([number], |row| queue_row(row, sending))?;
    let prev: RequestId = connection
        .prepare_cached("SELECT prev FROM requests WHERE number = ?1")?
        .query_row([number], |row| row.get(0))?;
    let bytes = connection
        .prepare_cached("SELECT length(sealed) FROM contents WHERE number = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    let files = connection
        .prepare_cached("SELECT hash, bytes FROM attachments WHERE number = ?1 ORDER BY place")?
        .query_map([number], |row| Ok((hex::encode(row.get::<_, AttachmentHash>(0)?), row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(Some(RequestDetail { row, prev: hex::encode(prev), bytes, files }))
}

fn number_of(connection: &Connection, name: &str) -> rusqlite::Result<Option<u64>> {
    let by_name = connection
        .prepare_cached(
            "SELECT max(number) FROM requests WHERE case_number = ?1
             UNION ALL SELECT max(number) FROM requests WHERE acceptance_number = ?1",
        )?
        .query_map([name], |row| row.get::<_, Option<u64>>(0))?
        .find_map(Result::transpose)
        .transpose()?;
    // A beginning means all ids between it followed by noughts and it followed by Fs.
    let digits = name.to_ascii_lowercase();
    let bounds = [format!("{digits:0<64}"), format!("{digits:f<64}")].map(hex::decode);
    match (by_name, bounds) {
        (None, [Ok(from), Ok(to)]) if (6..=64).contains(&name.len()) => connection
            .prepare_cached("SELECT max(number) FROM requests WHERE id BETWEEN ?1 AND ?2")?
            .query_row((from, to), |row| row.get(0)),
        (found, _) => Ok(found),
    }
}

/// How much waits, and since when.
pub(crate) fn figures(connection: &Connection) -> rusqlite::Result<Figures> {
    let state = |state: i64| {
        connection
            .prepare_cached(&format!("SELECT count(*), min(number) FROM requests WHERE state = {state}"))?
            .query_row([], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, Option<u64>>(1)?)))
    };
    let ((queued, first), (held, first_held)) = (state(QUEUED)?, state(HELD)?);
    let oldest = connection
        .prepare_cached("SELECT min(created) FROM requests WHERE number IN (?1, ?2)")?
        .query_row((first, first_held), |row| row.get(0))?;
    Ok(Figures { queued, held, oldest })
}

/// Sequences of an epoch that the platform cannot have yet, ascending, at most `most`.
pub(crate) fn not_sent(connection: &Connection, epoch: u32, most: usize) -> rusqlite::Result<Vec<u64>> {
    let state = |state: i64| -> rusqlite::Result<Vec<u64>> {
        connection
            .prepare_cached(&format!(
                "SELECT seq FROM requests WHERE state = {state} AND epoch = ?1 ORDER BY number LIMIT ?2"
            ))?
            .query_map((epoch, most as u64), |row| row.get(0))?
            .collect()
    };
    let mut found = state(QUEUED)?;
    found.extend(state(HELD)?);
    found.sort_unstable();
    found.truncate(most);
    Ok(found)
}

/// Epoch and sequence of a request, if it is held.
pub(crate) fn held_place(connection: &Connection, id: &RequestId) -> rusqlite::Result<Option<(u32, u64)>> {
    connection
        .prepare_cached("SELECT epoch, seq FROM requests WHERE id = ?1 AND state = ?2")?
        .query_row((id, HELD), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// A text that the disk may have changed: one damaged row must not hide the others.
pub(crate) fn lossy(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    let bytes = row.get_ref(column)?.as_bytes_or_null()?.unwrap_or_default();
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

fn queue_row(row: &Row<'_>, sending: &BTreeSet<u64>) -> rusqlite::Result<QueueRow> {
    let number: u64 = row.get(10)?;
    let state = match row.get::<_, i64>(3)? {
        ACKNOWLEDGED => QueueState::Acknowledged,
        HELD => QueueState::Held,
        _ if sending.contains(&number) => QueueState::Sending,
        _ => QueueState::Queued,
    };
    Ok(QueueRow {
        id: hex::encode(row.get::<_, RequestId>(0)?),
        epoch: row.get(11)?,
        seq: row.get(1)?,
        case_number: lossy(row, 2)?,
        state,
        created: row.get(4)?,
        attempts: row.get(5)?,
        last_code: row.get(6)?,
        last_problem: row.get(7)?,
        acceptance_number: row.get(8)?,
        acknowledged: row.get(9)?,
        attempted: row.get(12)?,
        changed: row.get(13)?,
        erased: row.get(14)?,
    })
}
