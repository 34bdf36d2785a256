//! The attendant's lamp.
//!
//! [`Handle::call`] lets it blink until an attendant presses its button or [`Handle::clear`] ends the call. A lamp that
//! was away shines as it should as soon as it returns, so a call made meanwhile is seen late rather than never.

mod adapter;
mod error;
mod line;
mod wire;

use std::sync::mpsc::{self, Sender};
use std::time::Duration;

pub use error::Error;

use crate::status::{Health, Status};
use crate::thread::DeviceThread;
use adapter::{Adapter, Input};

/// How long `drop` waits for the thread, which may be connecting. Guess.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Which lamp.
#[derive(Clone, Debug)]
pub struct Config {
    /// Host and port, such as `192.168.1.40:4001`.
    pub address: String,
}

/// What the lamp's thread tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The lamp's state changed.
    Health(Health),
    /// The call with this id is seen: the lamp blinks.
    Called(u64),
    /// An attendant answered the call with this id.
    Answered(u64),
    /// The call with this id is not seen yet. It is told as called when the lamp returns.
    Failed(u64, Error),
}

/// The lamp's thread. Dropping it stops the thread; the lamp is left as it is.
pub struct Handle {
    inputs: Sender<Input>,
    thread: DeviceThread,
}

/// Starts the lamp's thread, `attendant-call`. The sink is called on that thread and must not block.
///
/// A thread that cannot be started leaves a handle whose calls do nothing.
pub fn start(config: Config, sink: impl Fn(Event) + Send + 'static) -> Handle {
    let (inputs, receiver) = mpsc::channel();
    let adapter = Adapter::new(config, inputs.clone(), receiver, sink);
    let thread = DeviceThread::start("attendant-call", STOP_LIMIT, move || adapter.run());
    Handle { inputs, thread }
}

impl Handle {
    /// Calls an attendant. A call that stands already gets this id. Returns at once.
    pub fn call(&self, command: u64) {
        let _ = self.inputs.send(Input::Call(command));
    }

    /// Ends the call, answered or not. Returns at once.
    pub fn clear(&self) {
        let _ = self.inputs.send(Input::Clear);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.inputs.send(Input::Stop);
        self.thread.wait();
    }
}

/// Asks the lamp once how it is; it is dark afterwards.
pub fn probe(config: &Config) -> Health {
    let (sender, events) = mpsc::channel();
    let _handle = start(config.clone(), move |event| drop(sender.send(event)));
    while let Ok(event) = events.recv() {
        match event {
            Event::Health(health) => return health,
            Event::Called(_) | Event::Answered(_) | Event::Failed(..) => {}
        }
    }
    let raw = "the thread attendant-call ended".into();
    let fault = Some(Error::Unreachable { raw }.fault());
    Health { status: Status::Offline, model: None, fault, raw: None }
}
