//! Tones through ALSA.
//!
//! A tone replaces the one that sounds: what matters is what happened last. The device is opened for each tone.

mod adapter;
mod error;
mod pcm;
mod tone;

use faults::Fault;

pub use error::Error;
pub use tone::Tone;

use crate::device::{self, Device, Inputs, Tell};
use crate::status::Health;
use adapter::Adapter;

/// Which loudspeaker.
#[derive(Clone, Debug)]
pub struct Config {
    /// ALSA's name of it, such as `default` or `plughw:CARD=Device`.
    pub device: String,
}

/// What the sound's thread tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The device's state changed.
    Health(Health),
    /// The tone with this id sounded to its end.
    Played(u64),
    /// The tone with this id did not.
    Failed(u64, Error),
}

/// What the handle asks of the thread.
pub enum Input {
    /// See [`Handle::play`].
    Play(u64, Tone),
    /// See [`Handle::stop`].
    Stop,
}

/// The sound's thread, `sound`. Dropping it stops the thread, in the middle of a tone too.
pub type Handle = device::Handle<Config>;

impl Device for Config {
    const NAME: &'static str = "sound";
    const GONE: Fault = Fault::SoundUnavailable;
    type Input = Input;
    type Event = Event;

    fn adapter(self, _: Inputs<Self>, tell: Tell<Self>) -> impl device::Adapter<Input> + Send + 'static {
        Adapter::new(self, tell)
    }

    fn told(health: Health) -> Event {
        Event::Health(health)
    }

    fn health(event: Event) -> Option<Health> {
        if let Event::Health(health) = event { Some(health) } else { None }
    }
}

impl Handle {
    /// Plays a tone in place of the one that sounds. Returns at once.
    pub fn play(&self, command: u64, tone: Tone) {
        self.send(Input::Play(command, tone));
    }

    /// Ends the tone that sounds. Returns at once.
    pub fn stop(&self) {
        self.send(Input::Stop);
    }
}
