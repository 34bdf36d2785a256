//! How a visit ends.

use faults::{Fault, Next};
use matters::Language;
use session::view::{self, Done, Paper, Payment, Refusal, Sorry, Wipe};
use slint::ComponentHandle;

use super::{Writes, int, put};
use crate::generated::{
    App, DoneModel, NextKind, PaperState, PaymentState, RefusalModel, SlipState, SorryModel, WipeModel,
};
use crate::{format, qr, wording};

pub(super) fn done(
    app: &App,
    done: Option<&Done>,
    before: Option<&Done>,
    language: Language,
    out: &mut Writes,
) {
    let model = app.global::<DoneModel>();
    let acceptance = done.and_then(|done| done.acceptance_number.as_deref());
    let (paper, fault) = paper(done.map_or(Paper::NoPrinter, |done| done.paper));
    put! { out, model,
        get_case_number set_case_number
            done.map_or_else(String::new, |done| format::long_number(&done.case_number)).into();
        get_acceptance_number set_acceptance_number
            acceptance.map_or_else(String::new, format::long_number).into();
        get_deadline set_deadline
            done.map_or_else(String::new, |done| format::day(done.deadline, language)).into();
        get_collect set_collect done.map_or("", |done| &done.collect).into();
        get_fee_yuan set_fee_yuan done.map_or(0, |done| int(done.fee_yuan));
        get_paper set_paper paper;
        get_paper_problem set_paper_problem
            fault.map_or("", |fault| wording::citizen(fault, language).title).into();
        get_paper_code set_paper_code fault.map_or("", |fault| fault.code()).into();
        get_card_present set_card_present done.is_some_and(|done| done.card_present);
        get_seconds_left set_seconds_left done.map_or(0, |done| int(done.seconds_left));
    }
    let code = done.map(|done| done.qr.as_str());
    if code != before.map(|done| done.qr.as_str()) {
        model.set_qr(qr::picture(code.unwrap_or_default()));
        out.0 += 1;
    }
    let payment = done.and_then(|done| done.payment.as_ref());
    let (code, code_before) = (payment_code(done), payment_code(before));
    if code != code_before {
        model.set_payment_qr(qr::picture(code.unwrap_or_default()));
        out.0 += 1;
    }
    // A code that cannot be drawn is no code.
    let drawn = model.get_payment_qr().size().width > 0;
    let trouble = trouble(payment, drawn);
    let problem = trouble.map(|fault| wording::citizen(fault, language));
    put! { out, model,
        get_payment set_payment state(payment, drawn);
        get_payment_yuan set_payment_yuan payment.map_or(0, |payment| int(payment.yuan));
        get_payment_order set_payment_order order(payment).into();
        get_payment_problem set_payment_problem problem.map_or("", |words| words.title).into();
        // Whatever failed, this is how it is paid.
        get_payment_advice set_payment_advice
            trouble.map_or("", |_| wording::citizen(Fault::PaymentUnavailable, language).advice).into();
        get_payment_code set_payment_code trouble.map_or("", |fault| fault.code()).into();
        get_rating set_rating done.and_then(|done| done.rating).map_or(0, i32::from);
    }
}

fn state(payment: Option<&Payment>, drawn: bool) -> PaymentState {
    match payment.map(|payment| &payment.state) {
        None => PaymentState::Nothing,
        Some(view::PaymentState::Paid) => PaymentState::Paid,
        Some(view::PaymentState::Asking) => PaymentState::Asking,
        Some(view::PaymentState::Open { .. }) if drawn => PaymentState::Open,
        Some(view::PaymentState::Open { .. } | view::PaymentState::Later(_)) => PaymentState::Later,
    }
}

/// Why nothing can be paid here now.
fn trouble(payment: Option<&Payment>, drawn: bool) -> Option<Fault> {
    match &payment?.state {
        view::PaymentState::Later(fault) => Some(*fault),
        view::PaymentState::Open { .. } if !drawn => Some(Fault::PaymentUnavailable),
        view::PaymentState::Asking | view::PaymentState::Open { .. } | view::PaymentState::Paid => None,
    }
}

fn order(payment: Option<&Payment>) -> String {
    match payment.map(|payment| &payment.state) {
        Some(view::PaymentState::Open { order, .. }) => format::long_number(order),
        Some(view::PaymentState::Asking | view::PaymentState::Paid | view::PaymentState::Later(_)) | None => {
            String::new()
        }
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

pub(super) fn refusal(app: &App, refusal: Option<&Refusal>, language: Language, out: &mut Writes) {
    let model = app.global::<RefusalModel>();
    let (slip, fault) = match refusal.and_then(|refusal| refusal.slip) {
        None => (SlipState::None, None),
        Some(Paper::Printing) => (SlipState::Printing, None),
        Some(Paper::Printed) => (SlipState::Printed, None),
        Some(Paper::Failed(fault)) => (SlipState::Failed, Some(fault)),
        Some(Paper::NoPrinter) => (SlipState::NoPrinter, None),
    };
    put! { out, model,
        get_reason set_reason refusal.map_or("", |refusal| &refusal.reason).into();
        get_article set_article refusal.map_or("", |refusal| &refusal.article).into();
        get_next_place set_next_place refusal.map_or("", |refusal| &refusal.next_place).into();
        get_can_print set_can_print refusal.is_some_and(|refusal| refusal.can_print);
        get_slip set_slip slip;
        get_slip_problem set_slip_problem fault.map_or("", |fault| wording::citizen(fault, language).title).into();
        get_slip_code set_slip_code fault.map_or("", |fault| fault.code()).into();
    }
}

pub(super) fn sorry(app: &App, sorry: Option<&Sorry>, language: Language, out: &mut Writes) {
    let model = app.global::<SorryModel>();
    let fault = sorry.map(|sorry| sorry.fault);
    let words = fault.map(|fault| wording::citizen(fault, language));
    let case_number = sorry.and_then(|sorry| sorry.case_number.as_deref());
    put! { out, model,
        get_title set_title words.map_or("", |words| words.title).into();
        get_advice set_advice words.map_or("", |words| words.advice).into();
        get_code set_code fault.map_or("", |fault| fault.code()).into();
        get_next set_next fault.map_or(NextKind::Staff, |fault| next(fault.next()));
        get_case_number set_case_number case_number.map_or_else(String::new, format::long_number).into();
        get_card_present set_card_present sorry.is_some_and(|sorry| sorry.card_present);
    }
}

fn next(next: Next) -> NextKind {
    match next {
        Next::Retry => NextKind::Retry,
        Next::Wait => NextKind::Wait,
        Next::Counter => NextKind::Counter,
        Next::Staff => NextKind::Staff,
    }
}

pub(super) fn wipe(app: &App, wipe: Option<Wipe>, out: &mut Writes) {
    let model = app.global::<WipeModel>();
    put! { out, model,
        get_card_present set_card_present wipe.is_some_and(|wipe| wipe.card_present);
        get_alarm set_alarm wipe.is_some_and(|wipe| wipe.alarm);
    }
}
