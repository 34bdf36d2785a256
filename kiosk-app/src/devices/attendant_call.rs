//! The attendant's lamp: its table as its driver wants it described, and what its events mean to the house.

use drivers::attendant_call::{Config, Event};

use super::Tell;
use crate::device::Device;
use crate::{config, event};

/// The lamp as its driver wants it described.
pub fn config(table: &config::devices::AttendantCall) -> Config {
    Config { address: table.address.clone() }
}

/// What it tells, in the words of the house.
pub(super) fn told(tell: &Tell, event: Event) {
    match event {
        Event::Health(health) => tell.health(Device::AttendantCall, health),
        Event::Answered(command) => {
            // Fails only when the loop has ended.
            drop(tell.0.send(event::Event::Comes(event::Answer::Lamp, command)));
        }
    }
}
