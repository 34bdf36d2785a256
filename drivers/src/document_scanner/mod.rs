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
use std::time::{Duration, Instant};

use faults::Fault;

pub use error::{Error, Phase};
pub use page::RawPage;
pub use wire::{SaneStatus, Source, Step};

use crate::device::{self, Device, Inputs, Tell};
use crate::status::Health;
use adapter::{Adapter, Input};

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

/// The scanner's thread, `document-scanner`. Dropping it stops the thread and kills a running helper.
pub type Handle = device::Handle<Config>;

impl Device for Config {
    const NAME: &'static str = "document-scanner";
    const GONE: Fault = Fault::ScannerUnreachable;
    type Input = Input;
    type Event = Event;

    fn adapter(self, inputs: Inputs<Self>, tell: Tell<Self>) -> impl device::Adapter<Input> + Send + 'static {
        Adapter::new(self, inputs, tell)
    }

    fn told(health: Health) -> Event {
        Event::Health(health)
    }

    fn health(event: Event) -> Option<Health> {
        if let Event::Health(health) = event { Some(health) } else { None }
    }
}

impl Handle {
    /// Scans until the paper ends, `max_pages` at most. A job that still runs is stopped and nothing more is told of
    /// it. Returns at once.
    pub fn scan(&self, command: u64, max_pages: u32) {
        self.send(Input::Scan { command, max_pages });
    }

    /// Stops the job. Nothing more is told about it, unless that is on its way already. Returns at once.
    pub fn cancel(&self) {
        self.send(Input::Cancel);
    }
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
    let scan = |handle: &Handle| handle.scan(1, max_pages);
    device::once(config, scan, |_, event| match event {
        Event::Page(_, page) => {
            keep(*page);
            None
        }
        Event::Finished(_, pages) => Some(Ok((pages, began.elapsed()))),
        Event::Failed(_, error) => Some(Err(error)),
        Event::Health(_) => None,
    })
    .unwrap_or(Err(Error::Ended))
}
