//! Sessions of signed-in clerks: a random token in a cookie, its hash in the database.

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use super::accounts::{Accounts, Role};
use super::error::ClerkError;

/// A session ends after so many seconds without a click: an open desk in a hall full of people. A guess.
pub(crate) const IDLE: i64 = 15 * 60;
/// A session ends after a shift at the latest, in seconds. A guess.
pub(crate) const ABSOLUTE: i64 = 12 * 3600;
/// The time of the last click is written at most this often, in seconds: pages are read more often than that.
const TOUCH: i64 = 30;

/// A signed-in clerk.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) clerk: String,
    pub(crate) role: Role,
    /// Stands in every form; a page of another site cannot know it.
    pub(crate) csrf: String,
}

impl Session {
    /// The token for forms that change something; `None` for somebody who only looks.
    pub(crate) fn acts(&self) -> Option<&str> {
        match self.role {
            Role::Clerk => Some(&self.csrf),
            Role::Reader => None,
        }
    }
}

/// Whether a request is a click of the clerk or a page that looks for news by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    Click,
    Refresh,
}

impl Accounts {
    /// Begins a session; gives the token for the cookie.
    pub(crate) fn begin_session(&self, clerk: &str, now: i64) -> Result<String, ClerkError> {
        let (token, csrf) = (random()?, random()?);
        self.connection
            .execute("DELETE FROM sessions WHERE seen < ?1 OR created < ?2", (now - IDLE, now - ABSOLUTE))?;
        self.connection.execute(
            "INSERT INTO sessions (token, clerk, csrf, created, seen) VALUES (?1, ?2, ?3, ?4, ?4)",
            (hash(&token), clerk, csrf, now),
        )?;
        Ok(token)
    }

    /// The session of a token, while it lasts.
    pub(crate) fn session(&self, token: &str, visit: Visit, now: i64) -> Result<Option<Session>, ClerkError> {
        let found: Option<(Session, i64)> = self
            .connection
            .prepare_cached(
                "SELECT clerk, csrf, seen, role FROM sessions JOIN clerks ON clerks.name = clerk
                 WHERE token = ?1 AND seen >= ?2 AND sessions.created >= ?3",
            )?
            .query_row((hash(token), now - IDLE, now - ABSOLUTE), |row| {
                Ok((Session { clerk: row.get(0)?, csrf: row.get(1)?, role: row.get(3)? }, row.get(2)?))
            })
            .optional()?;
        let Some((session, seen)) = found else { return Ok(None) };
        if visit == Visit::Click && now - seen >= TOUCH {
            self.connection.execute("UPDATE sessions SET seen = ?2 WHERE token = ?1", (hash(token), now))?;
        }
        Ok(Some(session))
    }

    /// Ends the session of a token.
    pub(crate) fn end_session(&self, token: &str) -> Result<(), ClerkError> {
        self.connection.execute("DELETE FROM sessions WHERE token = ?1", [hash(token)])?;
        Ok(())
    }
}

/// 256 random bits as 64 hex digits.
pub(crate) fn random() -> Result<String, ClerkError> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(ClerkError::Random)?;
    Ok(hex::encode(bytes))
}

/// Compares without telling how much was right.
pub(crate) fn same(one: &str, other: &str) -> bool {
    hash(one) == hash(other)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> (tempfile::TempDir, Accounts) {
        let dir = tempfile::tempdir().unwrap();
        let mut accounts = Accounts::open(dir.path()).unwrap();
        accounts.add("li", "a password of enough length", Role::Clerk, 0).unwrap();
        (dir, accounts)
    }

    #[test]
    fn a_session_ends_when_nobody_clicks() {
        let (_dir, accounts) = accounts();
        let token = accounts.begin_session("li", 0).unwrap();
        let there = |visit, now| accounts.session(&token, visit, now).unwrap().is_some();
        assert!(there(Visit::Click, IDLE));
        assert!(there(Visit::Refresh, 2 * IDLE), "the click counted");
        assert!(!there(Visit::Refresh, 2 * IDLE + 1), "the refresh did not");
        assert!(accounts.session("another", Visit::Click, 0).unwrap().is_none());
    }

    #[test]
    fn a_session_ends_with_the_shift_a_sign_out_or_a_new_password() {
        let (_dir, mut accounts) = accounts();
        let token = accounts.begin_session("li", 0).unwrap();
        let mut now = 0;
        while accounts.session(&token, Visit::Click, now).unwrap().is_some() {
            now += IDLE;
        }
        assert_eq!(now, ABSOLUTE + IDLE);
        for end in [0, 1, 2] {
            let token = accounts.begin_session("li", 0).unwrap();
            match end {
                0 => accounts.end_session(&token).unwrap(),
                1 => accounts.reset("li", "another password, long enough").unwrap(),
                _ => accounts.disable("li", 1).unwrap(),
            }
            assert!(accounts.session(&token, Visit::Click, 1).unwrap().is_none());
        }
    }
}
