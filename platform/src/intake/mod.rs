//! The routes for kiosks, and what they refuse. The shapes are those of [`protocol::api`]; with each route they stand in
//! `GET /openapi.json`, which is made from them; in words: `docs/platform-api.md`.
//!
//! | module          | routes                                                                |
//! |-----------------|-----------------------------------------------------------------------|
//! | `entries`       | `POST /v1/entries`: a sealed request, answered with a signed receipt  |
//! | `attachments`   | `HEAD`, `PUT /v1/attachments/{hash}`: its sealed files, in pieces     |
//! | `heads`         | `POST /v1/heads`: where the kiosk's chains stand                      |
//! | `payments`      | `GET`, `PUT /v1/cases/{case_number}/payment-order`                    |
//! | `progress`      | `GET /v1/cases/{case_number}/progress`                                |
//! | `checks`        | `/v1/identity-checks`, of a request and before one                    |
//! | `appointments`  | `/v1/appointments`                                                    |
//! | `calls`         | `/v1/attendant-calls`                                                 |
//! | `heartbeats`    | `POST /v1/heartbeats`                                                 |
//! | `queries`       | `/v1/names`, `/v1/characters`: what the operator's data says          |
//! | `catalogue`     | `GET /v1/catalogue`                                                   |
//! | `openapi`       | `GET /openapi.json`, `GET /v1/health`                                 |

mod appointments;
mod attachments;
mod calls;
mod catalogue;
mod checks;
mod entries;
pub(crate) mod extract;
mod heads;
mod heartbeats;
mod openapi;
mod payments;
mod progress;
mod queries;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use ed25519_dalek::SigningKey;
use protocol::envelope::{EnvelopeError, OpeningKey};
use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;

use crate::attachments::Attachments;
use crate::data::Data;
use crate::error::PlatformError;
use crate::limits::Limits;
use crate::matcher::Matcher;
use crate::problem::Problem;
use crate::store::journal::Line;
use crate::store::writer::Writer;
use crate::store::{Store, now, takes_certificate};
use crate::ticker::Ticker;
use crate::{Options, ca, sweep};
use extract::{Following, Peer};

/// Longest request from its header to its answer: 256 KB on a line of 100 kbit/s take 21 s, the longest wait that a kiosk
/// may ask for is 30 s. A guess.
pub(crate) const REQUEST: Duration = Duration::from_secs(40);
/// Largest JSON body: a heartbeat of a machine with 64 devices. A guess.
const MAX_JSON: usize = 64 * 1024;
/// Pieces of files that are taken at once. Each may fill 8 MB of memory: half a gigabyte together.
const UPLOADS: usize = 64;
/// How often a waiting request looks again: another program, such as the clerk's, may make the change. A look takes 20 µs,
/// so a thousand that wait cost a tenth of a core. A guess.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What the routes share.
#[derive(Clone)]
pub struct Intake {
    inner: Arc<Inner>,
}

struct Inner {
    reader: Mutex<Store>,
    writer: Writer,
    attachments: Arc<Attachments>,
    limits: Limits,
    uploads: Semaphore,
    data: Data,
    matcher: Option<Matcher>,
    receipt_key: SigningKey,
    opening_keys: Vec<OpeningKey>,
    public_url: Option<String>,
    /// Ends with the last handle.
    _sweeper: Ticker,
}

impl Intake {
    /// Opens the database and the receipt key in `state`; without a place to pay and without a matcher.
    ///
    /// # Errors
    /// [`PlatformError`], such as before `init`.
    pub fn open(state: &Path) -> Result<Self, PlatformError> {
        Self::open_with(state, Options::default())
    }

    /// Opens the database and the keys in `state`.
    ///
    /// # Errors
    /// [`PlatformError`], such as before `init`.
    pub fn open_with(state: &Path, options: Options) -> Result<Self, PlatformError> {
        let matcher = options.matcher.map(|program| Matcher::start(state, program)).transpose()?;
        let attachments = Arc::new(Attachments::open(state, u64::from(options.keep_free) << 20)?);
        Ok(Self {
            inner: Arc::new(Inner {
                reader: Mutex::new(Store::open(state)?),
                writer: Writer::start(Store::open(state)?)?,
                _sweeper: sweep::start(Store::open(state)?, attachments.clone())?,
                attachments,
                limits: Limits::default(),
                uploads: Semaphore::new(UPLOADS),
                data: Data::of(state),
                matcher,
                receipt_key: ca::receipt_key(state)?,
                opening_keys: ca::opening_keys(state)?,
                public_url: options.public_url,
            }),
        })
    }

    fn reader(&self) -> MutexGuard<'_, Store> {
        // It only reads: a holder that panicked left nothing half done.
        self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this kiosk may ask for anything.
    fn admit(&self, peer: &Peer) -> Result<(), Problem> {
        admitted(self.reader().reading(), peer).map_err(failed)?
    }

    /// Looks something up for a kiosk.
    async fn read<T: Send + 'static>(
        &self,
        peer: &Peer,
        work: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        let (intake, kiosk) = (self.clone(), peer.clone());
        let found = tokio::task::spawn_blocking(move || {
            let store = intake.reader();
            admitted(store.reading(), &kiosk).map_err(failed)??;
            work(store.reading()).map_err(failed)?
        });
        self.noted(peer, found.await.unwrap_or(Err(Problem::Failed))).await
    }

    /// Changes something for a kiosk; it is on disk when this returns.
    async fn change<T: Send + 'static>(
        &self,
        peer: &Peer,
        work: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        self.noted(peer, self.write(peer, work).await).await
    }

    /// As [`Self::change`], for a route that gives every refusal to [`Self::refuse`] itself.
    async fn write<T: Send + 'static>(
        &self,
        peer: &Peer,
        work: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        let kiosk = peer.clone();
        let written = self.inner.writer.run(move |connection| match admitted(connection, &kiosk)? {
            Ok(()) => work(connection),
            Err(problem) => Ok(Err(problem)),
        });
        written.await?
    }

    /// The long poll: looks up what the kiosk follows until it is as the kiosk wants it, the wait is over, or the server stops;
    /// then answers what is. `look` gets the kiosk and the name in the path.
    async fn follow<T: Send + 'static>(
        &self,
        following: Following,
        look: impl Fn(&Connection, &str, &str) -> rusqlite::Result<Result<T, Problem>> + Copy + Send + 'static,
        enough: impl Fn(&T) -> bool,
    ) -> Result<T, Problem> {
        let Following { peer, name, wait, mut stop } = following;
        let end = Instant::now() + wait;
        loop {
            let (kiosk, name) = (peer.clone(), name.clone());
            let found = self.read(&peer, move |connection| look(connection, &kiosk, &name)).await?;
            if enough(&found) || Instant::now() >= end {
                return Ok(found);
            }
            tokio::select! {
                () = tokio::time::sleep_until(end.min(Instant::now() + LOOK_AGAIN)) => {}
                () = stop.asked() => return Ok(found),
            }
        }
    }

    /// Ends something of the kiosk's, by the name in the path: taken back, cancelled, over. `unknown` when there is none.
    async fn end(
        &self,
        peer: &Peer,
        name: String,
        end: fn(&Connection, &str, &str, i64) -> rusqlite::Result<bool>,
        unknown: Problem,
    ) -> Result<StatusCode, Problem> {
        let kiosk = peer.clone();
        let ended = self.change(peer, move |connection| {
            Ok(if end(connection, &kiosk, &name, now())? { Ok(StatusCode::NO_CONTENT) } else { Err(unknown) })
        });
        ended.await
    }

    /// A kiosk that is refused whatever it asks for stands in the journal.
    async fn noted<T>(&self, peer: &Peer, found: Result<T, Problem>) -> Result<T, Problem> {
        if let Err(problem @ (Problem::UnknownKiosk | Problem::RevokedKiosk)) = found {
            return Err(self.refuse(peer, None, problem).await);
        }
        found
    }

    /// Writes a refusal of what a kiosk sent into the journal, when it belongs there, and gives it back. A kiosk that is refused
    /// again and again is counted.
    async fn refuse(&self, peer: &str, subject: Option<String>, problem: Problem) -> Problem {
        if problem.is_journalled() {
            let mut line = Line::of("refused").kiosk(peer).problem(problem.kind());
            if let Some(subject) = subject {
                line = line.subject(&subject);
            }
            // A journal that cannot be written must not turn the refusal into something else; the log has both.
            let written = self
                .inner
                .writer
                .run(move |connection| line.write_or_count(connection, problem.kind(), now()));
            if written.await != Ok(false) {
                tracing::warn!(kiosk = peer, problem = problem.kind(), "refused");
            }
        }
        problem
    }
}

/// The routes over an opened intake. They need [`PeerKiosk`](crate::tls::PeerKiosk) as an extension.
pub fn router(intake: Intake) -> Router {
    let (router, document) = routes().split_for_parts();
    router
        .layer(Extension(openapi::finish(document)))
        .fallback(|| async { Problem::NoSuchResource })
        .method_not_allowed_fallback(|| async { Problem::NoSuchMethod })
        .layer(middleware::from_fn(in_time))
        .with_state(intake)
}

/// Every route with its description.
fn routes() -> OpenApiRouter<Intake> {
    let json = OpenApiRouter::with_openapi(openapi::frame())
        .merge(payments::routes())
        .merge(progress::routes())
        .merge(checks::routes())
        .merge(appointments::routes())
        .merge(calls::routes())
        .merge(heartbeats::routes())
        .merge(queries::routes())
        .merge(catalogue::routes())
        .merge(openapi::routes())
        .layer(DefaultBodyLimit::max(MAX_JSON));
    json.merge(entries::routes()).merge(attachments::routes()).merge(heads::routes())
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::TooSlow.into_response(),
    }
}

fn admitted(connection: &Connection, peer: &Peer) -> rusqlite::Result<Result<(), Problem>> {
    Ok(match crate::store::find_kiosk(connection, peer)? {
        None => Err(Problem::UnknownKiosk),
        Some(kiosk) if kiosk.revoked => Err(Problem::RevokedKiosk),
        // The kiosk may be enrolled again while a thief holds a connection open with what was revoked.
        Some(_) => match peer.certificate {
            Some(certificate) if !takes_certificate(connection, &certificate)? => Err(Problem::RevokedKiosk),
            Some(_) | None => Ok(()),
        },
    })
}

/// What a broken envelope is called on the wire.
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

/// Sixteen random bytes as hex digits: a name that nobody guesses.
fn new_name() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Problem::Failed)?;
    Ok(hex::encode(bytes))
}
