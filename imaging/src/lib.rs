//! Pixels into pages and portraits: pure functions, no device, no file, no clock.
//!
//! A camera's or a scanner's driver hands over a [`Frame`]; [`portrait`] judges and crops it to GA 461, [`page`]
//! finds, straightens and checks a paper. Every limit is a named constant with its origin.

mod frame;
mod jpeg;
pub mod page;
pub mod portrait;
mod sharpness;

pub use frame::{Frame, FrameError, MAX_PIXELS, MAX_SIDE};
pub use jpeg::{Jpeg, JpegError};
