//! The behaviour of the sound's thread: one tone at a time, and a look at the device when there is none.

use std::time::{Duration, Instant};

use super::error::Error;
use super::pcm::Playing;
use super::tone::Tone;
use super::{Config, Event, Input};
use crate::device::{self, Tell};
use crate::status::{Health, Status};

/// How often a device that does not work is looked at, which never ends. Guess.
const SLOW: Duration = Duration::from_secs(30);

/// How often an idle device that works is looked at. Guess.
const IDLE: Duration = Duration::from_secs(300);

pub(super) struct Adapter {
    config: Config,
    tell: Tell<Config>,
    next: Option<(u64, Tone)>,
    playing: Option<(u64, Playing)>,
    look_at: Instant,
}

impl Adapter {
    pub fn new(config: Config, tell: Tell<Config>) -> Self {
        Self { config, tell, next: None, playing: None, look_at: Instant::now() }
    }

    fn open(&self, tone: Tone) -> Result<Playing, Error> {
        Playing::open(&self.config.device, tone)
    }

    fn begin(&mut self, command: u64, tone: Tone) -> Duration {
        match self.open(tone) {
            Ok(playing) => {
                self.playing = Some((command, playing));
                Duration::ZERO
            }
            Err(error) => self.over(command, Err(error)),
        }
    }

    /// The tone is over, or no longer wanted.
    fn over(&mut self, command: u64, result: Result<(), Error>) -> Duration {
        match result {
            Ok(()) => {
                self.become_well(Ok(()));
                self.tell.event(Event::Played(command));
            }
            Err(error) => {
                if error != Error::Stopped {
                    tracing::warn!(command, code = error.fault().code(), %error, "sound: not played");
                    self.become_well(Err(&error));
                }
                self.tell.event(Event::Failed(command, error));
            }
        }
        self.until_look()
    }

    fn become_well(&mut self, result: Result<(), &Error>) {
        let model = self.config.device.clone();
        let health = match result {
            Ok(()) => Health::online(model),
            Err(error) => {
                let status = match error {
                    Error::NoDevice { .. } => Status::NoDevice,
                    Error::Failed { .. } | Error::Overdue | Error::Stopped => Status::HardwareError,
                };
                let (fault, raw) = (Some(error.fault()), Some(error.to_string()));
                Health { status, model: Some(model), fault, raw }
            }
        };
        self.tell.health(health);
    }

    fn until_look(&mut self) -> Duration {
        let well = self.tell.last().is_some_and(|health| health.status == Status::Online);
        let pause = if well { IDLE } else { SLOW };
        self.look_at = Instant::now() + pause;
        pause
    }
}

impl device::Adapter<Input> for Adapter {
    fn obey(&mut self, input: Input) {
        // Anything new ends what sounds.
        if let Some((command, playing)) = self.playing.take() {
            playing.stop();
            self.over(command, Err(Error::Stopped));
        }
        let next = match input {
            Input::Play(command, tone) => Some((command, tone)),
            Input::Stop => None,
        };
        if let (Some(_), Some((command, _))) = (next, self.next.take()) {
            self.tell.event(Event::Failed(command, Error::Stopped));
        }
        self.next = next;
    }

    fn due(&mut self) -> Duration {
        if let Some((command, playing)) = &mut self.playing {
            let command = *command;
            return match playing.step() {
                Ok(false) => Duration::ZERO,
                result @ (Ok(true) | Err(_)) => {
                    self.playing = None;
                    self.over(command, result.map(|_| ()))
                }
            };
        }
        if let Some((command, tone)) = self.next.take() {
            return self.begin(command, tone);
        }
        let left = self.look_at.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            return left;
        }
        // Opened once, and nothing sounds.
        let opened = self.open(Tone::Ok);
        self.become_well(opened.as_ref().map(|_| ()));
        drop(opened);
        self.until_look()
    }

    fn end(&mut self) {
        if let Some((_, playing)) = self.playing.take() {
            playing.stop();
        }
    }
}
