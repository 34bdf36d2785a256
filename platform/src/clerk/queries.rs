//! What the pages ask of the platform's database. Nothing here opens a request.

use outbox::envelope::attachment::AttachmentHash;
use rusqlite::{Connection, OptionalExtension, named_params};

use crate::store::Case;
use crate::store::checks::CheckState;
use crate::store::progress::State;

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
pub(super) struct Filter {
    pub(super) state: Option<State>,
    pub(super) kiosk: Option<String>,
    /// Digits in the acceptance number or the case number.
    pub(super) digits: Option<String>,
}

/// A line of the list.
pub(super) struct RequestRow {
    pub(super) number: i64,
    pub(super) acceptance_number: String,
    pub(super) case_number: String,
    pub(super) kiosk: String,
    pub(super) matter: String,
    pub(super) received: i64,
    pub(super) state: State,
    pub(super) paid: Paid,
}

/// A request's state is that of its newest progress; without any it is accepted.
const STATE: &str = "coalesce((SELECT p.state FROM progress p WHERE p.request = r.number
    ORDER BY p.number DESC LIMIT 1), 'accepted')";

/// Requests, newest first, and how many there are in all.
pub(super) fn requests(
    connection: &Connection,
    filter: &Filter,
    skip: u32,
    most: u32,
) -> rusqlite::Result<(Vec<RequestRow>, u64)> {
    let chosen = format!(
        "FROM requests r LEFT JOIN orders o ON o.request = r.number
         WHERE (:state IS NULL OR {STATE} = :state) AND (:kiosk IS NULL OR r.kiosk = :kiosk)
           AND (:digits IS NULL OR instr(r.acceptance_number, :digits) OR instr(r.case_number, :digits))"
    );
    let total = connection.prepare_cached(&format!("SELECT count(*) {chosen}"))?.query_row(
        named_params! { ":state": filter.state, ":kiosk": filter.kiosk, ":digits": filter.digits },
        |row| row.get(0),
    )?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT r.number, r.acceptance_number, r.case_number, r.kiosk, r.matter, r.received, {STATE}, o.amount_fen,
             o.paid IS NOT NULL {chosen} ORDER BY r.number DESC LIMIT :most OFFSET :skip"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":state": filter.state, ":kiosk": filter.kiosk, ":digits": filter.digits, ":most": most, ":skip": skip,
        },
        row,
    )?;
    Ok((rows.collect::<Result<_, _>>()?, total))
}

/// One line of the list by its acceptance number.
pub(super) fn request(
    connection: &Connection,
    acceptance_number: &str,
) -> rusqlite::Result<Option<RequestRow>> {
    connection
        .prepare_cached(&format!(
            "SELECT r.number, r.acceptance_number, r.case_number, r.kiosk, r.matter, r.received, {STATE}, o.amount_fen,
                 o.paid IS NOT NULL
             FROM requests r LEFT JOIN orders o ON o.request = r.number WHERE r.acceptance_number = ?1"
        ))?
        .query_row([acceptance_number], row)
        .optional()
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
        state: row.get(6)?,
        paid: match (amount, row.get(8)?) {
            (None, _) => Paid::Nothing,
            (Some(fen), false) => Paid::Open(fen),
            (Some(fen), true) => Paid::Done(fen),
        },
    })
}

/// What waits for a clerk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Identity checks that nobody has decided.
    pub(super) checks: u64,
    /// Calls that nobody has answered.
    pub(super) calls: u64,
    /// Alarms that stand.
    pub(super) alarms: u64,
}

/// Counts what waits.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<Waiting> {
    connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM checks WHERE state IN ('pending', 'unsure')
                         AND (request IS NOT NULL OR sealed IS NOT NULL)),
                 (SELECT count(*) FROM calls WHERE ended IS NULL AND answered IS NULL),
                 (SELECT count(*) FROM alarms WHERE ended IS NULL)",
        )?
        .query_row([], |row| Ok(Waiting { checks: row.get(0)?, calls: row.get(1)?, alarms: row.get(2)? }))
}

impl RequestRow {
    /// The request as the platform's other rooms know it.
    pub(super) fn case(&self) -> Case {
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

/// An identity check as the request's page shows it.
pub(super) struct CheckRow {
    pub(super) state: CheckState,
    pub(super) decided_by: Option<String>,
    pub(super) asked: i64,
    pub(super) decided: Option<i64>,
}

/// The identity check of a request's portrait.
pub(super) fn check(
    connection: &Connection,
    request: i64,
    portrait: &AttachmentHash,
) -> rusqlite::Result<Option<CheckRow>> {
    connection
        .prepare_cached(
            "SELECT state, decided_by, asked, decided FROM checks WHERE request = ?1 AND portrait = ?2",
        )?
        .query_row((request, portrait), |row| {
            Ok(CheckRow {
                state: row.get(0)?,
                decided_by: row.get(1)?,
                asked: row.get(2)?,
                decided: row.get(3)?,
            })
        })
        .optional()
}
