//! Identity checks: is the person in the portrait the one of the card? Recorded, and decided by a clerk or by the
//! operator's matcher; until then pending. Nothing here makes up a score.

use std::str::FromStr;

use outbox::envelope::attachment::AttachmentHash;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use super::journal::Line;
use super::requests::find_own_case;
use super::{Store, now};

/// How an identity check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// Nobody has decided.
    Pending,
    /// The same person.
    Match,
    /// Another person.
    NoMatch,
    /// The matcher cannot tell: a clerk decides.
    Unsure,
}

impl CheckState {
    const ALL: [Self; 4] = [Self::Pending, Self::Match, Self::NoMatch, Self::Unsure];

    /// Its word, such as `no-match`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Match => "match",
            Self::NoMatch => "no-match",
            Self::Unsure => "unsure",
        }
    }
}

impl FromStr for CheckState {
    type Err = super::progress::UnknownState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.word() == word).ok_or(super::progress::UnknownState)
    }
}

impl ToSql for CheckState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for CheckState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}

/// An identity check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// Its name: 32 hex digits.
    pub id: String,
    /// The case.
    pub case_number: String,
    /// Our number for the case.
    pub acceptance_number: String,
    /// The sealed portrait's hash.
    #[serde(serialize_with = "hex_digits")]
    pub portrait: AttachmentHash,
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
}

/// A decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<'a> {
    /// The new state.
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
    NoCase,
}

impl Store {
    /// A check by its name.
    ///
    /// # Errors
    /// The database's.
    pub fn check(&self, id: &str) -> rusqlite::Result<Option<Check>> {
        find(&self.connection, id)
    }

    /// Checks that nobody has decided for good: pending and unsure, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn open_checks(&self) -> rusqlite::Result<Vec<Check>> {
        self.connection
            .prepare_cached(&format!("{SELECT} WHERE state IN ('pending', 'unsure') ORDER BY checks.number"))?
            .query_map([], read)?
            .collect()
    }

    /// Decides a check; false when there is none. A clerk may change any decision, the matcher only a pending one.
    ///
    /// # Errors
    /// The database's.
    pub fn decide_check(&mut self, id: &str, decision: &Decision<'_>) -> rusqlite::Result<bool> {
        self.change(|connection| decide(connection, id, decision))
    }
}

/// Asks for a check of a kiosk's case, once for each portrait.
pub(crate) fn ask(
    connection: &Connection,
    kiosk: &str,
    case_number: &str,
    portrait: &AttachmentHash,
    id: &str,
) -> rusqlite::Result<Asked> {
    let Some(case) = find_own_case(connection, kiosk, case_number)? else { return Ok(Asked::NoCase) };
    let there = connection
        .prepare_cached(&format!("{SELECT} WHERE request = ?1 AND portrait = ?2"))?
        .query_row((case.number, portrait), read)
        .optional()?;
    if let Some(there) = there {
        return Ok(Asked::There(there));
    }
    let now = now();
    connection.execute(
        "INSERT INTO checks (id, request, portrait, asked) VALUES (?1, ?2, ?3, ?4)",
        (id, case.number, portrait, now),
    )?;
    Line::of("check-asked").kiosk(kiosk).subject(id).write(connection, now)?;
    Ok(find(connection, id)?.map_or(Asked::NoCase, Asked::Made))
}

/// Decides a check.
pub(crate) fn decide(connection: &Connection, id: &str, decision: &Decision<'_>) -> rusqlite::Result<bool> {
    let now = now();
    let only_pending = decision.by.starts_with("matcher");
    let found = connection.execute(
        "UPDATE checks SET state = ?2, decided_by = ?3, score = ?4, decided = ?5
         WHERE id = ?1 AND (NOT ?6 OR state = 'pending')",
        (id, decision.state, decision.by, decision.score, now, only_pending),
    )?;
    if found > 0 {
        let subject = format!("{id} {} by {}", decision.state.word(), decision.by);
        Line::of("check-decided").subject(&subject).write(connection, now)?;
    }
    Ok(found > 0)
}

/// A check of this kiosk.
pub(crate) fn find_own(connection: &Connection, kiosk: &str, id: &str) -> rusqlite::Result<Option<Check>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE checks.id = ?1 AND requests.kiosk = ?2"))?
        .query_row((id, kiosk), read)
        .optional()
}

fn hex_digits<S: Serializer>(hash: &AttachmentHash, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex::encode(hash))
}

const SELECT: &str = "
    SELECT checks.id, case_number, acceptance_number, portrait, asked, state, decided_by, score, decided
    FROM checks JOIN requests ON requests.number = checks.request";

fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Check>> {
    connection.prepare_cached(&format!("{SELECT} WHERE checks.id = ?1"))?.query_row([id], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Check> {
    Ok(Check {
        id: row.get(0)?,
        case_number: row.get(1)?,
        acceptance_number: row.get(2)?,
        portrait: row.get(3)?,
        asked: row.get(4)?,
        state: row.get(5)?,
        decided_by: row.get(6)?,
        score: row.get(7)?,
        decided: row.get(8)?,
    })
}
