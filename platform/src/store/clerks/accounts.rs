//! Who may sign in: names, password hashes, wrong tries.

use std::path::Path;
use std::str::FromStr;

use durable::secret_file;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::ClerkError;
use super::password::{self, PasswordHash};
use crate::store::database;

const FILE: &str = "clerks.sqlite";
const VERSION: i64 = 2;
/// The longest name, in characters.
const LONGEST_NAME: usize = 32;
/// Wrong tries without a wait: people mistype.
const FREE_TRIES: u32 = 2;
/// The longest wait, in seconds: a stranger who keeps trying must not lock a clerk out for the day. A guess.
const LONGEST_WAIT: i64 = 300;
/// Wrong tries are forgotten after a day, in seconds.
const FORGOTTEN: i64 = 24 * 3600;

/// A wrong try is counted under two bytes of the name's hash, whether the name exists or not: the answer does not tell
/// which names exist, and made-up names cannot fill the disk.
const TABLES: &str = "
    CREATE TABLE clerks (
        name     TEXT PRIMARY KEY,
        password TEXT NOT NULL,
        created  INTEGER NOT NULL,
        disabled INTEGER
    ) STRICT;
    CREATE TABLE tries (
        bucket INTEGER PRIMARY KEY,
        wrong  INTEGER NOT NULL,
        last   INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE sessions (
        token   BLOB PRIMARY KEY CHECK (length(token) = 32),
        clerk   TEXT NOT NULL REFERENCES clerks (name),
        csrf    TEXT NOT NULL,
        created INTEGER NOT NULL,
        seen    INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE views (
        number  INTEGER PRIMARY KEY,
        at      INTEGER NOT NULL,
        clerk   TEXT NOT NULL,
        deed    TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail  TEXT,
        hash    BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE INDEX views_by_subject ON views (subject);
";

/// What a person may do. Everybody who signs in may look, and is recorded looking.
const ROLES: &str = "ALTER TABLE clerks ADD COLUMN role TEXT NOT NULL DEFAULT 'clerk'";

/// What somebody who signs in may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks at everything, and changes nothing.
    Reader,
    /// Sets progress, decides identity checks, answers calls.
    #[default]
    Clerk,
}

impl Role {
    const ALL: [Self; 2] = [Self::Reader, Self::Clerk];

    /// Its word in the database and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Clerk => "clerk",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(word: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.word() == word).ok_or(UnknownRole)
    }
}

/// No such role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is reader or clerk")]
pub struct UnknownRole;

impl FromSql for Role {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}

/// The database of clerks: accounts, sessions and what was looked at.
pub struct Accounts {
    pub(super) connection: Connection,
}

/// One line of `clerk list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The name.
    pub name: String,
    /// Whether the clerk may sign in.
    pub active: bool,
    /// What the clerk may do.
    pub role: Role,
}

/// What a try to sign in must be checked against. The try is counted already: [`Accounts::forgive`] takes it back.
pub(crate) struct Try {
    pub(crate) password: Option<PasswordHash>,
}

impl Accounts {
    /// Opens the database in `state`, making it when there is none.
    ///
    /// # Errors
    /// [`ClerkError`].
    pub fn open(state: &Path) -> Result<Self, ClerkError> {
        secret_file::private_dir(state)?;
        let path = state.join(FILE);
        database::make(&path).map_err(|source| ClerkError::File { path: path.clone(), source })?;
        let mut connection = database::connect(&path)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match found {
            0 => {
                transaction.execute_batch(TABLES)?;
                transaction.execute_batch(ROLES)?;
            }
            1 => transaction.execute_batch(ROLES)?,
            VERSION => {}
            found => return Err(ClerkError::Schema { found, known: VERSION }),
        }
        if found != VERSION {
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        transaction.commit()?;
        Ok(Self { connection })
    }

    /// Adds somebody with a role.
    ///
    /// # Errors
    /// [`ClerkError::Name`], [`ClerkError::Taken`], [`ClerkError::Password`].
    pub fn add(&mut self, name: &str, password: &str, role: Role, now: i64) -> Result<(), ClerkError> {
        check_name(name)?;
        let hash = password::hash(password)?;
        let added = self.connection.execute(
            "INSERT INTO clerks (name, password, created, role) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            (name, hash.as_str(), now, role.word()),
        )?;
        if added == 0 { Err(ClerkError::Taken(name.to_owned())) } else { Ok(()) }
    }

    /// Gives a clerk another password and ends every session; a disabled clerk may sign in again.
    ///
    /// # Errors
    /// [`ClerkError::Unknown`], [`ClerkError::Password`].
    pub fn reset(&mut self, name: &str, password: &str) -> Result<(), ClerkError> {
        let hash = password::hash(password)?;
        self.change(name, "UPDATE clerks SET password = ?2, disabled = NULL WHERE name = ?1", hash.as_str())
    }

    /// Refuses a clerk from now on and ends every session. The name stays taken: the journal speaks of it.
    ///
    /// # Errors
    /// [`ClerkError::Unknown`].
    pub fn disable(&mut self, name: &str, now: i64) -> Result<(), ClerkError> {
        self.change(name, "UPDATE clerks SET disabled = coalesce(disabled, ?2) WHERE name = ?1", now)
    }

    /// Says what a clerk may do from now on, and ends every session.
    ///
    /// # Errors
    /// [`ClerkError::Unknown`].
    pub fn set_role(&mut self, name: &str, role: Role) -> Result<(), ClerkError> {
        self.change(name, "UPDATE clerks SET role = ?2 WHERE name = ?1", role.word())
    }

    fn change(&mut self, name: &str, update: &str, value: impl rusqlite::ToSql) -> Result<(), ClerkError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = transaction.execute(update, (name, value))?;
        transaction.execute("DELETE FROM sessions WHERE clerk = ?1", [name])?;
        transaction.execute("DELETE FROM tries WHERE bucket = ?1", [bucket(name)])?;
        transaction.commit()?;
        if changed == 0 { Err(ClerkError::Unknown(name.to_owned())) } else { Ok(()) }
    }

    /// All clerks by name.
    pub fn list(&self) -> Result<Vec<Account>, ClerkError> {
        let mut statement =
            self.connection.prepare("SELECT name, disabled IS NULL, role FROM clerks ORDER BY name")?;
        let rows = statement
            .query_map([], |row| Ok(Account { name: row.get(0)?, active: row.get(1)?, role: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Counts a try before its password is looked at, so that many at once do not count as one.
    ///
    /// # Errors
    /// [`ClerkError::TooSoon`] while a wait runs: then the password is not even compared.
    pub(crate) fn begin_try(&mut self, name: &str, now: i64) -> Result<Try, ClerkError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let key = bucket(name);
        transaction.execute("DELETE FROM tries WHERE last < ?1", [now - FORGOTTEN])?;
        let found: Option<(u32, i64)> = transaction
            .query_row("SELECT wrong, last FROM tries WHERE bucket = ?1", [key], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (wrong, last) = found.unwrap_or_default();
        // A clock that went back must not make the wait longer than it ever can be.
        let left = (last + wait_after(wrong) - now).min(LONGEST_WAIT);
        if left > 0 {
            return Err(ClerkError::TooSoon { seconds: left.unsigned_abs() });
        }
        transaction.execute(
            "INSERT INTO tries (bucket, wrong, last) VALUES (?1, ?2, ?3)
             ON CONFLICT (bucket) DO UPDATE SET wrong = ?2, last = ?3",
            (key, wrong.saturating_add(1), now),
        )?;
        let password: Option<String> = transaction
            .query_row("SELECT password FROM clerks WHERE name = ?1 AND disabled IS NULL", [name], |row| {
                row.get(0)
            })
            .optional()?;
        transaction.commit()?;
        Ok(Try { password: password.map(PasswordHash::stored) })
    }

    /// The password was right: earlier wrong tries do not count any more.
    pub(crate) fn forgive(&self, name: &str) -> Result<(), ClerkError> {
        self.connection.execute("DELETE FROM tries WHERE bucket = ?1", [bucket(name)])?;
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), ClerkError> {
    let length = name.chars().count();
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '·'));
    if plain && (1..=LONGEST_NAME).contains(&length) { Ok(()) } else { Err(ClerkError::Name) }
}

fn bucket(name: &str) -> u16 {
    let hash: [u8; 32] = Sha256::digest(name).into();
    u16::from_be_bytes([hash[0], hash[1]])
}

/// Seconds to wait after so many wrong tries: none, none, 2, 4, 8 … 300.
fn wait_after(wrong: u32) -> i64 {
    match wrong.checked_sub(FREE_TRIES) {
        None | Some(0) => 0,
        Some(more) => 1_i64.checked_shl(more.min(16)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 9, 10, 11, u32::MAX].map(wait_after),
            [0, 0, 0, 2, 4, 8, 128, 256, 300, 300]
        );
    }

    #[test]
    fn each_wrong_try_makes_the_next_one_wait() {
        let dir = tempfile::tempdir().unwrap();
        let mut accounts = Accounts::open(dir.path()).unwrap();
        accounts.add("李明", "a password of enough length", Role::Clerk, 0).unwrap();
        for name in ["李明", "nobody"] {
            let mut now = 1000;
            for wait in [0, 0, 2, 4, 8, 16] {
                assert_eq!(accounts.begin_try(name, now).unwrap().password.is_some(), name == "李明");
                if wait > 0 {
                    let too_soon = accounts.begin_try(name, now + wait - 1);
                    assert!(matches!(too_soon, Err(ClerkError::TooSoon { seconds: 1 })), "{name}");
                }
                now += wait;
            }
            let earlier = accounts.begin_try(name, 5);
            assert!(matches!(earlier, Err(ClerkError::TooSoon { seconds: 300 })), "a clock that went back");
        }
        accounts.forgive("李明").unwrap();
        assert!(accounts.begin_try("李明", 1000).is_ok());
        assert!(accounts.begin_try("nobody", 1000 + FORGOTTEN + 31).is_ok(), "forgotten after a day");
    }

    #[test]
    fn names_are_plain_and_taken_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut accounts = Accounts::open(dir.path()).unwrap();
        let long = "长".repeat(33);
        for name in ["", " ", "a b", "<script>", "a\n", long.as_str()] {
            assert!(
                matches!(
                    accounts.add(name, "a password of enough length", Role::Clerk, 0),
                    Err(ClerkError::Name)
                ),
                "{name}"
            );
        }
        accounts.add("110101-李明", "a password of enough length", Role::Clerk, 0).unwrap();
        let again = accounts.add("110101-李明", "a password of enough length", Role::Clerk, 0);
        assert!(matches!(again, Err(ClerkError::Taken(_))));
        assert!(matches!(accounts.add("b", "short", Role::Clerk, 0), Err(ClerkError::Password)));
        accounts.disable("110101-李明", 7).unwrap();
        assert!(accounts.begin_try("110101-李明", 9).unwrap().password.is_none());
        assert_eq!(
            accounts.list().unwrap(),
            [Account { name: "110101-李明".into(), active: false, role: Role::Clerk }]
        );
        assert!(matches!(accounts.disable("nobody", 7), Err(ClerkError::Unknown(_))));
    }
}
