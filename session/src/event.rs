//! What can happen, and what is to be done about it.

use std::time::Duration;

use faults::Fault;
use jiff::civil::DateTime;

use crate::action::Action;
use crate::citizen::Citizen;
use crate::page::photograph::Taken;
use crate::page::scan::ScannedPage;
use crate::receipt::Receipt;
use crate::request::Request;
use crate::view::{Rejection, ScanProblem};

/// The moment of a step.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Monotonic time since the start: all limits are measured with it.
    pub uptime: Duration,
    /// The hall's wall clock: only for dates that people read and rules compare.
    pub wall: DateTime,
    /// The same moment in seconds since 1970, for the record.
    pub unix: i64,
}

/// The number of one command to a device. An answer with another number is late and is dropped.
pub type Command = u64;

/// Something that happened.
pub enum Event {
    /// Time passed.
    Tick,
    /// The citizen touched a control.
    Touch(Action),
    /// A part's health changed: `None` is healthy, [`Fault::NoDevice`] that the machine has none.
    Health(Part, Option<Fault>),
    /// A card lies on the reader, or no longer does.
    CardPresent(bool),
    /// The read that was asked for has begun: a card was noticed.
    CardReading(Command),
    /// The card was read.
    CardRead(Command, Box<Citizen>),
    /// The card could not be read. The reader goes on trying until it is told to stop.
    CardFailed(Command, Fault),
    /// The printer confirmed the receipt, or failed.
    Printed(Command, Result<(), Fault>),
    /// The request is durable: the case number is assigned.
    Saved(Command, Result<String, Fault>),
    /// A verified receipt of the platform for a case, with its acceptance number.
    Accepted {
        /// The case number.
        case_number: String,
        /// The platform's number.
        acceptance_number: String,
    },
    /// The portrait that was asked for: good, or why not. An empty list means that there was no picture.
    Portrait(Command, Result<Box<Taken>, Vec<Rejection>>),
    /// A page of the scan that was asked for, or what is wrong with it.
    Page(Command, Result<Box<ScannedPage>, ScanProblem>),
    /// The scan that was asked for is over.
    ScanFinished(Command),
    /// Somebody has seen the call and comes.
    AttendantAnswered(Command),
    /// The payment order that was asked for, or why there is none.
    PaymentOrder(Command, Result<PaymentOrder, Fault>),
    /// The platform confirmed the payment of the order that was asked for with this number.
    Paid(Command),
}

/// What a visit depends on, and goes on without where it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The reader of identity cards.
    Reader,
    /// The receipt printer.
    Printer,
    /// The camera.
    Camera,
    /// The document scanner.
    Scanner,
    /// Whatever carries a call to an attendant.
    Attendant,
    /// The disk that requests are written to.
    Store,
}

/// A payment order of the platform: what is paid by whom is the platform's business, the kiosk shows where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentOrder {
    /// The platform's number of the order.
    pub number: String,
    /// Where it is paid: the text of the QR code.
    pub url: String,
    /// In yuan; an order over another sum than the matter's fee is not shown.
    pub yuan: u32,
}

/// Something to be done.
pub enum Effect {
    /// Look for a card and read it; answer with this number.
    ReadCard(Command),
    /// Stop looking for a card.
    StopReading,
    /// Sign the request and write it to disk; answer with this number.
    Save(Command, Box<Request>),
    /// Print; answer with this number.
    Print(Command, Box<Receipt>),
    /// A line for the journal, without personal data.
    Journal(Note),
    /// Show the camera's picture on the page, or no longer.
    Preview(bool),
    /// Take a portrait and judge it; answer with this number.
    Shoot(Command),
    /// Scan; answer with this number.
    Scan(Command),
    /// Stop scanning.
    StopScanning,
    /// Get the payment order of a case from the platform, answer with this number, and follow the order until it is
    /// paid or [`Effect::StopPaying`] comes.
    RequestPayment {
        /// The number of the answers.
        command: Command,
        /// The case that is paid for.
        case_number: String,
        /// The fee in yuan.
        yuan: u32,
    },
    /// Nobody looks at the payment any more. The order itself stays open: it can be paid later.
    StopPaying,
    /// Call an attendant; answer with this number when somebody comes.
    CallAttendant(Command),
    /// The call is over: the lamp goes out.
    EndCall,
    /// Play a sound.
    Sound(Sound),
}

/// What the loudspeaker says. Nothing is told by sound alone: each has its words on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// The visit is about to end by itself.
    Warning,
    /// A card or paper was left behind.
    CardLeft,
    /// Something failed: look at the page.
    Attention,
    /// The request is registered.
    Done,
}

/// What the journal keeps of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A visit began with this matter.
    VisitBegan(String),
    /// A visit ended: how.
    VisitEnded(Ending),
    /// A failure was shown.
    FaultShown(Fault),
    /// An answer came too late and was dropped.
    LateAnswer(Command),
    /// A request became durable after its page had given up; the case number.
    LateSaved(String),
    /// The card was left on the reader and the alarm was raised.
    CardLeft,
    /// How the citizen rated the visit, from 1 to 5.
    Rated(u8),
    /// An attendant was called.
    Called,
    /// Somebody answered the call.
    CallAnswered,
    /// The call is over.
    CallOver,
    /// The platform confirmed the payment of this case; the case number.
    Paid(String),
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Submitted.
    Submitted,
    /// The citizen left.
    Left,
    /// Nobody answered the warning.
    Idle,
    /// A rule refused.
    Refused,
    /// A failure ended it.
    Failed(Fault),
}
