//! Tones through ALSA.
//!
//! A tone replaces the one that sounds: what matters is what happened last. The device is opened for each tone.

mod error;
mod pcm;
mod tone;

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::{Duration, Instant};

pub use error::Error;
pub use tone::Tone;

use crate::status::{Health, Status, Told};
use crate::thread::DeviceThread;
use pcm::Device;

/// How long `drop` waits for the thread, which looks at its commands all the time. Guess.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// How often a device that does not work is looked at, which never ends. Guess.
const SLOW: Duration = Duration::from_secs(30);

/// How often an idle device that works is looked at. Guess.
const IDLE: Duration = Duration::from_secs(300);

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

/// The sound's thread. Dropping it stops the thread, in the middle of a tone too.
pub struct Handle {
    commands: Sender<Command>,
    thread: DeviceThread,
}

enum Command {
    Play(u64, Tone),
    Stop,
    End,
}

/// Starts the sound's thread, `sound`. The sink is called on that thread and must not block.
///
/// A thread that cannot be started leaves a handle that is mute.
pub fn start(config: Config, sink: impl Fn(Event) + Send + 'static) -> Handle {
    let (commands, receiver) = mpsc::channel();
    let health = Told::new("sound");
    let player = Player { config, commands: receiver, sink, next: None, ending: false, health };
    let thread = DeviceThread::start("sound", STOP_LIMIT, move || player.run());
    Handle { commands, thread }
}

impl Handle {
    /// Plays a tone in place of the one that sounds. Returns at once.
    pub fn play(&self, command: u64, tone: Tone) {
        let _ = self.commands.send(Command::Play(command, tone));
    }

    /// Ends the tone that sounds. Returns at once.
    pub fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::End);
        self.thread.wait();
    }
}

/// Opens the device once and says how it is. Nothing sounds.
pub fn probe(config: &Config) -> Health {
    match Device::open(&config.device) {
        Ok(_) => Health::online(config.device.clone()),
        Err(error) => unwell(config, &error),
    }
}

fn unwell(config: &Config, error: &Error) -> Health {
    let status = match error {
        Error::NoDevice { .. } => Status::NoDevice,
        Error::Failed { .. } | Error::Overdue | Error::Stopped => Status::HardwareError,
    };
    let model = Some(config.device.clone());
    Health { status, model, fault: Some(error.fault()), raw: Some(error.to_string()) }
}

struct Player<S> {
    config: Config,
    commands: Receiver<Command>,
    sink: S,
    next: Option<(u64, Tone)>,
    ending: bool,
    health: Told,
}

impl<S: Fn(Event)> Player<S> {
    fn run(mut self) {
        let mut look_at = Instant::now();
        while !self.ending {
            if let Some((command, tone)) = self.next.take() {
                self.play(command, tone);
            } else if Instant::now() >= look_at {
                let health = probe(&self.config);
                self.become_health(health);
            } else {
                let limit = look_at.saturating_duration_since(Instant::now());
                match self.commands.recv_timeout(limit) {
                    Ok(command) => self.obey(command),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => self.ending = true,
                }
                continue;
            }
            let well = self.health.last().is_some_and(|health| health.status == Status::Online);
            look_at = Instant::now() + if well { IDLE } else { SLOW };
        }
    }

    fn play(&mut self, command: u64, tone: Tone) {
        let result = Device::open(&self.config.device).and_then(|device| {
            device.play(tone, &mut || {
                // Anything new ends this one.
                match self.commands.try_recv() {
                    Ok(command) => {
                        self.obey(command);
                        false
                    }
                    Err(TryRecvError::Empty) => true,
                    Err(TryRecvError::Disconnected) => {
                        self.ending = true;
                        false
                    }
                }
            })
        });
        match result {
            Ok(()) => {
                self.become_health(Health::online(self.config.device.clone()));
                (self.sink)(Event::Played(command));
            }
            Err(error) => {
                if error != Error::Stopped {
                    tracing::warn!(command, code = error.fault().code(), %error, "sound: not played");
                    let health = unwell(&self.config, &error);
                    self.become_health(health);
                }
                (self.sink)(Event::Failed(command, error));
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Play(command, tone) => {
                if let Some((command, _)) = self.next.replace((command, tone)) {
                    (self.sink)(Event::Failed(command, Error::Stopped));
                }
            }
            Command::Stop => self.next = None,
            Command::End => self.ending = true,
        }
    }

    fn become_health(&mut self, health: Health) {
        self.health.become_health(health, |news| (self.sink)(Event::Health(news)));
    }
}
