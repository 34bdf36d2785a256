//! The running devices: how each is started, what it is asked.
//!
//! Each has a thread of its own and speaks in messages; whatever happens to one leaves the others alone.

use std::sync::mpsc::Sender;
use std::time::Duration;

use drivers::device;
use drivers::receipt_printer::Document;
use drivers::sound::Tone;
use drivers::status::{Health, Status};
use faults::Fault;
use session::Sound;

use crate::config::Config;
use crate::device::Device;
use crate::event::Event;

pub mod attendant_call;
pub mod camera;
pub mod document_scanner;
pub mod id_card;
pub mod receipt_printer;
pub mod sound;
mod tell;

use tell::Tell;

/// The most sheets one touch on "scan" takes from a feeder. The matter's own limit is lower.
const MOST_SHEETS: u32 = 50;

/// The running devices. Dropping it stops them all. The default has none.
#[derive(Default)]
pub struct Devices {
    id_card: Option<drivers::id_card::Handle>,
    receipt_printer: Option<drivers::receipt_printer::Handle>,
    camera: Option<drivers::camera::Handle>,
    document_scanner: Option<drivers::document_scanner::Handle>,
    sound: Option<drivers::sound::Handle>,
    attendant_call: Option<drivers::attendant_call::Handle>,
}

impl Devices {
    /// Starts every device of the configuration.
    pub fn start(config: &Config, events: &Sender<Event>) -> Devices {
        let told = Tell(events.clone());
        Devices {
            id_card: config
                .devices
                .id_card
                .as_ref()
                .map(|table| told.by(id_card::config(table), id_card::told)),
            receipt_printer: config
                .devices
                .receipt_printer
                .as_ref()
                .map(|table| told.by(receipt_printer::config(table), receipt_printer::told)),
            camera: config.devices.camera.as_ref().map(|table| told.by(camera::config(table), camera::told)),
            document_scanner: config
                .devices
                .document_scanner
                .as_ref()
                .and_then(document_scanner::config)
                .map(|scanner| told.by(scanner, document_scanner::told)),
            sound: config.devices.sound.as_ref().map(|table| told.by(sound::config(table), sound::told)),
            attendant_call: config
                .devices
                .attendant_call
                .as_ref()
                .map(|table| told.by(attendant_call::config(table), attendant_call::told)),
        }
    }

    /// True when the machine has this device.
    pub fn has(&self, device: Device) -> bool {
        match device {
            Device::IdCard => self.id_card.is_some(),
            Device::ReceiptPrinter => self.receipt_printer.is_some(),
            Device::Camera => self.camera.is_some(),
            Device::DocumentScanner => self.document_scanner.is_some(),
            Device::Sound => self.sound.is_some(),
            Device::AttendantCall => self.attendant_call.is_some(),
        }
    }

    /// Shows the camera's picture, or no longer; then nobody waits for a portrait any more either.
    pub fn preview(&self, on: bool) {
        if let Some(camera) = &self.camera {
            camera.live(on);
            if !on {
                camera.cancel();
            }
        }
    }

    /// Takes a portrait.
    pub fn shoot(&self, command: u64) {
        self.camera.iter().for_each(|camera| camera.still(command));
    }

    /// Scans what lies there; false when there is no scanner.
    pub fn scan(&self, command: u64) -> bool {
        self.document_scanner.iter().for_each(|scanner| scanner.scan(command, MOST_SHEETS));
        self.document_scanner.is_some()
    }

    /// Stops scanning.
    pub fn stop_scanning(&self) {
        self.document_scanner.iter().for_each(|device| device.cancel());
    }

    /// Looks for a card, until it is told to stop: the session does, whatever becomes of the visit.
    pub fn read_card(&self, command: u64) {
        self.id_card.iter().for_each(|reader| reader.read(command, Duration::ZERO));
    }

    /// No longer looks for a card.
    pub fn stop_reading(&self) {
        self.id_card.iter().for_each(|device| device.cancel());
    }

    /// Prints.
    pub fn print(&self, command: u64, document: Document) {
        if let Some(printer) = &self.receipt_printer {
            printer.print(command, document);
        }
    }

    /// Plays a sound in place of the one that plays.
    pub fn play(&self, sound: Sound) {
        let tone = match sound {
            Sound::Warning => Tone::Warning,
            Sound::CardLeft => Tone::Alarm,
            Sound::Attention => Tone::Error,
            Sound::Done => Tone::Ok,
        };
        // Nobody waits for the end of a tone, so it needs no number.
        self.sound.iter().for_each(|sound| sound.play(0, tone));
    }

    /// Lets the lamp blink.
    pub fn call_attendant(&self, command: u64) {
        self.attendant_call.iter().for_each(|lamp| lamp.call(command));
    }

    /// Puts the lamp out.
    pub fn end_call(&self) {
        self.attendant_call.iter().for_each(|lamp| lamp.clear());
    }
}

/// One look at every device of the configuration, for `kiosk check`.
pub fn probe(config: &Config) -> Vec<(Device, Health)> {
    let scanner =
        |table| document_scanner::config(table).map_or_else(no_helper, |config| device::probe(&config));
    let looks = [
        (Device::IdCard, config.devices.id_card.as_ref().map(|table| device::probe(&id_card::config(table)))),
        (
            Device::ReceiptPrinter,
            config
                .devices
                .receipt_printer
                .as_ref()
                .map(|table| device::probe(&receipt_printer::config(table))),
        ),
        (Device::Camera, config.devices.camera.as_ref().map(|table| device::probe(&camera::config(table)))),
        (Device::DocumentScanner, config.devices.document_scanner.as_ref().map(scanner)),
        (Device::Sound, config.devices.sound.as_ref().map(|table| device::probe(&sound::config(table)))),
        (
            Device::AttendantCall,
            config.devices.attendant_call.as_ref().map(|table| device::probe(&attendant_call::config(table))),
        ),
    ];
    looks.into_iter().filter_map(|(device, health)| Some((device, health?))).collect()
}

fn no_helper() -> Health {
    let raw = Some("kiosk-scan is not beside this program".to_owned());
    Health { status: Status::NoDevice, model: None, fault: Some(Fault::ScannerUnreachable), raw }
}
