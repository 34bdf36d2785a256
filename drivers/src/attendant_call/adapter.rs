//! The behaviour of the lamp's thread: one connection, and on it the way the lamp shall shine.
//!
//! ```text
//!  Idle (off) ──call──► Calling (blink) ──button──► Answered (on) ──clear──► Idle
//!                          └──clear──► Idle
//! ```

use std::time::{Duration, Instant};

use super::error::Error;
use super::line::{Heard, Line};
use super::wire::{Shine, Word};
use super::{Config, Event};
use crate::device::{self, Inputs, Tell};
use crate::outage::{Grace, Outage, Pace};
use crate::status::{Health, Status};

/// How long the lamp may take to answer. Guess: it has ten bytes to read.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// How often the lamp is told again how to shine: so that one that lost its power shines rightly again, and one that
/// left without a word is missed. Guess.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How a lamp that is away is tried again. Guess.
const PACE: Pace =
    Pace { quick: Duration::from_millis(200), grace: Grace::Tries(2), slow: Duration::from_secs(5) };

/// What reaches the thread, from the handle and from the connection.
pub enum Input {
    Call(u64),
    Clear,
    /// From the connection with this number.
    Heard(u64, Heard),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Idle,
    /// Not confirmed by the lamp yet, or confirmed.
    Calling {
        command: u64,
        seen: bool,
        told: bool,
    },
    Answered,
}

pub(super) struct Adapter {
    config: Config,
    inputs: Inputs<Config>,
    tell: Tell<Config>,
    call: Call,
    link: Link,
    lines: u64,
    outage: Outage,
}

enum Link {
    Closed {
        open_at: Instant,
    },
    /// Something was said and the answer is awaited.
    Asked {
        line: Line,
        said: Shine,
        deadline: Instant,
    },
    Open {
        line: Line,
        say_at: Instant,
    },
}

impl device::Adapter<Input> for Adapter {
    fn obey(&mut self, input: Input) {
        match input {
            Input::Call(command) => {
                // A blinking lamp blinks for the new call too; one that is answered calls again.
                let seen = matches!(self.call, Call::Calling { seen: true, .. });
                self.call = Call::Calling { command, seen, told: false };
                if seen {
                    self.tell.event(Event::Called(command));
                }
                self.say_soon();
            }
            Input::Clear => {
                self.call = Call::Idle;
                self.say_soon();
            }
            Input::Heard(number, heard) if number == self.lines => self.heard(heard),
            // A late word of a connection that was given up.
            Input::Heard(..) => {}
        }
    }

    fn due(&mut self) -> Duration {
        let now = Instant::now();
        let closed = Link::Closed { open_at: now };
        match std::mem::replace(&mut self.link, closed) {
            Link::Closed { open_at } if now >= open_at => self.open(),
            Link::Open { line, say_at } if now >= say_at => self.say(line),
            Link::Asked { deadline, .. } if now >= deadline => self.lost(Error::TimeOut),
            link @ (Link::Closed { .. } | Link::Open { .. } | Link::Asked { .. }) => self.link = link,
        }
        let next = match &self.link {
            Link::Closed { open_at } => *open_at,
            Link::Asked { deadline, .. } => *deadline,
            Link::Open { say_at, .. } => *say_at,
        };
        next.saturating_duration_since(Instant::now())
    }
}

impl Adapter {
    pub fn new(config: Config, inputs: Inputs<Config>, tell: Tell<Config>) -> Self {
        let link = Link::Closed { open_at: Instant::now() };
        Self { config, inputs, tell, call: Call::Idle, link, lines: 0, outage: Outage::new(PACE) }
    }

    fn open(&mut self) {
        self.lines += 1;
        let (number, inputs) = (self.lines, self.inputs.clone());
        let tell = move |heard| inputs.send(Input::Heard(number, heard));
        match Line::open(&self.config.address, tell) {
            Ok(line) => self.say(line),
            Err(error) => self.lost(Error::Unreachable { raw: error.to_string() }),
        }
    }

    fn say(&mut self, mut line: Line) {
        let said = match self.call {
            Call::Idle => Shine::Off,
            Call::Calling { .. } => Shine::Blink,
            Call::Answered => Shine::On,
        };
        match line.say(said.line()) {
            Ok(()) => self.link = Link::Asked { line, said, deadline: Instant::now() + ANSWER_LIMIT },
            Err(error) => self.lost(Error::Unreachable { raw: error.to_string() }),
        }
    }

    /// The lamp shall shine another way: it is told at once, or after the answer that is awaited.
    fn say_soon(&mut self) {
        if let Link::Open { say_at, .. } = &mut self.link {
            *say_at = Instant::now();
        }
    }

    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Word(Word::Ok) => self.confirmed(),
            Heard::Word(Word::Answered) => {
                if let Call::Calling { command, .. } = self.call {
                    self.call = Call::Answered;
                    self.say_soon();
                    self.tell.event(Event::Answered(command));
                }
            }
            Heard::Word(Word::Error) | Heard::Garbage => self.lost(Error::Garbage),
            Heard::Lost(raw) => self.lost(Error::Unreachable { raw }),
        }
    }

    fn confirmed(&mut self) {
        let now = Instant::now();
        match std::mem::replace(&mut self.link, Link::Closed { open_at: now }) {
            Link::Asked { line, said, .. } => {
                self.outage.recovered();
                let wanted = match &mut self.call {
                    Call::Idle => Shine::Off,
                    Call::Answered => Shine::On,
                    Call::Calling { command, seen, .. } => {
                        if said == Shine::Blink && !std::mem::replace(seen, true) {
                            self.tell.event(Event::Called(*command));
                        }
                        Shine::Blink
                    }
                };
                let say_at = if said == wanted { now + KEEP_ALIVE } else { now };
                self.link = Link::Open { line, say_at };
                self.tell.health(Health::online(self.config.address.clone()));
            }
            // An answer to nothing: harmless.
            link @ (Link::Closed { .. } | Link::Open { .. }) => self.link = link,
        }
    }

    fn lost(&mut self, error: Error) {
        // What the old connection still says is not heard.
        self.lines += 1;
        let now = Instant::now();
        self.link = Link::Closed { open_at: now + self.outage.failed(now) };
        let (status, fault, raw) = (Status::Offline, Some(error.fault()), Some(error.to_string()));
        if !self.outage.lasts() && self.tell.last().is_some() {
            return;
        }
        self.tell.health(Health { status, model: None, fault, raw });
        if let Call::Calling { command, seen, told } = &mut self.call {
            *seen = false;
            if !std::mem::replace(told, true) {
                tracing::warn!(command, code = error.fault().code(), %error, "attendant call: not seen");
                self.tell.event(Event::Failed(*command, error));
            }
        }
    }
}
