//! A payment order: got from the platform, then followed until it is paid.
//!
//! The order exists only for a request that the platform has, so right after a visit the answer is "unknown" until the
//! forwarder has sent the request. "Paid" is said only when the platform says so of the very order that is shown.

use std::sync::mpsc::Sender;
use std::time::Duration;

use faults::Fault;
use outbox::forward::{Backoff, Method};
use protocol::api::json;
use protocol::api::payments::{ORDER, PaymentOrder, PaymentState, PaymentWish};
use serde_json::Value;
use session::Command;
use tokio::time::sleep;
use tracing::{info, warn};

use super::ask::{self, Ask, Trouble, WAIT_S};
use crate::event::Event;

/// The first pause is at most this: the request is usually with the platform within a second.
const AGAIN: Duration = Duration::from_millis(300);
/// Between two wishes for an order: the receipt waits for it for a few seconds. A guess.
const ORDER_PAUSES: Backoff = Backoff::new(AGAIN, Duration::from_secs(1));
/// Between two looks at an order: the page shows it for minutes. A guess.
const LOOK_PAUSES: Backoff = Backoff::new(AGAIN, Duration::from_secs(10));

/// Gets the order, tells it, and follows it until it is paid. Ends when dropped.
pub(super) async fn follow(
    ask: impl Ask,
    events: Sender<Event>,
    command: Command,
    case_number: String,
    yuan: u32,
) {
    // A send fails only when the loop has ended.
    let tell = |event| drop(events.send(Event::Happened(event)));
    let path = protocol::api::path(ORDER, &case_number);
    let Some(fen) = yuan.checked_mul(100) else {
        tell(session::Event::PaymentOrder(command, Err(Fault::PaymentUnavailable)));
        return;
    };
    let order = match order(&ask, &path, fen).await {
        Ok(order) => order,
        Err(fault) => {
            warn!(code = fault.code(), case_number, "no payment order");
            tell(session::Event::PaymentOrder(command, Err(Fault::PaymentUnavailable)));
            return;
        }
    };
    let mut paid = order.state == PaymentState::Paid;
    let number = order.order.clone();
    let shown = session::PaymentOrder { number: order.order, url: order.pay_url, yuan };
    tell(session::Event::PaymentOrder(command, Ok(shown)));
    let mut pauses = LOOK_PAUSES;
    while !paid {
        if let Ok(answer) = ask.ask(Method::GET, &format!("{path}?wait={WAIT_S}"), None).await {
            paid = read(answer, fen).is_some_and(|o| o.state == PaymentState::Paid && o.order == number);
            pauses.reset();
        }
        // A platform that does not wait must not be asked without a pause.
        if !paid {
            sleep(pauses.next_pause()).await;
        }
    }
    info!(case_number, "paid");
    tell(session::Event::Paid(command));
}

/// Asks until the platform gives the order or refuses it. The session stops it when the page waits no longer.
async fn order(ask: &impl Ask, path: &str, fen: u32) -> Result<PaymentOrder, Fault> {
    let body = ask::json(&PaymentWish { amount_fen: fen });
    let mut pauses = ORDER_PAUSES;
    loop {
        match ask.ask(Method::PUT, path, body.clone()).await {
            // An order over another sum, or one that cannot be shown, is no order.
            Ok(answer) => return read(answer, fen).ok_or(Fault::PaymentUnavailable),
            Err(trouble) if is_final(trouble) => return Err(trouble.fault),
            Err(_) => sleep(pauses.next_pause()).await,
        }
    }
}

/// Whether asking again cannot help. 404: the request is not there yet; 408, 425, 429: later.
fn is_final(trouble: Trouble) -> bool {
    trouble
        .status
        .is_some_and(|status| (400..500).contains(&status) && ![404, 408, 425, 429].contains(&status))
}

/// An order over this sum that can be shown.
fn read(answer: Value, fen: u32) -> Option<PaymentOrder> {
    json::read(answer).filter(|order: &PaymentOrder| order.fits(fen))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use serde_json::json;

    use super::super::ask::fake::{Scripted, refused, they_part, unreachable};
    use super::*;

    fn order(state: &str) -> Value {
        json!({"order": "P-1", "amount_fen": 2000, "state": state, "pay_url": "https://pay.example/pay/P-1"})
    }

    async fn told(answers: Vec<Result<Value, Trouble>>) -> (Vec<session::Event>, usize) {
        let platform = Scripted::new(answers);
        let (events, told) = mpsc::channel();
        let follow = follow(platform.clone(), events, 7, "110101000726112200001".to_owned(), 20);
        // The script's end hangs like a platform that says nothing.
        let _ = tokio::time::timeout(Duration::from_secs(120), follow).await;
        let told = told.try_iter().map(|event| {
            let Event::Happened(event) = event else { panic!("only the session is told") };
            event
        });
        (told.collect(), platform.asked.lock().unwrap().len())
    }

    #[tokio::test(start_paused = true)]
    async fn the_order_comes_once_the_platform_has_the_request_and_paid_only_when_it_is() {
        let answers = vec![
            refused(404),
            refused(404),
            Ok(order("open")),
            unreachable(),
            Ok(order("open")),
            Ok(order("paid")),
        ];
        let (told, asked) = told(answers).await;
        assert!(
            matches!(&told[0], session::Event::PaymentOrder(7, Ok(o)) if o.number == "P-1" && o.yuan == 20)
        );
        assert!(matches!(told[1], session::Event::Paid(7)));
        assert_eq!((told.len(), asked), (2, 6));
    }

    #[tokio::test(start_paused = true)]
    async fn another_sum_another_scheme_or_nonsense_is_no_order() {
        let sum = json!({"order": "P", "amount_fen": 1, "state": "open", "pay_url": "https://p/1"});
        let scheme =
            json!({"order": "P", "amount_fen": 2000, "state": "open", "pay_url": "javascript:alert(1)"});
        let state = json!({"order": "P", "amount_fen": 2000, "state": "perhaps", "pay_url": "https://p/1"});
        let long =
            json!({"order": "P".repeat(65), "amount_fen": 2000, "state": "open", "pay_url": "https://p/1"});
        for answer in [sum, scheme, state, long, json!([]), Value::Null] {
            let (told, _) = told(vec![Ok(answer)]).await;
            assert!(matches!(told[..], [session::Event::PaymentOrder(7, Err(Fault::PaymentUnavailable))]));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_told_at_once_and_silence_is_asked_again() {
        let (refused, asked) = told(vec![refused(409)]).await;
        assert!(matches!(refused[..], [session::Event::PaymentOrder(7, Err(Fault::PaymentUnavailable))]));
        assert_eq!(asked, 1);
        let (silent, asked) = told(std::iter::repeat_with(unreachable).take(100).collect()).await;
        assert!(silent.is_empty());
        assert_eq!(asked, 101);
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_pay_do_not_come_back_together() {
        they_part(|platform| follow(platform, mpsc::channel().0, 7, "110101000726112200001".to_owned(), 20))
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn another_order_that_is_paid_pays_for_nothing() {
        let other = json!({"order": "P-2", "amount_fen": 2000, "state": "paid", "pay_url": "https://p/2"});
        let (told, _) = told(vec![Ok(order("open")), Ok(other)]).await;
        assert_eq!(told.len(), 1);
    }
}
