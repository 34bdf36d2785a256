//! The platform's journal: who was refused, revoked, enrolled, and what was decided. Append-only, without personal data:
//! kiosks' ids, numbers and hashes.

use rusqlite::Connection;
use serde::Serialize;

use super::Store;

/// A line that is to be written.
#[derive(Clone, Debug)]
pub(crate) struct Line {
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
}

impl Line {
    pub(crate) fn of(event: &'static str) -> Self {
        Self { event, kiosk: None, subject: None, problem: None }
    }

    pub(crate) fn kiosk(mut self, kiosk: &str) -> Self {
        self.kiosk = Some(kiosk.to_owned());
        self
    }

    pub(crate) fn subject(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned());
        self
    }

    pub(crate) fn problem(mut self, problem: &str) -> Self {
        self.problem = Some(problem.to_owned());
        self
    }

    pub(crate) fn write(&self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO journal (at, event, kiosk, subject, problem) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((now, self.event, &self.kiosk, &self.subject, &self.problem))?;
        Ok(())
    }
}

impl Store {
    /// The newest lines of the journal, at most `most`, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn journal(&self, most: u32) -> rusqlite::Result<Vec<Journalled>> {
        self.connection
            .prepare(
                "SELECT number, at, event, kiosk, subject, problem FROM
                 (SELECT * FROM journal ORDER BY number DESC LIMIT ?1) ORDER BY number",
            )?
            .query_map([most], |row| {
                Ok(Journalled {
                    number: row.get(0)?,
                    at: row.get(1)?,
                    event: row.get(2)?,
                    kiosk: row.get(3)?,
                    subject: row.get(4)?,
                    problem: row.get(5)?,
                })
            })?
            .collect()
    }
}
