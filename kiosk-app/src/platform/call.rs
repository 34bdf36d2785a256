//! A call for an attendant over the platform, until somebody answers it.

use std::sync::mpsc::Sender;
use std::time::Duration;

use outbox::forward::{Backoff, Method};
use protocol::api::calls::{CALL, CALLS, CallAnswer, CallState, CallWish};
use protocol::api::json::read;
use protocol::api::path;
use session::Command;
use tokio::time::sleep;
use tracing::{info, warn};

use super::ask::{Ask, WAIT_S, json};
use crate::event::{Answer, Event};

/// Between two tries: somebody waits for help. A guess.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(10));
/// Tries to tell the platform that a call is over; it forgets old calls by itself.
const ENDS: u32 = 3;

/// The name of a call: 32 hex digits, of chance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id(String);

impl Id {
    /// `None` when the system gives no random numbers.
    pub fn new() -> Option<Id> {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes).ok()?;
        Some(Id(hex::encode(bytes)))
    }

    fn path(&self) -> String {
        path(CALL, &self.0)
    }
}

/// Calls until somebody answers. Ends when dropped; then [`end`] is due.
pub(super) async fn call(ask: impl Ask, events: Sender<Event>, command: Command, id: Id) {
    let body = json(&CallWish { call: id.0.clone() });
    let mut pauses = PAUSES;
    while let Err(trouble) = ask.ask(Method::POST, CALLS, body.clone()).await {
        // A send fails only when the loop has ended.
        drop(events.send(Event::Reach(Some(trouble.fault))));
        warn!(code = trouble.fault.code(), "attendant call: the platform does not take it");
        sleep(pauses.next_pause()).await;
    }
    drop(events.send(Event::Reach(None)));
    loop {
        if let Ok(answer) = ask.ask(Method::GET, &format!("{}?wait={WAIT_S}", id.path()), None).await {
            pauses.reset();
            match read(answer).map(|CallAnswer { state }| state) {
                Some(CallState::Answered) => {
                    info!("attendant call: answered");
                    drop(events.send(Event::Comes(Answer::Platform, command)));
                    return;
                }
                Some(CallState::Open) => {}
                // Somebody ended it there without coming, or nobody understands the answer.
                Some(CallState::Ended) | None => return,
            }
        }
        sleep(pauses.next_pause()).await;
    }
}

/// Tells the platform that the call is over.
pub(super) async fn end(ask: impl Ask, id: Id) {
    let mut pauses = PAUSES;
    for _ in 0..ENDS {
        if ask.ask(Method::DELETE, &id.path(), None).await.is_ok() {
            return;
        }
        sleep(pauses.next_pause()).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use faults::Fault;
    use serde_json::{Value, json};

    use super::super::ask::Trouble;
    use super::super::ask::fake::{Scripted, they_part, unreachable};
    use super::*;

    async fn told(answers: Vec<Result<Value, Trouble>>) -> Vec<&'static str> {
        let (events, told) = mpsc::channel();
        let call = call(Scripted::new(answers), events, 3, Id("00ff".to_owned()));
        let _ = tokio::time::timeout(Duration::from_secs(60), call).await;
        told.try_iter()
            .map(|event| {
                let answered = matches!(event, Event::Comes(Answer::Platform, 3));
                let Event::Reach(fault) = event else { return if answered { "answered" } else { "?" } };
                fault.map_or("reached", Fault::code)
            })
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_waits_for_the_platform_and_then_for_somebody() {
        let open = || Ok(json!({"state": "open"}));
        let answers = vec![
            unreachable(),
            Ok(Value::Null),
            open(),
            unreachable(),
            open(),
            Ok(json!({"state": "answered"})),
        ];
        assert_eq!(told(answers).await, ["PLT-01", "reached", "answered"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_ended_there_is_answered_by_nobody() {
        assert_eq!(told(vec![Ok(Value::Null), Ok(json!({"state": "ended"}))]).await, ["reached"]);
        assert_eq!(told(vec![Ok(Value::Null), Ok(Value::Null)]).await, ["reached"]);
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_call_do_not_come_back_together() {
        they_part(|platform| call(platform, mpsc::channel().0, 3, Id("00ff".to_owned()))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn ending_is_tried_a_few_times() {
        let platform = Scripted::new(vec![unreachable(), Ok(Value::Null)]);
        end(platform.clone(), Id("00ff".to_owned())).await;
        let asked = platform.asked.lock().unwrap();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].1, "/v1/attendant-calls/00ff");
    }

    #[test]
    fn names_are_of_chance() {
        let (a, b) = (Id::new().unwrap(), Id::new().unwrap());
        assert!(a != b && a.0.len() == 32);
    }
}
