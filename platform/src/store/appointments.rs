//! Appointments: slots that the operator offers, and who booked them.

use rusqlite::Connection;
use serde::Serialize;

use super::database::Store;
use super::error::StoreError;
use super::journal::Line;
use super::kiosks::{Denied, Peer};
use super::requests::find_own_case;
use super::rows::one;
use crate::time::now;

/// Slots that one answer lists at most: two weeks of an office with a slot every ten minutes.
const MOST: u32 = 1000;

/// A slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// Its number.
    pub number: i64,
    /// The office.
    pub office: String,
    /// From when: Unix seconds.
    pub starts: i64,
    /// Until when: Unix seconds.
    pub ends: i64,
    /// How many can come.
    pub places: u32,
    /// How many still can.
    pub free: u32,
}

/// A booked slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Appointment {
    /// The kiosk's name for it.
    pub id: String,
    /// The slot.
    pub slot: i64,
    /// The office.
    pub office: String,
    /// From when: Unix seconds.
    pub starts: i64,
    /// Until when: Unix seconds.
    pub ends: i64,
    /// The case that it is for.
    pub case_number: Option<String>,
    /// Whether it was cancelled.
    pub cancelled: bool,
}

/// What became of a wish for an appointment.
pub(crate) enum Booked {
    Made(Appointment),
    There(Appointment),
    /// The name stands for another appointment.
    OtherWish,
    /// The case has an appointment.
    CaseHasOne,
    /// No place is left, or it is over.
    Full,
    NoSlot,
    NoCase,
}

impl Store {
    /// Offers a slot; a slot of the same office and time gets these places.
    ///
    /// # Errors
    /// The database's, such as for an end before its start.
    pub fn offer_slot(&self, office: &str, starts: i64, ends: i64, places: u32) -> Result<i64, StoreError> {
        let office = office.to_owned();
        self.write(move |connection| {
            connection.query_row(
                "INSERT INTO slots (office, starts, ends, places) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (office, starts) DO UPDATE SET ends = ?3, places = ?4 RETURNING number",
                (office, starts, ends, places),
                |row| row.get(0),
            )
        })
    }

    /// Slots that begin in `from..to`, earliest first, at most 1000.
    pub fn slots(&self, from: i64, to: i64) -> Result<Vec<Slot>, StoreError> {
        self.all(
            &format!("{SLOT} WHERE starts >= ?1 AND starts < ?2 ORDER BY starts, office LIMIT {MOST}"),
            (from, to),
            slot,
        )
    }

    /// Books a place for a kiosk, once for each name that it gives.
    pub(crate) fn book(
        &self,
        peer: &Peer,
        id: String,
        slot: i64,
        case_number: Option<String>,
    ) -> Result<Booked, Denied> {
        self.write_for(peer, move |connection, kiosk| {
            book(connection, kiosk, &id, slot, case_number.as_deref(), now())
        })
    }

    /// Gives a kiosk's place back; false when it has no such appointment.
    pub(crate) fn cancel_appointment(&self, peer: &Peer, id: String) -> Result<bool, Denied> {
        self.write_for(peer, move |connection, kiosk| cancel(connection, kiosk, &id, now()))
    }

    /// A kiosk's appointment.
    pub(crate) fn appointment(&self, kiosk: &str, id: &str) -> Result<Option<Appointment>, StoreError> {
        self.read(|connection| find(connection, kiosk, id))
    }
}

fn book(
    connection: &Connection,
    kiosk: &str,
    id: &str,
    number: i64,
    case_number: Option<&str>,
    now: i64,
) -> rusqlite::Result<Booked> {
    if let Some(there) = find(connection, kiosk, id)? {
        let same = there.slot == number && there.case_number.as_deref() == case_number && !there.cancelled;
        return Ok(if same { Booked::There(there) } else { Booked::OtherWish });
    }
    let wanted = one(connection, &format!("{SLOT} WHERE slots.number = ?1"), [number], slot)?;
    let Some(wanted) = wanted else { return Ok(Booked::NoSlot) };
    let case = match case_number {
        None => None,
        Some(case_number) => match find_own_case(connection, kiosk, case_number)? {
            None => return Ok(Booked::NoCase),
            case => case,
        },
    };
    if wanted.free == 0 || wanted.starts <= now {
        return Ok(Booked::Full);
    }
    let case = case.map(|case| case.number);
    let has_one: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM appointments WHERE request = ?1 AND cancelled IS NULL)",
        [case],
        |row| row.get(0),
    )?;
    if has_one {
        return Ok(Booked::CaseHasOne);
    }
    connection.execute(
        "INSERT INTO appointments (kiosk, id, slot, request, booked) VALUES (?1, ?2, ?3, ?4, ?5)",
        (kiosk, id, number, case, now),
    )?;
    Line::of("booked").kiosk(kiosk).subject(id).write(connection, now)?;
    Ok(find(connection, kiosk, id)?.map_or(Booked::NoSlot, Booked::Made))
}

fn cancel(connection: &Connection, kiosk: &str, id: &str, now: i64) -> rusqlite::Result<bool> {
    let cancelled = connection.execute(
        "UPDATE appointments SET cancelled = ?3 WHERE kiosk = ?1 AND id = ?2 AND cancelled IS NULL",
        (kiosk, id, now),
    )?;
    if cancelled > 0 {
        Line::of("cancelled").kiosk(kiosk).subject(id).write(connection, now)?;
    }
    Ok(cancelled > 0 || find(connection, kiosk, id)?.is_some())
}

fn find(connection: &Connection, kiosk: &str, id: &str) -> rusqlite::Result<Option<Appointment>> {
    one(
        connection,
        "SELECT appointments.id, slot, office, starts, ends, case_number, cancelled IS NOT NULL
             FROM appointments JOIN slots ON slots.number = slot
             LEFT JOIN requests ON requests.number = request
             WHERE appointments.kiosk = ?1 AND appointments.id = ?2",
        (kiosk, id),
        |row| {
            Ok(Appointment {
                id: row.get(0)?,
                slot: row.get(1)?,
                office: row.get(2)?,
                starts: row.get(3)?,
                ends: row.get(4)?,
                case_number: row.get(5)?,
                cancelled: row.get(6)?,
            })
        },
    )
}

const SLOT: &str = "
    SELECT number, office, starts, ends, places, max(0, places -
        (SELECT count(*) FROM appointments WHERE slot = slots.number AND cancelled IS NULL)) AS free
    FROM slots";

fn slot(row: &rusqlite::Row<'_>) -> rusqlite::Result<Slot> {
    Ok(Slot {
        number: row.get(0)?,
        office: row.get(1)?,
        starts: row.get(2)?,
        ends: row.get(3)?,
        places: row.get(4)?,
        free: row.get(5)?,
    })
}
