//! Identity checks: is the person in the portrait the one of the card, or of the number as typed? Recorded, and decided by a
//! clerk or by the operator's matcher; until then pending. Nothing here makes up a score.
//!
//! A check of a request points at a sealed file of it. A check that comes before any request carries its sealed question
//! with it, which is erased soon after the decision; what stays is that somebody decided, and how.

use protocol::envelope::attachment::AttachmentHash;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Serialize, Serializer};

pub use protocol::api::checks::CheckState;

use super::journal::Line;
use super::word::Word;
use super::{Store, now};

/// How long a check without a request waits for a decision, in seconds: a citizen stands at the machine. A guess.
pub const OPEN_FOR: i64 = 15 * 60;
/// How long its content is kept after the decision, in seconds, so that a clerk can correct a slip. A guess.
pub const KEPT_FOR: i64 = 10 * 60;
/// Open checks that are listed at most: no hall has so many people waiting.
const MOST: u32 = 100;

/// An identity check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// Its name: 32 hex digits.
    pub id: String,
    /// The kiosk that asked.
    pub kiosk: String,
    /// The request that it is about; absent for a check before one.
    pub case: Option<CheckedCase>,
    /// When it was asked for: Unix seconds.
    pub asked: i64,
    /// How it stands.
    pub state: CheckState,
    /// `clerk` or `matcher`, and who or which.
    pub decided_by: Option<String>,
    /// What the matcher gave; a clerk gives none.
    pub score: Option<f64>,
    /// When it was decided: Unix seconds.
    pub decided: Option<i64>,
    /// Until when the content of a check before a request is kept, Unix seconds; absent once it is erased.
    pub kept_until: Option<i64>,
}

/// The request of a check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedCase {
    /// The kiosk's number for it.
    pub case_number: String,
    /// Our number for it.
    pub acceptance_number: String,
    /// The sealed portrait's hash.
    #[serde(serialize_with = "hex_digits")]
    pub portrait: AttachmentHash,
}

/// A decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<'a> {
    /// The new state: one that [is a decision](CheckState::is_decision).
    pub state: CheckState,
    /// `clerk NAME` or `matcher MODEL`.
    pub by: &'a str,
    /// The matcher's score.
    pub score: Option<f64>,
}

/// What became of a wish for a check.
pub(crate) enum Asked {
    Made(Check),
    There(Check),
    /// The name stands for another check.
    Other,
}

/// A check that comes before any request.
pub(crate) struct Early<'a> {
    pub(crate) kiosk: &'a str,
    pub(crate) epoch: u32,
    pub(crate) id: &'a str,
    /// SHA-256 of `sealed`.
    pub(crate) digest: [u8; 32],
    pub(crate) sealed: &'a [u8],
}

impl Store {
    /// A check by its name.
    ///
    /// # Errors
    /// The database's.
    pub fn check(&self, id: &str) -> rusqlite::Result<Option<Check>> {
        find(&self.connection, id)
    }

    /// Checks that nobody has decided for good: pending and unsure, oldest first, at most 100.
    ///
    /// # Errors
    /// The database's.
    pub fn open_checks(&self) -> rusqlite::Result<Vec<Check>> {
        self.connection
            .prepare_cached(&format!(
                "{SELECT} WHERE state IN ('pending', 'unsure') AND (request IS NOT NULL OR sealed IS NOT NULL)
                 ORDER BY checks.number LIMIT {MOST}"
            ))?
            .query_map([], read)?
            .collect()
    }

    /// Decides a check; false when there is none, it has ended, or its content is erased. A clerk may change any decision, the
    /// matcher only a pending one.
    ///
    /// # Errors
    /// The database's.
    pub fn decide_check(&mut self, id: &str, decision: &Decision<'_>) -> rusqlite::Result<bool> {
        self.change(|connection| decide(connection, id, decision, now()))
    }

    /// The sealed question of a check before a request, with its kiosk and epoch; `None` once it is erased.
    pub(crate) fn question(&self, id: &str) -> rusqlite::Result<Option<(String, u32, Vec<u8>)>> {
        self.connection
            .prepare_cached("SELECT kiosk, epoch, sealed FROM checks WHERE id = ?1 AND sealed IS NOT NULL")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()
    }

    /// Erases the content of every check whose time is over at `now`; those that nobody decided end. Says how many.
    ///
    /// # Errors
    /// The database's.
    pub fn erase_checks(&mut self, now: i64) -> rusqlite::Result<usize> {
        self.change(|connection| {
            let over: Vec<String> = connection
                .prepare_cached("SELECT id FROM checks WHERE sealed IS NOT NULL AND kept_until <= ?1")?
                .query_map([now], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for id in &over {
                erase(connection, id, now)?;
            }
            Ok(over.len())
        })
    }
}

/// Asks for a check of a request's portrait, once; `id` names a new one.
pub(crate) fn ask(
    connection: &Connection,
    request: i64,
    portrait: &AttachmentHash,
    id: &str,
) -> rusqlite::Result<Asked> {
    if let Some(there) = find_of(connection, request, portrait)? {
        return Ok(Asked::There(there));
    }
    let now = now();
    let kiosk: String = connection.query_row(
        "INSERT INTO checks (id, kiosk, epoch, request, portrait, asked)
         SELECT ?1, kiosk, epoch, number, ?3, ?4 FROM requests WHERE number = ?2 RETURNING kiosk",
        (id, request, portrait, now),
        |row| row.get(0),
    )?;
    Line::of("check-asked").kiosk(&kiosk).subject(id).write(connection, now)?;
    Ok(find(connection, id)?.map_or(Asked::Other, Asked::Made))
}

/// The check of a request's portrait.
pub(crate) fn find_of(
    connection: &Connection,
    request: i64,
    portrait: &AttachmentHash,
) -> rusqlite::Result<Option<Check>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE request = ?1 AND portrait = ?2"))?
        .query_row((request, portrait), read)
        .optional()
}

/// Asks for a check before any request, once for each name.
pub(crate) fn ask_early(connection: &Connection, early: &Early<'_>, now: i64) -> rusqlite::Result<Asked> {
    if let Some(there) = find_early(connection, early.kiosk, early.id, &early.digest)? {
        return Ok(Asked::There(there));
    }
    let made = connection.execute(
        "INSERT INTO checks (id, kiosk, epoch, digest, sealed, kept_until, asked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO NOTHING",
        (early.id, early.kiosk, early.epoch, early.digest, early.sealed, now + OPEN_FOR, now),
    )?;
    if made == 0 {
        return Ok(Asked::Other);
    }
    Line::of("check-asked").kiosk(early.kiosk).subject(early.id).write(connection, now)?;
    Ok(find(connection, early.id)?.map_or(Asked::Other, Asked::Made))
}

/// A kiosk's check before a request, when it is the one with these bytes.
pub(crate) fn find_early(
    connection: &Connection,
    kiosk: &str,
    id: &str,
    digest: &[u8; 32],
) -> rusqlite::Result<Option<Check>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE checks.id = ?1 AND checks.kiosk = ?2 AND digest = ?3"))?
        .query_row((id, kiosk, digest), read)
        .optional()
}

/// Decides a check.
pub(crate) fn decide(
    connection: &Connection,
    id: &str,
    decision: &Decision<'_>,
    now: i64,
) -> rusqlite::Result<bool> {
    let by_matcher = decision.by.starts_with("matcher");
    // After the matcher's "unsure" a clerk has as long as the citizen waits.
    let goes_on = by_matcher && decision.state == CheckState::Unsure;
    let found = connection.execute(
        "UPDATE checks SET state = ?2, decided_by = ?3, score = ?4, decided = ?5,
             kept_until = CASE WHEN sealed IS NULL OR ?7 THEN kept_until ELSE ?5 + ?8 END
         WHERE id = ?1 AND state <> 'ended' AND (request IS NOT NULL OR sealed IS NOT NULL)
             AND (NOT ?6 OR state = 'pending')",
        (id, Word(decision.state), decision.by, decision.score, now, by_matcher, goes_on, KEPT_FOR),
    )?;
    if found > 0 {
        let subject = format!("{id} {} by {}", decision.state.word(), decision.by);
        Line::of("check-decided").subject(&subject).write(connection, now)?;
    }
    Ok(found > 0)
}

/// Takes a check before a request back: nobody decides it any more, and its content goes now. False when the kiosk has no
/// such check.
pub(crate) fn end(connection: &Connection, kiosk: &str, id: &str, now: i64) -> rusqlite::Result<bool> {
    let content: Option<bool> = connection
        .prepare_cached(
            "SELECT sealed IS NOT NULL FROM checks WHERE id = ?1 AND kiosk = ?2 AND request IS NULL",
        )?
        .query_row((id, kiosk), |row| row.get(0))
        .optional()?;
    if content == Some(true) {
        erase(connection, id, now)?;
    }
    Ok(content.is_some())
}

/// Erases the content of a check; one that was pending has ended.
fn erase(connection: &Connection, id: &str, now: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE checks SET sealed = NULL, kept_until = NULL,
                 state = CASE state WHEN 'pending' THEN 'ended' ELSE state END
             WHERE id = ?1",
        )?
        .execute([id])?;
    Line::of("check-erased").subject(id).write(connection, now)
}

/// A check of this kiosk.
pub(crate) fn find_own(connection: &Connection, kiosk: &str, id: &str) -> rusqlite::Result<Option<Check>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE checks.id = ?1 AND checks.kiosk = ?2"))?
        .query_row((id, kiosk), read)
        .optional()
}

fn hex_digits<S: Serializer>(hash: &AttachmentHash, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex::encode(hash))
}

const SELECT: &str = "
    SELECT checks.id, checks.kiosk, case_number, acceptance_number, portrait, asked, state, decided_by, score, decided,
        kept_until
    FROM checks LEFT JOIN requests ON requests.number = checks.request";

fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Check>> {
    connection.prepare_cached(&format!("{SELECT} WHERE checks.id = ?1"))?.query_row([id], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Check> {
    let case = match row.get(4)? {
        None => None,
        Some(portrait) => {
            Some(CheckedCase { case_number: row.get(2)?, acceptance_number: row.get(3)?, portrait })
        }
    };
    Ok(Check {
        id: row.get(0)?,
        kiosk: row.get(1)?,
        case,
        asked: row.get(5)?,
        state: row.get(6).map(|Word(state)| state)?,
        decided_by: row.get(7)?,
        score: row.get(8)?,
        decided: row.get(9)?,
        kept_until: row.get(10)?,
    })
}
