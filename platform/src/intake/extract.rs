//! What handlers take out of a request. Whatever does not fit is a [`Problem`], never the framework's own words.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use protocol::envelope::MEDIA_TYPE;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use tokio::sync::watch;
use utoipa::IntoParams;

use crate::problem::Problem;
pub(super) use crate::store::kiosks::Peer;
use crate::tls::{PeerCertificate, PeerKiosk, Stopping};

/// Longest wait that a kiosk may ask for, so that a line that died shows.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);

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

/// A JSON object. Without this an array of the fields' values would pass for one.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// A whole number. JSON Schema says that 69.0 is one, and a writer of JSON may have no other kind.
#[derive(Clone, Copy)]
pub(crate) struct Integer<T>(pub(crate) T);

impl<'de, T: TryFrom<i128>> Deserialize<'de> for Integer<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Whole(PhantomData)).map(Self)
    }
}

struct Whole<T>(PhantomData<T>);

impl<T: TryFrom<i128>> Visitor<'_> for Whole<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number in its range")
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<T, E> {
        T::try_from(value.into()).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<T, E> {
        T::try_from(value.into()).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<T, E> {
        // Up to 2⁵³ each whole number is a number of its own; the cast saturates, and what is larger is in no range of ours.
        let whole = (value.fract() == 0.0).then_some(value as i128);
        let found = whole.and_then(|whole| T::try_from(whole).ok());
        found.ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
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

/// How long a request may wait
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Seconds to wait for a change at most.
    #[param(minimum = 0, maximum = 30)]
    wait: Option<u8>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        let read = |text: &str| serde_json::from_str::<Integer<u32>>(text).ok().map(|Integer(value)| value);
        for (text, value) in
            [("69", 69), ("69.0", 69), ("6.9e1", 69), ("-0.0", 0), ("4294967295.0", u32::MAX)]
        {
            assert_eq!(read(text), Some(value), "{text}");
        }
        for text in
            ["69.5", "-1", "-1.0", "4294967296", "4294967296.0", "1e300", "\"69\"", "null", "true", "[69]"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        let negative: Integer<i64> = serde_json::from_str("-7.0").unwrap();
        assert_eq!(negative.0, -7);
    }
}
