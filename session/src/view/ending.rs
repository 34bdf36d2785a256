//! How a visit ends.

use faults::Fault;
use jiff::civil::Date;

/// After the request is on disk.
#[derive(Clone, PartialEq)]
pub struct Done {
    /// The kiosk's case number.
    pub case_number: String,
    /// Set once a verified receipt of the platform came.
    pub acceptance_number: Option<String>,
    /// The last day by which it is handled.
    pub deadline: Date,
    /// Where to collect or what comes next.
    pub collect: String,
    /// The text of the QR code.
    pub qr: String,
    /// The fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// What became of the paper.
    pub paper: Paper,
    /// True while the card still lies on the reader.
    pub card_present: bool,
    /// Whole seconds until the page leaves by itself.
    pub seconds_left: u32,
    /// The payment; absent for what is free.
    pub payment: Option<Payment>,
    /// The given rating, from 1 (very dissatisfied) to 5 (very satisfied).
    pub rating: Option<u8>,
}

/// The fee of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// In yuan.
    pub yuan: u32,
    /// Where it stands.
    pub state: PaymentState,
}

/// Where a payment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// The platform is being asked for its order.
    Asking,
    /// Can be paid now.
    Open {
        /// The text of the payment QR code.
        qr: String,
        /// The platform's number of the order.
        order: String,
    },
    /// Confirmed by the platform, and never said before.
    Paid,
    /// No order came, for this reason: it is paid later with the case number.
    Later(Fault),
}

/// The printed receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// Waiting for the platform's answer or for the printer.
    Printing,
    /// The printer confirmed it.
    Printed,
    /// No paper came, or nobody knows: write the case number down. Why.
    Failed(Fault),
    /// This machine has no printer: write the case number down.
    NoPrinter,
}

/// A rule says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, in a sentence.
    pub reason: String,
    /// The article of law or rule it stands on.
    pub article: String,
    /// The next place to go.
    pub next_place: String,
    /// True when a slip can be printed now: there is a printer and it is well.
    pub can_print: bool,
    /// What became of the slip; `None`: not asked for yet.
    pub slip: Option<Paper>,
}

/// A failure that ends the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorry {
    /// Which.
    pub fault: Fault,
    /// Set when the request is on disk in spite of it.
    pub case_number: Option<String>,
    /// True while the card still lies on the reader.
    pub card_present: bool,
}

/// The last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wipe {
    /// True while the card still lies on the reader.
    pub card_present: bool,
    /// True once the card has lain there long enough for the alarm.
    pub alarm: bool,
}
