//! Calls for an attendant: a citizen presses a button, somebody comes.

use rusqlite::Connection;
use serde::Serialize;

pub use protocol::api::calls::CallState;

use super::database::Store;
use super::error::StoreError;
use super::journal::Line;
use super::kiosks::{Denied, Peer};
use super::news::Topic;
use super::rows::one;
use crate::time::now;

/// A call that rings or was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The kiosk.
    pub kiosk: String,
    /// The kiosk's name for it.
    pub id: String,
    /// When it came: Unix seconds.
    pub opened: i64,
    /// How far it is.
    pub state: CallState,
}

impl Store {
    /// Calls that ring or are answered and not ended, oldest first.
    pub fn calls(&self) -> Result<Vec<Call>, StoreError> {
        self.all(
            "SELECT kiosk, id, opened, answered FROM calls WHERE ended IS NULL ORDER BY opened",
            [],
            |row| {
                let answered: Option<i64> = row.get(3)?;
                Ok(Call {
                    kiosk: row.get(0)?,
                    id: row.get(1)?,
                    opened: row.get(2)?,
                    state: if answered.is_some() { CallState::Answered } else { CallState::Open },
                })
            },
        )
    }

    /// Says that somebody comes. False when there is no such call, or it has ended.
    pub fn answer_call(&self, kiosk: &str, id: &str) -> Result<bool, StoreError> {
        let (kiosk, id) = (kiosk.to_owned(), id.to_owned());
        self.write_and_tell(Topic::Calls, move |connection| {
            let now = now();
            let found = connection.execute(
                "UPDATE calls SET answered = coalesce(answered, ?3)
                 WHERE kiosk = ?1 AND id = ?2 AND ended IS NULL",
                (&kiosk, &id, now),
            )?;
            if found > 0 {
                Line::of("call-answered").kiosk(&kiosk).subject(&id).write(connection, now)?;
            }
            Ok(found > 0)
        })
    }

    /// Opens a kiosk's call; true when it is new, and how far it is. A call of this name that ended stays ended. The kiosk's
    /// earlier calls end with a new one: a machine has one visitor, and its list of calls must not grow.
    pub(crate) fn open_call(&self, peer: &Peer, id: String) -> Result<(bool, CallState), Denied> {
        self.write_for_and_tell(Topic::Calls, peer, move |connection, kiosk| {
            let made = open(connection, kiosk, &id, now())?;
            let state = state(connection, kiosk, &id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            Ok((made, state))
        })
    }

    /// Ends a kiosk's call; false when there is none.
    pub(crate) fn end_call(&self, peer: &Peer, id: String) -> Result<bool, Denied> {
        self.write_for_and_tell(Topic::Calls, peer, move |connection, kiosk| {
            let found = connection.execute(
                "UPDATE calls SET ended = coalesce(ended, ?3) WHERE kiosk = ?1 AND id = ?2",
                (kiosk, id, now()),
            )?;
            Ok(found > 0)
        })
    }

    /// How far a kiosk's call is.
    pub(crate) fn call_state(&self, kiosk: &str, id: &str) -> Result<Option<CallState>, StoreError> {
        self.read(|connection| state(connection, kiosk, id))
    }
}

fn open(connection: &Connection, kiosk: &str, id: &str, now: i64) -> rusqlite::Result<bool> {
    let made = connection.execute(
        "INSERT INTO calls (kiosk, id, opened) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        (kiosk, id, now),
    )?;
    if made > 0 {
        connection.execute(
            "UPDATE calls SET ended = ?3 WHERE kiosk = ?1 AND id <> ?2 AND ended IS NULL",
            (kiosk, id, now),
        )?;
        Line::of("call-opened").kiosk(kiosk).subject(id).write(connection, now)?;
    }
    Ok(made > 0)
}

fn state(connection: &Connection, kiosk: &str, id: &str) -> rusqlite::Result<Option<CallState>> {
    one(
        connection,
        "SELECT answered IS NOT NULL, ended IS NOT NULL FROM calls WHERE kiosk = ?1 AND id = ?2",
        (kiosk, id),
        |row| {
            Ok(match (row.get(0)?, row.get(1)?) {
                (_, true) => CallState::Ended,
                (true, false) => CallState::Answered,
                (false, false) => CallState::Open,
            })
        },
    )
}
