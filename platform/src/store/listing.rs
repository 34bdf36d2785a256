//! What the clerks' pages list. Nothing here opens a request.

use rusqlite::{Connection, named_params};

use super::database::Store;
use super::error::StoreError;
use super::progress::State;
use super::requests::Case;
use super::rows::{all, value};
use super::word::Word;

/// The fee of a request, in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paid {
    /// No order: free, or nobody asked for one yet.
    Nothing,
    Open(u64),
    Done(u64),
}

/// What the list is filtered by.
#[derive(Default)]
pub(crate) struct Filter {
    pub(crate) state: Option<State>,
    pub(crate) kiosk: Option<String>,
    /// Digits in the acceptance number or the case number.
    pub(crate) digits: Option<String>,
}

/// A line of the list.
pub(crate) struct RequestRow {
    pub(crate) number: i64,
    pub(crate) acceptance_number: String,
    pub(crate) case_number: String,
    pub(crate) kiosk: String,
    pub(crate) matter: String,
    pub(crate) received: i64,
    pub(crate) state: State,
    pub(crate) paid: Paid,
}

/// A request's state is that of its newest progress; without any it is accepted.
const STATE: &str = "coalesce((SELECT p.state FROM progress p WHERE p.request = r.number
    ORDER BY p.number DESC LIMIT 1), 'accepted')";

/// Requests with their payment orders.
const REQUESTS: &str = "FROM requests r LEFT JOIN orders o ON o.request = r.number";

/// Lines as [`row`] reads them.
fn lines() -> String {
    format!(
        "SELECT r.number, r.acceptance_number, r.case_number, r.kiosk, r.matter, r.received, {STATE}, o.amount_fen,
             o.paid IS NOT NULL {REQUESTS}"
    )
}

/// What a [`Filter`] lets through.
fn filtered() -> String {
    format!(
        "WHERE (:state IS NULL OR {STATE} = :state) AND (:kiosk IS NULL OR r.kiosk = :kiosk)
           AND (:digits IS NULL OR instr(r.acceptance_number, :digits) OR instr(r.case_number, :digits))"
    )
}

impl Store {
    /// How many requests there are.
    pub(crate) fn count_requests(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.read(|connection| {
            value(
                connection,
                &format!("SELECT count(*) {REQUESTS} {}", filtered()),
                named_params! { ":state": filter.state.map(Word), ":kiosk": filter.kiosk, ":digits": filter.digits },
            )
        })
    }

    /// Requests, newest first.
    pub(crate) fn list_requests(
        &self,
        filter: &Filter,
        skip: u32,
        most: u32,
    ) -> Result<Vec<RequestRow>, StoreError> {
        self.read(|connection| requests(connection, filter, skip, most))
    }

    /// One line of the list by its acceptance number.
    pub(crate) fn listed_request(&self, acceptance_number: &str) -> Result<Option<RequestRow>, StoreError> {
        self.one(&format!("{} WHERE r.acceptance_number = ?1", lines()), [acceptance_number], row)
    }

    /// Counts what waits.
    pub(crate) fn waiting(&self) -> Result<Waiting, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM checks WHERE state IN ('pending', 'unsure')
                                 AND (request IS NOT NULL OR sealed IS NOT NULL)),
                         (SELECT count(*) FROM calls WHERE ended IS NULL AND answered IS NULL),
                         (SELECT count(*) FROM alarms WHERE ended IS NULL)",
                )?
                .query_row([], |row| {
                    Ok(Waiting { checks: row.get(0)?, calls: row.get(1)?, alarms: row.get(2)? })
                })
        })
    }
}

fn requests(
    connection: &Connection,
    filter: &Filter,
    skip: u32,
    most: u32,
) -> rusqlite::Result<Vec<RequestRow>> {
    let query = format!("{} {} ORDER BY r.number DESC LIMIT :most OFFSET :skip", lines(), filtered());
    all(
        connection,
        &query,
        named_params! {
            ":state": filter.state.map(Word), ":kiosk": filter.kiosk, ":digits": filter.digits, ":most": most, ":skip": skip,
        },
        row,
    )
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<RequestRow> {
    let amount: Option<u64> = row.get(7)?;
    Ok(RequestRow {
        number: row.get(0)?,
        acceptance_number: row.get(1)?,
        case_number: row.get(2)?,
        kiosk: row.get(3)?,
        matter: row.get(4)?,
        received: row.get(5)?,
        state: row.get(6).map(|Word(state)| state)?,
        paid: match (amount, row.get(8)?) {
            (None, _) => Paid::Nothing,
            (Some(fen), false) => Paid::Open(fen),
            (Some(fen), true) => Paid::Done(fen),
        },
    })
}

/// What waits for a clerk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Identity checks that nobody has decided.
    pub(crate) checks: u64,
    /// Calls that nobody has answered.
    pub(crate) calls: u64,
    /// Alarms that stand.
    pub(crate) alarms: u64,
}

impl RequestRow {
    /// The request as the platform's other rooms know it.
    pub(crate) fn case(&self) -> Case {
        Case {
            number: self.number,
            kiosk: self.kiosk.clone(),
            case_number: self.case_number.clone(),
            acceptance_number: self.acceptance_number.clone(),
            matter: self.matter.clone(),
            received: self.received,
        }
    }
}
