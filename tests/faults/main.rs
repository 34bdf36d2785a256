//! Visits in which something fails: one file a mishap.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod card_is_hostile;
mod card_pulled_mid_read;
mod kiosk_restarts_with_a_queue;
mod pcscd_killed;
mod platform_misbehaves;
mod printer_fails;
