//! The document scanner.
//!
//! SANE's libraries run in a process of their own, `kiosk-scan`: they are of any quality, and opening a scanner may
//! hang for ever. Each job starts the process anew, so the scanner is reopened for each; a job that is overdue is
//! killed. [`wire`] is the contract with the process. Driverless scanners (eSCL, WSD) come through the system's
//! sane-airscan there.
//!
//! Pages arrive one by one while the scanner works. No more than two of a job exist at once: a [`RawPage`] that is not
//! dropped stops the scanner, so a feeder of 200 sheets needs no more memory than two.

mod adapter;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod helper;
mod page;
pub mod wire;

use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

pub use error::{Error, Phase};
pub use page::RawPage;
pub use wire::{SaneStatus, Source, Step};

use crate::status::{Health, Status};
use crate::thread::DeviceThread;
use adapter::{Adapter, Input};

/// How long `drop` waits for the thread, which kills its helper and ends at once. Guess.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// Which scanner, and how to scan.
#[derive(Clone, Debug)]
pub struct Config {
    /// The program `kiosk-scan`; see [`helper_beside_us`].
    pub helper: PathBuf,
    /// The scanner's SANE name, such as `airscan:e0:Office` or `test:0`.
    pub device: String,
    /// Where the paper comes from.
    pub source: Source,
    /// Dots an inch; the papers of the matters are kept at 200.
    pub resolution: u32,
    /// The area, width and height in millimetres; clamped to the bed. A little more than A4 lets the page's edges be
    /// found.
    pub area_mm: (u32, u32),
    /// Options this model needs, by SANE name, such as `("swdeskew", "yes")`. They win over the driver's own choice.
    pub options: Vec<(String, String)>,
    /// A folder of SANE configuration instead of the system's, given to the helper as `SANE_CONFIG_DIR`.
    pub sane_config: Option<PathBuf>,
}

impl Config {
    /// Colour pages of A4 at 200 dpi, from the feeder when paper lies in it, else from the glass.
    pub fn new(helper: impl Into<PathBuf>, device: impl Into<String>) -> Self {
        Self {
            helper: helper.into(),
            device: device.into(),
            source: Source::Auto,
            resolution: 200,
            area_mm: (216, 300),
            options: Vec::new(),
            sane_config: None,
        }
    }
}

/// The helper in the folder of the running program, where the installation puts it.
///
/// # Errors
/// The system's, when it does not know the running program's path.
pub fn helper_beside_us() -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("kiosk-scan"))
}

/// What the scanner's thread tells.
pub enum Event {
    /// The scanner's state changed.
    Health(Health),
    /// A page of the job with this id.
    Page(u64, Box<RawPage>),
    /// The job with this id is over; so many pages were told.
    Finished(u64, u32),
    /// The job with this id is over; pages told before are good.
    Failed(u64, Error),
}

/// The scanner's thread. Dropping it stops the thread and kills a running helper.
pub struct Handle {
    inputs: Sender<Input>,
    thread: DeviceThread,
}

/// Starts the scanner's thread, `document-scanner`. The sink is called on that thread and must not block.
///
/// A thread that cannot be started leaves a handle whose jobs do nothing.
pub fn start(config: Config, sink: impl Fn(Event) + Send + 'static) -> Handle {
    let (inputs, receiver) = mpsc::channel();
    let adapter = Adapter::new(config, inputs.clone(), receiver, sink);
    let thread = DeviceThread::start("document-scanner", STOP_LIMIT, move || adapter.run());
    Handle { inputs, thread }
}

impl Handle {
    /// Scans until the paper ends, `max_pages` at most. A job that still runs is stopped and nothing more is told of
    /// it. Returns at once.
    pub fn scan(&self, command: u64, max_pages: u32) {
        let _ = self.inputs.send(Input::Scan { command, max_pages });
    }

    /// Stops the job. Nothing more is told about it, unless that is on its way already. Returns at once.
    pub fn cancel(&self) {
        let _ = self.inputs.send(Input::Cancel);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.inputs.send(Input::Stop);
        self.thread.wait();
    }
}

/// Opens the scanner once and says how it is. Takes as long as the scanner needs to open.
pub fn probe(config: &Config) -> Health {
    let (sender, events) = mpsc::channel();
    let _handle = start(config.clone(), move |event| drop(sender.send(event)));
    while let Ok(event) = events.recv() {
        match event {
            Event::Health(health) => return health,
            Event::Page(..) | Event::Finished(..) | Event::Failed(..) => {}
        }
    }
    Health { status: Status::Offline, model: None, fault: Some(Error::Ended.fault()), raw: None }
}

/// Scans once and hands each page to `keep`. Also says how long it took.
///
/// # Errors
/// The first [`Error`] ends it; pages handed over before are good.
pub fn scan_once(
    config: &Config,
    max_pages: u32,
    mut keep: impl FnMut(RawPage),
) -> Result<(u32, Duration), Error> {
    let began = Instant::now();
    let (sender, events) = mpsc::channel();
    let handle = start(config.clone(), move |event| drop(sender.send(event)));
    handle.scan(1, max_pages);
    while let Ok(event) = events.recv() {
        match event {
            Event::Page(_, page) => keep(*page),
            Event::Finished(_, pages) => return Ok((pages, began.elapsed())),
            Event::Failed(_, error) => return Err(error),
            Event::Health(_) => {}
        }
    }
    Err(Error::Ended)
}
