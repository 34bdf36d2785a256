//! What handlers take out of a request. Whatever does not fit is a [`Problem`], never the framework's own words.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use protocol::api::json::Object;
pub(crate) use protocol::api::{LONGEST_WAIT, Wait};
use protocol::envelope::MEDIA_TYPE;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::problem::Problem;
pub(super) use crate::store::kiosks::Peer;
use crate::tls::{PeerCertificate, PeerKiosk, Stopping};

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Without the listener's extension nobody is known: a wiring mistake must not let anybody in.
        let PeerKiosk(kiosk) = parts.extensions.get().ok_or(Problem::UnknownKiosk)?;
        let certificate = parts.extensions.get::<PeerCertificate>().map(|certificate| certificate.0);
        Ok(Self { kiosk: kiosk.clone(), certificate })
    }
}

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = media_type(request.headers());
        let is_json = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Problem::MediaType);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| broken(&rejection))?;
        serde_json::from_slice(&bytes)
            .map(|Object(body)| Self(body))
            .map_err(|error| if error.is_data() { Problem::BadField } else { Problem::BadJson })
    }
}

/// A body of COSE bytes, or why it did not come: what to write down of that is the route's to say.
pub(crate) struct Cose(pub(crate) Result<Bytes, Problem>);

impl<S: Send + Sync> FromRequest<S> for Cose {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if media_type(request.headers()) != Some(MEDIA_TYPE) {
            return Err(Problem::MediaType);
        }
        let body = Bytes::from_request(request, state).await;
        Ok(Self(body.map_err(|rejection| broken(&rejection))))
    }
}

/// One part of the path.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found = Path::<String>::from_request_parts(parts, state).await;
        found.map(|Path(segment)| Self(segment)).map_err(|_| Problem::NoSuchResource)
    }
}

/// The query.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found = Query::<T>::from_request_parts(parts, state).await;
        found.map(|Query(asked)| Self(asked)).map_err(|_| Problem::BadQuery)
    }
}

/// A long poll: who follows what, and for how long.
pub(crate) struct Following {
    pub(crate) peer: Peer,
    /// The one name in the path.
    pub(crate) name: String,
    pub(crate) wait: Duration,
    pub(crate) stop: Stop,
}

impl<S: Send + Sync> FromRequestParts<S> for Following {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let peer = Peer::from_request_parts(parts, state).await?;
        let Segment(name) = Segment::from_request_parts(parts, state).await?;
        let Asked(Wait { wait }) = Asked::from_request_parts(parts, state).await?;
        let wait = Duration::from_secs(wait.unwrap_or(0).into());
        if wait > LONGEST_WAIT {
            return Err(Problem::BadQuery);
        }
        let stop = Stop(parts.extensions.get::<Stopping>().map(|stopping| stopping.0.clone()));
        Ok(Self { peer, name, wait, stop })
    }
}

/// Tells when the server stops, so that nobody who waits holds it up.
pub(crate) struct Stop(Option<watch::Receiver<bool>>);

impl Stop {
    pub(crate) async fn asked(&mut self) {
        match &mut self.0 {
            // An end of the sender is an end of the server too.
            Some(stopping) => drop(stopping.wait_for(|stop| *stop).await),
            None => std::future::pending().await,
        }
    }
}

/// The media type of a body, without its parameters.
fn media_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()?.split(';').next().map(str::trim)
}

/// Why a body did not come.
pub(crate) fn broken(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        _ => Problem::BrokenBody,
    }
}

/// Whether a text can name something: 1 to `most` ASCII letters, digits and hyphens.
pub(crate) fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Whether a text is a name that a kiosk made up: 32 small hex digits.
pub(crate) fn is_made_up(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
