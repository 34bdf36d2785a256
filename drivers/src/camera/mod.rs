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
use std::time::{Duration, Instant};

use faults::Fault;

pub use error::Error;
pub use frame::{Frame, Slot};

use crate::device::{self, Device, Inputs, Tell};
use crate::status::Health;
use adapter::{Adapter, Input};
use transport::file::StillFile;
use transport::mjpeg::Mjpeg;

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
    FrameReady(Slot),
    /// The still with this id: the whole picture, untouched.
    Still(u64, Box<Frame>),
    /// The still with this id was not taken.
    Failed(u64, Error),
}

/// The camera's thread, `camera`. Dropping it stops the thread.
pub type Handle = device::Handle<Config>;

impl Device for Config {
    const NAME: &'static str = "camera";
    // It may be connecting. Guess.
    const STOP_LIMIT: Duration = Duration::from_secs(5);
    const GONE: Fault = Fault::CameraUnreachable;
    type Input = Input;
    type Event = Event;

    fn adapter(self, _: Inputs<Self>, tell: Tell<Self>) -> impl device::Adapter<Input> + Send + 'static {
        let transport: Box<dyn transport::Transport + Send> = match &self.link {
            Link::Mjpeg { url } => Box::new(Mjpeg::new(url)),
            Link::File { path } => Box::new(StillFile::new(path.clone())),
        };
        Adapter::new(&self, transport, Slot::default(), tell)
    }

    fn told(health: Health) -> Event {
        Event::Health(health)
    }

    fn health(event: Event) -> Option<Health> {
        if let Event::Health(health) = event { Some(health) } else { None }
    }
}

impl Handle {
    /// Starts or ends the preview. At its end the slot is emptied. Returns at once.
    pub fn live(&self, on: bool) {
        self.send(Input::Live(on));
    }

    /// Takes a still: the next picture that comes and differs from the one before it. One that is still waited for is
    /// replaced. Returns at once.
    pub fn still(&self, command: u64) {
        self.send(Input::Still(command));
    }

    /// Forgets a still that is waited for. Nothing more is told about it, unless that is on its way already. Returns at
    /// once.
    pub fn cancel(&self) {
        self.send(Input::Cancel);
    }
}

/// Takes one still, and says how long it took.
///
/// # Errors
/// The [`Error`] of the still.
pub fn capture_once(config: &Config) -> Result<(Frame, Duration), Error> {
    let began = Instant::now();
    let still = |handle: &Handle| handle.still(1);
    device::once(config, still, |_, event| match event {
        Event::Still(_, frame) => Some(Ok((*frame, began.elapsed()))),
        Event::Failed(_, error) => Some(Err(error)),
        Event::Health(_) | Event::FrameReady(_) => None,
    })
    .unwrap_or(Err(Error::Ended))
}
