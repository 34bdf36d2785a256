//! What the devices tell, in the session's words. Runs on each device's own thread.

use std::sync::mpsc::Sender;

use drivers::status::Health;
use drivers::{attendant_call, camera, device, document_scanner, id_card, receipt_printer, sound};
use session::Event as Happened;
use session::view::ScanProblem;
use tracing::warn;

use crate::device::Device;
use crate::event::{Answer, Event};
use crate::{convert, pictures};

/// The way from a device's thread to the loop. A send fails only when the loop has ended, and with it everybody who
/// would want to know.
#[derive(Clone)]
pub(super) struct Tell(pub Sender<Event>);

impl Tell {
    /// Starts a device whose events go this way, each as `told` puts it.
    pub fn by<D: device::Device>(&self, config: D, told: fn(&Tell, D::Event)) -> device::Handle<D> {
        let tell = self.clone();
        device::start(config, move |event| told(&tell, event))
    }

    fn health(&self, device: Device, health: Health) {
        drop(self.0.send(Event::Health(device, health)));
    }

    fn happened(&self, event: session::Event) {
        drop(self.0.send(Event::Happened(event)));
    }
}

pub(super) fn read(tell: &Tell, event: id_card::Event) {
    match event {
        id_card::Event::Health(health) => tell.health(Device::IdCard, health),
        id_card::Event::Present(present) => tell.happened(Happened::CardPresent(present)),
        id_card::Event::Reading(command) => tell.happened(Happened::CardReading(command)),
        id_card::Event::Read(command, record) => {
            tell.happened(Happened::CardRead(command, Box::new(convert::citizen(&record))));
        }
        id_card::Event::Failed(command, error) => {
            warn!(code = error.fault().code(), "card: {error}");
            tell.happened(Happened::CardFailed(command, error.fault()));
        }
    }
}

pub(super) fn printed(tell: &Tell, event: receipt_printer::Event) {
    match event {
        receipt_printer::Event::Health(health) => tell.health(Device::ReceiptPrinter, health),
        receipt_printer::Event::Printed(command) => tell.happened(Happened::Printed(command, Ok(()))),
        receipt_printer::Event::Failed(command, error) => {
            warn!(code = error.fault().code(), "printer: {error}");
            tell.happened(Happened::Printed(command, Err(error.fault())));
        }
    }
}

/// What the camera says, with its still already judged: that runs here, on the camera's thread.
pub(super) fn seen(tell: &Tell, event: camera::Event) {
    match event {
        camera::Event::Health(health) => tell.health(Device::Camera, health),
        camera::Event::FrameReady(slot) => drop(tell.0.send(Event::FrameReady(slot))),
        camera::Event::Still(command, frame) => {
            tell.happened(Happened::Portrait(command, pictures::taken(&frame).map(Box::new)));
        }
        camera::Event::Failed(command, error) => {
            warn!(code = error.fault().code(), "camera: {error}");
            tell.happened(Happened::Portrait(command, Err(Vec::new())));
        }
    }
}

/// What the scanner says, with its pages already straightened.
pub(super) fn scanned(tell: &Tell, event: document_scanner::Event) {
    match event {
        document_scanner::Event::Health(health) => tell.health(Device::DocumentScanner, health),
        document_scanner::Event::Page(command, raw) => {
            tell.happened(Happened::Page(command, pictures::scanned(&raw).map(Box::new)));
        }
        document_scanner::Event::Finished(command, _) => tell.happened(Happened::ScanFinished(command)),
        document_scanner::Event::Failed(command, error) => {
            warn!(code = error.fault().code(), "scanner: {error}");
            tell.happened(Happened::Page(command, Err(ScanProblem::Fault(error.fault()))));
            tell.happened(Happened::ScanFinished(command));
        }
    }
}

pub(super) fn sounded(tell: &Tell, event: sound::Event) {
    match event {
        sound::Event::Health(health) => tell.health(Device::Sound, health),
        // The driver has told its log; a page has the same words.
        sound::Event::Played(_) | sound::Event::Failed(..) => {}
    }
}

pub(super) fn called(tell: &Tell, event: attendant_call::Event) {
    match event {
        attendant_call::Event::Health(health) => tell.health(Device::AttendantCall, health),
        attendant_call::Event::Answered(command) => {
            // Fails only when the loop has ended.
            drop(tell.0.send(Event::Comes(Answer::Lamp, command)));
        }
        // A call that is not seen yet shows as the lamp's health.
        attendant_call::Event::Called(_) | attendant_call::Event::Failed(..) => {}
    }
}
