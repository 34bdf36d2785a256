//! Who looked at what, and when: each line carries the hash of the lines before it.
//!
//! `hash = SHA-256(hash before ‖ JSON [number, at, clerk, deed, subject, detail])`; before the first line stand zeros. The subject
//! is an acceptance number or a kiosk; the detail a word of the program such as
//! `producing`, or the place of a file. Never a name.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::accounts::Accounts;
use super::error::ClerkError;

/// What a clerk did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    SignedIn,
    SignedOut,
    /// Opened a request with its numbers masked.
    Opened,
    /// Opened an identity check that came before any request, its number masked.
    OpenedCheck,
    /// Opened a request or such a check with its numbers in full.
    OpenedInFull,
    /// Looked at a file of a request.
    SawFile,
    SetProgress,
    Identified,
    AnsweredCall,
}

impl Deed {
    const ALL: [Self; 9] = [
        Self::SignedIn,
        Self::SignedOut,
        Self::Opened,
        Self::OpenedCheck,
        Self::OpenedInFull,
        Self::SawFile,
        Self::SetProgress,
        Self::Identified,
        Self::AnsweredCall,
    ];

    /// The word in the database.
    fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignedOut => "signed-out",
            Self::Opened => "opened",
            Self::OpenedCheck => "opened-check",
            Self::OpenedInFull => "opened-in-full",
            Self::SawFile => "saw-file",
            Self::SetProgress => "set-progress",
            Self::Identified => "identified",
            Self::AnsweredCall => "answered-call",
        }
    }
}

/// One line of the journal.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) at: i64,
    pub(crate) clerk: String,
    /// `None` for a word of a later release.
    pub(crate) deed: Option<Deed>,
    pub(crate) subject: String,
    pub(crate) detail: Option<String>,
}

impl Accounts {
    /// Writes a line. What it speaks of is shown only after this succeeded.
    pub(crate) fn write(
        &mut self,
        clerk: &str,
        deed: Deed,
        (subject, detail): (&str, Option<&str>),
        now: i64,
    ) -> Result<(), ClerkError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (number, before) = last(&transaction)?;
        let number = number + 1;
        let hash = link(&before, &json!([number, now, clerk, deed.word(), subject, detail]));
        transaction.execute(
            "INSERT INTO views (number, at, clerk, deed, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (number, now, clerk, deed.word(), subject, detail, hash),
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Lines, newest first; of one subject when given.
    pub(crate) fn lines(&self, subject: Option<&str>, skip: u32, most: u32) -> Result<Vec<Line>, ClerkError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT at, clerk, deed, subject, detail FROM views WHERE ?1 IS NULL OR subject = ?1
             ORDER BY number DESC LIMIT ?3 OFFSET ?2",
        )?;
        let rows = statement.query_map((subject, skip, most), |row| {
            let word: String = row.get(2)?;
            let deed = Deed::ALL.into_iter().find(|deed| deed.word() == word);
            Ok(Line { at: row.get(0)?, clerk: row.get(1)?, deed, subject: row.get(3)?, detail: row.get(4)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The hash of a line.
    pub(super) fn hash_of_line(&self, number: u64) -> Result<Option<[u8; 32]>, ClerkError> {
        let hash = "SELECT hash FROM views WHERE number = ?1";
        Ok(self.connection.query_row(hash, [number], |row| row.get(0)).optional()?)
    }

    /// Checks every link; gives the number of lines, or the first line that does not follow.
    pub fn verify_journal(&self) -> Result<Result<u64, u64>, ClerkError> {
        let mut statement = self
            .connection
            .prepare("SELECT number, at, clerk, deed, subject, detail, hash FROM views ORDER BY number")?;
        let mut rows = statement.query([])?;
        let (mut before, mut count) = ([0; 32], 0);
        while let Some(row) = rows.next()? {
            let (number, at): (u64, i64) = (row.get(0)?, row.get(1)?);
            let (clerk, deed, subject): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
            let detail: Option<String> = row.get(5)?;
            let hash: [u8; 32] = row.get(6)?;
            count += 1;
            if number != count || link(&before, &json!([number, at, clerk, deed, subject, detail])) != hash {
                return Ok(Err(count));
            }
            before = hash;
        }
        Ok(Ok(count))
    }
}

/// The number and the hash of the last line; zeros for none.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<(u64, [u8; 32])> {
    connection
        .query_row("SELECT number, hash FROM views ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .map(Option::unwrap_or_default)
}

fn link(before: &[u8; 32], line: &Value) -> [u8; 32] {
    Sha256::new().chain_update(before).chain_update(line.to_string()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_or_missing_line_shows() {
        let dir = tempfile::tempdir().unwrap();
        let mut accounts = Accounts::open(dir.path()).unwrap();
        for (at, deed) in Deed::ALL.into_iter().enumerate() {
            accounts.write("li", deed, ("2026112100000047", Some("x")), at as i64).unwrap();
        }
        assert_eq!(accounts.verify_journal().unwrap(), Ok(9));
        let lines = accounts.lines(Some("2026112100000047"), 1, 2).unwrap();
        assert_eq!(
            lines.iter().map(|line| line.deed).collect::<Vec<_>>(),
            [Deed::Identified, Deed::SetProgress].map(Some)
        );
        assert!(accounts.lines(Some("another"), 0, 9).unwrap().is_empty());

        accounts.connection.execute("UPDATE views SET clerk = 'wang' WHERE number = 3", []).unwrap();
        assert_eq!(accounts.verify_journal().unwrap(), Err(3));
        accounts.connection.execute("DELETE FROM views WHERE number < 3", []).unwrap();
        assert_eq!(accounts.verify_journal().unwrap(), Err(1));
    }
}
