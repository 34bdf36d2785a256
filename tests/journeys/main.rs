//! Visits in which everything works.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod household_certificate;
mod service_commands;
