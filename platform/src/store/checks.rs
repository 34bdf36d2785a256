//! Identity checks: is the person in the portrait the one of the card, or of the number as typed? Recorded, and decided by a
//! clerk or by the operator's matcher; until then pending. Nothing here makes up a score.
//!
//! A check of a request points at a sealed file of it. A check that comes before any request carries its sealed question
//! with it, which is erased soon after the decision; what stays is that somebody decided, and how.

use protocol::envelope::attachment::AttachmentHash;
use rusqlite::{Connection, Row};
use serde::{Serialize, Serializer};

pub use protocol::api::checks::CheckState;

use super::database::Store;
use super::error::StoreError;
use super::files::names_file;
use super::journal::Line;
use super::kiosks::{Denied, Peer};
use super::news::Topic;
use super::requests::find_own_case;
use super::rows::{all, first, one};
use super::word::Word;
use crate::time::now;

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
    /// The kiosk has no such case.
    NoCase,
    /// The case has no such file.
    NoPortrait,
}

/// A check that comes before any request.
pub(crate) struct Early {
    pub(crate) epoch: u32,
    pub(crate) id: String,
    /// SHA-256 of `sealed`.
    pub(crate) digest: [u8; 32],
    pub(crate) sealed: Vec<u8>,
}

impl Store {
    /// A check by its name.
    pub fn check(&self, id: &str) -> Result<Option<Check>, StoreError> {
        self.read(|connection| find(connection, id))
    }

    /// Checks that nobody has decided for good: pending and unsure, oldest first, at most 100.
    pub fn open_checks(&self) -> Result<Vec<Check>, StoreError> {
        self.all(&format!(
                    "{SELECT} WHERE state IN ('pending', 'unsure') AND (request IS NOT NULL OR sealed IS NOT NULL)
                     ORDER BY checks.number LIMIT {MOST}"
                ), [], read)
    }

    /// Decides a check; false when there is none, it has ended, or its content is erased. A clerk may change any decision, the
    /// matcher only a pending one.
    pub fn decide_check(&self, id: &str, decision: &Decision<'_>) -> Result<bool, StoreError> {
        let (id, state, by, score) = (id.to_owned(), decision.state, decision.by.to_owned(), decision.score);
        self.write_and_tell(Topic::Checks, move |connection| {
            decide(connection, &id, &Decision { state, by: &by, score }, now())
        })
    }

    /// Decides the check of a request's portrait. The kiosk may not have asked: then `id` names the check that a clerk asks for.
    pub(crate) fn decide_portrait(
        &self,
        request: i64,
        portrait: AttachmentHash,
        id: String,
        decision: &Decision<'_>,
    ) -> Result<bool, StoreError> {
        let (state, by, score) = (decision.state, decision.by.to_owned(), decision.score);
        self.write_and_tell(Topic::Checks, move |connection| {
            match ask(connection, request, &portrait, &id)? {
                Asked::Made(check) | Asked::There(check) => {
                    decide(connection, &check.id, &Decision { state, by: &by, score }, now())
                }
                Asked::Other | Asked::NoCase | Asked::NoPortrait => Ok(false),
            }
        })
    }

    /// Asks for a check of a portrait of a kiosk's case, once; `id` names a new one.
    pub(crate) fn ask_check(
        &self,
        peer: &Peer,
        case_number: String,
        portrait: AttachmentHash,
        id: String,
    ) -> Result<Asked, Denied> {
        self.write_for(peer, move |connection, kiosk| {
            let Some(case) = find_own_case(connection, kiosk, &case_number)? else {
                return Ok(Asked::NoCase);
            };
            if !names_file(connection, &portrait, Some(case.number))? {
                return Ok(Asked::NoPortrait);
            }
            ask(connection, case.number, &portrait, &id)
        })
    }

    /// Asks for a check before any request, once for each name.
    pub(crate) fn ask_early_check(&self, peer: &Peer, early: Early) -> Result<Asked, Denied> {
        self.write_for(peer, move |connection, kiosk| ask_early(connection, kiosk, &early, now()))
    }

    /// Takes a kiosk's check before a request back: nobody decides it any more, and its content goes now. False when the kiosk
    /// has no such check.
    pub(crate) fn end_check(&self, peer: &Peer, id: String) -> Result<bool, Denied> {
        self.write_for_and_tell(Topic::Checks, peer, move |connection, kiosk| {
            end(connection, kiosk, &id, now())
        })
    }

    /// A check of this kiosk.
    pub(crate) fn own_check(&self, kiosk: &str, id: &str) -> Result<Option<Check>, StoreError> {
        self.one(&format!("{SELECT} WHERE checks.id = ?1 AND checks.kiosk = ?2"), (id, kiosk), read)
    }

    /// A kiosk's check before a request, when it is the one with these bytes.
    pub(crate) fn early_check(
        &self,
        kiosk: &str,
        id: &str,
        digest: &[u8; 32],
    ) -> Result<Option<Check>, StoreError> {
        self.read(|connection| find_early(connection, kiosk, id, digest))
    }

    /// The check of a request's portrait.
    pub(crate) fn check_of(
        &self,
        request: i64,
        portrait: &AttachmentHash,
    ) -> Result<Option<Check>, StoreError> {
        self.read(|connection| find_of(connection, request, portrait))
    }

    /// The sealed question of a check before a request, with its kiosk and epoch; `None` once it is erased.
    pub(crate) fn question(&self, id: &str) -> Result<Option<(String, u32, Vec<u8>)>, StoreError> {
        self.one(
            "SELECT kiosk, epoch, sealed FROM checks WHERE id = ?1 AND sealed IS NOT NULL",
            [id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    /// Erases the content of every check whose time is over at `now`; those that nobody decided end. Says how many.
    pub fn erase_checks(&self, now: i64) -> Result<usize, StoreError> {
        self.write_and_tell(Topic::Checks, move |connection| {
            let over: Vec<String> = all(
                connection,
                "SELECT id FROM checks WHERE sealed IS NOT NULL AND kept_until <= ?1",
                [now],
                |row| row.get(0),
            )?;
            for id in &over {
                erase(connection, id, now)?;
            }
            Ok(over.len())
        })
    }
}

fn ask(
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

fn find_of(
    connection: &Connection,
    request: i64,
    portrait: &AttachmentHash,
) -> rusqlite::Result<Option<Check>> {
    one(connection, &format!("{SELECT} WHERE request = ?1 AND portrait = ?2"), (request, portrait), read)
}

fn ask_early(connection: &Connection, kiosk: &str, early: &Early, now: i64) -> rusqlite::Result<Asked> {
    if let Some(there) = find_early(connection, kiosk, &early.id, &early.digest)? {
        return Ok(Asked::There(there));
    }
    let made = connection.execute(
        "INSERT INTO checks (id, kiosk, epoch, digest, sealed, kept_until, asked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO NOTHING",
        (&early.id, kiosk, early.epoch, early.digest, &early.sealed, now + OPEN_FOR, now),
    )?;
    if made == 0 {
        return Ok(Asked::Other);
    }
    Line::of("check-asked").kiosk(kiosk).subject(&early.id).write(connection, now)?;
    Ok(find(connection, &early.id)?.map_or(Asked::Other, Asked::Made))
}

fn find_early(
    connection: &Connection,
    kiosk: &str,
    id: &str,
    digest: &[u8; 32],
) -> rusqlite::Result<Option<Check>> {
    one(
        connection,
        &format!("{SELECT} WHERE checks.id = ?1 AND checks.kiosk = ?2 AND digest = ?3"),
        (id, kiosk, digest),
        read,
    )
}

fn decide(connection: &Connection, id: &str, decision: &Decision<'_>, now: i64) -> rusqlite::Result<bool> {
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

fn end(connection: &Connection, kiosk: &str, id: &str, now: i64) -> rusqlite::Result<bool> {
    let content: Option<bool> = one(
        connection,
        "SELECT sealed IS NOT NULL FROM checks WHERE id = ?1 AND kiosk = ?2 AND request IS NULL",
        (id, kiosk),
        first,
    )?;
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

fn hex_digits<S: Serializer>(hash: &AttachmentHash, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex::encode(hash))
}

const SELECT: &str = "
    SELECT checks.id, checks.kiosk, case_number, acceptance_number, portrait, asked, state, decided_by, score, decided,
        kept_until
    FROM checks LEFT JOIN requests ON requests.number = checks.request";

fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Check>> {
    one(connection, &format!("{SELECT} WHERE checks.id = ?1"), [id], read)
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
