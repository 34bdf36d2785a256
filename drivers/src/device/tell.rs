//! What a device's thread tells: its events, and its state when that is news.

use faults::Fault;

use super::Device;
use crate::status::Health;

/// The way out of a device's thread.
pub struct Tell<D: Device> {
    sink: Box<dyn Fn(D::Event) + Send>,
    /// The state that was told last.
    last: Option<Health>,
}

impl<D: Device> Tell<D> {
    /// Nothing was told yet. The sink must not block.
    pub(crate) fn new(sink: impl Fn(D::Event) + Send + 'static) -> Self {
        Self { sink: Box::new(sink), last: None }
    }

    /// Tells an event.
    pub(crate) fn event(&self, event: D::Event) {
        (self.sink)(event);
    }

    /// The state that was told last.
    pub(crate) fn last(&self) -> Option<&Health> {
        self.last.as_ref()
    }

    /// Logs the device's state and tells it if it is news, and says whether it was.
    ///
    /// The raw words of a failure may change with each look (a camera's network answers "no route" and "timed out" in
    /// turns, a dying service has several), so they are no news.
    pub(crate) fn health(&mut self, health: Health) -> bool {
        let same = |last: &Health| {
            let same_words = health.fault.is_some() || health.raw == last.raw;
            (health.status, &health.model, health.fault) == (last.status, &last.model, last.fault)
                && same_words
        };
        if self.last.as_ref().is_some_and(same) {
            return false;
        }
        let (status, code) = (health.status.as_str(), health.fault.map(Fault::code));
        tracing::info!(status, code, raw = health.raw, "{}", D::NAME);
        self.last = Some(health.clone());
        self.event(D::told(health));
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::sound::{Config, Event};
    use crate::status::Status;

    fn failed(fault: Fault, raw: &str) -> Health {
        Health { status: Status::Offline, model: None, fault: Some(fault), raw: Some(raw.into()) }
    }

    fn tell() -> (Tell<Config>, mpsc::Receiver<Event>) {
        let (sender, heard) = mpsc::channel();
        (Tell::new(move |event| drop(sender.send(event))), heard)
    }

    #[test]
    fn other_words_for_the_same_failure_are_told_once() {
        let ((mut tell, heard), mut news) = (tell(), 0);
        for _ in 0..10 {
            for raw in ["no route to host", "timed out"] {
                news += u32::from(tell.health(failed(Fault::CameraUnreachable, raw)));
            }
        }
        let first = failed(Fault::CameraUnreachable, "no route to host");
        assert_eq!((heard.try_iter().collect::<Vec<_>>(), news), (vec![Event::Health(first)], 1));
    }

    #[test]
    fn each_other_change_is_told() {
        let steps = [
            Health::online("A"),
            failed(Fault::CameraUnreachable, "gone"),
            failed(Fault::CameraGarbage, "gone"),
            Health { status: Status::HardwareError, ..failed(Fault::CameraGarbage, "gone") },
            Health::online("A"),
            Health::online("B"),
            Health { raw: Some("paper low".into()), ..Health::online("B") },
            Health::online("B"),
        ];
        let (mut tell, heard) = tell();
        for step in &steps {
            tell.health(step.clone());
        }
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), steps.clone().map(Event::Health));
        assert_eq!(tell.last(), steps.last());
    }
}
