//! The identity-card reader.
//!
//! A thread watches the reader all the time and tells of its health and of a card lying there; [`Handle::read`] arms a
//! read of the next card, or of the one that lies there already. Readers with a built-in security module are supported,
//! which show the decoded record as a PC/SC storage card. A plain contactless reader cannot decode such a card, and
//! its serial number is never taken for an identity.

mod adapter;
mod error;
mod profiles;
mod read;
mod transport;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use faults::Fault;

pub use error::Error;
pub use profiles::Profile;
pub use wire::{CardType, FieldError, Fields, Record, RecordError, Sex, Text, ValidTo};

use crate::status::{Health, Status};
use crate::thread::DeviceThread;
use adapter::{Adapter, Command};
use transport::pcsc::{Pcsc, Waker};
use transport::{LinkError, Sight, Transport};

/// How long `drop` waits for the thread. A thread that hangs in the service is left behind rather than waited for:
/// the service's own limits are longer than anybody waits for a program to end. Guess.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// How long one look may take before the service counts as hanging. It takes milliseconds. Guess.
const PROBE_LIMIT: Duration = Duration::from_secs(3);

/// How much longer than its timeout a single read is waited for. Guess.
const HANG_LIMIT: Duration = Duration::from_secs(1);

/// The pause between two attempts to interrupt a wait. The first one succeeds unless it falls between the thread's
/// last look at its commands and the beginning of its wait. Guess.
const WAKE_PAUSE: Duration = Duration::from_millis(5);

/// How often a wait is interrupted at most; after that its own end comes as soon.
const WAKE_TRIES: u32 = 40;

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
    commands: Sender<Command>,
    pending: Arc<AtomicBool>,
    waker: Waker,
    waking: Arc<AtomicBool>,
    thread: DeviceThread,
}

/// Starts the reader's thread, `id-card`. The sink is called on that thread and must not block.
///
/// A thread that cannot be started leaves a handle whose reads do nothing; the sink hears of it as a broken reader.
pub fn start(config: Config, sink: impl Fn(Event) + Send + 'static) -> Handle {
    let transport = Pcsc::new(&config.reader);
    let waker = transport.waker();
    let (commands, receiver) = mpsc::channel();
    let pending = Arc::new(AtomicBool::new(false));
    let adapter = Adapter::new(&config, transport, receiver, Arc::clone(&pending), sink);
    let thread = DeviceThread::start("id-card", STOP_LIMIT, move || adapter.run());
    Handle { commands, pending, waker, waking: Arc::default(), thread }
}

impl Handle {
    /// Arms a read; an armed one is replaced. `timeout` counts from now until the record is there; zero means none.
    /// Returns at once.
    pub fn read(&self, command: u64, timeout: Duration) {
        self.send(Command::Read { command, timeout });
    }

    /// Disarms the read. Nothing more is told about it, unless that is on its way already. Returns at once.
    pub fn cancel(&self) {
        self.send(Command::Cancel);
    }

    fn send(&self, command: Command) {
        if self.commands.send(command).is_err() {
            return;
        }
        self.pending.store(true, Ordering::SeqCst);
        // Interrupting asks the service, which may hang; so the caller, who draws the screen, does not do it.
        if self.waking.swap(true, Ordering::SeqCst) {
            return;
        }
        let (pending, waker, waking) =
            (Arc::clone(&self.pending), self.waker.clone(), Arc::clone(&self.waking));
        let spawned = std::thread::Builder::new().name("id-card-wake".into()).spawn(move || {
            for _ in 0..WAKE_TRIES {
                waker.wake();
                std::thread::sleep(WAKE_PAUSE);
                if !pending.load(Ordering::SeqCst) {
                    break;
                }
            }
            waking.store(false, Ordering::SeqCst);
        });
        if spawned.is_err() {
            self.waking.store(false, Ordering::SeqCst);
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.send(Command::Stop);
        self.thread.wait();
    }
}

/// Looks once at the service and the reader. A service that hangs counts as down.
pub fn probe(config: &Config) -> Health {
    let (answer, answers) = mpsc::channel();
    let reader = config.reader.clone();
    // The service's own calls have no limit, so the look is left behind in its thread when it takes too long.
    let spawned = std::thread::Builder::new().name("id-card-probe".into()).spawn(move || {
        let _ = answer.send(look(&reader));
    });
    let raw = match (spawned, answers.recv_timeout(PROBE_LIMIT)) {
        (Ok(_), Ok(health)) => return health,
        (Ok(_), Err(_)) => "the service does not answer".to_owned(),
        (Err(error), _) => error.to_string(),
    };
    Health { status: Status::Offline, model: None, fault: Some(Fault::CardServiceDown), raw: Some(raw) }
}

fn look(wanted: &str) -> Health {
    let mut transport = Pcsc::new(wanted);
    match transport.look(Duration::ZERO) {
        Ok(Sight::NoReader) => Health {
            status: Status::NoDevice,
            model: None,
            fault: Some(Fault::CardReaderMissing),
            raw: Some(format!("no reader's name contains \"{wanted}\"")),
        },
        Ok(Sight::Empty { reader } | Sight::Card { reader, .. } | Sight::Mute { reader, .. }) => {
            Health::online(reader)
        }
        Err(LinkError::Service(raw)) => Health {
            status: Status::Offline,
            model: None,
            fault: Some(Fault::CardServiceDown),
            raw: Some(raw),
        },
        Err(
            LinkError::Reader(raw)
            | LinkError::Removed(raw)
            | LinkError::Mute(raw)
            | LinkError::Busy(raw)
            | LinkError::Failed(raw),
        ) => Health {
            status: Status::HardwareError,
            model: None,
            fault: Some(Fault::CardReaderFailed),
            raw: Some(raw),
        },
    }
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
    // The thread tells its own time-out, unless the service hangs under it.
    let most = if timeout.is_zero() { Duration::MAX } else { timeout + HANG_LIMIT };
    loop {
        let (at, event) = match events.recv_timeout(most) {
            Ok(told) => told,
            Err(RecvTimeoutError::Timeout) => return Err(Error::TimeOut),
            Err(RecvTimeoutError::Disconnected) => return Err(Error::Ended),
        };
        match event {
            Event::Reading(_) => noticed = at,
            Event::Read(_, record) => return Ok((*record, at.saturating_duration_since(noticed))),
            Event::Failed(_, error) => return Err(error),
            Event::Health(_) | Event::Present(_) => {}
        }
    }
}
