//! Outbox and platform against each other: real TLS, real SQLite, a file a mishap.

// The lints of the house allow these in `#[test]` functions; this whole crate is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bench;
mod wire;

mod attachments;
mod bad_envelopes;
mod commands;
mod early_checks;
mod heads;
mod hostile_platform;
mod identity_checks;
mod lost_answer;
mod one_bad_kiosk;
mod openapi;
mod refused;
mod services;
mod stored_on_the_platform;
mod the_good_way;
mod who_may_call;
