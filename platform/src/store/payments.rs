//! Payment orders: at most one a case.

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use serde::Serialize;

use super::database::Store;
use super::error::StoreError;
use super::journal::Line;
use super::kiosks::{Denied, Peer};
use super::news::Topic;
use super::requests::find_own_case;
use super::rows::one;
use crate::time::{CHINA, now};

/// A payment order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Its number: 20 digits, the day and twelve random ones, so that nobody guesses another's.
    pub number: String,
    /// The case that is paid for.
    pub case_number: String,
    /// The matter of the case.
    pub matter: String,
    /// What is to be paid: hundredths of a yuan.
    pub amount_fen: u32,
    /// When it was made: Unix seconds.
    pub opened: i64,
    /// When it was paid: Unix seconds.
    pub paid: Option<i64>,
}

/// What became of a wish for an order.
pub(crate) enum Ordered {
    Made(Order),
    There(Order),
    /// There is one with another amount.
    OtherAmount,
    /// The kiosk has no such case.
    NoCase,
}

impl Store {
    /// An order by its number.
    pub fn order(&self, number: &str) -> Result<Option<Order>, StoreError> {
        self.read(|connection| find(connection, number))
    }

    /// Marks an order as paid and gives it; paying twice changes nothing. `None` when there is no such order.
    pub fn pay(&self, number: &str) -> Result<Option<Order>, StoreError> {
        let number = number.to_owned();
        self.write_and_tell(Topic::Orders, move |connection| {
            let now = now();
            let paid = connection
                .execute("UPDATE orders SET paid = ?2 WHERE number = ?1 AND paid IS NULL", (&number, now))?;
            if paid > 0 {
                Line::of("paid").subject(&number).write(connection, now)?;
            }
            find(connection, &number)
        })
    }

    /// The order of a kiosk's case, made when there is none; `number` is used for a new one.
    pub(crate) fn order_payment(
        &self,
        peer: &Peer,
        case_number: String,
        amount_fen: u32,
        number: String,
    ) -> Result<Ordered, Denied> {
        self.write_for(peer, move |connection, kiosk| {
            order(connection, kiosk, &case_number, amount_fen, &number)
        })
    }

    /// The order of a kiosk's case.
    pub(crate) fn own_order(&self, kiosk: &str, case_number: &str) -> Result<Option<Order>, StoreError> {
        self.read(|connection| find_own(connection, kiosk, case_number))
    }
}

fn order(
    connection: &Connection,
    kiosk: &str,
    case_number: &str,
    amount_fen: u32,
    number: &str,
) -> rusqlite::Result<Ordered> {
    let Some(case) = find_own_case(connection, kiosk, case_number)? else { return Ok(Ordered::NoCase) };
    if let Some(order) = find_own(connection, kiosk, case_number)? {
        let same = order.amount_fen == amount_fen;
        return Ok(if same { Ordered::There(order) } else { Ordered::OtherAmount });
    }
    let now = now();
    connection.execute(
        "INSERT INTO orders (number, request, amount_fen, opened) VALUES (?1, ?2, ?3, ?4)",
        (number, case.number, amount_fen, now),
    )?;
    Line::of("payment-ordered").kiosk(kiosk).subject(number).write(connection, now)?;
    Ok(find(connection, number)?.map_or(Ordered::NoCase, Ordered::Made))
}

fn find_own(connection: &Connection, kiosk: &str, case_number: &str) -> rusqlite::Result<Option<Order>> {
    one(
        connection,
        &format!("{SELECT} WHERE requests.case_number = ?1 AND requests.kiosk = ?2"),
        (case_number, kiosk),
        read,
    )
}

/// A number for a new order.
pub(crate) fn new_number() -> Result<String, getrandom::Error> {
    let random = getrandom::u64()? % 1_000_000_000_000;
    let day = CHINA.to_datetime(Timestamp::now()).date();
    Ok(format!("{:04}{:02}{:02}{random:012}", day.year(), day.month(), day.day()))
}

const SELECT: &str = "
    SELECT orders.number, case_number, matter, amount_fen, opened, paid
    FROM orders JOIN requests ON requests.number = orders.request";

fn find(connection: &Connection, number: &str) -> rusqlite::Result<Option<Order>> {
    one(connection, &format!("{SELECT} WHERE orders.number = ?1"), [number], read)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Order> {
    Ok(Order {
        number: row.get(0)?,
        case_number: row.get(1)?,
        matter: row.get(2)?,
        amount_fen: row.get(3)?,
        opened: row.get(4)?,
        paid: row.get(5)?,
    })
}
