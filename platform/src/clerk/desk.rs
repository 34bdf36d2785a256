//! What the pages share: the databases, the catalogue whose words they use, and a place to do what blocks.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use matters::Catalogue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::layout::Bar;
use super::refused::Refused;
use crate::error::PlatformError;
use crate::store::clerks::accounts::Accounts;
use crate::store::clerks::heads;
use crate::store::clerks::password::{self, PasswordHash};
use crate::store::clerks::sessions::Session;
use crate::store::{Store, StoreError};
use crate::ticker::Ticker;
use crate::{ca, catalogue, time};

/// Passwords that are hashed at once.
const HASHES: usize = 2;
/// How often the head of the clerks' journal is signed: as often as a kiosk's.
const HEADS: Duration = Duration::from_secs(3600);

/// What the pages share.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    accounts: Mutex<Accounts>,
    pub(super) decoy: PasswordHash,
    /// The catalogue whose words the pages use, and its number: none is the one built in.
    catalogue: Mutex<(Option<u64>, Arc<Catalogue>)>,
    hashing: Arc<Semaphore>,
    /// Ends with the last handle.
    _heads: Ticker,
}

impl Desk {
    /// Opens the databases in `state`.
    ///
    /// # Errors
    /// [`PlatformError`], such as before `init`.
    pub fn open(state: &Path) -> Result<Self, PlatformError> {
        Self::over(Store::open(state)?)
    }

    /// The pages over a database that the intake may share: then what a clerk does is told at once to a kiosk that waits for it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn over(store: Store) -> Result<Self, PlatformError> {
        let built_in = Catalogue::parse(matters::BUILT_IN.iter().copied()).unwrap_or_default();
        let inner = Inner {
            accounts: Mutex::new(Accounts::open(store.folder())?),
            decoy: password::decoy()?,
            catalogue: Mutex::new((None, Arc::new(built_in))),
            hashing: Arc::new(Semaphore::new(HASHES)),
            _heads: sign_heads(store.clone())?,
            store,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Does what blocks away from the loop that serves everybody.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let inner = self.inner.clone();
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "a page failed");
                Err(Refused::Failed)
            }
        }
    }

    pub(super) async fn hashing(&self) -> Option<OwnedSemaphorePermit> {
        self.inner.hashing.clone().acquire_owned().await.ok()
    }
}

impl Inner {
    /// The catalogue in force: the newest that was put here, else the one built in. A new one is read for the first page
    /// that asks.
    pub(crate) fn catalogue(&self) -> Result<Arc<Catalogue>, Refused> {
        let newest = self.store.newest_catalogue_number()?;
        let mut known = self.catalogue.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != newest {
            *known = (newest, Arc::new(catalogue::newest(&self.store)?));
        }
        Ok(known.1.clone())
    }

    pub(super) fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the bar above each page says now.
    pub(super) fn bar(&self, session: &Session) -> Result<Bar, StoreError> {
        let waiting = self.store.waiting()?;
        Ok(Bar { session: session.clone(), waiting })
    }

    pub(super) fn now(&self) -> i64 {
        time::now()
    }
}

/// Signs heads until the handle is dropped.
fn sign_heads(store: Store) -> Result<Ticker, PlatformError> {
    let (accounts, key) = (Accounts::open(store.folder())?, ca::receipt_key(store.folder())?);
    Ticker::start("clerk-heads", HEADS, move || {
        if let Err(error) = heads::sign(&store, &accounts, &key) {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the head of the clerks' journal is not signed"
            );
        }
    })
}
