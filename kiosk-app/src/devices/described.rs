//! Each device as its driver wants it described, and one look at all of them.

use std::sync::Arc;

use drivers::camera::{self, Link};
use drivers::id_card::{self, Profile};
use drivers::receipt_printer::{self, Transport};
use drivers::status::{Health, Status};
use drivers::{attendant_call, device, document_scanner, sound};
use faults::Fault;

use crate::config::{self, Config};
use crate::device::Device;

/// Width and height of the preview on the portrait page, in pixels of the screen: it is drawn 1:1. Of a camera's 1280 ×
/// 720 they are the middle as it is, so that nothing has to be scaled.
const PREVIEW: (u32, u32) = (576, 720);

/// One look at every device of the configuration, for `kiosk check`.
pub fn probe(config: &Config) -> Vec<(Device, Health)> {
    let scanner = |table| scanner_config(table).map_or_else(no_helper, |config| device::probe(&config));
    let looks = [
        (Device::IdCard, config.id_card.as_ref().map(|table| device::probe(&id_card_config(table)))),
        (
            Device::ReceiptPrinter,
            config.receipt_printer.as_ref().map(|table| device::probe(&printer_config(table))),
        ),
        (Device::Camera, config.camera.as_ref().map(|table| device::probe(&camera_config(table)))),
        (Device::DocumentScanner, config.document_scanner.as_ref().map(scanner)),
        (Device::Sound, config.sound.as_ref().map(|table| device::probe(&sound_config(table)))),
        (
            Device::AttendantCall,
            config.attendant_call.as_ref().map(|table| device::probe(&lamp_config(table))),
        ),
    ];
    looks.into_iter().filter_map(|(device, health)| Some((device, health?))).collect()
}

fn no_helper() -> Health {
    let raw = Some("kiosk-scan is not beside this program".to_owned());
    Health { status: Status::NoDevice, model: None, fault: Some(Fault::ScannerUnreachable), raw }
}

/// The reader as its driver wants it described.
pub fn id_card_config(table: &config::IdCard) -> id_card::Config {
    id_card::Config { reader: table.reader.clone(), profile: Profile::StorageCard }
}

/// The printer as its driver wants it described.
pub fn printer_config(table: &config::ReceiptPrinter) -> receipt_printer::Config {
    receipt_printer::Config {
        transport: Transport::Tcp { address: table.address.clone() },
        profile: receipt_printer::Profile::Generic,
        font: None,
    }
}

/// The camera as its driver wants it described.
pub fn camera_config(table: &config::Camera) -> camera::Config {
    let link = match table {
        config::Camera::Mjpeg { url } => Link::Mjpeg { url: url.clone() },
        config::Camera::File { path } => Link::File { path: path.clone() },
    };
    camera::Config { link, preview: PREVIEW, overlay: Some(Arc::new(imaging::portrait::draw_outline_on)) }
}

/// The scanner as its driver wants it described; `None` when its helper cannot even be named.
pub fn scanner_config(table: &config::DocumentScanner) -> Option<document_scanner::Config> {
    match table.helper.clone().map_or_else(document_scanner::helper_beside_us, Ok) {
        Ok(helper) => Some(document_scanner::Config {
            options: table.options.clone(),
            ..document_scanner::Config::new(helper, table.device.clone())
        }),
        Err(error) => {
            tracing::error!("the scanner's helper cannot be found: {error}");
            None
        }
    }
}

pub(super) fn sound_config(table: &config::Sound) -> sound::Config {
    sound::Config { device: table.device.clone() }
}

pub(super) fn lamp_config(table: &config::AttendantCall) -> attendant_call::Config {
    attendant_call::Config { address: table.address.clone() }
}
