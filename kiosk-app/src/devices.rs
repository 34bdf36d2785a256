//! The only list of devices.
//!
//! Each has a thread of its own and speaks in messages; whatever happens to one leaves the others alone.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use drivers::camera::{self, Link};
use drivers::document_scanner;
use drivers::id_card::{self, Profile};
use drivers::receipt_printer::{self, Transport};
use drivers::status::Health;

use crate::config::{Camera, Config, DocumentScanner, IdCard, ReceiptPrinter};
use crate::pictures;
use crate::run::Event;

/// How long one read may be armed: longer than any page stays, because the session stops it itself.
const READ_TIMEOUT: Duration = Duration::from_secs(600);

/// The most sheets one touch on "scan" takes from a feeder. The matter's own limit is lower.
const MOST_SHEETS: u32 = 50;

/// Width and height of the preview on the portrait page, in pixels.
const PREVIEW: (u32, u32) = (720, 900);

/// The running devices. Dropping it stops them all.
pub struct Devices {
    id_card: Option<id_card::Handle>,
    receipt_printer: Option<receipt_printer::Handle>,
    camera: Option<camera::Handle>,
    document_scanner: Option<document_scanner::Handle>,
}

impl Devices {
    /// Starts every device of the configuration.
    pub fn start(config: &Config, events: &Sender<Event>) -> Devices {
        let to_card = events.clone();
        let to_printer = events.clone();
        let to_camera = events.clone();
        let to_scanner = events.clone();
        // A send fails only when the loop has ended, and with it everybody who would want to know.
        Devices {
            id_card: config.id_card.as_ref().map(|table| {
                id_card::start(id_card_config(table), move |event| drop(to_card.send(Event::IdCard(event))))
            }),
            receipt_printer: config.receipt_printer.as_ref().map(|table| {
                receipt_printer::start(printer_config(table), move |event| {
                    drop(to_printer.send(Event::ReceiptPrinter(event)));
                })
            }),
            camera: config.camera.as_ref().map(|table| {
                camera::start(camera_config(table), move |event| drop(to_camera.send(seen(event))))
            }),
            document_scanner: config.document_scanner.as_ref().and_then(|table| {
                let config = scanner_config(table)?;
                Some(document_scanner::start(config, move |event| drop(to_scanner.send(paper(event)))))
            }),
        }
    }

    /// True when the machine has a camera.
    pub fn has_camera(&self) -> bool {
        self.camera.is_some()
    }

    /// True when the machine has a document scanner.
    pub fn has_scanner(&self) -> bool {
        self.document_scanner.is_some()
    }

    /// Shows the camera's picture, or no longer.
    pub fn preview(&self, on: bool) {
        if let Some(camera) = &self.camera {
            camera.live(on);
        }
    }

    /// The latest preview frame.
    pub fn frame(&self) -> Option<camera::Frame> {
        self.camera.as_ref()?.slot().take()
    }

    /// Takes a portrait.
    pub fn shoot(&self, command: u64) {
        if let Some(camera) = &self.camera {
            camera.still(command);
        }
    }

    /// Scans what lies there.
    pub fn scan(&self, command: u64) {
        if let Some(scanner) = &self.document_scanner {
            scanner.scan(command, MOST_SHEETS);
        }
    }

    /// Stops scanning.
    pub fn stop_scanning(&self) {
        if let Some(scanner) = &self.document_scanner {
            scanner.cancel();
        }
    }

    /// Looks for a card.
    pub fn read_card(&self, command: u64) {
        if let Some(reader) = &self.id_card {
            reader.read(command, READ_TIMEOUT);
        }
    }

    /// No longer looks for a card.
    pub fn stop_reading(&self) {
        if let Some(reader) = &self.id_card {
            reader.cancel();
        }
    }

    /// Prints.
    pub fn print(&self, command: u64, document: receipt_printer::Document) {
        if let Some(printer) = &self.receipt_printer {
            printer.print(command, document);
        }
    }
}

/// What the camera says, with its still already judged: that runs here, on the camera's thread.
fn seen(event: camera::Event) -> Event {
    match event {
        camera::Event::Health(health) => Event::CameraHealth(health.fault),
        camera::Event::FrameReady => Event::FrameReady,
        camera::Event::Still(command, frame) => {
            Event::Portrait(command, pictures::taken(&frame).map(Box::new))
        }
        camera::Event::Failed(command, error) => {
            tracing::warn!(code = error.fault().code(), "camera: {error}");
            Event::Portrait(command, Err(Vec::new()))
        }
    }
}

/// What the scanner says, with its pages already straightened.
fn paper(event: document_scanner::Event) -> Event {
    match event {
        document_scanner::Event::Health(_) => Event::ScannerHealth,
        document_scanner::Event::Page(command, raw) => {
            Event::Page(command, pictures::scanned(&raw).map(Box::new))
        }
        document_scanner::Event::Finished(command, _) => Event::ScanFinished(command, None),
        document_scanner::Event::Failed(command, error) => {
            tracing::warn!(code = error.fault().code(), "scanner: {error}");
            Event::ScanFinished(command, Some(error.fault()))
        }
    }
}

/// One look at every device of the configuration, for `kiosk check`.
pub fn probe(config: &Config) -> Vec<(&'static str, Health)> {
    let id_card = config.id_card.as_ref().map(|table| ("id_card", id_card::probe(&id_card_config(table))));
    let printer = config
        .receipt_printer
        .as_ref()
        .map(|table| ("receipt_printer", receipt_printer::probe(&printer_config(table))));
    let camera = config.camera.as_ref().map(|table| ("camera", camera::probe(&camera_config(table))));
    let scanner = config
        .document_scanner
        .as_ref()
        .and_then(scanner_config)
        .map(|config| ("document_scanner", document_scanner::probe(&config)));
    id_card.into_iter().chain(printer).chain(camera).chain(scanner).collect()
}

/// The reader as its driver wants it described.
pub fn id_card_config(table: &IdCard) -> id_card::Config {
    id_card::Config { reader: table.reader.clone(), profile: Profile::StorageCard }
}

/// The printer as its driver wants it described.
pub fn printer_config(table: &ReceiptPrinter) -> receipt_printer::Config {
    receipt_printer::Config {
        transport: Transport::Tcp { address: table.address.clone() },
        profile: receipt_printer::Profile::Generic,
        font: None,
    }
}

/// The camera as its driver wants it described.
pub fn camera_config(table: &Camera) -> camera::Config {
    let link = match table {
        Camera::Mjpeg { url } => Link::Mjpeg { url: url.clone() },
        Camera::File { path } => Link::File { path: path.clone() },
    };
    camera::Config { link, preview: PREVIEW, overlay: Some(Arc::new(pictures::outline)) }
}

/// The scanner as its driver wants it described; `None` when its helper cannot even be named.
pub fn scanner_config(table: &DocumentScanner) -> Option<document_scanner::Config> {
    match document_scanner::helper_beside_us() {
        Ok(helper) => Some(document_scanner::Config::new(helper, table.device.clone())),
        Err(error) => {
            tracing::error!("the scanner's helper cannot be found: {error}");
            None
        }
    }
}
