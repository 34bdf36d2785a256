//! The clerks' pages and the pay page: over real TLS, and in a real browser.

// The lints of the house allow these in `#[test]` functions; this whole crate is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

// The intake's tests use more of it.
#[allow(dead_code)]
#[path = "../intake/bench.rs"]
mod bench;
mod citizen;
mod driver;
mod hall;
mod visitor;

mod a_clerks_day;
mod commands;
mod finding;
mod forged_forms;
mod hostile_content;
mod identity;
mod looked_at;
mod other_words;
mod readers;
mod somebody_waits;
mod wrong_passwords;
