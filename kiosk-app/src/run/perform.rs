//! What the session wants done, handed to whoever does it.

use faults::Fault;
use session::view::ScanProblem;
use session::{Effect, Request};
use tracing::error;

use super::Kiosk;
use crate::convert;
use crate::event::Event;
use faults::chain;

impl Kiosk {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::ReadCard(command) => self.devices.read_card(command),
            Effect::StopReading => self.devices.stop_reading(),
            Effect::Print(command, receipt) => self.devices.print(command, convert::document(*receipt)),
            Effect::Preview(on) => self.devices.preview(on),
            Effect::Shoot(command) => self.devices.shoot(command),
            Effect::Scan(command) => {
                // A machine without a scanner says so on its page.
                if !self.devices.scan(command) {
                    let problem = ScanProblem::Fault(Fault::NoDevice);
                    self.answer(session::Event::Page(command, Err(problem)));
                    self.answer(session::Event::ScanFinished(command));
                }
            }
            Effect::StopScanning => self.devices.stop_scanning(),
            Effect::Save(command, mut request) => self.save(command, &mut request),
            Effect::RequestPayment { command, case_number, yuan } => {
                self.platform.request_payment(command, case_number, yuan);
            }
            Effect::StopPaying => self.platform.stop_paying(),
            Effect::CallAttendant(command) => {
                self.devices.call_attendant(command);
                self.platform.call_attendant(command);
            }
            Effect::EndCall => {
                self.devices.end_call();
                self.platform.end_call();
            }
            Effect::Sound(sound) => self.devices.play(sound),
            Effect::Journal(note) => self.audit.note(&note),
        }
    }

    /// An answer that no device gives.
    fn answer(&self, event: session::Event) {
        drop(self.sender.send(Event::Happened(event)));
    }

    fn save(&mut self, command: u64, request: &mut Request) {
        let Some(store) = &self.store else {
            return drop(self.sender.send(Event::Saved(command, Err(Fault::StoreUnavailable))));
        };
        let sender = self.sender.clone();
        let day = request.day;
        store.outbox.submit(convert::draft(request), day, move |result| {
            let saved = result.map_err(|error| {
                error!(code = error.fault().code(), "save: {}", chain(&error));
                error.fault()
            });
            drop(sender.send(Event::Saved(command, saved)));
        });
    }
}
