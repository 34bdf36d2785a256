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
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

pub use error::Error;
pub use profiles::Profile;
pub use wire::{CardType, FieldError, Fields, Record, RecordError, Sex, Text, ValidTo};

use crate::link::pcsc::{Pcsc, Reader, Waker};
use crate::status::{Health, Status};
use crate::thread::DeviceThread;
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

/// The reader's thread. Dropping it stops the thread.
pub struct Handle {
    inputs: Sender<Input>,
    thread: DeviceThread,
}

/// Starts the thread that tells, `id-card`, and the one that waits for the reader, `id-card-reader`. The sink is called
/// on the first and must not block.
///
/// A thread that cannot be started leaves a handle whose reads do nothing.
pub fn start(config: Config, sink: impl Fn(Event) + Send + 'static) -> Handle {
    let link = Pcsc::new(&config.reader);
    let waker = link.waker();
    start_over(&config, link, waker, PATIENCE, sink)
}

fn start_over(
    config: &Config,
    link: impl Reader + Send + 'static,
    waker: Waker,
    patience: Duration,
    sink: impl Fn(Event) + Send + 'static,
) -> Handle {
    let (commands, receiver) = mpsc::channel();
    let (inputs, received) = mpsc::channel();
    let (pending, alive) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (for_pending, for_alive) = (Arc::clone(&pending), Arc::clone(&alive));
    let adapter = Adapter::new(config, link, receiver, for_pending, inputs.clone(), for_alive);
    let reader = DeviceThread::start("id-card-reader", STOP_LIMIT, move || adapter.run());
    let watch = Watch::new(received, alive, Line::new(commands, pending, waker), reader, patience, sink);
    // It waits for two others, and so is waited for a little longer.
    let thread = DeviceThread::start("id-card", STOP_LIMIT * 3, move || watch.run());
    Handle { inputs, thread }
}

impl Handle {
    /// Arms a read; an armed one is replaced. `timeout` counts from now until the record is there; zero means none.
    /// Returns at once.
    pub fn read(&self, command: u64, timeout: Duration) {
        let _ = self.inputs.send(Input::Read { command, timeout });
    }

    /// Disarms the read. Nothing more is told about it, unless that is on its way already. Returns at once.
    pub fn cancel(&self) {
        let _ = self.inputs.send(Input::Cancel);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.inputs.send(Input::Stop);
        self.thread.wait();
    }
}

/// Looks once at the service and the reader. A service that hangs counts as down.
pub fn probe(config: &Config) -> Health {
    let (sender, events) = mpsc::channel();
    let _handle = start(config.clone(), move |event| drop(sender.send(event)));
    while let Ok(event) = events.recv() {
        match event {
            Event::Health(health) => return health,
            Event::Present(_) | Event::Reading(_) | Event::Read(..) | Event::Failed(..) => {}
        }
    }
    Health { status: Status::Offline, model: None, fault: Some(Error::Ended.fault()), raw: None }
}

/// Reads one card: the one lying there, or the next one placed. Also says how long it took from the moment the card
/// was noticed until its record was decoded.
///
/// # Errors
/// The first failure ends it: [`Error::TimeOut`] when no card came within `timeout` (zero means no limit), and any
/// other [`Error`] at once, a missing service or reader after the grace of a restart.
pub fn read_once(config: &Config, timeout: Duration) -> Result<(Record, Duration), Error> {
    let (sender, events) = mpsc::channel();
    let handle = start(config.clone(), move |event| {
        let _ = sender.send((Instant::now(), event));
    });
    handle.read(1, timeout);
    let mut noticed = Instant::now();
    while let Ok((at, event)) = events.recv() {
        match event {
            Event::Reading(_) => noticed = at,
            Event::Read(_, record) => return Ok((*record, at.saturating_duration_since(noticed))),
            Event::Failed(_, error) => return Err(error),
            Event::Health(_) | Event::Present(_) => {}
        }
    }
    Err(Error::Ended)
}

#[cfg(test)]
mod tests;
