//! The fee: save first, pay second, and "paid" only when the platform says so.

use super::*;
use crate::view::{Done, PaymentState};

const URL: &str = "https://pay.example/o/20261121000042";

fn order() -> PaymentOrder {
    PaymentOrder { number: "20261121000042".to_owned(), url: URL.to_owned(), yuan: 20 }
}

fn done(kiosk: &Kiosk) -> Done {
    let Page::Done(done) = kiosk.page() else { panic!("done") };
    done
}

fn state(kiosk: &Kiosk) -> PaymentState {
    done(kiosk).payment.expect("a fee").state
}

/// A renewal with its order on the screen.
fn with_an_order() -> Kiosk {
    let mut kiosk = Kiosk::new();
    kiosk.until_renewal_done().accept();
    let command = kiosk.order_command();
    kiosk.happens(Event::PaymentOrder(command, Ok(order())));
    kiosk
}

#[test]
fn the_order_is_asked_for_once_the_platform_accepted_and_paid_is_said_once_it_confirms() {
    let mut kiosk = Kiosk::new();
    kiosk.until_renewal_done();
    assert_eq!(state(&kiosk), PaymentState::Asking);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::RequestPayment { .. })), 0, "nothing is accepted yet");

    kiosk.accept();
    let asked = kiosk.last(|e| {
        let Effect::RequestPayment { command, case_number, yuan } = e else { return None };
        Some((*command, case_number.clone(), *yuan))
    });
    assert_eq!((asked.1.as_str(), asked.2), (CASE, 20));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Print(..))), 0, "the receipt waits for the order");

    kiosk.happens(Event::PaymentOrder(asked.0, Ok(order())));
    assert_eq!(state(&kiosk), PaymentState::Open { qr: URL.to_owned(), order: order().number });
    let paper = kiosk.paper();
    for line in ["费用: 20 元", "缴款单号: 20261121000042", URL, "3301"] {
        assert!(paper.iter().any(|l| l == line), "{line} not in {paper:?}");
    }

    kiosk.happens(Event::Paid(asked.0));
    assert_eq!(state(&kiosk), PaymentState::Paid);
    assert!(kiosk.noted(&Note::Paid(CASE.to_owned())));
    kiosk.happens(Event::Paid(asked.0));
    assert!(kiosk.noted(&Note::LateAnswer(asked.0)), "once is enough");
    kiosk.touch(Action::Leave);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::StopPaying)), 0, "there is nothing left to follow");
}

#[test]
fn what_is_free_asks_for_no_order() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().accept().seconds(10);
    assert_eq!(done(&kiosk).payment, None);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::RequestPayment { .. })), 0);
}

#[test]
fn without_the_platform_it_is_paid_later_and_the_receipt_says_so() {
    let mut kiosk = Kiosk::new();
    kiosk.until_renewal_done().seconds(4);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Print(..))), 0);
    kiosk.seconds(1);
    assert_eq!(state(&kiosk), PaymentState::Later(Fault::PaymentUnavailable));
    assert!(kiosk.paper().iter().any(|l| l.starts_with("费用待缴")));
    assert!(kiosk.paper().iter().any(|l| l.starts_with("已登记，待送达")));

    kiosk.accept();
    let command = kiosk.order_command();
    kiosk.happens(Event::PaymentOrder(command, Ok(order())));
    assert!(matches!(state(&kiosk), PaymentState::Open { .. }), "who still stands here may pay here");
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Print(..))), 1, "one receipt");
}

#[test]
fn a_platform_that_accepts_but_gives_no_order_is_not_waited_for() {
    let mut kiosk = Kiosk::new();
    kiosk.until_renewal_done().seconds(3).accept().seconds(4);
    assert_eq!(state(&kiosk), PaymentState::Asking);
    kiosk.seconds(1);
    assert_eq!(state(&kiosk), PaymentState::Later(Fault::PaymentUnavailable));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::StopPaying)), 1);
    assert!(kiosk.paper().iter().any(|l| l.starts_with("费用待缴")));

    let command = kiosk.order_command();
    kiosk.happens(Event::PaymentOrder(command, Ok(order()))).happens(Event::Paid(command));
    assert_eq!(state(&kiosk), PaymentState::Later(Fault::PaymentUnavailable), "a late answer is dropped");
    assert!(kiosk.noted(&Note::LateAnswer(command)));
}

#[test]
fn an_order_that_somebody_else_waited_for_is_not_shown() {
    let mut kiosk = Kiosk::new();
    kiosk.until_renewal_done().accept();
    let first = kiosk.order_command();
    kiosk.touch(Action::Leave).seconds(4).until_renewal_done().accept();
    kiosk.happens(Event::PaymentOrder(first, Ok(order()))).happens(Event::Paid(first));
    assert_eq!(state(&kiosk), PaymentState::Asking);
    assert!(kiosk.noted(&Note::LateAnswer(first)));
}

#[test]
fn a_platform_that_refuses_the_order_is_told_with_its_code() {
    let mut kiosk = Kiosk::new();
    kiosk.until_renewal_done().accept();
    let command = kiosk.order_command();
    kiosk.happens(Event::PaymentOrder(command, Err(Fault::PlatformFailed)));
    assert_eq!(state(&kiosk), PaymentState::Later(Fault::PlatformFailed));
    assert_eq!(kiosk.sounds().last(), Some(&Sound::Attention));
    assert!(kiosk.paper().iter().any(|l| l.starts_with("费用待缴")));
}

#[test]
fn nobody_is_sent_to_pay_another_sum_or_to_no_address() {
    for strange in [
        PaymentOrder { yuan: 200, ..order() },
        PaymentOrder { url: String::new(), ..order() },
        PaymentOrder { url: format!("{URL}{}", "x".repeat(600)), ..order() },
        PaymentOrder { url: format!("{URL}\n"), ..order() },
        PaymentOrder { number: "二〇".to_owned(), ..order() },
    ] {
        let mut kiosk = Kiosk::new();
        kiosk.until_renewal_done().accept();
        let command = kiosk.order_command();
        kiosk.happens(Event::PaymentOrder(command, Ok(strange)));
        assert_eq!(state(&kiosk), PaymentState::Later(Fault::PaymentUnavailable));
        assert_eq!(kiosk.count(|e| matches!(e, Effect::StopPaying)), 1);
    }
}

#[test]
fn who_is_paying_is_given_more_time_and_hears_when_it_is_nearly_over() {
    let mut kiosk = with_an_order();
    assert_eq!(done(&kiosk).seconds_left, 180);
    kiosk.seconds(159);
    assert!(!kiosk.sounds().contains(&Sound::Warning));
    kiosk.seconds(1);
    assert_eq!(kiosk.sounds().iter().filter(|s| **s == Sound::Warning).count(), 1);
    kiosk.touch(Action::Elsewhere).seconds(179);
    assert!(matches!(kiosk.page(), Page::Done(_)), "a touch gives all of it again");
    kiosk.seconds(1);
    assert!(matches!(kiosk.page(), Page::Wipe(_)));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::StopPaying)), 1);
}

#[test]
fn after_the_payment_the_page_leaves_as_fast_as_any_other() {
    let mut kiosk = with_an_order();
    let command = kiosk.order_command();
    kiosk.seconds(100).happens(Event::Paid(command));
    assert_eq!(done(&kiosk).seconds_left, 45);
    kiosk.seconds(45);
    assert!(matches!(kiosk.page(), Page::Wipe(_)));
}

#[test]
fn who_leaves_without_paying_leaves_the_order_open_and_its_answers_are_dropped() {
    let mut kiosk = with_an_order();
    let command = kiosk.order_command();
    kiosk.touch(Action::Leave);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::StopPaying)), 1);
    kiosk.happens(Event::Paid(command));
    assert!(kiosk.noted(&Note::LateAnswer(command)));
    assert!(!kiosk.noted(&Note::Paid(CASE.to_owned())));
    assert!(matches!(kiosk.page(), Page::Wipe(_)));
}

#[test]
fn who_leaves_before_the_order_came_gets_a_receipt_without_it() {
    let mut kiosk = Kiosk::new();
    kiosk.until_renewal_done().accept().touch(Action::Leave);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::StopPaying)), 1);
    assert!(kiosk.paper().iter().any(|l| l.starts_with("费用待缴")));
}
