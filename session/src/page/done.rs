//! After the request is on disk: the platform's number, the payment and the receipt.

use super::*;
use crate::event::PaymentOrder;
use crate::receipt::{Fee, Slip, qr};
use crate::show::whole_seconds;

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

/// A case on disk.
pub(crate) struct Case {
    matter: Arc<Matter>,
    case_number: String,
    acceptance_number: Option<String>,
    deadline: Date,
    since: Duration,
    printing: Printing,
    /// `None` for what is free.
    paying: Option<Paying>,
    rating: Option<u8>,
}

/// What becomes of the receipt. The slip is dropped as soon as it is with the printer.
enum Printing {
    /// Until the platform's number and its payment order came, or their time is over.
    Waiting(Slip),
    At(Job),
}

/// What becomes of the fee. Save first, pay second: an unpaid request stays a request.
enum Paying {
    /// The platform has not accepted the case yet, so there is nothing to pay for.
    Waiting,
    Asked {
        command: Command,
        since: Duration,
    },
    Open {
        command: Command,
        order: PaymentOrder,
    },
    Paid,
    Later(Fault),
}

/// The longest number of a payment order. A guess: those of 非税缴款码 have 20 digits.
const LONGEST_ORDER: usize = 64;

/// The longest address of a payment. A guess, and still a code that a telephone reads from the receipt.
const LONGEST_URL: usize = 512;

impl Case {
    pub(crate) fn begin(slip: Slip, case_number: String, desk: &mut Desk, now: Now) -> State {
        desk.sound(Sound::Done);
        let (matter, deadline) = (Arc::clone(&slip.matter), slip.deadline);
        let printing = if desk.setting.has_printer {
            Printing::Waiting(slip)
        } else {
            Printing::At(Job::Over(Paper::NoPrinter))
        };
        let paying = (matter.fee_yuan > 0).then_some(Paying::Waiting);
        State::Visit(Visit::Done(Box::new(Case {
            matter,
            case_number,
            acceptance_number: None,
            deadline,
            since: now.uptime,
            printing,
            paying,
            rating: None,
        })))
    }

    pub(crate) fn rate(&mut self, rating: u8, desk: &mut Desk) {
        if (1..=5).contains(&rating) && self.rating.is_none() {
            self.rating = Some(rating);
            desk.note(Note::Rated(rating));
        }
    }

    /// The platform accepted a case, this one or an earlier one.
    pub(crate) fn accepted(
        &mut self,
        desk: &mut Desk,
        now: Now,
        case_number: &str,
        acceptance_number: String,
    ) {
        if self.case_number != case_number || self.acceptance_number.is_some() {
            return;
        }
        self.acceptance_number = Some(acceptance_number);
        if self.paying.is_some() {
            let (command, yuan) = (desk.command(), self.matter.fee_yuan);
            self.paying = Some(Paying::Asked { command, since: now.uptime });
            let case_number = self.case_number.clone();
            desk.effect(Effect::RequestPayment { command, case_number, yuan });
        }
        self.print_when_due(desk, now);
    }

    pub(crate) fn order(
        &mut self,
        desk: &mut Desk,
        now: Now,
        command: Command,
        result: Result<PaymentOrder, Fault>,
    ) -> Option<()> {
        if !matches!(self.paying, Some(Paying::Asked { command: asked, .. }) if asked == command) {
            return None;
        }
        match result {
            Ok(order) if fits(&order, self.matter.fee_yuan) => {
                // The time to pay is counted from here.
                desk.alive = now.uptime;
                self.paying = Some(Paying::Open { command, order });
            }
            Ok(_) => {
                self.stop_paying(desk);
                self.pay_later(desk, Fault::PaymentUnavailable);
            }
            Err(fault) => self.pay_later(desk, fault),
        }
        self.print_when_due(desk, now);
        Some(())
    }

    pub(crate) fn paid(&mut self, desk: &mut Desk, now: Now, command: Command) -> Option<()> {
        let (Paying::Asked { command: asked, .. } | Paying::Open { command: asked, .. }) =
            self.paying.as_ref()?
        else {
            return None;
        };
        if *asked != command {
            return None;
        }
        self.paying = Some(Paying::Paid);
        desk.note(Note::Paid(self.case_number.clone()));
        desk.alive = now.uptime;
        self.print_when_due(desk, now);
        Some(())
    }

    /// True while the page shows an order that can be paid.
    fn payable(&self) -> bool {
        matches!(self.paying, Some(Paying::Open { .. }))
    }

    fn pay_later(&mut self, desk: &mut Desk, fault: Fault) {
        self.paying = Some(Paying::Later(fault));
        desk.fails(fault);
    }

    fn stop_paying(&self, desk: &mut Desk) {
        if let Some(Paying::Asked { .. } | Paying::Open { .. }) = self.paying {
            desk.effect(Effect::StopPaying);
        }
    }

    /// The receipt goes to the printer once everything it can say is known, or its time is over.
    fn print_when_due(&mut self, desk: &mut Desk, now: Now) {
        let accepted = self.acceptance_number.is_some();
        let settled = !matches!(self.paying, Some(Paying::Waiting | Paying::Asked { .. }));
        if settled && (accepted || now.uptime >= self.since + desk.limits().acceptance) {
            self.print(desk, now);
        }
    }

    fn print(&mut self, desk: &mut Desk, now: Now) {
        let Printing::Waiting(slip) = &self.printing else { return };
        let fee = match &self.paying {
            None => Fee::Free,
            Some(Paying::Open { order, .. }) => Fee::Order(order),
            Some(Paying::Paid) => Fee::Paid,
            Some(Paying::Waiting | Paying::Asked { .. } | Paying::Later(_)) => Fee::Later,
        };
        let hall = &desk.setting.hall;
        let receipt = Receipt::new(hall, slip, &self.case_number, self.acceptance_number.as_deref(), fee);
        self.printing = Printing::At(Job::send(desk, now, receipt));
    }

    fn paper(&self) -> Paper {
        match &self.printing {
            Printing::Waiting(_) => Paper::Printing,
            Printing::At(job) => job.paper(),
        }
    }

    /// The paper is promised: it is printed even when the citizen does not wait for the platform. The order stays open.
    fn end(&mut self, desk: &mut Desk, now: Now) -> State {
        self.print(desk, now);
        self.stop_paying(desk);
        wipe::begin(desk, now, Ending::Submitted)
    }
}

/// Nobody is sent to pay another sum, or to something that is no address.
fn fits(order: &PaymentOrder, yuan: u32) -> bool {
    let plain = |text: &str, longest: usize| {
        (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    order.yuan == yuan && plain(&order.number, LONGEST_ORDER) && plain(&order.url, LONGEST_URL)
}

impl Behaviour for Case {
    fn show(&self, desk: &Desk, now: Now) -> Page {
        let patience = self.patience(&desk.limits()).unwrap_or_default();
        Page::Done(Done {
            case_number: self.case_number.clone(),
            acceptance_number: self.acceptance_number.clone(),
            deadline: self.deadline,
            collect: desk.words(&self.matter.collect),
            qr: qr(&self.case_number),
            fee_yuan: self.matter.fee_yuan,
            paper: self.paper(),
            card_present: desk.card_present,
            seconds_left: whole_seconds(patience.saturating_sub(desk.idle(now))),
            payment: self.paying.as_ref().map(|paying| Payment {
                yuan: self.matter.fee_yuan,
                state: match paying {
                    Paying::Waiting | Paying::Asked { .. } => PaymentState::Asking,
                    Paying::Open { order, .. } => {
                        PaymentState::Open { qr: order.url.clone(), order: order.number.clone() }
                    }
                    Paying::Paid => PaymentState::Paid,
                    Paying::Later(fault) => PaymentState::Later(*fault),
                },
            }),
            rating: self.rating,
        })
    }

    fn patience(&self, limits: &Limits) -> Option<Duration> {
        Some(if self.payable() { limits.paying } else { limits.done })
    }

    /// The page counts down in silence unless somebody may be paying.
    fn warning(&self) -> Warning {
        if self.payable() { Warning::Heard } else { Warning::Silent }
    }

    fn hurries(&self) -> bool {
        true
    }

    fn tick(&mut self, desk: &mut Desk, now: Now, nobody: bool) -> Next {
        let limits = desk.limits();
        let overdue = match &self.paying {
            Some(Paying::Waiting) => now.uptime >= self.since + limits.acceptance,
            Some(Paying::Asked { since, .. }) => now.uptime >= *since + limits.order,
            Some(Paying::Open { .. } | Paying::Paid | Paying::Later(_)) | None => false,
        };
        if overdue {
            self.stop_paying(desk);
            self.pay_later(desk, Fault::PaymentUnavailable);
        }
        self.print_when_due(desk, now);
        let job = self.job()?;
        job.tick(desk, now);
        // A paper that is still to come ends no visit: its time is over long before the page's.
        nobody.then(|| self.end(desk, now))
    }

    fn back(&mut self, _desk: &mut Desk, _now: Now) -> Next {
        None
    }

    fn leave(&mut self, desk: &mut Desk, now: Now) -> Next {
        call::end(desk);
        Some(self.end(desk, now))
    }

    fn matter(&self) -> Option<&Matter> {
        Some(&self.matter)
    }

    fn owes(&self) -> bool {
        self.paper() == Paper::Printing
    }

    fn job(&mut self) -> Option<&mut Job> {
        match &mut self.printing {
            Printing::Waiting(_) => None,
            Printing::At(job) => Some(job),
        }
    }
}
