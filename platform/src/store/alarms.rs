//! What somebody must look into: chains that fork, roll back or have holes.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row};
use serde::Serialize;

use super::database::Store;
use super::error::StoreError;
use super::journal::Line;
use crate::time::now;

/// What is wrong with a kiosk's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Two requests have one place: two disks go on from one, or somebody made a request up.
    Fork,
    /// The kiosk has forgotten requests that it sent: an old copy of its disk was put back.
    Rollback,
    /// Requests that the kiosk says it made never came, and it does not list them as held.
    Gap,
    /// The kiosk's audit journal became shorter, or another one.
    Journal,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Rollback => "rollback",
            Self::Gap => "gap",
            Self::Journal => "journal",
        }
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        let kinds = [Self::Fork, Self::Rollback, Self::Gap, Self::Journal];
        kinds.into_iter().find(|kind| kind.word() == word).ok_or(FromSqlError::InvalidType)
    }
}

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// Its number.
    pub number: i64,
    /// The kiosk.
    pub kiosk: String,
    /// The kiosk's epoch.
    pub epoch: u32,
    /// What is wrong.
    pub kind: Kind,
    /// Where: sequences.
    pub detail: String,
    /// When it was noticed first: Unix seconds.
    pub raised: i64,
    /// When it ended: Unix seconds. A gap ends when it is filled, the others when an operator says so.
    pub ended: Option<i64>,
}

impl Store {
    /// Alarms, newest last: those that stand, or all.
    pub fn alarms(&self, all: bool) -> Result<Vec<Alarm>, StoreError> {
        self.all(&format!("{SELECT} WHERE ?1 OR ended IS NULL ORDER BY number"), [all], read)
    }

    /// At most so many alarms: those that stand first, and the newest first.
    pub fn newest_alarms(&self, most: u32) -> Result<Vec<Alarm>, StoreError> {
        self.all(&format!("{SELECT} ORDER BY ended IS NOT NULL, number DESC LIMIT ?1"), [most], read)
    }

    /// Ends an alarm that somebody has looked into; false when none with this number stands.
    pub fn end_alarm(&self, number: i64) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let now = now();
            let ended = connection
                .execute("UPDATE alarms SET ended = ?2 WHERE number = ?1 AND ended IS NULL", (number, now))?;
            if ended > 0 {
                Line::of("alarm-ended").subject(&number.to_string()).write(connection, now)?;
            }
            Ok(ended > 0)
        })
    }
}

const SELECT: &str = "SELECT number, kiosk, epoch, kind, detail, raised, ended FROM alarms";

fn read(row: &Row<'_>) -> rusqlite::Result<Alarm> {
    Ok(Alarm {
        number: row.get(0)?,
        kiosk: row.get(1)?,
        epoch: row.get(2)?,
        kind: row.get(3)?,
        detail: row.get(4)?,
        raised: row.get(5)?,
        ended: row.get(6)?,
    })
}

/// Alarms of one kind that may stand for a kiosk's epoch: after so many its chain is known to be wrong, and the alarms of other
/// kiosks must be found beside them. A guess.
const STANDING: u32 = 20;

/// Raises an alarm; one that stands already is not raised again, nor is one more where [`STANDING`] do.
pub(super) fn raise(
    connection: &Connection,
    kiosk: &str,
    epoch: u32,
    kind: Kind,
    detail: &str,
) -> rusqlite::Result<()> {
    let now = now();
    let raised = connection.execute(
        "INSERT INTO alarms (kiosk, epoch, kind, detail, raised) SELECT ?1, ?2, ?3, ?4, ?5
         WHERE (SELECT count(*) FROM alarms WHERE kiosk = ?1 AND epoch = ?2 AND kind = ?3 AND ended IS NULL) < ?6
         ON CONFLICT DO NOTHING",
        (kiosk, epoch, kind, detail, now, STANDING),
    )?;
    if raised > 0 {
        tracing::error!(kiosk, epoch, kind = kind.word(), detail, "an alarm");
        let subject = format!("{} {detail}", kind.word());
        Line::of("alarm").kiosk(kiosk).subject(&subject).write_or_count(connection, kind.word(), now)?;
    }
    Ok(())
}

/// Ends the gaps of a kiosk's epoch that are no longer this one.
pub(super) fn end_gaps(
    connection: &Connection,
    kiosk: &str,
    epoch: u32,
    but: Option<&str>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE alarms SET ended = ?4
             WHERE kiosk = ?1 AND epoch = ?2 AND kind = ?5 AND ended IS NULL AND detail IS NOT ?3",
        )?
        .execute((kiosk, epoch, but, now(), Kind::Gap))?;
    Ok(())
}
