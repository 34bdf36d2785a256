//! The one loop: everything that happens is an [`Event`], goes through the session, and comes back as effects.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use faults::Fault;
use jiff::Zoned;
use session::view::View;
use session::{Now, Session};
use tokio::runtime::Runtime;
use tracing::{error, info};

use crate::audit::{self, Audit};
use crate::catalogue::{Loaded, Origin};
use crate::config::Config;
use crate::devices::Devices;
use crate::event::Event;
use crate::platform::{Lights, Platform};
use crate::store::{self, Store};
use faults::chain;

mod care;
mod perform;

/// Where a view goes: the screen, or in journeys a visitor who looks at it.
pub trait Show: Send {
    /// Shows this view, and no longer the one before it.
    fn show(&self, view: View);

    /// Shows a preview frame on the portrait page: RGB, rows without gaps.
    fn preview(&self, width: u32, height: u32, rgb: Vec<u8>);
}

/// After [`Event::Stop`], for the disk and the receipt: above the session's own limits for both would be longer than a
/// service manager waits. A guess.
const STOP_LIMIT: Duration = Duration::from_secs(25);

/// The session with everything its effects go to.
pub struct Kiosk {
    session: Session,
    place: Place,
    devices: Devices,
    platform: Platform,
    store: Option<Store>,
    audit: Audit,
    screen: Box<dyn Show>,
    started: Instant,
    /// Where answers go that come later.
    sender: Sender<Event>,
    state: Known,
    /// When the kiosk ends at the latest.
    stopping: Option<Instant>,
}

/// What the configuration says about this place.
#[derive(Default)]
struct Place {
    /// Its file.
    configuration: Option<PathBuf>,
    hall: String,
    has_printer: bool,
    origin: Origin,
}

/// What is known beside the session.
#[derive(Default)]
struct Known {
    /// Why the kiosk cannot serve at all.
    closed: Option<Fault>,
    /// Why there is no catalogue.
    unruled: Option<Fault>,
    /// Why there is no store.
    unopened: Option<Fault>,
    /// The hash of the catalogue in force at the start.
    catalogue: [u8; 32],
    /// Why the store takes no request now.
    store: Option<Fault>,
    lights: Lights,
    /// Why the platform cannot carry a call.
    reach: Option<Fault>,
}

impl Kiosk {
    /// Starts everything the configuration names; events come to the receiver of `sender`.
    pub fn start(config: &Config, screen: Box<dyn Show>, sender: Sender<Event>) -> Kiosk {
        let origin = Origin::of(config);
        let catalogue = origin
            .load()
            .inspect_err(|error| error!(code = error.fault().code(), "{}", chain(error)))
            .map_err(|error| error.fault());
        let audit = Audit::new(audit::open(&config.kiosk.state));
        let store = store::open(config, audit.journal())
            .inspect_err(|error| error!(code = error.fault().code(), "{}", chain(error)))
            .map_err(|error| error.fault());
        let (unruled, unopened) = (catalogue.as_ref().err().copied(), store.as_ref().err().copied());
        let place = Place {
            hall: config.kiosk.hall.clone(),
            has_printer: config.devices.receipt_printer.is_some(),
            origin,
            configuration: None,
        };
        let store = store.ok();
        let Loaded { catalogue, hash } = catalogue.unwrap_or_default();
        let state =
            Known { closed: unruled.or(unopened), unruled, unopened, catalogue: hash, ..Known::default() };
        let platform = Platform::new(config.platform.as_ref(), sender.clone());
        store.iter().for_each(|store| platform.serve(&store.outbox, &state.lights, &place.origin));
        Kiosk {
            session: Session::new(place.setting(Arc::new(catalogue))),
            devices: Devices::start(config, &sender),
            audit,
            started: Instant::now(),
            stopping: None,
            place,
            platform,
            store,
            screen,
            sender,
            state,
        }
    }

    /// A kiosk that cannot even begin, such as one whose configuration cannot be used: its screen says so.
    pub(crate) fn closed(fault: Fault, audit: Audit, screen: Box<dyn Show>, sender: Sender<Event>) -> Kiosk {
        let place = Place::default();
        Kiosk {
            session: Session::new(place.setting(Arc::default())),
            devices: Devices::default(),
            platform: Platform::new(None, sender.clone()),
            store: None,
            audit,
            started: Instant::now(),
            state: Known { closed: Some(fault), ..Known::default() },
            stopping: None,
            place,
            screen,
            sender,
        }
    }

    /// Names the file that the configuration came from, for the journal.
    #[must_use]
    pub(crate) fn configured_by(mut self, file: &Path) -> Kiosk {
        self.place.configuration = Some(file.to_owned());
        self
    }

    /// The runtime behind the loop, for the signals of the system.
    pub fn runtime(&self) -> Option<&Runtime> {
        self.platform.runtime()
    }

    /// Serves until [`Event::Quit`], or [`Event::Stop`] and the end of what was promised.
    pub fn run(mut self, events: &Receiver<Event>) {
        self.audit.started(self.place.configuration.as_deref(), self.state.closed);
        if self.state.closed.is_none() {
            self.audit.catalogue(self.state.catalogue);
        }
        if let Some(fault) = self.state.closed {
            self.step(session::Event::Health(session::Part::Store, Some(fault)));
        }
        self.tell_what_is_missing();
        self.tell_who_can_be_called();
        loop {
            self.look_at_store();
            let now = self.now();
            if self.may_end() {
                break;
            }
            self.screen.show(self.session.view(now));
            let mut batch = Vec::new();
            match events.recv_timeout(self.sleep(now)) {
                Ok(event) => batch.push(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            batch.extend(events.try_iter());
            if batch.iter().any(|event| matches!(event, Event::Quit)) {
                break;
            }
            for event in batch {
                self.take(event);
            }
            self.step(session::Event::Tick);
        }
        self.audit.ended();
    }

    fn now(&self) -> Now {
        let zoned = Zoned::now();
        Now { uptime: self.started.elapsed(), wall: zoned.datetime(), unix: zoned.timestamp().as_second() }
    }

    fn sleep(&self, now: Now) -> Duration {
        let most = self.stopping.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
        self.session.sleep(now).min(most)
    }

    fn step(&mut self, event: session::Event) {
        let now = self.now();
        for effect in self.session.step(now, event) {
            self.perform(effect);
        }
    }

    /// What a message of the house means.
    fn take(&mut self, event: Event) {
        match event {
            Event::Touch(action) => self.step(session::Event::Touch(action)),
            Event::Happened(event) => self.step(event),
            Event::Saved(command, result) => {
                match (&result, &self.store) {
                    (Ok(saved), Some(store)) => self.audit.saved(store.epoch, saved.seq),
                    (Ok(_), None) => {}
                    (Err(fault), _) => self.audit.not_saved(*fault),
                }
                self.step(session::Event::Saved(command, result.map(|saved| saved.case_number)))
            }
            Event::Health(device, health) => {
                let fault = health.fault;
                if self.state.lights.set(device, health) {
                    self.audit.device(device, fault);
                }
                match device.told(fault) {
                    Some(told) => self.step(told),
                    None => self.tell_who_can_be_called(),
                }
            }
            Event::FrameReady(slot) => {
                if let Some(frame) = slot.take() {
                    self.screen.preview(frame.width(), frame.height(), frame.pixels().to_vec());
                }
            }
            Event::Forward(event) => self.forwarded(event),
            Event::Comes(answer, command) => self.somebody_comes(answer, command),
            Event::Reach(fault) => {
                if self.state.reach != fault {
                    self.audit.platform(fault);
                }
                self.state.reach = fault;
                self.tell_who_can_be_called()
            }
            Event::Turn(turned) => turned.store(true, Ordering::Relaxed),
            Event::Reload => self.reload(),
            Event::CatalogueRefused(fault) => self.audit.refused(fault),
            Event::Stop => {
                info!("asked to end");
                self.stopping.get_or_insert(Instant::now() + STOP_LIMIT);
            }
            // The loop has looked for it.
            Event::Quit => {}
        }
    }
}
