//! The attendant's lamp.
//!
//! [`Handle::call`] lets it blink until an attendant presses its button or [`Handle::clear`] ends the call. A lamp that
//! was away shines as it should as soon as it returns, so a call made meanwhile is seen late rather than never.

mod adapter;
mod error;
mod wire;

use std::time::Duration;

use faults::Fault;

pub use error::Error;

use crate::device::{self, Device, Inputs, Tell};
use crate::status::Health;
use adapter::{Adapter, Input};

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
    /// An attendant answered the call with this id.
    Answered(u64),
}

/// The lamp's thread, `attendant-call`. Dropping it stops the thread; the lamp is left as it is.
pub type Handle = device::Handle<Config>;

impl Device for Config {
    const NAME: &'static str = "attendant-call";
    // It may be connecting. Guess.
    const STOP_LIMIT: Duration = Duration::from_secs(5);
    const GONE: Fault = Fault::LampUnreachable;
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
    /// Calls an attendant. A call that stands already gets this id. Returns at once.
    pub fn call(&self, command: u64) {
        self.send(Input::Call(command));
    }

    /// Ends the call, answered or not. Returns at once.
    pub fn clear(&self) {
        self.send(Input::Clear);
    }
}
