//! Virtual devices that speak the real wire protocols, with faults on demand.
//!
//! They stand outside the kiosk's process and share no code with the drivers: what both sides agree on is the protocol
//! itself. `kiosk-bench` runs them for people and scripts, [`Bench`] inside a test.

pub mod bench;
pub mod camera;
pub mod card;
pub mod clerk;
pub mod control;
pub mod document;
mod faults;
mod font;
pub mod lamp;
mod outlet;
pub mod phone;
pub mod printer;
pub mod web;

pub use bench::{Bench, BenchError, Options, PCD};
pub use camera::{Camera, CameraFault};
pub use faults::UnknownFault;
pub use lamp::{Lamp, LampFault, Shine};
pub use printer::{Fault, ReceiptPaper};
