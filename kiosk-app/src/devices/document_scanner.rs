//! The document scanner: its table as its driver wants it described, and what its events mean to the house.

use drivers::document_scanner::{Config, Event, helper_beside_us};
use session::Event as Happened;
use session::view::ScanProblem;
use tracing::warn;

use super::Tell;
use crate::device::Device;
use crate::{config, pictures};

/// The scanner as its driver wants it described; `None` when its helper cannot even be named.
pub fn config(table: &config::devices::DocumentScanner) -> Option<Config> {
    match table.helper.clone().map_or_else(helper_beside_us, Ok) {
        Ok(helper) => {
            Some(Config { options: table.options.clone(), ..Config::new(helper, table.device.clone()) })
        }
        Err(error) => {
            tracing::error!("the scanner's helper cannot be found: {error}");
            None
        }
    }
}

/// What the scanner says, with its pages already straightened.
pub(super) fn told(tell: &Tell, event: Event) {
    match event {
        Event::Health(health) => tell.health(Device::DocumentScanner, health),
        Event::Page(command, raw) => {
            tell.happened(Happened::Page(command, pictures::scanned(&raw).map(Box::new)));
        }
        Event::Finished(command, _) => tell.happened(Happened::ScanFinished(command)),
        Event::Failed(command, error) => {
            warn!(code = error.fault().code(), "scanner: {error}");
            tell.happened(Happened::Page(command, Err(ScanProblem::Fault(error.fault()))));
            tell.happened(Happened::ScanFinished(command));
        }
    }
}
