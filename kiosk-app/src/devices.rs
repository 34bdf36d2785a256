//! The running devices: how each is started, what it is asked.
//!
//! Each has a thread of its own and speaks in messages; whatever happens to one leaves the others alone.

use std::sync::mpsc::Sender;
use std::time::Duration;

use drivers::sound::Tone;
use drivers::{attendant_call, camera, document_scanner, id_card, receipt_printer, sound};
use session::Sound;

use crate::config::Config;
use crate::device::Device;
use crate::event::Event;

mod described;
mod told;

pub use described::{camera_config, id_card_config, printer_config, probe, scanner_config};
use described::{lamp_config, sound_config};
use told::{Tell, called, printed, read, scanned, seen, sounded};

/// The most sheets one touch on "scan" takes from a feeder. The matter's own limit is lower.
const MOST_SHEETS: u32 = 50;

/// The running devices. Dropping it stops them all. The default has none.
#[derive(Default)]
pub struct Devices {
    id_card: Option<id_card::Handle>,
    receipt_printer: Option<receipt_printer::Handle>,
    camera: Option<camera::Handle>,
    document_scanner: Option<document_scanner::Handle>,
    sound: Option<sound::Handle>,
    attendant_call: Option<attendant_call::Handle>,
}

impl Devices {
    /// Starts every device of the configuration.
    pub fn start(config: &Config, events: &Sender<Event>) -> Devices {
        let told = Tell(events.clone());
        Devices {
            id_card: config.id_card.as_ref().map(|table| told.by(id_card_config(table), read)),
            receipt_printer: config
                .receipt_printer
                .as_ref()
                .map(|table| told.by(printer_config(table), printed)),
            camera: config.camera.as_ref().map(|table| told.by(camera_config(table), seen)),
            document_scanner: config
                .document_scanner
                .as_ref()
                .and_then(scanner_config)
                .map(|scanner| told.by(scanner, scanned)),
            sound: config.sound.as_ref().map(|table| told.by(sound_config(table), sounded)),
            attendant_call: config.attendant_call.as_ref().map(|table| told.by(lamp_config(table), called)),
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
        self.document_scanner.iter().for_each(document_scanner::Handle::cancel);
    }

    /// Looks for a card, until it is told to stop: the session does, whatever becomes of the visit.
    pub fn read_card(&self, command: u64) {
        self.id_card.iter().for_each(|reader| reader.read(command, Duration::ZERO));
    }

    /// No longer looks for a card.
    pub fn stop_reading(&self) {
        self.id_card.iter().for_each(id_card::Handle::cancel);
    }

    /// Prints.
    pub fn print(&self, command: u64, document: receipt_printer::Document) {
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
        self.attendant_call.iter().for_each(attendant_call::Handle::clear);
    }
}
