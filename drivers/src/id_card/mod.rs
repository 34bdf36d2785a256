//! The identity-card reader.
//!
//! A thread watches the reader all the time and tells of its health and of a card lying there; [`Handle::read`] arms a
//! read of the next card, or of the one that lies there already. Readers with a built-in security module are supported,
//! which show the decoded record as a PC/SC storage card. A plain contactless reader cannot decode such a card, and
//! its serial number is never taken for an identity.

mod adapter;
mod error;
#[cfg(test)]
mod fake;
#[doc(hidden)]
pub mod fuzzing;
mod profiles;
mod read;
mod watch;
mod wire;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use faults::Fault;

pub use error::Error;
pub use profiles::Profile;
pub use wire::{CardType, FieldError, Fields, Record, RecordError, Sex, Text, ValidTo};

use crate::device::{self, Device, Inputs, Tell, Thread};
use crate::link::pcsc::{Pcsc, Reader, Waker};
use crate::status::Health;
use adapter::Adapter;
use watch::{Input, Line, PATIENCE, Watch};

/// How long the end of the reader's thread is waited for. One that hangs in the service is left behind: the service's
/// own limits are longer than anybody waits for a program to end. Guess.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// Which reader, and of what kind.
#[derive(Clone, Debug)]
pub struct Config {
    /// A part of the reader's name as the service knows it; empty takes the first reader.
    pub reader: String,
    /// The kind of reader.
    pub profile: Profile,
}

/// What the reader's thread tells.
pub enum Event {
    /// The reader's state changed.
    Health(Health),
    /// A card lies there (true), or the place was seen to be empty (false): once at the start, then on each change.
    Present(bool),
    /// A card was noticed and the read with this id began.
    Reading(u64),
    /// The read with this id succeeded and is over.
    Read(u64, Box<Record>),
    /// A card could not be read. The read stays armed for the next placement, except after [`Error::TimeOut`] of the
    /// whole read, which ends it.
    Failed(u64, Error),
}

/// The thread that tells, `id-card`, and the one that waits for the reader, `id-card-reader`. Dropping it stops both.
pub type Handle = device::Handle<Config>;

impl Device for Config {
    const NAME: &'static str = "id-card";
    // It waits for two others, and so is waited for a little longer.
    const STOP_LIMIT: Duration = Duration::from_secs(6);
    const GONE: Fault = Fault::CardReaderFailed;
    type Input = Input;
    type Event = Event;

    fn adapter(self, inputs: Inputs<Self>, tell: Tell<Self>) -> impl device::Adapter<Input> + Send + 'static {
        let link = Pcsc::new(&self.reader);
        let waker = link.waker();
        watch(&self, link, waker, PATIENCE, inputs, tell)
    }

    fn told(health: Health) -> Event {
        Event::Health(health)
    }

    fn health(event: Event) -> Option<Health> {
        if let Event::Health(health) = event { Some(health) } else { None }
    }
}

fn watch(
    config: &Config,
    link: impl Reader + Send + 'static,
    waker: Waker,
    patience: Duration,
    inputs: Inputs<Config>,
    tell: Tell<Config>,
) -> Watch {
    let (commands, receiver) = mpsc::channel();
    let (pending, alive) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (for_pending, for_alive) = (Arc::clone(&pending), Arc::clone(&alive));
    let adapter = Adapter::new(config, link, receiver, for_pending, inputs, for_alive);
    let reader = Thread::start("id-card-reader", STOP_LIMIT, move || adapter.run());
    Watch::new(alive, Line::new(commands, pending, waker), reader, patience, tell)
}

impl Handle {
    /// Arms a read; an armed one is replaced. `timeout` counts from now until the record is there; zero means none.
    /// Returns at once.
    pub fn read(&self, command: u64, timeout: Duration) {
        self.send(Input::Read { command, timeout });
    }

    /// Disarms the read. Nothing more is told about it, unless that is on its way already. Returns at once.
    pub fn cancel(&self) {
        self.send(Input::Cancel);
    }
}

/// Reads one card: the one lying there, or the next one placed. Also says how long it took from the moment the card
/// was noticed until its record was decoded.
///
/// # Errors
/// The first failure ends it: [`Error::TimeOut`] when no card came within `timeout` (zero means no limit), and any
/// other [`Error`] at once, a missing service or reader after the grace of a restart.
pub fn read_once(config: &Config, timeout: Duration) -> Result<(Record, Duration), Error> {
    let mut noticed = Instant::now();
    let read = |handle: &Handle| handle.read(1, timeout);
    device::once(config, read, |at, event| match event {
        Event::Reading(_) => {
            noticed = at;
            None
        }
        Event::Read(_, record) => Some(Ok((*record, at.saturating_duration_since(noticed)))),
        Event::Failed(_, error) => Some(Err(error)),
        Event::Health(_) | Event::Present(_) => None,
    })
    .unwrap_or(Err(Error::Ended))
}

#[cfg(test)]
mod tests;
