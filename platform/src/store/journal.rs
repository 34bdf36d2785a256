//! The platform's journal: who was refused, revoked, enrolled, and what was decided. Append-only, without personal data:
//! kiosks' ids, numbers and hashes. What a kiosk can cause as often as it likes is counted, so that it buries nothing.

use rusqlite::Connection;
use serde::Serialize;

use super::database::Store;
use super::error::StoreError;
use super::rows::{first, one};
use crate::time::now;

/// Seconds for which a kiosk's lines of one kind are counted with the first of them: a bound of one line a kind and hour, and
/// an operator still sees what began when. A guess.
const COUNTED: i64 = 3600;

/// A line that is to be written.
#[derive(Clone, Debug)]
pub(super) struct Line {
    event: &'static str,
    kiosk: Option<String>,
    subject: Option<String>,
    problem: Option<String>,
}

/// A line as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Journalled {
    /// Its place, from 1.
    pub number: i64,
    /// When: Unix seconds.
    pub at: i64,
    /// What happened, such as `refused`.
    pub event: String,
    /// The kiosk that it is about.
    pub kiosk: Option<String>,
    /// What it is about: a case number, an order, a hash.
    pub subject: Option<String>,
    /// The problem's type when something was refused.
    pub problem: Option<String>,
    /// How often the same kiosk did the same in the hour after that.
    pub more: u64,
    /// The last of those times: Unix seconds.
    pub last: Option<i64>,
}

impl Line {
    pub(super) fn of(event: &'static str) -> Self {
        Self { event, kiosk: None, subject: None, problem: None }
    }

    pub(super) fn kiosk(mut self, kiosk: &str) -> Self {
        self.kiosk = Some(kiosk.to_owned());
        self
    }

    pub(super) fn subject(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned());
        self
    }

    pub(super) fn problem(mut self, problem: &str) -> Self {
        self.problem = Some(problem.to_owned());
        self
    }

    pub(super) fn write(&self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO journal (at, event, kiosk, subject, problem) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((now, self.event, &self.kiosk, &self.subject, &self.problem))?;
        Ok(())
    }

    /// Writes a line that its kiosk can cause again and again: the first of a `kind` in an hour is written, the others are
    /// counted with it. True when it was written.
    pub(super) fn write_or_count(
        &self,
        connection: &Connection,
        kind: &str,
        now: i64,
    ) -> rusqlite::Result<bool> {
        // A line of the future is not counted with: the clock went back.
        let first: Option<i64> = one(
            connection,
            "SELECT line FROM repeats WHERE kiosk IS ?1 AND kind = ?2 AND first > ?3 - ?4 AND first <= ?3
                 ORDER BY line DESC LIMIT 1",
            (&self.kiosk, kind, now, COUNTED),
            first,
        )?;
        if let Some(first) = first {
            connection
                .prepare_cached("UPDATE repeats SET more = more + 1, last = ?2 WHERE line = ?1")?
                .execute((first, now))?;
            return Ok(false);
        }
        self.write(connection, now)?;
        connection
            .prepare_cached("INSERT INTO repeats (line, kiosk, kind, first) VALUES (?1, ?2, ?3, ?4)")?
            .execute((connection.last_insert_rowid(), &self.kiosk, kind, now))?;
        Ok(true)
    }
}

impl Store {
    /// The newest lines of the journal, at most `most`, oldest first.
    pub fn journal(&self, most: u32) -> Result<Vec<Journalled>, StoreError> {
        self.all(
            "SELECT number, at, event, journal.kiosk, subject, problem, coalesce(more, 0), last FROM
                     (SELECT * FROM journal ORDER BY number DESC LIMIT ?1) AS journal
                     LEFT JOIN repeats ON line = number ORDER BY number",
            [most],
            |row| {
                Ok(Journalled {
                    number: row.get(0)?,
                    at: row.get(1)?,
                    event: row.get(2)?,
                    kiosk: row.get(3)?,
                    subject: row.get(4)?,
                    problem: row.get(5)?,
                    more: row.get(6)?,
                    last: row.get(7)?,
                })
            },
        )
    }

    /// Writes down that something a kiosk sent was refused; one that is refused again and again is counted. True when a line was
    /// written. `kind` is the problem's type.
    pub(crate) fn note_refusal(
        &self,
        kiosk: &str,
        subject: Option<&str>,
        kind: &'static str,
    ) -> Result<bool, StoreError> {
        let line = Line::of("refused").kiosk(kiosk).problem(kind);
        let line = subject.into_iter().fold(line, Line::subject);
        self.write(move |connection| line.write_or_count(connection, kind, now()))
    }

    /// Writes down that the matcher decided nothing about a check.
    pub(crate) fn note_matcher_failure(&self, check: &str) -> Result<(), StoreError> {
        let line = Line::of("matcher-failed").subject(check);
        self.write(move |connection| line.write(connection, now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_refusals_are_a_line_an_hour_and_bury_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let refuse = |connection: &Connection, kiosk: &str, kind: &str, at: i64| {
            Line::of("refused")
                .kiosk(kiosk)
                .subject("5f0c")
                .problem(kind)
                .write_or_count(connection, kind, at)
        };
        let start = 1_800_000_000;
        store
            .write(move |connection| {
                assert!(refuse(connection, "1", "malformed", start)?);
                for at in 1..COUNTED {
                    assert!(!refuse(connection, "1", "malformed", start + at)?);
                }
                assert!(refuse(connection, "1", "wrong-hash", start + 9)?, "another kind");
                assert!(refuse(connection, "2", "malformed", start + 9)?, "another kiosk");
                Line::of("revoked").kiosk("3").write(connection, start + 10)?;
                assert!(refuse(connection, "1", "malformed", start + COUNTED)?, "another hour");
                assert!(refuse(connection, "1", "malformed", start - 5)?, "the clock went back");
                assert!(!refuse(connection, "1", "malformed", start)?);
                Ok(())
            })
            .unwrap();
        let lines = store.journal(100).unwrap();
        let seen: Vec<_> = lines.iter().map(|line| (line.kiosk.as_deref(), line.more, line.last)).collect();
        let [one, two, three] = ["1", "2", "3"].map(Some);
        assert_eq!(
            seen,
            [
                (one, COUNTED as u64 - 1, Some(start + COUNTED - 1)),
                (one, 0, None),
                (two, 0, None),
                (three, 0, None),
                (one, 0, None),
                (one, 1, Some(start)),
            ]
        );
    }
}
