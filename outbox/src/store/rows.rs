//! The rows of the queue: the only place with SQL about requests.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use zeroize::Zeroizing;

use super::schema::{ACKNOWLEDGED, HELD, QUEUED};
use crate::envelope::{Receipt, RequestId};

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
    /// Its place in the chain.
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
}

/// A request that is to be sent. Its body is wiped on drop.
pub struct Entry {
    /// Its name.
    pub id: RequestId,
    /// Its place in the chain.
    pub seq: u64,
    /// Its case number.
    pub case_number: String,
    /// The envelope.
    pub body: Zeroizing<Vec<u8>>,
}

/// A new row.
pub(crate) struct NewRow<'a> {
    pub(crate) seq: u64,
    pub(crate) id: &'a RequestId,
    pub(crate) prev: &'a RequestId,
    pub(crate) case_number: &'a str,
    pub(crate) created: i64,
    pub(crate) body: &'a [u8],
}

/// The end of the chain: the next sequence and the id before it.
pub(crate) fn next_place(connection: &Connection) -> rusqlite::Result<(u64, RequestId)> {
    let last = connection
        .prepare_cached("SELECT seq, id FROM requests ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, u64>(0)?, row.get(1)?)))
        .optional()?;
    Ok(last.map_or((1, [0; 32]), |(seq, id)| (seq.saturating_add(1), id)))
}

pub(crate) fn insert(connection: &Connection, row: &NewRow<'_>) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO requests (seq, id, prev, case_number, created, state, body)
             VALUES (:seq, :id, :prev, :case_number, :created, :state, :body)",
        )?
        .execute(named_params! {
            ":seq": row.seq, ":id": row.id, ":prev": row.prev, ":case_number": row.case_number,
            ":created": row.created, ":state": QUEUED, ":body": row.body,
        })
        .map(|_| ())
}

/// Sequence, state and last code of a request.
pub(crate) fn find(
    connection: &Connection,
    id: &RequestId,
) -> rusqlite::Result<Option<(u64, i64, Option<String>)>> {
    connection
        .prepare_cached("SELECT seq, state, last_code FROM requests WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()
}

/// Erases the body and keeps the receipt. The row stays, so that the chain can be followed.
pub(crate) fn acknowledge(connection: &Connection, receipt: &Receipt) -> rusqlite::Result<()> {
    let statement = receipt.statement();
    connection
        .prepare_cached(
            "UPDATE requests SET body = NULL, state = :state, receipt = :receipt, attempts = attempts + 1,
                 acceptance_number = :number, acknowledged = :time, last_code = NULL, last_problem = NULL
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":state": ACKNOWLEDGED, ":receipt": receipt.bytes(), ":number": statement.acceptance_number,
            ":time": statement.time, ":id": statement.id,
        })
        .map(|_| ())
}

/// Notes an attempt that failed.
pub(crate) fn attempt(
    connection: &Connection,
    id: &RequestId,
    code: &str,
    problem: Option<&str>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE requests SET attempts = attempts + 1, last_code = :code, last_problem = :problem
             WHERE id = :id AND state <> :done",
        )?
        .execute(named_params! { ":code": code, ":problem": problem, ":id": id, ":done": ACKNOWLEDGED })
        .map(|_| ())
}

/// Takes a request out of the queue, or puts it back with `code = None`.
pub(crate) fn hold(connection: &Connection, id: &RequestId, code: Option<&str>) -> rusqlite::Result<()> {
    let state = if code.is_some() { HELD } else { QUEUED };
    connection
        .prepare_cached(
            "UPDATE requests SET state = :state, last_code = coalesce(:code, last_code)
             WHERE id = :id AND state <> :done",
        )?
        .execute(named_params! { ":state": state, ":code": code, ":id": id, ":done": ACKNOWLEDGED })
        .map(|_| ())
}

/// How many requests wait to be sent; held ones do not count.
pub(crate) fn waiting(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM requests WHERE state = ?1")?
        .query_row([QUEUED], |row| row.get(0))
}

/// The oldest request to be sent after `after`.
pub(crate) fn next_unsent(connection: &Connection, after: u64) -> rusqlite::Result<Option<Entry>> {
    connection
        .prepare_cached(
            "SELECT seq, id, case_number, body FROM requests
             WHERE state = 0 AND seq > ?1 ORDER BY seq LIMIT 1",
        )?
        .query_row([after], |row| {
            let body: Vec<u8> = row.get(3)?;
            Ok(Entry {
                seq: row.get(0)?,
                id: row.get(1)?,
                case_number: row.get(2)?,
                body: Zeroizing::new(body),
            })
        })
        .optional()
}

pub(crate) fn body(connection: &Connection, id: &RequestId) -> rusqlite::Result<Option<Zeroizing<Vec<u8>>>> {
    connection
        .prepare_cached("SELECT body FROM requests WHERE id = ?1")?
        .query_row([id], |row| row.get::<_, Option<Vec<u8>>>(0))
        .optional()
        .map(|body| body.flatten().map(Zeroizing::new))
}

/// All rows, oldest first. `sending` is the sequence on the wire, 0 for none.
pub(crate) fn list(connection: &Connection, sending: u64) -> rusqlite::Result<Vec<QueueRow>> {
    connection
        .prepare_cached(
            "SELECT id, seq, case_number, state, created, attempts, last_code, last_problem,
                 acceptance_number, acknowledged
             FROM requests ORDER BY seq",
        )?
        .query_map([], |row| queue_row(row, sending))?
        .collect()
}

fn queue_row(row: &Row<'_>, sending: u64) -> rusqlite::Result<QueueRow> {
    let seq: u64 = row.get(1)?;
    let state = match row.get::<_, i64>(3)? {
        ACKNOWLEDGED => QueueState::Acknowledged,
        HELD => QueueState::Held,
        _ if seq == sending => QueueState::Sending,
        _ => QueueState::Queued,
    };
    Ok(QueueRow {
        id: hex::encode(row.get::<_, RequestId>(0)?),
        seq,
        case_number: row.get(2)?,
        state,
        created: row.get(4)?,
        attempts: row.get(5)?,
        last_code: row.get(6)?,
        last_problem: row.get(7)?,
        acceptance_number: row.get(8)?,
        acknowledged: row.get(9)?,
    })
}
