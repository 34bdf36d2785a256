//! The only list of devices.
//!
//! Each has a thread of its own and speaks in messages; whatever happens to one leaves the others alone.

use std::sync::mpsc::Sender;
use std::time::Duration;

use drivers::id_card::{self, Profile};
use drivers::receipt_printer::{self, Transport};
use drivers::status::Health;

use crate::config::{Config, IdCard, ReceiptPrinter};
use crate::run::Event;

/// How long one read may be armed: longer than any page stays, because the session stops it itself.
const READ_TIMEOUT: Duration = Duration::from_secs(600);

/// The running devices. Dropping it stops them all.
pub struct Devices {
    id_card: Option<id_card::Handle>,
    receipt_printer: Option<receipt_printer::Handle>,
}

impl Devices {
    /// Starts every device of the configuration.
    pub fn start(config: &Config, events: &Sender<Event>) -> Devices {
        let to_card = events.clone();
        let to_printer = events.clone();
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

/// One look at every device of the configuration, for `kiosk check`.
pub fn probe(config: &Config) -> Vec<(&'static str, Health)> {
    let id_card = config.id_card.as_ref().map(|table| ("id_card", id_card::probe(&id_card_config(table))));
    let printer = config
        .receipt_printer
        .as_ref()
        .map(|table| ("receipt_printer", receipt_printer::probe(&printer_config(table))));
    id_card.into_iter().chain(printer).collect()
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
