//! What the routes share: the database, the files, the keys; and how a route asks for them.

use std::path::Path;
use std::sync::Arc;

use axum::http::StatusCode;
use ed25519_dalek::SigningKey;
use protocol::envelope::{EnvelopeError, OpeningKey};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::extract::{Following, Peer};
use crate::attachments::Attachments;
use crate::data::Data;
use crate::error::PlatformError;
use crate::limits::Limits;
use crate::matcher::Matcher;
use crate::options::Options;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::kiosks::Denied;
use crate::store::news::Topic;
use crate::ticker::Ticker;
use crate::{ca, sweep};

/// Pieces of files that are taken at once. Each may fill 8 MB of memory: half a gigabyte together.
const UPLOADS: usize = 64;

/// What the routes share.
#[derive(Clone)]
pub struct Intake {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) attachments: Arc<Attachments>,
    pub(super) limits: Limits,
    pub(super) uploads: Semaphore,
    pub(super) data: Data,
    pub(super) matcher: Option<Matcher>,
    pub(super) receipt_key: SigningKey,
    pub(super) opening_keys: Vec<OpeningKey>,
    pub(super) public_url: Option<String>,
    /// Ends with the last handle.
    _sweeper: Ticker,
}

impl Intake {
    /// Opens the database and the receipt key in `state`; without a place to pay and without a matcher.
    ///
    /// # Errors
    /// [`PlatformError`], such as before `init`.
    pub fn open(state: &Path) -> Result<Self, PlatformError> {
        Self::over(Store::open(state)?, Options::default())
    }

    /// The intake over a database that others may share, with the keys in its folder.
    ///
    /// # Errors
    /// [`PlatformError`], such as before `init`.
    pub fn over(store: Store, options: Options) -> Result<Self, PlatformError> {
        let state = store.folder();
        let matcher = options.matcher.map(|program| Matcher::start(store.clone(), program)).transpose()?;
        let attachments = Arc::new(Attachments::open(state, u64::from(options.keep_free) << 20)?);
        Ok(Self {
            inner: Arc::new(Inner {
                _sweeper: sweep::start(store.clone(), attachments.clone())?,
                attachments,
                limits: Limits::default(),
                uploads: Semaphore::new(UPLOADS),
                data: Data::of(state),
                matcher,
                receipt_key: ca::receipt_key(state)?,
                opening_keys: ca::opening_keys(state)?,
                public_url: options.public_url,
                store: store.clone(),
            }),
        })
    }

    /// Does what blocks away from the loop that serves everybody. It is done even when nobody waits any more.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let intake = self.clone();
        tokio::task::spawn_blocking(move || work(&intake)).await.unwrap_or(Err(Problem::Failed))
    }

    /// Looks something up for a kiosk.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        peer: &Peer,
        look: impl FnOnce(&Store) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let kiosk = peer.clone();
        let found = self.work(move |intake| {
            intake.inner.store.admit(&kiosk)?;
            look(&intake.inner.store)
        });
        self.noted(peer, found.await).await
    }

    /// Changes something for a kiosk; it is on disk when this returns.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        peer: &Peer,
        change: impl FnOnce(&Store, &Peer) -> Result<T, Denied> + Send + 'static,
    ) -> Result<T, Problem> {
        let kiosk = peer.clone();
        let changed = self.work(move |intake| Ok(change(&intake.inner.store, &kiosk)?));
        self.noted(peer, changed.await).await
    }

    /// The long poll: looks up what the kiosk follows, and again whenever something of its `topic` happened, until it is as the
    /// kiosk wants it, the wait is over, or the server stops; then answers what is. `look` gets the kiosk and the name in the
    /// path.
    pub(super) async fn follow<T: Send + 'static>(
        &self,
        topic: Topic,
        following: Following,
        look: impl Fn(&Store, &str, &str) -> Result<T, Problem> + Copy + Send + 'static,
        enough: impl Fn(&T) -> bool,
    ) -> Result<T, Problem> {
        let Following { peer, name, wait, mut stop } = following;
        let end = Instant::now() + wait;
        // What happens between a look and the wait after it is told by that.
        let mut news = self.inner.store.listen(topic);
        loop {
            let (kiosk, name) = (peer.clone(), name.clone());
            let found = self.read(&peer, move |store| look(store, &kiosk, &name)).await?;
            if enough(&found) || Instant::now() >= end {
                return Ok(found);
            }
            tokio::select! {
                _ = news.changed() => {}
                () = tokio::time::sleep_until(end) => {}
                () = stop.asked() => return Ok(found),
            }
        }
    }

    /// Ends something of the kiosk's, by the name in the path: taken back, cancelled, over. `unknown` when there is none.
    pub(super) async fn end(
        &self,
        peer: &Peer,
        name: String,
        end: fn(&Store, &Peer, String) -> Result<bool, Denied>,
        unknown: Problem,
    ) -> Result<StatusCode, Problem> {
        let ended = self.change(peer, move |store, peer| end(store, peer, name)).await?;
        if ended { Ok(StatusCode::NO_CONTENT) } else { Err(unknown) }
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
    pub(super) async fn refuse(&self, peer: &Peer, subject: Option<String>, problem: Problem) -> Problem {
        if problem.is_journalled() {
            // A journal that cannot be written must not turn the refusal into something else; the log has both.
            let (kiosk, kind) = (peer.clone(), problem.kind());
            let written = self
                .work(move |intake| Ok(intake.inner.store.note_refusal(&kiosk, subject.as_deref(), kind)?));
            if written.await != Ok(false) {
                tracing::warn!(kiosk = &**peer, problem = problem.kind(), "refused");
            }
        }
        problem
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if let StoreError::Busy = error {
            return Self::Busy;
        }
        tracing::error!(%error, "the database failed");
        Self::Failed
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unknown => Self::UnknownKiosk,
            Denied::Revoked => Self::RevokedKiosk,
            Denied::Store(error) => error.into(),
        }
    }
}

/// What a broken envelope is called on the wire.
pub(super) fn refused(error: &EnvelopeError) -> Problem {
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

/// Sixteen random bytes as hex digits: a name that nobody guesses.
pub(super) fn new_name() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Problem::Failed)?;
    Ok(hex::encode(bytes))
}
