//! The bus: what the loop, the devices, the platform and the screen say to each other. It knows none of them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use drivers::camera::Slot;
use drivers::status::Health;
use faults::Fault;
use outbox::Saved;
use outbox::forward::ForwardEvent;
use session::Action;

use crate::device::Device;

/// Everything that can happen to a running kiosk.
pub enum Event {
    /// The citizen touched a control.
    Touch(Action),
    /// A device or the platform has something for the visit.
    Happened(session::Event),
    /// The store answered a save.
    Saved(u64, Result<Saved, Fault>),
    /// A device's state changed.
    Health(Device, Health),
    /// A preview frame lies in the slot.
    FrameReady(Slot),
    /// The platform answered about requests, or does not.
    Forward(ForwardEvent),
    /// Somebody comes to the call with this number.
    Comes(Answer, u64),
    /// Whether the platform can be reached otherwise changed: a call for an attendant can go over it.
    Reach(Option<Fault>),
    /// The watchdog asks whether the loop turns: the answer is `true`.
    Turn(Arc<AtomicBool>),
    /// The catalogue is to be read anew.
    Reload,
    /// The platform offered a catalogue that cannot be taken.
    CatalogueRefused(Fault),
    /// The kiosk is to end, after what a visitor was promised.
    Stop,
    /// The kiosk is to end now.
    Quit,
}

/// Where a call for an attendant was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// At the lamp.
    Lamp,
    /// On the platform, by a clerk.
    Platform,
}
