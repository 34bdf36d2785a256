//! Everything that is asked of the platform beside sending requests: payment orders, heartbeats, calls for help. JSON
//! over the same mutual TLS.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::client::{PlatformClient, read, refusal, sort};
use super::error::ForwardError;
use protocol::api;
use protocol::api::checks::CHECK;
use protocol::api::heartbeats::CATALOGUE;
use protocol::catalogue::MAX_CATALOGUE;
use protocol::envelope::{MEDIA_TYPE, check};

/// Largest answer that is read. A guess: no list that a kiosk asks for comes near it.
const MAX_ANSWER: usize = 1024 * 1024;

impl PlatformClient {
    /// Asks the platform once, with no second try. `path` begins with `/v1/` and may have a query; `timeout` covers
    /// everything from the connection to the last byte, so it is longer than a `wait=` in the path.
    ///
    /// An answer without a body, such as 204, is [`Value::Null`].
    ///
    /// # Errors
    /// [`ForwardError`]; its [`fault`](ForwardError::fault) is the failure code, [`problem`](ForwardError::problem) and
    /// [`status`](ForwardError::status) what the platform said. Whether the platform acted is unknown, except after a
    /// problem of its own.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        timeout: Duration,
    ) -> Result<Value, ForwardError> {
        let address = self.address(path).ok_or(ForwardError::Address)?;
        let mut request =
            self.http().request(method, address).header(ACCEPT, "application/json").timeout(timeout);
        if let Some(body) = body {
            request = request.json(body);
        }
        answered(request).await
    }

    /// Sends an identity check that [`check::seal`] made; answers the check as
    /// `GET /v1/identity-checks/{id}` does, with which its decision is followed. Sending the same bytes again changes nothing.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn ask_identity(
        &self,
        check: &[u8; check::NAME],
        sealed: Vec<u8>,
        timeout: Duration,
    ) -> Result<Value, ForwardError> {
        let path = api::path(CHECK, &hex::encode(check));
        let address = self.address(&path).ok_or(ForwardError::Address)?;
        let request = self.http().put(address).header(CONTENT_TYPE, MEDIA_TYPE).timeout(timeout);
        answered(request.body(sealed)).await
    }

    /// Fetches the newest catalogue as the platform gives it: whether it is signed, [`open`](protocol::catalogue::open) tells.
    ///
    /// # Errors
    /// As [`call`](Self::call); [`ForwardError::Answer`] when it is larger than a catalogue may be.
    pub async fn catalogue(&self, timeout: Duration) -> Result<Vec<u8>, ForwardError> {
        let address = self.address(CATALOGUE).ok_or(ForwardError::Address)?;
        let answer = self.http().get(address).timeout(timeout).send().await.map_err(sort)?;
        if !answer.status().is_success() {
            return Err(refusal(answer).await);
        }
        let bytes = read(answer, MAX_CATALOGUE).await.map_err(sort)?;
        if bytes.len() > MAX_CATALOGUE { Err(ForwardError::Answer) } else { Ok(bytes) }
    }
}

async fn answered(request: RequestBuilder) -> Result<Value, ForwardError> {
    let answer = request.send().await.map_err(sort)?;
    let status = answer.status();
    if !status.is_success() {
        return Err(refusal(answer).await);
    }
    let bytes = read(answer, MAX_ANSWER).await.map_err(sort)?;
    match bytes.len() {
        0 => Ok(Value::Null),
        1..=MAX_ANSWER => serde_json::from_slice(&bytes).map_err(|_| ForwardError::Answer),
        _ => Err(ForwardError::Answer),
    }
}
