//! Configuration, devices, one event loop, and the service commands.
//!
//! The main path: `main` → [`event`] (the bus) → [`run`] (the one loop) → `session`; [`device`] is the table of devices.
//! There is no rule in this room, only wiring. It is a library so that journeys can run the whole kiosk without a window.

mod audit;
pub mod catalogue;
pub mod commands;
pub mod config;
#[cfg(any(feature = "device", test))]
mod console;
mod convert;
pub mod device;
pub mod devices;
pub mod event;
pub mod memory;
mod pictures;
mod platform;
mod private_file;
pub mod run;
pub mod serve;
mod starts;
mod store;
