//! The heartbeat: how the machine is, once a minute, whatever else is on the line.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use drivers::status::Health;
use faults::Fault;
use jiff::Timestamp;
use outbox::Outbox;
use outbox::forward::{Backoff, Method};
use protocol::api::heartbeats::{DeviceReport, HEARTBEATS, HeartbeatAnswer, HeartbeatReport};
use protocol::api::json::read;
use tokio::time::sleep;

use super::ask::{Ask, json};
use crate::device::Device;
use crate::event::Event;

/// Between two heartbeats. Ours.
const EVERY: Duration = Duration::from_secs(60);
/// After heartbeats that did not get through: so soon a call for help over the platform is offered again. A guess.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(10), EVERY);

/// What is known of each device now: written by the loop, read by the heartbeat. Clones share it.
#[derive(Clone, Default)]
pub struct Lights(Arc<Mutex<BTreeMap<Device, Health>>>);

impl Lights {
    /// Notes a device's state. True when its fault is another one than before; before the first word it has none.
    pub fn set(&self, device: Device, health: Health) -> bool {
        let fault = health.fault;
        let before = self.lock().insert(device, health);
        before.and_then(|health| health.fault) != fault
    }

    /// What is wrong with a device; `None` when it is well or has not said anything yet.
    pub fn fault(&self, device: Device) -> Option<Fault> {
        self.lock().get(&device).and_then(|health| health.fault)
    }

    /// Name, status in XFS4IoT's words and failure code of each device. The raw error stays on the machine.
    fn report(&self) -> Vec<DeviceReport> {
        let light = |(device, health): (&Device, &Health)| DeviceReport {
            name: device.name().to_owned(),
            status: health.status.as_str().to_owned(),
            fault: health.fault.map(|fault| fault.code().to_owned()),
        };
        self.lock().iter().map(light).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Device, Health>> {
        // A panic elsewhere leaves a whole state behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends heartbeats for ever. `heard` gets each answer: the platform's time and what it offers.
pub(super) async fn beat(
    ask: impl Ask,
    heard: impl Fn(HeartbeatAnswer) + Send,
    outbox: Outbox,
    lights: Lights,
    events: Sender<Event>,
) {
    let started = Instant::now();
    let mut pauses = PAUSES;
    loop {
        let report = report(&outbox, &lights, started.elapsed()).await;
        let fault = match ask.ask(Method::POST, HEARTBEATS, json(&report)).await {
            Ok(answer) => {
                read(answer).into_iter().for_each(&heard);
                pauses.reset();
                None
            }
            Err(trouble) => Some(trouble.fault),
        };
        // Each time, since a call that failed in between may have said otherwise. A send fails only when the loop has
        // ended.
        drop(events.send(Event::Reach(fault)));
        sleep(if fault.is_none() { EVERY } else { pauses.next_pause() }).await;
    }
}

async fn report(outbox: &Outbox, lights: &Lights, uptime: Duration) -> HeartbeatReport {
    let outbox = outbox.clone();
    // The store blocks; the runtime's one worker must not.
    let figures = tokio::task::spawn_blocking(move || outbox.figures().unwrap_or_default()).await;
    let figures = figures.unwrap_or_default();
    let clock = Timestamp::now().as_second();
    let age = |since: i64| u64::try_from(clock.saturating_sub(since)).unwrap_or(0);
    HeartbeatReport {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_s: uptime.as_secs(),
        clock,
        queued: figures.queued,
        held: figures.held,
        oldest_s: Some(figures.oldest.map_or(0, age)),
        devices: lights.report(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use drivers::status::Status;
    use outbox::Keys;
    use serde_json::json;

    use super::super::ask::fake::{Scripted, they_part, unreachable};
    use super::*;

    fn outbox(folder: &std::path::Path) -> Outbox {
        let keys = Keys::load_or_create(&folder.join("keys")).unwrap();
        Outbox::open(&folder.join("outbox"), "110101-0007", keys).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn kiosks_that_lost_the_platform_together_do_not_come_back_together() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = outbox(folder.path());
        they_part(|platform| beat(platform, |_| {}, outbox.clone(), Lights::default(), mpsc::channel().0))
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn every_heartbeat_says_whether_the_platform_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = outbox(folder.path());
        let good = || Ok(json!({"time": 1}));
        let platform = Scripted::new(vec![good(), good(), unreachable(), good()]);
        let (events, told) = mpsc::channel();
        let beat = beat(platform, |_| {}, outbox, Lights::default(), events);
        // The script's end hangs like a platform that says nothing.
        let _ = tokio::time::timeout(Duration::from_secs(600), beat).await;
        let told = told.try_iter().map(|event| {
            let Event::Reach(fault) = event else { panic!("only whether it is reached is told") };
            fault
        });
        assert_eq!(told.collect::<Vec<_>>(), [None, None, Some(Fault::PlatformUnreachable), None]);
    }

    #[test]
    fn a_light_tells_when_its_fault_changes_and_keeps_the_raw_error_here() {
        let lights = Lights::default();
        let broken = Health {
            status: Status::Offline,
            model: None,
            fault: Some(Fault::PrinterUnreachable),
            raw: Some("secret".to_owned()),
        };
        assert!(!lights.set(Device::IdCard, Health::online("reader")));
        assert!(lights.set(Device::ReceiptPrinter, broken.clone()));
        assert!(!lights.set(Device::ReceiptPrinter, broken));
        assert_eq!(lights.fault(Device::ReceiptPrinter), Some(Fault::PrinterUnreachable));
        let expected = json!([
            {"name": "id_card", "status": "Online", "fault": null},
            {"name": "receipt_printer", "status": "Offline", "fault": "PRN-01"},
        ]);
        assert_eq!(serde_json::to_value(lights.report()).unwrap(), expected);
        assert!(lights.set(Device::ReceiptPrinter, Health::online("printer")));
    }
}
