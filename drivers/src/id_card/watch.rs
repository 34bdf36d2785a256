//! The thread between the handle and the reader's thread: it never blocks, so it notices when the other one does.
//!
//! The service's calls have no limit of their own: one that accepts a connection and never answers holds the reader's
//! thread for as long as it likes. This thread keeps the time-out of the armed read, and takes each look of the reader's
//! thread as a sign of life. When none comes it tells that the service does not answer, and a late one ends that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use faults::Fault;

use super::adapter::Command;
use super::error::Error;
use super::{Config, Event, STOP_LIMIT};
use crate::device::{self, Tell, Thread};
use crate::link::pcsc::Waker;
use crate::status::{Health, Status};

/// How long the reader's thread may be silent before its service counts as hanging. A healthy call takes 1 s at most
/// for a look, which is our own wait, and 3.5 s for a card, which is the security module's own limit. Guess: half more.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The pause between two attempts to interrupt a wait. The first one succeeds unless it falls between the thread's
/// last look at its commands and the beginning of its wait. Guess.
const WAKE_PAUSE: Duration = Duration::from_millis(5);

/// How often a wait is interrupted at most; after that its own end comes as soon.
const WAKE_TRIES: u32 = 40;

/// What reaches the thread, from the handle and from the reader's thread, by one channel in order.
pub enum Input {
    /// See [`super::Handle::read`].
    Read { command: u64, timeout: Duration },
    /// See [`super::Handle::cancel`].
    Cancel,
    /// The reader's thread looked, and this is how its reader is.
    Looked(Health),
    /// The reader's thread has seen this.
    Seen(Event),
}

pub(super) struct Watch {
    /// Set by the reader's thread with each block of a card.
    alive: Arc<AtomicBool>,
    line: Line,
    reader: Thread,
    patience: Duration,
    tell: Tell<Config>,
    armed: Option<Armed>,
    /// The last sign of life.
    heard: Instant,
    /// The next sign of life is overdue, and that was told.
    hangs: bool,
}

struct Armed {
    command: u64,
    deadline: Option<Instant>,
}

impl device::Adapter<Input> for Watch {
    fn obey(&mut self, input: Input) {
        match input {
            Input::Read { command, timeout } => self.arm(command, timeout),
            Input::Cancel => self.disarm(),
            Input::Looked(health) => {
                self.sign_of_life();
                self.tell.health(health);
            }
            Input::Seen(event) => {
                self.sign_of_life();
                self.pass_on(event);
            }
        }
    }

    /// A thread that hangs has nothing due until it is heard again, and a channel cannot be waited for without a limit.
    fn due(&mut self) -> Duration {
        self.overdue();
        self.expire();
        let overdue = if self.hangs { Instant::now() } else { self.heard } + self.patience;
        let deadline = self.armed.as_ref().and_then(|armed| armed.deadline);
        let next = deadline.map_or(overdue, |end| end.min(overdue));
        next.saturating_duration_since(Instant::now())
    }

    fn end(&mut self) {
        self.line.send(Command::Stop);
        // One that hangs is left behind: whoever stops the kiosk is not held up by it.
        if !self.hangs {
            self.reader.wait();
            // Inside the service's library when the program ends, it would crash there.
            self.line.wait();
        }
    }
}

impl Watch {
    pub fn new(
        alive: Arc<AtomicBool>,
        line: Line,
        reader: Thread,
        patience: Duration,
        tell: Tell<Config>,
    ) -> Self {
        Self { alive, line, reader, patience, tell, armed: None, heard: Instant::now(), hangs: false }
    }

    fn arm(&mut self, command: u64, timeout: Duration) {
        let deadline = (timeout > Duration::ZERO).then(|| Instant::now().checked_add(timeout)).flatten();
        self.armed = Some(Armed { command, deadline });
        self.line.send(Command::Read(command));
        if self.hangs {
            self.fail_hanging();
        }
    }

    fn disarm(&mut self) {
        self.armed = None;
        self.line.send(Command::Cancel);
    }

    fn sign_of_life(&mut self) {
        self.heard = Instant::now();
        self.hangs = false;
    }

    /// Passes on what is told of the armed read, and of none that is over.
    fn pass_on(&mut self, event: Event) {
        let wanted = |command: u64| self.armed.as_ref().is_some_and(|armed| armed.command == command);
        match &event {
            Event::Health(_) | Event::Present(_) => {}
            Event::Reading(command) | Event::Read(command, _) | Event::Failed(command, _)
                if !wanted(*command) =>
            {
                tracing::debug!(command, "identity card: a late word");
                return;
            }
            Event::Reading(_) => {}
            Event::Read(..) => self.armed = None,
            Event::Failed(command, error) => log(*command, error),
        }
        self.tell.event(event);
    }

    fn overdue(&mut self) {
        if self.alive.swap(false, Ordering::Relaxed) {
            return self.sign_of_life();
        }
        if self.hangs || self.heard.elapsed() < self.patience {
            return;
        }
        self.hangs = true;
        let (fault, raw) = (Some(Fault::CardServiceDown), Some(self.silence()));
        self.tell.health(Health { status: Status::Offline, model: None, fault, raw });
        self.fail_hanging();
    }

    /// Tells the armed read why no card is read. It stays armed: the service may return.
    fn fail_hanging(&self) {
        let Some(Armed { command, .. }) = self.armed else { return };
        self.fail(command, Error::NoService { raw: self.silence() });
    }

    fn silence(&self) -> String {
        format!("no answer for {} ms", self.patience.as_millis())
    }

    fn expire(&mut self) {
        let over = |armed: &Armed| armed.deadline.is_some_and(|end| Instant::now() >= end);
        if let Some(Armed { command, .. }) = self.armed.take_if(|armed| over(armed)) {
            self.line.send(Command::Cancel);
            self.fail(command, Error::TimeOut);
        }
    }

    fn fail(&self, command: u64, error: Error) {
        log(command, &error);
        self.tell.event(Event::Failed(command, error));
    }
}

fn log(command: u64, error: &Error) {
    tracing::warn!(command, code = error.fault().code(), %error, "identity card: not read");
}

/// The way to the reader's thread, which may be waiting inside the service.
pub(super) struct Line {
    commands: Sender<Command>,
    /// Set with each command and cleared when the thread took it, so that a wait is interrupted only once.
    pending: Arc<AtomicBool>,
    waker: Waker,
    /// The last thread that interrupted a wait.
    wake: Option<Thread>,
}

impl Line {
    pub fn new(commands: Sender<Command>, pending: Arc<AtomicBool>, waker: Waker) -> Self {
        Self { commands, pending, waker, wake: None }
    }

    fn send(&mut self, command: Command) {
        if self.commands.send(command).is_err() {
            return;
        }
        self.pending.store(true, Ordering::SeqCst);
        // Interrupting asks the service, which may hang; so it has a thread of its own.
        if self.wake.as_ref().is_some_and(Thread::is_running) {
            return;
        }
        let (pending, waker) = (Arc::clone(&self.pending), self.waker.clone());
        self.wake = Some(Thread::start("id-card-wake", STOP_LIMIT, move || {
            for _ in 0..WAKE_TRIES {
                waker.wake();
                std::thread::sleep(WAKE_PAUSE);
                if !pending.load(Ordering::SeqCst) {
                    break;
                }
            }
        }));
    }

    fn wait(&mut self) {
        self.wake.iter_mut().for_each(Thread::wait);
    }
}
