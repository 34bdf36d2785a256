//! The one table of devices: the name of each, which is also that of its table in the configuration, and how a visit hears
//! of its health. What a clerk reads in place of the name is the platform's.

use faults::Fault;
use session::{Event, Part};

/// A device of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Device {
    /// The reader of identity cards.
    IdCard,
    /// The receipt printer.
    ReceiptPrinter,
    /// The camera.
    Camera,
    /// The document scanner.
    DocumentScanner,
    /// The loudspeaker.
    Sound,
    /// The attendant's lamp.
    AttendantCall,
}

/// What is known of a device before it runs.
struct Row {
    name: &'static str,
    told: Told,
}

/// How a visit hears of a device's health.
enum Told {
    /// Not at all.
    Never,
    /// When it changes.
    Changed(Part),
    /// When it changes, and at the start when the machine has no such device.
    Missed(Part),
}

impl Device {
    /// Every row.
    pub const ALL: [Device; 6] = [
        Device::IdCard,
        Device::ReceiptPrinter,
        Device::Camera,
        Device::DocumentScanner,
        Device::Sound,
        Device::AttendantCall,
    ];

    const fn row(self) -> Row {
        match self {
            Device::IdCard => Row { name: "id_card", told: Told::Missed(Part::Reader) },
            // A visit knows from its setting whether there is a printer.
            Device::ReceiptPrinter => Row { name: "receipt_printer", told: Told::Changed(Part::Printer) },
            Device::Camera => Row { name: "camera", told: Told::Missed(Part::Camera) },
            Device::DocumentScanner => Row { name: "document_scanner", told: Told::Missed(Part::Scanner) },
            Device::Sound => Row { name: "sound", told: Told::Never },
            // Whether somebody can be called does not hang on the lamp alone.
            Device::AttendantCall => Row { name: "attendant_call", told: Told::Never },
        }
    }

    /// Its table in the configuration, and its name in every report.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What a visit is told when this device's health is `fault`.
    pub fn told(self, fault: Option<Fault>) -> Option<Event> {
        match self.row().told {
            Told::Never => None,
            Told::Changed(part) | Told::Missed(part) => Some(Event::Health(part, fault)),
        }
    }

    /// What a visit is told when the machine has no such device.
    pub fn missing(self) -> Option<Event> {
        match self.row().told {
            Told::Never | Told::Changed(_) => None,
            Told::Missed(part) => Some(Event::Health(part, Some(Fault::NoDevice))),
        }
    }
}
