//! The check: SQLite's own, and our chain. At the start it runs behind serving, on a connection of its own.

use faults::Fault;
use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};

use super::error::OpenError;
use super::files::Files;
use super::rows;
use super::schema::{self, ACKNOWLEDGED, Epochs};
use super::second_copy::{Extent, Found};
use protocol::envelope::attachment::AttachmentHash;
use protocol::envelope::{Outer, RequestId};

/// What the check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainReport {
    /// Sequences whose stored request no longer is what was signed: held, not sent, not erased.
    pub damaged: Vec<u64>,
    /// Sequences that do not follow the row before them.
    pub broken_links: Vec<u64>,
    /// Sequences that were damaged and are whole again, from the second copy.
    pub repaired: Vec<u64>,
    /// Set when the database was damaged, put aside and rebuilt.
    pub rebuilt: Option<Rebuilt>,
}

/// How a damaged database was rebuilt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Requests that are whole again.
    pub restored: u64,
    /// Sequences in the middle of the chain that are nowhere: report them.
    pub missing: Vec<u64>,
}

impl ChainReport {
    /// Nothing is wrong now.
    pub fn is_intact(&self) -> bool {
        self.damaged.is_empty()
            && self.broken_links.is_empty()
            && self.rebuilt.as_ref().is_none_or(|rebuilt| rebuilt.missing.is_empty())
    }
}

/// What a walk along the chain found.
#[derive(Default)]
pub(crate) struct Walk {
    pub(crate) report: ChainReport,
    /// Numbers of the damaged requests that are not acknowledged yet.
    pub(crate) damaged: Vec<u64>,
    /// Whether the second copy holds everything that waits: its end may have been torn by a power cut.
    pub(crate) copy_is_complete: bool,
}

impl Walk {
    /// Compares the second copy, as far as it went at one moment, with the requests below a number.
    pub(crate) fn with_copy(
        mut self,
        connection: &Connection,
        below: u64,
        extent: std::io::Result<Extent>,
    ) -> Self {
        let complete = || {
            let mut waiting = rows::copied(connection, below).ok()?;
            let torn = extent.ok()?.scan(|found| {
                let Found::Record(record) = found else { return };
                let Some(row) = waiting.remove(&record.sealed.id) else { return };
                // No signature covers these two, but the copy has a hash over them.
                if (&record.case_number, record.created) != (&row.case_number, row.created)
                    && !self.damaged.contains(&row.number)
                {
                    self.report.damaged.push(row.seq);
                    self.damaged.push(row.number);
                }
            });
            Some(torn.ok()? == 0 && waiting.is_empty())
        };
        self.copy_is_complete = complete() == Some(true);
        self
    }
}

struct Stored {
    number: u64,
    epoch: u32,
    seq: u64,
    id: RequestId,
    prev: RequestId,
    state: i64,
    outer: Vec<u8>,
    content: Option<Vec<u8>>,
    /// Whether its texts are texts still.
    legible: bool,
}

/// SQLite's own check, the whole of it: `quick_check` does not compare the indexes with the tables, and an index that the
/// disk changed hides requests from sending and files from the sweep.
///
/// # Errors
/// [`OpenError::Damaged`].
pub(crate) fn database(connection: &Connection) -> Result<(), OpenError> {
    let verdict: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(OpenError::Database)?;
    if verdict == "ok" { Ok(()) } else { Err(OpenError::Damaged(verdict)) }
}

/// Checks every link, every signature, every content and every file.
pub(crate) fn walk(
    connection: &Connection,
    kiosk: &str,
    files: &Files,
    stop: &dyn Fn() -> bool,
) -> Result<Walk, OpenError> {
    run(connection, kiosk, files, stop).map_err(OpenError::Database)
}

/// Tells the log what a walk found.
pub(crate) fn tell(report: &ChainReport) {
    if !report.is_intact() || report.rebuilt.is_some() || !report.repaired.is_empty() {
        tracing::error!(
            damaged = ?report.damaged, broken_links = ?report.broken_links, repaired = ?report.repaired,
            rebuilt = ?report.rebuilt, code = Fault::StoreDamaged.code(), "the stored requests were damaged"
        );
    }
}

fn run(
    connection: &Connection,
    kiosk: &str,
    files: &Files,
    stop: &dyn Fn() -> bool,
) -> rusqlite::Result<Walk> {
    let epochs = schema::epochs(connection)?;
    let mut walk = Walk::default();
    let mut expected = (0, 0, [0; 32]);
    let mut statement = connection.prepare(
        "SELECT number, epoch, seq, id, prev, state, outer, sealed, case_number
         FROM requests LEFT JOIN contents USING (number) ORDER BY epoch, seq",
    )?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        if stop() {
            return Err(rusqlite::Error::InvalidQuery);
        }
        let row = stored(row)?;
        if row.epoch != expected.0 {
            let (seq, prev) = schema::base(connection, row.epoch)?;
            expected = (row.epoch, seq, prev);
        }
        if (row.epoch, row.seq, row.prev) != expected {
            walk.report.broken_links.push(row.seq);
        }
        expected = (row.epoch, row.seq.saturating_add(1), row.id);
        if !is_sound(connection, &row, kiosk, &epochs, Some(files))? {
            walk.report.damaged.push(row.seq);
            if row.state != ACKNOWLEDGED {
                walk.damaged.push(row.number);
            }
        }
    }
    Ok(walk)
}

/// What one stored request is; nothing where there is none.
#[derive(Default)]
pub(crate) struct Looked {
    /// It is what the kiosk signed, with every file.
    pub(crate) is_whole: bool,
    /// It is what the kiosk signed; of its files some may be missing.
    pub(crate) is_signed: bool,
    /// The platform has it.
    pub(crate) is_acknowledged: bool,
    /// What the outside says, where its signature holds and it stands in its place.
    pub(crate) outer: Option<Outer>,
    /// Case number and time: no signature covers them.
    unsigned: Option<(String, i64)>,
}

impl Looked {
    /// Whether it says so where no signature covers it.
    pub(crate) fn says(&self, (case_number, created): (&str, i64)) -> bool {
        self.unsigned.as_ref().is_some_and(|found| (found.0.as_str(), found.1) == (case_number, created))
    }
}

/// Looks at one stored request, with its files or without.
pub(crate) fn one(
    connection: &Connection,
    number: u64,
    kiosk: &str,
    files: &Files,
) -> rusqlite::Result<Looked> {
    let epochs = schema::epochs(connection)?;
    let row = connection
        .query_row(
            "SELECT number, epoch, seq, id, prev, state, outer, sealed, case_number
             FROM requests LEFT JOIN contents USING (number) WHERE number = ?1",
            [number],
            stored,
        )
        .optional()?;
    let Some(row) = row else { return Ok(Looked::default()) };
    Ok(Looked {
        is_acknowledged: row.state == ACKNOWLEDGED,
        unsigned: rows::unsigned(connection, number)?,
        is_whole: is_sound(connection, &row, kiosk, &epochs, Some(files))?,
        is_signed: is_sound(connection, &row, kiosk, &epochs, None)?,
        outer: outer_of(&row, kiosk, &epochs),
    })
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        number: row.get(0)?,
        epoch: row.get(1)?,
        seq: row.get(2)?,
        id: row.get(3)?,
        prev: row.get(4)?,
        state: row.get(5)?,
        outer: row.get(6)?,
        content: row.get(7)?,
        legible: row.get_ref(8)?.as_str().is_ok(),
    })
}

/// What the row's outside says, where its signature and its columns agree.
fn outer_of(row: &Stored, kiosk: &str, epochs: &Epochs) -> Option<Outer> {
    let outer = Outer::verify(&row.outer, epochs.key(row.epoch)?).ok()?;
    let agree = protocol::envelope::outer_id(&row.outer) == row.id
        && (outer.kiosk.as_str(), outer.epoch, outer.seq, outer.prev)
            == (kiosk, row.epoch, row.seq, row.prev);
    agree.then_some(outer)
}

/// Whether the row's columns, its content and, where they are asked for, its files are those of its signature.
fn is_sound(
    connection: &Connection,
    row: &Stored,
    kiosk: &str,
    epochs: &Epochs,
    files: Option<&Files>,
) -> rusqlite::Result<bool> {
    let Some(outer) = outer_of(row, kiosk, epochs) else { return Ok(false) };
    if !row.legible && row.state != ACKNOWLEDGED {
        return Ok(false);
    }
    let Some(content) = &row.content else { return Ok(row.state == ACKNOWLEDGED) };
    if <[u8; 32]>::from(Sha256::digest(content)) != outer.content {
        return Ok(false);
    }
    if row.state == ACKNOWLEDGED {
        return Ok(true);
    }
    let listed: Vec<AttachmentHash> = connection
        .prepare_cached("SELECT hash FROM attachments WHERE number = ?1 ORDER BY place")?
        .query_map([row.number], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let are_there = files.is_none_or(|files| listed.iter().all(|hash| files.is_whole(hash)));
    Ok(listed == outer.attachments && are_there)
}
