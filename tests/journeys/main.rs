//! Visits in which everything works.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod attendant;
mod catalogue;
mod enrolled_again;
mod household_certificate;
mod refusal;
mod regions;
mod renewal;
mod renewal_at_rest;
mod service_commands;
mod service_submit;
mod sound;
