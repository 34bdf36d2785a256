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
//! | [`intake`] | the routes and what they refuse                                           |
//! | [`store`]  | SQLite: kiosks, their epochs and certificates, requests, receipts         |
//! | `attachments` | sealed files, in pieces                                                |
//! | [`report`] | `list` and `show`: every stored request is verified again                 |
//! | [`card`]   | the few fields of a card record that `show` prints                        |
//!
//! No route keeps anything between two requests but the database, so a larger intake can run many of these.

mod attachments;
pub mod ca;
pub mod card;
mod error;
pub mod intake;
mod problem;
pub mod report;
pub mod store;
pub mod tls;

use std::path::Path;

use tokio::net::TcpListener;

pub use error::PlatformError;
pub use tls::Server;

/// Serves the intake over mutual TLS until [`Server::shutdown`]. `state` is the folder that `init` filled.
///
/// Needs a running tokio runtime.
///
/// # Errors
/// [`PlatformError`] when the folder lacks a key or the database does not open.
pub fn serve(state: &Path, listener: TcpListener) -> Result<Server, PlatformError> {
    let intake = intake::Intake::open(state)?;
    tls::serve_router(state, listener, intake::router(intake))
}

/// Refuses a kiosk from now on: the running intake heeds it with the next handshake and the next request.
///
/// # Errors
/// [`PlatformError::UnknownKiosk`].
pub fn revoke(state: &Path, kiosk: &str) -> Result<(), PlatformError> {
    store::Store::open(state)?.revoke(kiosk, jiff::Timestamp::now().as_second())
}
