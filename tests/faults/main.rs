//! Visits in which something fails: one file a mishap.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod camera_fails;
mod card_is_hostile;
mod card_pulled_mid_read;
mod catalogue_refused;
mod catalogue_with_mistakes;
mod kiosk_restarts_with_a_queue;
mod kiosk_revoked;
mod lamp_gone;
mod payment_platform_gone;
mod pcscd_killed;
mod platform_misbehaves;
mod printer_fails;
mod scanner_fails;
