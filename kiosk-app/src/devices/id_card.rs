//! The reader of identity cards: its table as its driver wants it described, and what its events mean to the house.

use drivers::id_card::{Config, Event, Profile};
use session::Event as Happened;
use tracing::warn;

use super::Tell;
use crate::device::Device;
use crate::{config, convert};

/// The reader as its driver wants it described.
pub fn config(table: &config::devices::IdCard) -> Config {
    Config { reader: table.reader.clone(), profile: Profile::StorageCard }
}

/// What it tells, in the words of the house.
pub(super) fn told(tell: &Tell, event: Event) {
    match event {
        Event::Health(health) => tell.health(Device::IdCard, health),
        Event::Present(present) => tell.happened(Happened::CardPresent(present)),
        Event::Reading(command) => tell.happened(Happened::CardReading(command)),
        Event::Read(command, record) => {
            tell.happened(Happened::CardRead(command, Box::new(convert::citizen(&record))));
        }
        Event::Failed(command, error) => {
            warn!(code = error.fault().code(), "card: {error}");
            tell.happened(Happened::CardFailed(command, error.fault()));
        }
    }
}
