//! How far a case is: states that clerks set, with their times. Every case begins as accepted.

use rusqlite::Connection;
use serde::Serialize;

pub use protocol::api::progress::{State, UnknownState};

use super::database::Store;
use super::error::StoreError;
use super::journal::Line;
use super::requests::{Case, find_case};
use super::word::Word;
use crate::time::now;

/// A state and when it was set. The note is the clerk's, for the applicant: no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The state.
    pub state: State,
    /// What the clerk wrote.
    pub note: Option<String>,
    /// When: Unix seconds.
    pub at: i64,
    /// The clerk, for the police's side only; `None` for the acceptance and for the command line.
    #[serde(skip)]
    pub clerk: Option<String>,
}

impl Store {
    /// Sets the state of a case, by its acceptance number or its case number. False when there is no such case.
    pub fn set_progress(&self, case: &str, state: State, note: Option<&str>) -> Result<bool, StoreError> {
        let (case, note) = (case.to_owned(), note.map(ToOwned::to_owned));
        self.write(move |connection| {
            let Some(case) = find_case(connection, &case)? else { return Ok(false) };
            set(connection, &case, state, note.as_deref(), None)?;
            Ok(true)
        })
    }

    /// Moves a case on for a clerk who saw it in the state `from`. False when it is no longer there: somebody was faster.
    pub fn advance(
        &self,
        case: &Case,
        from: State,
        to: State,
        note: Option<&str>,
        clerk: &str,
    ) -> Result<bool, StoreError> {
        let (case, note, clerk) = (case.clone(), note.map(ToOwned::to_owned), clerk.to_owned());
        self.write(move |connection| {
            let there = timeline(connection, &case)?.last().is_some_and(|step| step.state == from);
            if there {
                set(connection, &case, to, note.as_deref(), Some(&clerk))?;
            }
            Ok(there)
        })
    }

    /// What became of a case so far, oldest first.
    pub fn progress(&self, case: &Case) -> Result<Vec<Step>, StoreError> {
        self.read(|connection| timeline(connection, case))
    }
}

fn set(
    connection: &Connection,
    case: &Case,
    state: State,
    note: Option<&str>,
    clerk: Option<&str>,
) -> rusqlite::Result<()> {
    let now = now();
    connection.execute(
        "INSERT INTO progress (request, state, note, at, clerk) VALUES (?1, ?2, ?3, ?4, ?5)",
        (case.number, Word(state), note, now, clerk),
    )?;
    Line::of("progress")
        .kiosk(&case.kiosk)
        .subject(&format!("{} {state}", case.acceptance_number))
        .write(connection, now)
}

/// The states of a case, oldest first; the first is always its acceptance.
fn timeline(connection: &Connection, case: &Case) -> rusqlite::Result<Vec<Step>> {
    let mut steps = vec![Step { state: State::Accepted, note: None, at: case.received, clerk: None }];
    let mut later = connection
        .prepare_cached("SELECT state, note, at, clerk FROM progress WHERE request = ?1 ORDER BY number")?;
    let later = later.query_map([case.number], |row| {
        let Word(state) = row.get(0)?;
        Ok(Step { state, note: row.get(1)?, at: row.get(2)?, clerk: row.get(3)? })
    })?;
    for step in later {
        steps.push(step?);
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_wire() {
        let documented = include_str!("../../../docs/platform-api.md");
        for state in State::ALL {
            assert!(documented.contains(&format!("`{state}`")), "docs/platform-api.md lacks {state}");
            assert_eq!(serde_json::to_value(state).unwrap(), state.word());
            assert_eq!(state.word().parse(), Ok(*state));
        }
        assert_eq!("done".parse::<State>(), Err(UnknownState));
    }
}
