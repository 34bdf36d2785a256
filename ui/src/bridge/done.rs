//! On disk, and perhaps accepted.

use faults::Fault;
use session::Action;
use session::view::{self, Done, Paper, Payment};

use super::actions::Act;
use super::{PageModel, Turn, Writes, int, put};
use crate::generated::{App, DoneModel, PaperState, PaymentState};
use crate::{format, qr, wording};

impl PageModel for DoneModel<'_> {
    type Content = Done;

    fn connect(&self, _app: &App, act: &Act) {
        let act = act.clone();
        self.on_rate(move |grade| {
            if let Ok(grade @ 1..=5) = u8::try_from(grade) {
                act.tell(Action::Rate(grade));
            }
        });
    }

    fn write(&self, turn: Turn<'_, Done>, out: &mut Writes) {
        let Turn { now: done, before, language } = turn;
        let title = |fault| wording::citizen(fault, language).title;
        put! { out, self, done =>
            get_case_number set_case_number format::long_number(&done.case_number).into();
            get_acceptance_number set_acceptance_number
                done.acceptance_number.as_deref().map(format::long_number).unwrap_or_default().into();
            get_deadline set_deadline format::day(done.deadline, language).into();
            get_collect set_collect done.collect.as_str().into();
            get_fee_yuan set_fee_yuan int(done.fee_yuan);
            get_paper set_paper paper(done.paper).0;
            get_paper_problem set_paper_problem paper(done.paper).1.map_or("", title).into();
            get_paper_code set_paper_code paper(done.paper).1.map_or("", |fault| fault.code()).into();
            get_card_present set_card_present done.card_present;
            get_seconds_left set_seconds_left int(done.seconds_left);
            get_rating set_rating done.rating.map_or(0, i32::from);
        }
        let code = done.map(|done| done.qr.as_str());
        if code != before.map(|done| done.qr.as_str()) {
            self.set_qr(qr::picture(code.unwrap_or_default()));
            out.0 += 1;
        }
        let code = payment_code(done);
        if code != payment_code(before) {
            self.set_payment_qr(qr::picture(code.unwrap_or_default()));
            out.0 += 1;
        }
        // A code that cannot be drawn is no code.
        let drawn = self.get_payment_qr().size().width > 0;
        let payment = done.and_then(|done| done.payment.as_ref());
        put! { out, self, payment =>
            get_payment set_payment state(payment, drawn);
            get_payment_yuan set_payment_yuan int(payment.yuan);
            get_payment_order set_payment_order order(payment).into();
        }
        let trouble = payment.and_then(|payment| trouble(payment, drawn));
        put! { out, self, trouble =>
            get_payment_problem set_payment_problem title(trouble).into();
            get_payment_code set_payment_code trouble.code().into();
        }
        // Whatever failed, this is how it is paid.
        let advice = trouble.map_or("", |_| wording::citizen(Fault::PaymentUnavailable, language).advice);
        put! { out, self, get_payment_advice set_payment_advice advice.into(); }
    }
}

fn state(payment: &Payment, drawn: bool) -> PaymentState {
    match payment.state {
        view::PaymentState::Paid => PaymentState::Paid,
        view::PaymentState::Asking => PaymentState::Asking,
        view::PaymentState::Open { .. } if drawn => PaymentState::Open,
        view::PaymentState::Open { .. } | view::PaymentState::Later(_) => PaymentState::Later,
    }
}

/// Why nothing can be paid here now.
fn trouble(payment: &Payment, drawn: bool) -> Option<Fault> {
    match payment.state {
        view::PaymentState::Later(fault) => Some(fault),
        view::PaymentState::Open { .. } if !drawn => Some(Fault::PaymentUnavailable),
        view::PaymentState::Asking | view::PaymentState::Open { .. } | view::PaymentState::Paid => None,
    }
}

fn order(payment: &Payment) -> String {
    match &payment.state {
        view::PaymentState::Open { order, .. } => format::long_number(order),
        view::PaymentState::Asking | view::PaymentState::Paid | view::PaymentState::Later(_) => String::new(),
    }
}

/// The text of the payment code while there is something to pay.
fn payment_code(done: Option<&Done>) -> Option<&str> {
    match &done?.payment.as_ref()?.state {
        view::PaymentState::Open { qr, .. } => Some(qr),
        view::PaymentState::Asking | view::PaymentState::Paid | view::PaymentState::Later(_) => None,
    }
}

fn paper(paper: Paper) -> (PaperState, Option<Fault>) {
    match paper {
        Paper::Printing => (PaperState::Printing, None),
        Paper::Printed => (PaperState::Printed, None),
        Paper::Failed(fault) => (PaperState::Failed, Some(fault)),
        Paper::NoPrinter => (PaperState::NoPrinter, None),
    }
}
