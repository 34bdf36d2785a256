//! Requests on the kiosk's own disk: sign, store, forward, acknowledge, erase.
//!
//! The way of a request, once and without going back:
//!
//! ```text
//! Draft ─▶ store::writer (sequence, previous hash, case number)
//!            └▶ protocol::envelope ─▶ SQLite, fsync ─▶ Saved ─▶ the citizen's page
//! forward ─▶ platform ─▶ protocol::envelope::verify_receipt ─▶ Outbox::acknowledge ─▶ body erased
//! ```
//!
//! | module       | holds                                                                    |
//! |--------------|--------------------------------------------------------------------------|
//! | [`store`]    | SQLite, the one writer thread, the chain check                            |
//! | [`forward`]  | HTTPS to the platform: retries, receipts, erasing                         |
//! | [`journal`]  | the audit journal: what the machine did, without personal data            |
//! | [`keys`]     | the signing key, made on the device                                       |
//! | [`sealing_keys`] | the file of the keys that requests are sealed to                      |
//! | [`identity`] | the TLS key and its signing request, made on the device                   |
//!
//! Nothing here logs or prints what a citizen said: log lines carry sequence numbers and failure codes.

pub mod draft;
mod fault_points;
pub mod forward;
pub mod identity;
pub mod journal;
pub mod keys;
#[doc(hidden)]
pub mod made_up;
pub mod sealing_keys;
pub mod store;

pub use draft::Draft;
pub use journal::Journal;
pub use keys::{KeyError, KeySource, Keys};
pub use store::{
    Figures, OpenError, Outbox, QueueError, QueueRow, QueueState, RequestDetail, Saved, SubmitError,
};
