//! The way from the devices' own threads to the loop.

use std::sync::mpsc::Sender;

use drivers::device::{self, Device as Driver};
use drivers::status::Health;

use crate::device::Device;
use crate::event::Event;

/// The way from a device's thread to the loop. A send fails only when the loop has ended, and with it everybody who
/// would want to know.
#[derive(Clone)]
pub(super) struct Tell(pub Sender<Event>);

impl Tell {
    /// Starts a device whose events go this way, each as `told` puts it.
    pub fn by<D: Driver>(&self, config: D, told: fn(&Tell, D::Event)) -> device::Handle<D> {
        let tell = self.clone();
        device::start(config, move |event| told(&tell, event))
    }

    /// A device's state changed.
    pub fn health(&self, device: Device, health: Health) {
        drop(self.0.send(Event::Health(device, health)));
    }

    /// Something happened that a visit must know.
    pub fn happened(&self, event: session::Event) {
        drop(self.0.send(Event::Happened(event)));
    }
}
