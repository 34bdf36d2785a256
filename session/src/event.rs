//! What can happen, and what is to be done about it.

use std::fmt;
use std::time::Duration;

use faults::Fault;
use jiff::civil::DateTime;
use zeroize::Zeroize;

use crate::citizen::Citizen;
use crate::filling::{ScannedPage, Taken};
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

/// A touch, a key or an assistive device's press: what the citizen wants. Its `Debug` tells one action from another, and
/// nothing of what was typed or drawn; that is wiped when it has been taken in.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// The attract page was touched.
    Begin,
    /// The language button.
    SwitchLanguage,
    /// Large text, or back to the usual size.
    ToggleLarge,
    /// High contrast, or back to the usual colours.
    ToggleContrast,
    /// A tile of the home page: the matter's id.
    ChooseMatter(String),
    /// The notice is accepted.
    Accept,
    /// "Yes, that is me", or on with the next page.
    Continue,
    /// One step back.
    Back,
    /// A choice of a question.
    Choose {
        /// The question's id.
        question: String,
        /// The choice's value.
        value: String,
    },
    /// One key, or a whole phrase, of the screen's own keyboard.
    Type(String),
    /// The key that takes the last character back.
    Erase,
    /// Take the known answer over.
    TakeOver,
    /// The shutter of the portrait page.
    Shoot,
    /// This portrait: its place in the list.
    ChooseShot(usize),
    /// Go on without a portrait: it is taken at the counter.
    PhotographAtCounter,
    /// Scan a page.
    ScanPage,
    /// Take a scanned page away: its place in the list.
    RemovePage(usize),
    /// 告知承诺: `true` commits, `false` brings papers.
    Commit(bool),
    /// One stroke of the signature: points in thousandths of the pad's width and height, in the order they were drawn.
    Stroke(Vec<(u16, u16)>),
    /// Write the signature anew.
    ClearSignature,
    /// A rating from 1 to 5.
    Rate(u8),
    /// "Change" on the review page: the question's or the paper's id.
    Change(String),
    /// Submit the request.
    Submit,
    /// Leave; on the done page "finish".
    Leave,
    /// Call an attendant; a second touch takes the call back.
    CallAttendant,
    /// Print the slip of a refusal.
    PrintSlip,
    /// "I am still here."
    Stay,
    /// A touch that hit nothing: it counts as a sign of life.
    Elsewhere,
}

impl Action {
    /// Wipes what the citizen typed, chose or drew.
    pub(crate) fn wipe(&mut self) {
        match self {
            Action::Type(text) | Action::Choose { value: text, .. } => text.zeroize(),
            Action::Stroke(points) => points.zeroize(),
            Action::Begin
            | Action::SwitchLanguage
            | Action::ToggleLarge
            | Action::ToggleContrast
            | Action::ChooseMatter(_)
            | Action::Accept
            | Action::Continue
            | Action::Back
            | Action::Erase
            | Action::TakeOver
            | Action::Shoot
            | Action::ChooseShot(_)
            | Action::PhotographAtCounter
            | Action::ScanPage
            | Action::RemovePage(_)
            | Action::Commit(_)
            | Action::ClearSignature
            | Action::Rate(_)
            | Action::Change(_)
            | Action::Submit
            | Action::Leave
            | Action::CallAttendant
            | Action::PrintSlip
            | Action::Stay
            | Action::Elsewhere => {}
        }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Action {:?}", std::mem::discriminant(self))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_or_drawn_is_not_printed_and_is_wiped() {
        let choice = |value: &str| Action::Choose { question: "q".to_owned(), value: value.to_owned() };
        for (mut given, wiped) in [
            (Action::Type("secret".to_owned()), Action::Type(String::new())),
            (choice("secret"), choice("")),
            (Action::Stroke(vec![(777, 777)]), Action::Stroke(Vec::new())),
        ] {
            let printed = format!("{given:?}");
            assert!(!printed.contains("secret") && !printed.contains("777"), "{printed}");
            given.wipe();
            assert!(given == wiped);
        }
    }
}
