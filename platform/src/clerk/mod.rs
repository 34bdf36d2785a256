//! Pages for clerks: requests, calls, kiosks, alarms, and who looked at what.
//!
//! Server-rendered, without a script and without anything from elsewhere. A request is opened with the platform's sealing
//! keys for the page that shows it, and only after the view is in the journal; nothing opened is kept.
//!
//! | module      | holds                                                                 |
//! |-------------|-----------------------------------------------------------------------|
//! | [`Accounts`]| `clerks.sqlite`: accounts, wrong tries, sessions, the journal of views |
//! | [`ClerkCommand`] | accounts from the command line                                    |
//! | `guard`     | who is asking: session cookie, form tokens                             |
//! | `layout`    | the frame of every page, the style, the headers of every answer        |
//! | `sign_in`   | the way in and out                                                     |
//! | `list`      | the list of requests                                                   |
//! | `request`   | one request: opening it, its files, its forms                          |
//! | `checks`    | identity checks that wait, and those before any request                |
//! | `content`   | what a request says, as a page                                         |
//! | `steps`     | progress: history, and which way it can go on                          |
//! | `hall`      | attendant calls, kiosks, alarms                                        |
//! | `views`     | the journal as a page                                                  |
//! | `heads`     | the signed head of that journal                                        |
//! | `queries`   | what the pages ask of the platform's database                          |
//! | `signature` | the points of a signature, read from the kiosk's drawing               |
//! | `words`     | Chinese for states, times and numbers                                  |

mod accounts;
mod checks;
mod command;
mod content;
mod error;
mod guard;
mod hall;
mod heads;
mod journal;
pub(crate) mod layout;
mod list;
mod password;
pub(crate) mod queries;
pub(crate) mod refused;
mod request;
mod sessions;
mod sign_in;
mod signature;
mod steps;
mod views;
pub(crate) mod words;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use jiff::Timestamp;
use matters::Catalogue;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use accounts::{Account, Accounts, Role, UnknownRole};
pub use command::ClerkCommand;
pub use error::ClerkError;

use crate::catalogue;
use crate::error::PlatformError;
use crate::store::{Store, catalogues};
use crate::ticker::Ticker;
use layout::Bar;
use password::PasswordHash;
use refused::Refused;
use sessions::Session;

/// Passwords that are hashed at once.
const HASHES: usize = 2;
/// The longest form: a reason of some hundred characters.
const LONGEST_FORM: usize = 16 * 1024;

/// What the pages share.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    state: PathBuf,
    store: Mutex<Store>,
    accounts: Mutex<Accounts>,
    decoy: PasswordHash,
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
        let built_in = Catalogue::parse(matters::BUILT_IN.iter().copied()).unwrap_or_default();
        let inner = Inner {
            state: state.to_owned(),
            store: Mutex::new(Store::open(state)?),
            accounts: Mutex::new(Accounts::open(state)?),
            decoy: password::decoy()?,
            catalogue: Mutex::new((None, Arc::new(built_in))),
            hashing: Arc::new(Semaphore::new(HASHES)),
            _heads: heads::start(state)?,
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

    async fn hashing(&self) -> Option<OwnedSemaphorePermit> {
        self.inner.hashing.clone().acquire_owned().await.ok()
    }
}

impl Inner {
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // Each change is one transaction: a holder that panicked left nothing half done.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The catalogue in force: the newest that was put here, else the one built in. A new one is read for the first page
    /// that asks.
    pub(crate) fn catalogue(&self) -> Result<Arc<Catalogue>, Refused> {
        let store = self.store();
        let newest = catalogues::newest_number(store.reading())?;
        let mut known = self.catalogue.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != newest {
            *known = (newest, Arc::new(catalogue::newest(&self.state, &store)?));
        }
        Ok(known.1.clone())
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the bar above each page says now.
    fn bar(&self, session: &Session) -> rusqlite::Result<Bar> {
        let waiting = queries::waiting(self.store().reading())?;
        Ok(Bar { session: session.clone(), waiting })
    }

    fn now(&self) -> i64 {
        Timestamp::now().as_second()
    }
}

/// A form that is only a button.
#[derive(Deserialize)]
struct Nothing {}

/// The pages under `/clerk`.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/clerk", get(list::show))
        .route("/clerk/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/clerk/sign-out", post(sign_in::sign_out))
        .route("/clerk/requests/{number}", get(request::show))
        .route("/clerk/requests/{number}/files/{at}", get(request::file))
        .route("/clerk/requests/{number}/progress", post(request::set_progress))
        .route("/clerk/requests/{number}/identity", post(request::decide_identity))
        .route("/clerk/checks", get(checks::list))
        .route("/clerk/checks/{check}", get(checks::show).post(checks::decide))
        .route("/clerk/checks/{check}/portrait", get(checks::portrait))
        .route("/clerk/calls", get(hall::calls))
        .route("/clerk/calls/{kiosk}/{call}/answer", post(hall::answer))
        .route("/clerk/kiosks", get(hall::kiosks))
        .route("/clerk/alarms", get(hall::alarms))
        .route("/clerk/journal", get(views::show))
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(desk)
}
