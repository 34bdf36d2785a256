//! The other side: a reference intake of the central platform.
//!
//! Kiosks speak HTTPS with mutual TLS only. `PUT /v1/attachments/{hash}` takes a sealed file, `POST /v1/entries` a sealed
//! request and answers a signed receipt; both are stored in one transaction, so the same request always gets the same
//! receipt, byte for byte. Requests are opened to be checked, and stored as they came: sealed.
//!
//! | module     | holds                                                                    |
//! |------------|--------------------------------------------------------------------------|
//! | [`ca`]     | the platform's keys and certificates: `init`, `enrol`                     |
//! | [`tls`]    | the listener: mutual TLS, who is calling, limits, shutdown                |
//! | [`intake`] | the routes for kiosks and what they refuse                                |
//! | [`store`]  | the databases: kiosks, their chains, requests, receipts, orders, calls, alarms, clerks |
//! | `attachments` | sealed files, in pieces                                                |
//! | `limits`   | how often a kiosk may ask, and about one number                          |
//! | `sweep`    | what is erased by itself: checks that are over, files that no request names |
//! | `data`     | the operator's files about names and characters                           |
//! | `matcher`  | the operator's program that compares faces                                |
//! | [`catalogue`] | signs a catalogue for kiosks                                           |
//! | [`report`] | `list` and `show`: every stored request is verified again                 |
//! | [`verify`] | `verify`: a kiosk's chains from their first request to the newest head    |
//! | [`public`] | the listener for browsers: clerks' pages and the pay page                  |
//! | [`clerk`]  | pages for clerks                                                          |
//! | [`pay`]    | the page a payment QR leads to                                            |
//! | [`card`]   | the few fields of a card record that `show` prints                        |
//!
//! Between two requests the databases and the folder of sealed files keep what counts. A process's own are the counters of
//! `limits`, whom it has to tell of what, and the matcher's queue, which each start fills again.

mod attachments;
pub mod ca;
pub mod card;
pub mod catalogue;
mod certificate;
pub mod clerk;
mod data;
mod error;
pub mod intake;
mod limits;
mod matcher;
mod options;
pub mod pay;
mod problem;
pub mod public;
pub mod report;
mod signed;
pub mod store;
mod sweep;
mod ticker;
mod time;
pub mod tls;
pub mod verify;

use std::path::Path;

use axum::{Extension, Router};
use tokio::net::TcpListener;

pub use error::PlatformError;
pub use options::{KEEP_FREE, Options};
pub use tls::Server;

/// Serves the intake over mutual TLS until [`Server::shutdown`]. `state` is the folder that `init` filled.
///
/// Needs a running tokio runtime.
///
/// # Errors
/// [`PlatformError`] when the folder lacks a key or the database does not open.
pub fn serve(state: &Path, listener: TcpListener) -> Result<Server, PlatformError> {
    serve_with(state, listener, Options::default())
}

/// As [`serve`], with what the operator added.
///
/// # Errors
/// As [`serve`].
pub fn serve_with(state: &Path, listener: TcpListener, options: Options) -> Result<Server, PlatformError> {
    let intake = intake::Intake::over(store::Store::open(state)?, options)?;
    tls::serve_router(state, listener, intake::router(intake))
}

/// The routes for one fixed kiosk, for tools that test an HTTP interface and speak no mutual TLS. Nothing in the program
/// leads here.
///
/// # Errors
/// As [`serve`].
#[doc(hidden)]
pub fn router_for_tests(state: &Path, kiosk: &str, options: Options) -> Result<Router, PlatformError> {
    let intake = intake::Intake::over(store::Store::open(state)?, options)?;
    Ok(intake::router(intake).layer(Extension(tls::PeerKiosk(kiosk.to_owned()))))
}

/// Refuses a kiosk from now on: the running intake heeds it with the next handshake and the next request.
///
/// # Errors
/// [`PlatformError::UnknownKiosk`].
pub fn revoke(state: &Path, kiosk: &str) -> Result<(), PlatformError> {
    store::Store::open(state)?.revoke(kiosk, jiff::Timestamp::now().as_second())
}
