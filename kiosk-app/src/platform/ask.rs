//! What is asked of the platform: the seam that tests replace.

use std::time::Duration;

use faults::Fault;
use outbox::forward::{ForwardError, Method, PlatformClient};
use serde::Serialize;
use serde_json::Value;

/// How long a long poll may stand open at the platform, in seconds: less than the platform allows.
pub(super) const WAIT_S: u64 = 20;

/// How long an answer may take beside the time that a long poll stands. As for a request.
const ANSWER: Duration = super::REQUEST_TIMEOUT;

/// The largest catalogue over a line of 256 kbit/s takes two minutes.
const CATALOGUE_LIMIT: Duration = Duration::from_secs(180);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// The failure code.
    pub fault: Fault,
    /// What the platform answered, if it did.
    pub status: Option<u16>,
}

/// Whoever can be asked.
pub(super) trait Ask: Send + Sync + 'static {
    /// Asks once.
    fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> impl Future<Output = Result<Value, Trouble>> + Send;

    /// Fetches the newest catalogue, as it comes.
    fn fetch_catalogue(&self) -> impl Future<Output = Result<Vec<u8>, Trouble>> + Send;
}

impl Ask for PlatformClient {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Trouble> {
        let most = ANSWER + Duration::from_secs(if path.contains("?wait=") { WAIT_S } else { 0 });
        self.call(method, path, body.as_ref(), most).await.map_err(trouble)
    }

    async fn fetch_catalogue(&self) -> Result<Vec<u8>, Trouble> {
        self.catalogue(CATALOGUE_LIMIT).await.map_err(trouble)
    }
}

fn trouble(error: ForwardError) -> Trouble {
    Trouble { fault: error.fault(), status: error.status() }
}

/// A body of the protocol's types; each of them has a form in JSON.
pub(super) fn json(body: &impl Serialize) -> Option<Value> {
    serde_json::to_value(body).ok()
}

#[cfg(test)]
pub(super) mod fake {
    //! A platform that answers from a list.

    use std::sync::{Arc, Mutex};

    use protocol::api::heartbeats::CATALOGUE;
    use tokio::time::Instant;

    use super::*;

    /// What is asked is kept, and when; answers come from the list, and after its end nobody answers any more.
    pub struct Scripted {
        answers: Mutex<Vec<Result<Value, Trouble>>>,
        pub asked: Mutex<Vec<(Method, String, Option<Value>)>>,
        times: Mutex<Vec<Instant>>,
    }

    impl Scripted {
        pub fn new(mut answers: Vec<Result<Value, Trouble>>) -> Arc<Scripted> {
            answers.reverse();
            let (answers, asked, times) = (Mutex::new(answers), Mutex::default(), Mutex::default());
            Arc::new(Scripted { answers, asked, times })
        }
    }

    /// Two kiosks lose the platform at the same moment: they must not come back to it together. Needs a paused clock.
    pub async fn they_part<F: Future>(kiosk: impl Fn(Arc<Scripted>) -> F) {
        let lost = || Scripted::new(std::iter::repeat_with(unreachable).take(20).collect());
        let (one, other) = (lost(), lost());
        let both = async { tokio::join!(kiosk(one.clone()), kiosk(other.clone())) };
        let _ = tokio::time::timeout(Duration::from_secs(3600), both).await;
        let (one, other) = (one.times.lock().unwrap(), other.times.lock().unwrap());
        assert_eq!((one.len(), one.first()), (21, other.first()), "they began together and went on");
        assert_ne!(*one, *other);
    }

    impl Ask for Arc<Scripted> {
        async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Trouble> {
            self.asked.lock().unwrap().push((method, path.to_owned(), body));
            self.times.lock().unwrap().push(Instant::now());
            let answer = self.answers.lock().unwrap().pop();
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }

        /// In the list a catalogue stands as hex digits.
        async fn fetch_catalogue(&self) -> Result<Vec<u8>, Trouble> {
            let answer = self.ask(Method::GET, CATALOGUE, None).await?;
            Ok(hex::decode(answer.as_str().unwrap()).unwrap())
        }
    }

    pub fn refused(status: u16) -> Result<Value, Trouble> {
        Err(Trouble { fault: Fault::PlatformRefused, status: Some(status) })
    }

    pub fn unreachable() -> Result<Value, Trouble> {
        Err(Trouble { fault: Fault::PlatformUnreachable, status: None })
    }
}
