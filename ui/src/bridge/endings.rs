//! How a visit ends.

use faults::{Fault, Next};
use matters::Language;
use session::view::{Done, Paper, Payment, Refusal, Sorry, Wipe};
use slint::ComponentHandle;

use super::{Writes, int, put};
use crate::generated::{
    App, DoneModel, NextKind, PaperState, PaymentState, RefusalModel, SorryModel, WipeModel,
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
        get_collect set_collect done.map_or_else(String::new, |done| format::running(&done.collect)).into();
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
    put! { out, model,
        get_payment set_payment state(payment);
        get_payment_yuan set_payment_yuan payment.map_or(0, |payment| int(payment.yuan));
        get_rating set_rating done.and_then(|done| done.rating).map_or(0, i32::from);
    }
    let code = payment.and_then(|payment| payment.qr.as_deref());
    let code_before = before.and_then(|done| done.payment.as_ref()).and_then(|payment| payment.qr.as_deref());
    if code != code_before {
        model.set_payment_qr(qr::picture(code.unwrap_or_default()));
        out.0 += 1;
    }
}

fn state(payment: Option<&Payment>) -> PaymentState {
    match payment {
        None => PaymentState::Nothing,
        Some(Payment { paid: true, .. }) => PaymentState::Paid,
        // A code that cannot be drawn is no code.
        Some(Payment { qr: Some(code), .. }) if qr::picture(code).size().width > 0 => PaymentState::Open,
        Some(_) => PaymentState::Ordered,
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

pub(super) fn refusal(app: &App, refusal: Option<&Refusal>, out: &mut Writes) {
    let model = app.global::<RefusalModel>();
    put! { out, model,
        get_reason set_reason refusal.map_or_else(String::new, |refusal| format::running(&refusal.reason)).into();
        get_article set_article refusal.map_or_else(String::new, |refusal| format::running(&refusal.article)).into();
        get_next_place set_next_place refusal.map_or_else(String::new, |refusal| format::running(&refusal.next_place)).into();
    }
}

pub(super) fn sorry(app: &App, sorry: Option<&Sorry>, language: Language, out: &mut Writes) {
    let model = app.global::<SorryModel>();
    let fault = sorry.map(|sorry| sorry.fault);
    let words = fault.map(|fault| wording::citizen(fault, language));
    let case_number = sorry.and_then(|sorry| sorry.case_number.as_deref());
    put! { out, model,
        get_title set_title words.map_or("", |words| words.title).into();
        get_advice set_advice words.map_or_else(String::new, |words| format::running(words.advice)).into();
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
