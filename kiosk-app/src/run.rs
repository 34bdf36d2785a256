//! The one loop: everything that happens is an [`Event`], goes through the session, and comes back as effects.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Instant;

use drivers::{id_card, receipt_printer};
use faults::Fault;
use jiff::Zoned;
use matters::Catalogue;
use outbox::forward::ForwardEvent;
use outbox::{Outbox, Saved, SubmitError};
use session::view::{Rejection, ScanProblem, View};
use session::{Action, Effect, Limits, Note, Now, Request, ScannedPage, Session, Setting, Taken};
use tracing::{error, info, warn};
use ui::{Screen, ScreenHandle, ScreenOptions};

use crate::commands::Failure;
use crate::config::{Config, keys_folder};
use crate::devices::Devices;
use crate::forwarder::Forwarder;
use crate::{catalogue, convert};

/// Everything that can happen to a running kiosk.
pub enum Event {
    /// The citizen touched a control.
    Touch(Action),
    /// The reader of identity cards.
    IdCard(id_card::Event),
    /// The receipt printer.
    ReceiptPrinter(receipt_printer::Event),
    /// The outbox answered a save.
    Saved(u64, Result<Saved, SubmitError>),
    /// The camera's state.
    CameraHealth(Option<Fault>),
    /// A preview frame is ready to be fetched.
    FrameReady,
    /// A portrait, or why there is none.
    Portrait(u64, Result<Box<Taken>, Vec<Rejection>>),
    /// The scanner's state changed; the next scan tells what it is worth.
    ScannerHealth,
    /// A page, or what is wrong with it.
    Page(u64, Result<Box<ScannedPage>, ScanProblem>),
    /// The scan is over, perhaps by a failure.
    ScanFinished(u64, Option<Fault>),
    /// The platform answered, or does not.
    Forward(ForwardEvent),
    /// The window was closed.
    Quit,
}

/// Serves citizens until the window is closed. What keeps the kiosk from serving is shown on its screen.
pub fn serve(path: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    let config = Config::load(path).inspect_err(|error| error!(code = error.fault().code(), "{error}"));
    let (sender, events) = mpsc::channel();
    let options = config.as_ref().map(|c| &c.screen).unwrap_or(&crate::config::Screen::default()).into();
    let touches = sender.clone();
    let screen = Screen::new(options, move |action| drop(touches.send(Event::Touch(action))))
        .map_err(|error| Failure::new(error.fault(), &error))?;
    screen.on_first_frame(move || info!(first_frame_ms = started.elapsed().as_millis(), "first frame"));

    let handle = Box::new(screen.handle());
    let to_loop = sender.clone();
    let looping = std::thread::Builder::new()
        .name("run".to_owned())
        .spawn(move || {
            let kiosk = match config {
                Ok(config) => Kiosk::start(&config, handle, to_loop),
                Err(error) => Kiosk::closed(error.fault(), handle),
            };
            kiosk.run(&events);
        })
        .map_err(|error| Failure::new(Fault::ScreenUnavailable, &error))?;
    let shown = screen.run().map_err(|error| Failure::new(error.fault(), &error));
    drop(sender.send(Event::Quit));
    if looping.join().is_err() {
        error!("the event loop broke down");
    }
    shown
}

/// Where a view goes: the screen, or in journeys a visitor who looks at it.
pub trait Show: Send {
    /// Shows this view, and no longer the one before it.
    fn show(&self, view: View);

    /// Shows a preview frame on the portrait page: RGB, rows without gaps.
    fn preview(&self, width: u32, height: u32, rgb: Vec<u8>);
}

impl From<&crate::config::Screen> for ScreenOptions {
    fn from(screen: &crate::config::Screen) -> Self {
        ScreenOptions { fullscreen: screen.fullscreen, width_mm: Some(screen.width_mm) }
    }
}

impl Show for ScreenHandle {
    fn show(&self, view: View) {
        ScreenHandle::show(self, view);
    }

    fn preview(&self, width: u32, height: u32, rgb: Vec<u8>) {
        ScreenHandle::preview(self, width, height, rgb);
    }
}

/// The session with everything its effects go to.
pub struct Kiosk {
    session: Session,
    devices: Option<Devices>,
    outbox: Option<Outbox>,
    /// Kept for its tasks: dropping it ends them.
    _forwarder: Option<Forwarder>,
    screen: Box<dyn Show>,
    started: Instant,
    /// Why the kiosk cannot serve at all.
    closed: Option<Fault>,
    /// Where answers go that come later.
    sender: Option<Sender<Event>>,
}

impl Kiosk {
    /// Starts everything the configuration names; events come to the receiver of `sender`.
    pub fn start(config: &Config, screen: Box<dyn Show>, sender: Sender<Event>) -> Kiosk {
        let catalogue = catalogue::load(config.matters.path.as_deref(), config.matters.region.as_deref())
            .inspect_err(|error| error!(code = error.fault().code(), "{error}"))
            .map_err(|error| error.fault());
        let outbox = open_outbox(config);
        let closed = catalogue.as_ref().err().copied().or(outbox.as_ref().err().copied());
        let setting = Setting {
            hall: config.kiosk.hall.clone(),
            catalogue: Arc::new(catalogue.unwrap_or_default()),
            limits: Limits::default(),
            has_printer: config.receipt_printer.is_some(),
        };
        let outbox = outbox.ok();
        let forwarder = outbox.as_ref().zip(config.platform.as_ref()).and_then(|(outbox, platform)| {
            let to_loop = sender.clone();
            Forwarder::start(platform, outbox, move |event| drop(to_loop.send(Event::Forward(event))))
                .inspect_err(|error| error!(code = error.fault().code(), "no forwarding: {error}"))
                .ok()
        });
        Kiosk {
            session: Session::new(setting),
            devices: Some(Devices::start(config, &sender)),
            outbox,
            _forwarder: forwarder,
            screen,
            started: Instant::now(),
            closed,
            sender: Some(sender),
        }
    }

    /// A kiosk whose configuration cannot be used: its screen says so.
    fn closed(fault: Fault, screen: Box<dyn Show>) -> Kiosk {
        let setting = Setting {
            hall: String::new(),
            catalogue: Arc::new(Catalogue::default()),
            limits: Limits::default(),
            has_printer: false,
        };
        Kiosk {
            session: Session::new(setting),
            devices: None,
            outbox: None,
            _forwarder: None,
            screen,
            started: Instant::now(),
            closed: Some(fault),
            sender: None,
        }
    }

    /// Serves until [`Event::Quit`].
    pub fn run(mut self, events: &Receiver<Event>) {
        if let Some(fault) = self.closed {
            self = self.step(session::Event::StoreHealth(Some(fault)));
        }
        if !self.devices.as_ref().is_some_and(Devices::has_camera) {
            self = self.step(session::Event::CameraHealth(Some(Fault::NoDevice)));
        }
        loop {
            let now = self.now();
            self.screen.show(self.session.view(now));
            let mut batch = Vec::new();
            match events.recv_timeout(self.session.sleep(now)) {
                Ok(event) => batch.push(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            batch.extend(events.try_iter());
            for event in batch {
                let Some(happened) = self.translate(event) else { return };
                for event in happened {
                    self = self.step(event);
                }
            }
            self = self.step(session::Event::Tick);
        }
    }

    fn now(&self) -> Now {
        let zoned = Zoned::now();
        Now { uptime: self.started.elapsed(), wall: zoned.datetime(), unix: zoned.timestamp().as_second() }
    }

    fn step(mut self, event: session::Event) -> Kiosk {
        let now = self.now();
        let (session, effects) = self.session.step(now, event);
        self.session = session;
        for effect in effects {
            self.perform(effect);
        }
        self
    }

    /// What a message of the house means to the session; `None` ends the loop.
    fn translate(&self, event: Event) -> Option<Vec<session::Event>> {
        use session::Event as Happened;
        Some(match event {
            Event::Touch(action) => vec![Happened::Touch(action)],
            Event::IdCard(event) => vec![match event {
                id_card::Event::Health(health) => Happened::ReaderHealth(health.fault),
                id_card::Event::Present(present) => Happened::CardPresent(present),
                id_card::Event::Reading(command) => Happened::CardReading(command),
                id_card::Event::Read(command, record) => {
                    Happened::CardRead(command, Box::new(convert::citizen(&record)))
                }
                id_card::Event::Failed(command, error) => {
                    warn!(code = error.fault().code(), "card: {error}");
                    Happened::CardFailed(command, error.fault())
                }
            }],
            Event::ReceiptPrinter(event) => vec![match event {
                receipt_printer::Event::Health(health) => Happened::PrinterHealth(health.fault),
                receipt_printer::Event::Printed(command) => Happened::Printed(command, Ok(())),
                receipt_printer::Event::Failed(command, error) => {
                    warn!(code = error.fault().code(), "printer: {error}");
                    Happened::Printed(command, Err(error.fault()))
                }
            }],
            Event::CameraHealth(fault) => vec![Happened::CameraHealth(fault)],
            Event::FrameReady => {
                if let Some(frame) = self.devices.as_ref().and_then(Devices::frame) {
                    self.screen.preview(frame.width(), frame.height(), frame.pixels().to_vec());
                }
                Vec::new()
            }
            Event::Portrait(command, result) => vec![Happened::Portrait(command, result)],
            Event::ScannerHealth => Vec::new(),
            Event::Page(command, result) => vec![Happened::Page(command, result)],
            Event::ScanFinished(command, None) => vec![Happened::ScanFinished(command)],
            Event::ScanFinished(command, Some(fault)) => {
                vec![Happened::Page(command, Err(ScanProblem::Fault(fault))), Happened::ScanFinished(command)]
            }
            Event::Saved(command, Ok(saved)) => vec![Happened::Saved(command, Ok(saved.case_number))],
            Event::Saved(command, Err(error)) => {
                error!(code = error.fault().code(), "save: {error}");
                vec![Happened::Saved(command, Err(error.fault()))]
            }
            Event::Forward(ForwardEvent::Accepted { case_number, acceptance_number }) => {
                vec![Happened::Accepted { case_number, acceptance_number }]
            }
            Event::Forward(ForwardEvent::Held { case_number, fault }) => {
                error!(code = fault.code(), case_number, "request held for staff");
                Vec::new()
            }
            Event::Forward(ForwardEvent::Trouble(fault)) => {
                warn!(code = fault.code(), "platform");
                Vec::new()
            }
            Event::Forward(ForwardEvent::Recovered) => {
                info!("platform reached again");
                Vec::new()
            }
            Event::Quit => return None,
        })
    }

    fn perform(&self, effect: Effect) {
        match effect {
            Effect::ReadCard(command) => {
                if let Some(devices) = &self.devices {
                    devices.read_card(command);
                }
            }
            Effect::StopReading => {
                if let Some(devices) = &self.devices {
                    devices.stop_reading();
                }
            }
            Effect::Print(command, receipt) => {
                if let Some(devices) = &self.devices {
                    devices.print(command, convert::document(*receipt));
                }
            }
            Effect::Preview(on) => {
                if let Some(devices) = &self.devices {
                    devices.preview(on);
                }
            }
            Effect::Shoot(command) => {
                if let Some(devices) = &self.devices {
                    devices.shoot(command);
                }
            }
            Effect::Scan(command) => match &self.devices {
                Some(devices) if devices.has_scanner() => devices.scan(command),
                // A machine without a scanner says so on its page.
                Some(_) | None => self.answer(Event::ScanFinished(command, Some(Fault::NoDevice))),
            },
            Effect::StopScanning => {
                if let Some(devices) = &self.devices {
                    devices.stop_scanning();
                }
            }
            Effect::Save(command, mut request) => self.save(command, &mut request),
            Effect::Journal(note) => journal(&note),
            // Drivers drop what they read as soon as it is delivered, and the screen holds one view at a time.
            Effect::Wipe => {}
        }
    }

    /// An answer that no device gives.
    fn answer(&self, event: Event) {
        if let Some(sender) = &self.sender {
            drop(sender.send(event));
        }
    }

    fn save(&self, command: u64, request: &mut Request) {
        let (Some(outbox), Some(sender)) = (&self.outbox, &self.sender) else { return };
        let sender = sender.clone();
        let day = request.day;
        outbox.submit(convert::draft(request), day, move |result| {
            drop(sender.send(Event::Saved(command, result)));
        });
    }
}

/// Opens the store with the kiosk's own key, both made on first use, and the platform's sealing keys.
fn open_outbox(config: &Config) -> Result<Outbox, Fault> {
    let folder = keys_folder(&config.kiosk.state);
    let sealing =
        config.platform.as_ref().map_or_else(|| folder.join("sealing.pub"), |p| p.sealing_keys.clone());
    let sealing = outbox::SealingKeys::load(&sealing).map_err(|error| {
        error!(code = error.fault().code(), "{error}");
        error.fault()
    })?;
    let keys = outbox::Keys::load_or_create(&folder).map_err(|error| {
        error!(code = error.fault().code(), "{error}");
        error.fault()
    })?;
    Outbox::open_sealing(&config.kiosk.state.join("outbox"), &config.kiosk.id, keys, sealing).map_err(
        |error| {
            error!(code = error.fault().code(), "{error}");
            error.fault()
        },
    )
}

/// The journal of a visit: shapes and codes, never content.
fn journal(note: &Note) {
    match note {
        Note::VisitBegan(matter) => info!(matter, "visit began"),
        Note::VisitEnded(ending) => info!(?ending, "visit ended"),
        Note::FaultShown(fault) => info!(code = fault.code(), "fault shown"),
        Note::LateAnswer(command) => info!(command, "late answer dropped"),
        Note::LateSaved(case_number) => warn!(case_number, "saved after its page had given up"),
        Note::Rated(rating) => info!(rating, "rated"),
        Note::CardLeft => warn!("a card was left on the reader"),
    }
}
