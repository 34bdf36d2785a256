//! A hall for tests: a whole kiosk with real pcscd, real drivers, real SQLite and a real HTTPS platform, and a visitor
//! who sees its views and touches its controls. Only the pixels are missing; those are tested in `ui`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod false_platform;
mod hall;
mod sound;
mod staff;
mod visitor;

pub use ::hall::{Answer, Glass, KIOSK};
pub use false_platform::Misbehaving;
pub use hall::{CardReader, Hall, Options};
pub use visitor::{PHONE, Visitor, Way};
