//! The routes: `POST /v1/entries`, `GET /v1/health`.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use outbox::envelope::{self, EnvelopeError, MAX_ENVELOPE, MEDIA_TYPE};

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
    receipt_key: SigningKey,
}

impl Intake {
    /// Opens the database and the receipt key in `state`.
    ///
    /// # Errors
    /// [`PlatformError`], such as before `init`.
    pub fn open(state: &Path) -> Result<Self, PlatformError> {
        let receipt_key = ca::receipt_key(state)?;
        let store = Mutex::new(Store::open(state)?);
        Ok(Self { inner: Arc::new(Inner { store, receipt_key }) })
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // Each change is one transaction: a holder that panicked left nothing half done.
        self.inner.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one request of the kiosk that the certificate names; answers the receipt.
    fn take(&self, peer: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let kiosk = self.store().kiosk(peer).map_err(failed)?.ok_or(Problem::UnknownKiosk)?;
        if kiosk.revoked {
            return Err(Problem::RevokedKiosk);
        }
        if envelope::claimed_kiosk(body).map_err(|error| refused(&error))? != peer {
            return Err(Problem::OtherKiosk);
        }
        let id = envelope::id(body);
        // Same bytes, verified when they first came: the same receipt.
        if let Some(receipt) = self.store().receipt_of(&id).map_err(failed)? {
            return Ok(receipt);
        }
        let manifest = envelope::verify(body, &kiosk.signing_key).map_err(|error| refused(&error))?;
        if manifest.epoch != kiosk.epoch {
            return Err(Problem::WrongEpoch);
        }
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
        .route("/v1/entries", post(entries))
        .route("/v1/health", get(health))
        .fallback(|| async { Problem::NoSuchResource })
        .method_not_allowed_fallback(|| async { Problem::NoSuchMethod })
        .layer(DefaultBodyLimit::max(MAX_ENVELOPE))
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
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        _ => Problem::BrokenBody,
    })?;
    let taken = tokio::task::spawn_blocking(move || intake.take(&peer, &body)).await;
    let receipt = taken.unwrap_or(Err(Problem::Failed))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], receipt).into_response())
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
        EnvelopeError::Malformed
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
