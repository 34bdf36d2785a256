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

/// What was told last about a device: only news is logged and told again.
pub(crate) struct Told {
    device: &'static str,
    last: Option<Health>,
}

impl Told {
    /// Nothing yet. `device` is its name in the log.
    pub const fn new(device: &'static str) -> Self {
        Self { device, last: None }
    }

    /// What was told last.
    pub fn last(&self) -> Option<&Health> {
        self.last.as_ref()
    }

    /// Logs it and hands it to `tell` if it is news, and says whether it was.
    ///
    /// The raw words of a failure may change with each look (a camera's network answers "no route" and "timed out" in
    /// turns, a dying service has several), so they are no news.
    pub fn become_health(&mut self, health: Health, tell: impl FnOnce(Health)) -> bool {
        let same = |last: &Health| {
            let same_words = health.fault.is_some() || health.raw == last.raw;
            (health.status, &health.model, health.fault) == (last.status, &last.model, last.fault)
                && same_words
        };
        if self.last.as_ref().is_some_and(same) {
            return false;
        }
        let (status, code) = (health.status.as_str(), health.fault.map(Fault::code));
        tracing::info!(status, code, raw = health.raw, "{}", self.device);
        self.last = Some(health.clone());
        tell(health);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(fault: Fault, raw: &str) -> Health {
        Health { status: Status::Offline, model: None, fault: Some(fault), raw: Some(raw.into()) }
    }

    #[test]
    fn other_words_for_the_same_failure_are_told_once() {
        let mut told = Told::new("bench");
        let (mut heard, mut news) = (Vec::new(), 0);
        for _ in 0..10 {
            for raw in ["no route to host", "timed out"] {
                let health = failed(Fault::CameraUnreachable, raw);
                news += u32::from(told.become_health(health, |health| heard.push(health)));
            }
        }
        assert_eq!((heard, news), (vec![failed(Fault::CameraUnreachable, "no route to host")], 1));
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
        let (mut told, mut heard) = (Told::new("bench"), Vec::new());
        for step in &steps {
            told.become_health(step.clone(), |health| heard.push(health));
        }
        assert_eq!(heard, steps);
        assert_eq!(told.last(), steps.last());
    }
}
