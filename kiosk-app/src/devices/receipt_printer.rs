//! The receipt printer: its table as its driver wants it described, and what its events mean to the house.

use drivers::receipt_printer::{Config, Event, Profile, Transport};
use session::Event as Happened;
use tracing::warn;

use super::Tell;
use crate::config;
use crate::device::Device;

/// The printer as its driver wants it described.
pub fn config(table: &config::devices::ReceiptPrinter) -> Config {
    Config {
        transport: Transport::Tcp { address: table.address.clone() },
        profile: Profile::Generic,
        font: None,
    }
}

/// What it tells, in the words of the house.
pub(super) fn told(tell: &Tell, event: Event) {
    match event {
        Event::Health(health) => tell.health(Device::ReceiptPrinter, health),
        Event::Printed(command) => tell.happened(Happened::Printed(command, Ok(()))),
        Event::Failed(command, error) => {
            warn!(code = error.fault().code(), "printer: {error}");
            tell.happened(Happened::Printed(command, Err(error.fault())));
        }
    }
}
