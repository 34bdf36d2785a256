//! Requests on the kiosk's own disk: sign, store, forward, acknowledge, erase.
//!
//! The way of a request, once and without going back:
//!
//! ```text
//! Draft ─▶ store::writer (sequence, previous hash, case number)
//!            └▶ envelope::sign ─▶ SQLite, fsync ─▶ Saved ─▶ the citizen's page
//! forward ─▶ platform ─▶ envelope::receipt::verify_receipt ─▶ Outbox::acknowledge ─▶ body erased
//! ```
//!
//! | module       | holds                                                                    |
//! |--------------|--------------------------------------------------------------------------|
//! | [`envelope`] | the bytes that travel: manifest, `COSE_Sign1`, receipt. Pure functions    |
//! | [`store`]    | SQLite, the one writer thread, the chain check                            |
//! | [`forward`]  | HTTPS to the platform: retries, receipts, erasing                         |
//! | [`catalogue`] | the catalogue that the platform signs and a kiosk verifies              |
//! | [`journal`]  | the audit journal: what the machine did, without personal data            |
//! | [`keys`]     | the signing key, made on the device                                       |
//! | [`identity`] | the TLS key and its signing request, made on the device                   |
//!
//! Nothing here logs or prints what a citizen said: log lines carry sequence numbers and failure codes.

pub mod catalogue;
pub mod draft;
pub mod envelope;
mod fault_points;
pub mod forward;
mod frame;
pub mod identity;
pub mod journal;
pub mod keys;
pub mod kiosk_id;
#[cfg(test)]
mod made_up;
pub mod secret_file;
pub mod store;

pub use draft::{Attachment, CardRecord, Draft};
pub use envelope::{SealingKeys, SealingKeysError};
pub use journal::Journal;
pub use keys::{KeyError, KeySource, Keys};
pub use store::{
    Figures, OpenError, Outbox, QueueError, QueueRow, QueueState, RequestDetail, Saved, SubmitError,
};
