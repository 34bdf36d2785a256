//! One vocabulary for the state of every device, in those words of XFS4IoT (CEN CWA 17852) that one can find out.

use faults::Fault;

/// The state of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Ready for commands.
    Online,
    /// Present but it cannot be reached or takes no commands.
    Offline,
    /// Not connected.
    NoDevice,
    /// Broken: somebody has to repair or reset it.
    HardwareError,
    /// Whole, but a person has to act: a cover is open, paper is missing.
    UserError,
    /// Busy with something else; it frees itself.
    DeviceBusy,
}

impl Status {
    /// The word of the standard, as service commands print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Online => "Online",
            Status::Offline => "Offline",
            Status::NoDevice => "NoDevice",
            Status::HardwareError => "HardwareError",
            Status::UserError => "UserError",
            Status::DeviceBusy => "DeviceBusy",
        }
    }
}

/// What is known about a device now: the friendly state with the raw one beside it. No personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The state in the common words.
    pub status: Status,
    /// What the device calls itself, when it said so.
    pub model: Option<String>,
    /// What is wrong now, when something is.
    pub fault: Option<Fault>,
    /// The device's or the system's own words or bytes about it.
    pub raw: Option<String>,
}

impl Health {
    /// A device that works and says its name.
    pub fn online(model: impl Into<String>) -> Self {
        Self { status: Status::Online, model: Some(model.into()), fault: None, raw: None }
    }
}
