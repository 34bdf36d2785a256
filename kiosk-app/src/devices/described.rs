//! Each device as its driver wants it described, and one look at all of them.

use std::sync::Arc;

use drivers::camera::{self, Link};
use drivers::id_card::{self, Profile};
use drivers::receipt_printer::{self, Transport};
use drivers::status::{Health, Status};
use drivers::{attendant_call, document_scanner, sound};
use faults::Fault;

use crate::config::{self, Config};
use crate::device::Device;

/// Width and height of the preview on the portrait page, in pixels of the screen: it is drawn 1:1. Of a camera's 1280 ×
/// 720 they are the middle as it is, so that nothing has to be scaled.
const PREVIEW: (u32, u32) = (576, 720);

/// One look at every device of the configuration, for `kiosk check`.
pub fn probe(config: &Config) -> Vec<(Device, Health)> {
    let id_card = config.id_card.as_ref().map(|t| (Device::IdCard, id_card::probe(&id_card_config(t))));
    let printer = config
        .receipt_printer
        .as_ref()
        .map(|t| (Device::ReceiptPrinter, receipt_printer::probe(&printer_config(t))));
    let camera = config.camera.as_ref().map(|t| (Device::Camera, camera::probe(&camera_config(t))));
    let scanner = config.document_scanner.as_ref().map(|table| {
        let health = scanner_config(table).map_or_else(no_helper, |c| document_scanner::probe(&c));
        (Device::DocumentScanner, health)
    });
    let sound = config.sound.as_ref().map(|t| (Device::Sound, sound::probe(&sound_config(t))));
    let lamp = config
        .attendant_call
        .as_ref()
        .map(|t| (Device::AttendantCall, attendant_call::probe(&lamp_config(t))));
    [id_card, printer, camera, scanner, sound, lamp].into_iter().flatten().collect()
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
