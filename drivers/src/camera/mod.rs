//! The camera.
//!
//! Pictures are fetched only while somebody wants them: a preview ([`Handle::live`]) or a still ([`Handle::still`]).
//! Otherwise the camera is looked at once in a while, to know whether it is there. The preview is the middle of the
//! picture at the size it is shown, with the outline drawn in by [`Config::overlay`]; the still is the whole picture as
//! it came, untouched.
//!
//! Cameras on a USB cable (V4L2) are not built: the crates for it need libclang to be compiled.

mod adapter;
mod error;
mod frame;
#[doc(hidden)]
pub mod fuzzing;
mod picture;
mod transport;
mod watchdog;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

pub use error::Error;
pub use frame::{Frame, Slot};

use crate::status::{Health, Status};
use crate::thread::DeviceThread;
use adapter::{Adapter, Command};
use transport::file::StillFile;
use transport::mjpeg::Mjpeg;

/// How long `drop` waits for the thread, which may be connecting. Guess.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Draws into a preview frame: its pixels (red, green, blue), width and height. It sees the plain preview, so it may
/// judge it before it draws. Called on the camera's thread for each preview frame; it must not block.
pub type Overlay = Arc<dyn Fn(&mut [u8], u32, u32) + Send + Sync>;

/// Where pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A network camera that sends `multipart/x-mixed-replace` over HTTP.
    Mjpeg {
        /// `http://host[:port]/path`
        url: String,
    },
    /// A JPEG file, for tests and exhibitions.
    File {
        /// Its path.
        path: PathBuf,
    },
}

/// Which camera, and what is shown.
#[derive(Clone)]
pub struct Config {
    /// Where pictures come from.
    pub link: Link,
    /// Width and height of the preview in pixels, as it stands on the screen.
    pub preview: (u32, u32),
    /// Draws the outline into the preview.
    pub overlay: Option<Overlay>,
}

/// What the camera's thread tells.
pub enum Event {
    /// The camera's state changed.
    Health(Health),
    /// A new preview frame lies in the slot. Told again only when that one was taken.
    FrameReady,
    /// The still with this id: the whole picture, untouched.
    Still(u64, Box<Frame>),
    /// The still with this id was not taken.
    Failed(u64, Error),
}

/// The camera's thread. Dropping it stops the thread.
pub struct Handle {
    commands: Sender<Command>,
    slot: Slot,
    thread: DeviceThread,
}

/// Starts the camera's thread, `camera`. The sink is called on that thread and must not block.
///
/// A thread that cannot be started leaves a handle that takes no pictures.
pub fn start(config: Config, sink: impl Fn(Event) + Send + 'static) -> Handle {
    let (commands, receiver) = mpsc::channel();
    let slot = Slot::default();
    let transport: Box<dyn transport::Transport + Send> = match &config.link {
        Link::Mjpeg { url } => Box::new(Mjpeg::new(url)),
        Link::File { path } => Box::new(StillFile::new(path.clone())),
    };
    let adapter = Adapter::new(&config, transport, receiver, slot.clone(), sink);
    let thread = DeviceThread::start("camera", STOP_LIMIT, move || adapter.run());
    Handle { commands, slot, thread }
}

impl Handle {
    /// Starts or ends the preview. At its end the slot is emptied. Returns at once.
    pub fn live(&self, on: bool) {
        let _ = self.commands.send(Command::Live(on));
    }

    /// Takes a still: the next picture that comes and differs from the one before it. One that is still waited for is
    /// replaced. Returns at once.
    pub fn still(&self, command: u64) {
        let _ = self.commands.send(Command::Still(command));
    }

    /// Forgets a still that is waited for. Nothing more is told about it, unless that is on its way already. Returns at
    /// once.
    pub fn cancel(&self) {
        let _ = self.commands.send(Command::Cancel);
    }

    /// Where preview frames lie.
    pub fn slot(&self) -> Slot {
        self.slot.clone()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        self.thread.wait();
        drop(self.slot.take());
    }
}

/// Looks once at the camera: one picture, which nobody keeps.
pub fn probe(config: &Config) -> Health {
    let (sender, events) = mpsc::channel();
    let _handle = start(config.clone(), move |event| drop(sender.send(event)));
    while let Ok(event) = events.recv() {
        match event {
            Event::Health(health) => return health,
            Event::FrameReady | Event::Still(..) | Event::Failed(..) => {}
        }
    }
    Health { status: Status::Offline, model: None, fault: Some(Error::Ended.fault()), raw: None }
}

/// Takes one still, and says how long it took.
///
/// # Errors
/// The [`Error`] of the still.
pub fn capture_once(config: &Config) -> Result<(Frame, Duration), Error> {
    let began = Instant::now();
    let (sender, events) = mpsc::channel();
    let handle = start(config.clone(), move |event| drop(sender.send(event)));
    handle.still(1);
    while let Ok(event) = events.recv() {
        match event {
            Event::Still(_, frame) => return Ok((*frame, began.elapsed())),
            Event::Failed(_, error) => return Err(error),
            Event::Health(_) | Event::FrameReady => {}
        }
    }
    Err(Error::Ended)
}
