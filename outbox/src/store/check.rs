//! The check at the start: SQLite's own, and our chain.

use ed25519_dalek::VerifyingKey;
use faults::Fault;
use rusqlite::{Connection, Row};
use zeroize::Zeroizing;

use super::error::OpenError;
use super::rows;
use super::schema::ACKNOWLEDGED;
use crate::envelope::{self, RequestId};

/// What the check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainReport {
    /// Sequences whose stored request no longer is what was signed: held, not sent, not erased.
    pub damaged: Vec<u64>,
    /// Sequences that do not follow the row before them.
    pub broken_links: Vec<u64>,
}

impl ChainReport {
    /// Nothing is wrong.
    pub fn is_intact(&self) -> bool {
        self.damaged.is_empty() && self.broken_links.is_empty()
    }
}

struct Stored {
    seq: u64,
    id: RequestId,
    prev: RequestId,
    case_number: String,
    state: i64,
    body: Option<Zeroizing<Vec<u8>>>,
}

/// Checks the file, every link of the chain and every body; damaged requests are held.
///
/// # Errors
/// [`OpenError::Damaged`] when SQLite's `quick_check` fails: then nothing was changed.
pub(crate) fn run(
    connection: &mut Connection,
    kiosk: &str,
    key: &VerifyingKey,
) -> Result<ChainReport, OpenError> {
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(OpenError::Database)?;
    if verdict != "ok" {
        return Err(OpenError::Damaged(verdict));
    }
    let (report, to_hold) = walk(connection, kiosk, key).map_err(OpenError::Database)?;
    if !to_hold.is_empty() {
        hold(connection, &to_hold).map_err(OpenError::Database)?;
    }
    if !report.is_intact() {
        tracing::error!(
            damaged = ?report.damaged, broken_links = ?report.broken_links, code = Fault::StoreDamaged.code(),
            "the chain of stored requests is damaged"
        );
    }
    Ok(report)
}

/// Whether `body` is what the kiosk signed under this row.
pub(crate) fn is_sound(body: &[u8], id: &RequestId, seq: u64, kiosk: &str, key: &VerifyingKey) -> bool {
    envelope::id(body) == *id
        && envelope::verify(body, key).is_ok_and(|manifest| manifest.seq == seq && manifest.kiosk == kiosk)
}

fn walk(
    connection: &Connection,
    kiosk: &str,
    key: &VerifyingKey,
) -> rusqlite::Result<(ChainReport, Vec<RequestId>)> {
    let mut report = ChainReport::default();
    let mut to_hold = Vec::new();
    let mut expected = (1, [0; 32]);
    let mut statement =
        connection.prepare("SELECT seq, id, prev, case_number, state, body FROM requests ORDER BY seq")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let row = stored(row)?;
        if (row.seq, row.prev) != expected {
            report.broken_links.push(row.seq);
        }
        expected = (row.seq.saturating_add(1), row.id);
        if row.state != ACKNOWLEDGED && !matches(&row, kiosk, key) {
            report.damaged.push(row.seq);
            to_hold.push(row.id);
        }
    }
    Ok((report, to_hold))
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        seq: row.get(0)?,
        id: row.get(1)?,
        prev: row.get(2)?,
        case_number: row.get(3)?,
        state: row.get(4)?,
        body: row.get::<_, Option<Vec<u8>>>(5)?.map(Zeroizing::new),
    })
}

/// Whether the row's columns say what its signed body says.
fn matches(row: &Stored, kiosk: &str, key: &VerifyingKey) -> bool {
    let Some(body) = &row.body else { return false };
    envelope::id(body) == row.id
        && envelope::verify(body, key).is_ok_and(|manifest| {
            manifest.seq == row.seq
                && manifest.prev == row.prev
                && manifest.case_number == row.case_number
                && manifest.kiosk == kiosk
        })
}

fn hold(connection: &mut Connection, ids: &[RequestId]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for id in ids {
        rows::hold(&transaction, id, Some(Fault::StoreDamaged.code()))?;
    }
    transaction.commit()
}
