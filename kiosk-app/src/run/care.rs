//! What the loop takes care of beside the visits: store, platform, catalogue, who can be called, and how it ends.

use std::sync::Arc;
use std::time::Instant;

use faults::Fault;
use matters::Catalogue;
use outbox::forward::ForwardEvent;
use session::view::Call;
use session::{Limits, Setting};
use tracing::{error, info, warn};

use super::{Kiosk, Place};
use crate::catalogue::Loaded;
use crate::device::Device;
use crate::event::Answer;
use faults::chain;

impl Place {
    pub(super) fn setting(&self, catalogue: Arc<Catalogue>) -> Setting {
        let (hall, has_printer) = (self.hall.clone(), self.has_printer);
        Setting { hall, catalogue, limits: Limits::default(), has_printer }
    }
}

impl Kiosk {
    pub(super) fn forwarded(&mut self, event: ForwardEvent) {
        match event {
            ForwardEvent::Accepted { case_number, acceptance_number } => {
                self.step(session::Event::Accepted { case_number, acceptance_number });
            }
            ForwardEvent::Held { case_number, fault } => {
                error!(code = fault.code(), case_number, "request held for staff");
            }
            ForwardEvent::Trouble(fault) => warn!(code = fault.code(), "platform"),
            ForwardEvent::Recovered => info!("platform reached again"),
        }
    }

    /// Either lamp or platform is enough.
    pub(super) fn tell_who_can_be_called(&mut self) {
        let lamp =
            self.devices.has(Device::AttendantCall).then(|| self.state.lights.fault(Device::AttendantCall));
        let platform = self.platform.is_there().then_some(self.state.reach);
        let fault = match (lamp, platform) {
            (None, None) => Some(Fault::NoDevice),
            (Some(None), _) | (_, Some(None)) => None,
            (Some(fault), _) | (None, Some(fault)) => fault,
        };
        self.step(session::Event::Health(session::Part::Attendant, fault));
    }

    /// Whoever answers first ends the call elsewhere: no lamp blinks and no clerk is asked for a visitor who is helped.
    pub(super) fn somebody_comes(&mut self, answer: Answer, command: u64) {
        let call = |kiosk: &Kiosk| kiosk.session.view(kiosk.now()).call;
        let before = call(self);
        self.step(session::Event::AttendantAnswered(command));
        // A late answer to a call that was taken back changes nothing.
        if before == Some(Call::Calling) && call(self) == Some(Call::Comes) {
            match answer {
                Answer::Lamp => self.platform.end_call(),
                Answer::Platform => self.devices.end_call(),
            }
        }
    }

    /// A full or frozen store takes no request; after any other trouble the next request is the next try.
    pub(super) fn look_at_store(&mut self) {
        let health = self.store.as_ref().and_then(|store| store.outbox.health());
        let fault = health.filter(|fault| matches!(fault, Fault::StoreFull | Fault::StoreFrozen));
        if self.state.closed.is_some() || fault == self.state.store {
            return;
        }
        self.state.store = fault;
        self.audit.store(fault);
        self.step(session::Event::Health(session::Part::Store, fault));
    }

    /// A catalogue with mistakes is refused as a whole, and the working one stays.
    pub(super) fn reload(&mut self) {
        match self.place.origin.load() {
            Ok(Loaded { catalogue, hash }) => {
                self.session.set_catalogue(Arc::new(catalogue));
                self.audit.catalogue(hash);
            }
            Err(error) => {
                error!(code = error.fault().code(), "the catalogue stays as it is: {}", chain(&error));
                self.audit.refused(error.fault());
                return;
            }
        }
        if self.state.unruled.take().is_none() {
            return;
        }
        self.state.closed = self.state.unopened;
        let health = self.state.closed.or(self.state.store);
        self.step(session::Event::Health(session::Part::Store, health));
    }

    pub(super) fn tell_what_is_missing(&mut self) {
        for device in Device::ALL {
            if !self.devices.has(device)
                && let Some(told) = device.missing()
            {
                self.step(told);
            }
        }
    }

    /// Whether nothing promised is left to do: the disk has answered, and the receipt is with the citizen.
    pub(super) fn may_end(&self) -> bool {
        self.stopping.is_some_and(|end| !self.session.owes() || Instant::now() >= end)
    }
}
