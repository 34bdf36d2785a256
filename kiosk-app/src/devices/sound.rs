//! The loudspeaker: its table as its driver wants it described, and what its events mean to the house.

use drivers::sound::{Config, Event};

use super::Tell;
use crate::config;
use crate::device::Device;

/// The loudspeaker as its driver wants it described.
pub fn config(table: &config::devices::Sound) -> Config {
    Config { device: table.device.clone() }
}

/// What it tells, in the words of the house.
pub(super) fn told(tell: &Tell, event: Event) {
    match event {
        Event::Health(health) => tell.health(Device::Sound, health),
        // The driver has told its log; a page has the same words.
        Event::Played(_) | Event::Failed(..) => {}
    }
}
