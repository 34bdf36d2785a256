//! The behaviour of the lamp's thread: one connection, and on it the way the lamp shall shine.
//!
//! ```text
//!  Idle (off) ──call──► Calling (blink) ──button──► Answered (on) ──clear──► Idle
//!                          └──clear──► Idle
//! ```

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use super::error::Error;
use super::wire::{MAX_LINE, Shine, Word, parse};
use super::{Config, Event};
use crate::device::{self, Inputs, Tell};
use crate::link::Link;
use crate::link::tcp::Tcp;
use crate::outage::{Grace, Outage, Pace};
use crate::status::{Health, Status};

/// How long the lamp may take to answer. Guess: it has ten bytes to read.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// How long a line of text may take to leave. Guess: it is ten bytes.
const SEND_LIMIT: Duration = Duration::from_secs(2);

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
    /// A line of text from the connection with this number, or its end.
    Heard(u64, io::Result<Vec<u8>>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Idle,
    Calling(u64),
    Answered,
}

pub(super) struct Adapter {
    config: Config,
    inputs: Inputs<Config>,
    tell: Tell<Config>,
    call: Call,
    line: Line,
    lines: u64,
    outage: Outage,
}

enum Line {
    Closed {
        open_at: Instant,
    },
    /// Something was said and the answer is awaited.
    Asked {
        line: Tcp,
        said: Shine,
        deadline: Instant,
    },
    Open {
        line: Tcp,
        say_at: Instant,
    },
}

impl device::Adapter<Input> for Adapter {
    fn obey(&mut self, input: Input) {
        match input {
            Input::Call(command) => {
                // A blinking lamp blinks for the new call too; one that is answered calls again.
                self.call = Call::Calling(command);
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
        let closed = Line::Closed { open_at: now };
        match std::mem::replace(&mut self.line, closed) {
            Line::Closed { open_at } if now >= open_at => self.open(),
            Line::Open { line, say_at } if now >= say_at => self.say(line),
            Line::Asked { deadline, .. } if now >= deadline => self.lost(Error::TimeOut),
            state @ (Line::Closed { .. } | Line::Open { .. } | Line::Asked { .. }) => self.line = state,
        }
        let next = match &self.line {
            Line::Closed { open_at } => *open_at,
            Line::Asked { deadline, .. } => *deadline,
            Line::Open { say_at, .. } => *say_at,
        };
        next.saturating_duration_since(Instant::now())
    }
}

impl Adapter {
    pub fn new(config: Config, inputs: Inputs<Config>, tell: Tell<Config>) -> Self {
        let line = Line::Closed { open_at: Instant::now() };
        Self { config, inputs, tell, call: Call::Idle, line, lines: 0, outage: Outage::new(PACE) }
    }

    fn open(&mut self) {
        self.lines += 1;
        let (number, inputs) = (self.lines, self.inputs.clone());
        let tell = move |heard| inputs.send(Input::Heard(number, heard));
        let mut line = Tcp::new(&self.config.address, SEND_LIMIT);
        match line.open().and_then(|()| line.listen("attendant-call-line", MAX_LINE, tell)) {
            Ok(()) => self.say(line),
            Err(error) => self.lost(unreachable(&error)),
        }
    }

    fn say(&mut self, mut line: Tcp) {
        let said = self.wanted();
        match line.send(said.line()) {
            Ok(()) => self.line = Line::Asked { line, said, deadline: Instant::now() + ANSWER_LIMIT },
            Err(error) => self.lost(unreachable(&error)),
        }
    }

    fn wanted(&self) -> Shine {
        match self.call {
            Call::Idle => Shine::Off,
            Call::Calling(_) => Shine::Blink,
            Call::Answered => Shine::On,
        }
    }

    /// The lamp shall shine another way: it is told at once, or after the answer that is awaited.
    fn say_soon(&mut self) {
        if let Line::Open { say_at, .. } = &mut self.line {
            *say_at = Instant::now();
        }
    }

    fn heard(&mut self, heard: io::Result<Vec<u8>>) {
        match heard.map(|line| parse(&line)) {
            Ok(Some(Word::Ok)) => self.confirmed(),
            Ok(Some(Word::Answered)) => {
                if let Call::Calling(command) = self.call {
                    self.call = Call::Answered;
                    self.say_soon();
                    self.tell.event(Event::Answered(command));
                }
            }
            Ok(Some(Word::Error) | None) => self.lost(Error::Garbage),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                self.lost(Error::Unreachable { raw: "the lamp closed the connection".into() });
            }
            Err(error) => self.lost(unreachable(&error)),
        }
    }

    fn confirmed(&mut self) {
        let now = Instant::now();
        match std::mem::replace(&mut self.line, Line::Closed { open_at: now }) {
            Line::Asked { line, said, .. } => {
                self.outage.recovered();
                let say_at = if said == self.wanted() { now + KEEP_ALIVE } else { now };
                self.line = Line::Open { line, say_at };
                self.tell.health(Health::online(self.config.address.clone()));
            }
            // An answer to nothing: harmless.
            state @ (Line::Closed { .. } | Line::Open { .. }) => self.line = state,
        }
    }

    fn lost(&mut self, error: Error) {
        // What the old connection still says is not heard.
        self.lines += 1;
        let now = Instant::now();
        self.line = Line::Closed { open_at: now + self.outage.failed(now) };
        let (status, fault, raw) = (Status::Offline, Some(error.fault()), Some(error.to_string()));
        if !self.outage.lasts() && self.tell.last().is_some() {
            return;
        }
        self.tell.health(Health { status, model: None, fault, raw });
    }
}

fn unreachable(error: &io::Error) -> Error {
    Error::Unreachable { raw: error.to_string() }
}
