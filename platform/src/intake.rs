//! The routes: `HEAD` and `PUT /v1/attachments/{hash}`, `POST /v1/entries`, `GET /v1/health`.
//!
//! A sealed file comes first, whole or in pieces: `PUT` with `Content-Range: bytes 0-524287/1500000`, or without it for
//! the whole file. `HEAD` says with `Upload-Offset` how much is there and with `Upload-Complete: ?1` when it is whole.
//! A piece that broke off is not kept; the sender goes on at the offset. Sending what is there changes nothing.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path as Segment, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Extension, Router};
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use outbox::envelope::attachment::{AttachmentHash, MAX_SEALED_ATTACHMENT};
use outbox::envelope::{EnvelopeError, MAX_ENVELOPE, MEDIA_TYPE, OpeningKey, Sealed};
use outbox::forward::problems::{UPLOAD_COMPLETE, UPLOAD_OFFSET};

use crate::attachments::{Attachments, Held, Piece};
use crate::ca;
use crate::error::PlatformError;
use crate::problem::Problem;
use crate::store::{Accepted, Store};
use crate::tls::PeerKiosk;

/// Longest request from its header to its answer: 256 KB on a line of 100 kbit/s. A guess.
const REQUEST: Duration = Duration::from_secs(30);

/// What the routes share.
#[derive(Clone)]
pub struct Intake {
    inner: Arc<Inner>,
}

struct Inner {
    store: Mutex<Store>,
    attachments: Attachments,
    receipt_key: SigningKey,
    opening_keys: Vec<OpeningKey>,
}

impl Intake {
    /// Opens the database and the receipt key in `state`.
    ///
    /// # Errors
    /// [`PlatformError`], such as before `init`.
    pub fn open(state: &Path) -> Result<Self, PlatformError> {
        let receipt_key = ca::receipt_key(state)?;
        let store = Mutex::new(Store::open(state)?);
        let attachments = Attachments::open(state)?;
        let opening_keys = ca::opening_keys(state)?;
        Ok(Self { inner: Arc::new(Inner { store, attachments, receipt_key, opening_keys }) })
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // Each change is one transaction: a holder that panicked left nothing half done.
        self.inner.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this kiosk may send anything.
    fn admit(&self, peer: &str) -> Result<(), Problem> {
        let kiosk = self.store().kiosk(peer).map_err(failed)?.ok_or(Problem::UnknownKiosk)?;
        if kiosk.revoked { Err(Problem::RevokedKiosk) } else { Ok(()) }
    }

    /// Takes one request of the kiosk that the certificate names; answers the receipt.
    fn take(&self, peer: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        self.admit(peer)?;
        let sealed = Sealed::split(body).map_err(|error| refused(&error))?;
        let claimed = sealed.claimed().map_err(|error| refused(&error))?;
        if claimed.kiosk != peer {
            return Err(Problem::OtherKiosk);
        }
        let (key, open) = {
            let store = self.store();
            let key = store.signing_key(peer, claimed.epoch).map_err(failed)?;
            (key.ok_or(Problem::WrongEpoch)?, store.takes_epoch(peer, claimed.epoch).map_err(failed)?)
        };
        let outer = sealed.check(&key).map_err(|error| refused(&error))?;
        // Same request: the same receipt, whatever became of its epoch or its files since.
        if let Some(receipt) = self.store().receipt_of(&sealed.id).map_err(failed)? {
            return Ok(receipt);
        }
        if !open {
            return Err(Problem::WrongEpoch);
        }
        if !outer.attachments.iter().all(|hash| self.inner.attachments.is_whole(hash)) {
            return Err(Problem::AttachmentMissing);
        }
        let id = sealed.id;
        let manifest = sealed.open(&key, &self.inner.opening_keys).map_err(|error| refused(&error))?;
        let accepted = self
            .store()
            .accept(id, &manifest, body, Timestamp::now(), &self.inner.receipt_key)
            .map_err(failed)?;
        match accepted {
            Accepted::Receipt(receipt) => {
                tracing::info!(kiosk = peer, seq = manifest.seq, "a request was accepted");
                Ok(receipt)
            }
            Accepted::Conflict => {
                tracing::error!(kiosk = peer, seq = manifest.seq, "two requests with one sequence number");
                Err(Problem::Conflict)
            }
        }
    }
}

/// The routes over an opened intake. They need [`PeerKiosk`] as an extension.
pub fn router(intake: Intake) -> Router {
    Router::new()
        .route("/v1/entries", post(entries).layer(DefaultBodyLimit::max(MAX_ENVELOPE)))
        .route(
            "/v1/attachments/{hash}",
            put(attachment).head(held).layer(DefaultBodyLimit::max(MAX_SEALED_ATTACHMENT)),
        )
        .route("/v1/health", get(health))
        .fallback(|| async { Problem::NoSuchResource })
        .method_not_allowed_fallback(|| async { Problem::NoSuchMethod })
        .layer(middleware::from_fn(in_time))
        .with_state(intake)
}

async fn entries(
    State(intake): State<Intake>,
    Extension(PeerKiosk(peer)): Extension<PeerKiosk>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != MEDIA_TYPE) {
        return Err(Problem::MediaType);
    }
    let body = body.map_err(|rejection| broken(&rejection))?;
    let taken = tokio::task::spawn_blocking(move || intake.take(&peer, &body)).await;
    let receipt = taken.unwrap_or(Err(Problem::Failed))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], receipt).into_response())
}

async fn held(
    State(intake): State<Intake>,
    Extension(PeerKiosk(peer)): Extension<PeerKiosk>,
    Segment(hash): Segment<String>,
) -> Result<Response, Problem> {
    let hash = file_name(&hash)?;
    let held = tokio::task::spawn_blocking(move || {
        intake.admit(&peer)?;
        Ok(intake.inner.attachments.held(&peer, &hash))
    });
    let held = held.await.unwrap_or(Err(Problem::Failed))?;
    let status = if held == Held::Part(0) { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok(told(status, held))
}

async fn attachment(
    State(intake): State<Intake>,
    Extension(PeerKiosk(peer)): Extension<PeerKiosk>,
    Segment(hash): Segment<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let hash = file_name(&hash)?;
    let body = body.map_err(|rejection| broken(&rejection))?;
    let range = headers.get(header::CONTENT_RANGE).map(|range| range.to_str().unwrap_or_default());
    let piece = Piece::read(range, body.len() as u64).ok_or(Problem::BrokenBody)?;
    if piece.total > MAX_SEALED_ATTACHMENT as u64 {
        return Err(Problem::TooLarge);
    }
    let put = tokio::task::spawn_blocking(move || {
        intake.admit(&peer)?;
        intake.inner.attachments.put(&peer, &hash, piece, &body)
    });
    let (status, held) = match put.await.unwrap_or(Err(Problem::Failed))? {
        (held @ Held::Whole(_), true) => (StatusCode::CREATED, held),
        (held @ Held::Whole(_), false) => (StatusCode::OK, held),
        (held @ Held::Part(_), _) => (StatusCode::ACCEPTED, held),
    };
    Ok(told(status, held))
}

fn told(status: StatusCode, held: Held) -> Response {
    let (offset, complete) = match held {
        Held::Whole(bytes) => (bytes, "?1"),
        Held::Part(bytes) => (bytes, "?0"),
    };
    (status, [(UPLOAD_OFFSET, offset.to_string()), (UPLOAD_COMPLETE, complete.to_owned())]).into_response()
}

fn file_name(hash: &str) -> Result<AttachmentHash, Problem> {
    let bytes = hex::decode(hash).ok().filter(|bytes| hex::encode(bytes) == hash);
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(Problem::NoSuchResource)
}

fn broken(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        _ => Problem::BrokenBody,
    }
}

async fn health() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#).into_response()
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::TooSlow.into_response(),
    }
}

fn refused(error: &EnvelopeError) -> Problem {
    match error {
        EnvelopeError::Signature => Problem::BadSignature,
        EnvelopeError::TooLarge { .. } => Problem::TooLarge,
        EnvelopeError::NotForUs => Problem::UnknownSealingKey,
        EnvelopeError::Crypto => Problem::Failed,
        EnvelopeError::Mismatch(_)
        | EnvelopeError::Sealed
        | EnvelopeError::Malformed
        | EnvelopeError::NotDeterministic
        | EnvelopeError::DuplicateKey
        | EnvelopeError::Algorithm
        | EnvelopeError::Header(_)
        | EnvelopeError::Version(_)
        | EnvelopeError::Field(_) => Problem::Malformed,
    }
}

fn failed(error: rusqlite::Error) -> Problem {
    tracing::error!(%error, "the database failed");
    Problem::Failed
}
