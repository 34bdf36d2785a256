//! The platform's database: kiosks, requests, receipts, and everything that kiosks ask for beside them; and that of the clerks.
//! SQL and its types stand here and nowhere else: who calls [`Store`] says what is meant, and gets rows as values.
//!
//! Functions on a connection run inside whatever transaction is open: methods of [`Store`] open it.

pub mod alarms;
pub mod appointments;
pub mod calls;
pub mod catalogues;
pub mod checks;
pub(crate) mod clerks;
pub(crate) mod database;
pub(crate) mod error;
mod files;
pub mod heads;
pub mod heartbeats;
pub mod journal;
pub(crate) mod kiosks;
pub(crate) mod listing;
pub(crate) mod news;
pub mod payments;
pub mod progress;
pub(crate) mod requests;
mod rows;
mod schema;
mod uploads;
mod word;
mod writer;

pub use database::Store;
pub use error::{Cause, StoreError};
pub use kiosks::{Again, Kiosk};
pub use requests::{Case, StoredRequest};
