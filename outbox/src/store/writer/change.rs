//! What becomes of a request after it was saved: acknowledged, attempted, held, released; or the store is frozen.

use faults::Fault;
use protocol::envelope::Receipt;
use rusqlite::Connection;

use super::{Change, now};
use crate::store::error::QueueError;
use crate::store::files::Files;
use crate::store::schema::{self, ACKNOWLEDGED, HELD};
use crate::store::{check, rows};

pub(super) fn apply(
    connection: &Connection,
    change: &Change,
    kiosk: &str,
    files: &Files,
) -> rusqlite::Result<Result<(), QueueError>> {
    match change {
        Change::Acknowledge(receipt) => acknowledge(connection, receipt, kiosk),
        Change::Attempt { id, fault, problem } => {
            rows::attempt(connection, id, fault.code(), problem.as_deref(), now()).map(Ok)
        }
        Change::Hold { id, fault } => rows::hold(connection, id, Some(fault.code()), now()).map(Ok),
        Change::Release { id } => {
            let Some(found) = rows::find(connection, id)? else { return Ok(Err(QueueError::Unknown)) };
            if found.state == ACKNOWLEDGED {
                return Ok(Ok(()));
            }
            // The platform may have a file that is missing here: it is asked.
            if !check::one(connection, found.number, kiosk, files)?.is_signed {
                return Ok(Err(QueueError::Damaged));
            }
            rows::hold(connection, id, None, now()).map(Ok)
        }
        Change::Freeze => schema::set_meta(connection, "frozen", Fault::StoreFrozen.code()).map(Ok),
    }
}

fn acknowledge(
    connection: &Connection,
    receipt: &Receipt,
    kiosk: &str,
) -> rusqlite::Result<Result<(), QueueError>> {
    let statement = receipt.statement();
    let Some(found) = rows::find(connection, &statement.id)? else {
        return Ok(Err(QueueError::Unknown));
    };
    if !receipt.covers(&statement.id, kiosk, found.seq) {
        return Ok(Err(QueueError::OtherRequest));
    }
    // A second receipt for the same request, after a crash between the answer and here, changes nothing.
    if found.state == ACKNOWLEDGED {
        return Ok(Ok(()));
    }
    if found.state == HELD && found.last_code.as_deref() == Some(Fault::StoreDamaged.code()) {
        return Ok(Err(QueueError::Damaged));
    }
    rows::acknowledge(connection, receipt, now())?;
    let known = schema::meta(connection, "platform_time")?.and_then(|time| time.parse::<i64>().ok());
    if known.is_none_or(|known| statement.time > known) {
        schema::set_meta(connection, "platform_time", &statement.time.to_string())?;
    }
    Ok(Ok(()))
}
