//! The behaviour of the reader's thread: it always knows whether a reader and a card are there, and reads a card when
//! somebody armed a read.
//!
//! ```text
//!  look ──► service gone ──► quick retries, then slow ones for ever
//!    ├────► no reader    ──► wait for one to be plugged in
//!    ├────► empty        ──► wait for a card
//!    └────► card ──► armed and not tried since it was placed? ──► read: Read, or Failed and still armed
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use faults::Fault;

use super::error::Error;
use super::profiles::Profile;
use super::read::{Ended, read};
use super::transport::{LinkError, Sight, Transport};
use super::{Config, Event};
use crate::status::{Health, Status};

/// The longest wait for a change: what no notification told is found this soon. One look is two small messages to
/// the service, far below a thousandth of a core. Guess.
const POLL: Duration = Duration::from_secs(1);

/// The pause between quick retries when the service is gone. A restarted service is back in 0.2 to 1 s (measured).
const QUICK: Duration = Duration::from_millis(100);

/// How long retries are quick, and how long a missing service or reader is not yet held against a read: a restart of
/// the service passes without anybody at the screen noticing. Twice the measured restart.
const GRACE: Duration = Duration::from_secs(2);

/// The pause between slow retries, which never end. Guess: nobody waits at the screen any more.
const SLOW: Duration = Duration::from_secs(1);

/// The pause when a wait ended at once and nothing had changed, so that no quirk of the service makes a busy loop.
const BREATH: Duration = Duration::from_millis(20);

/// What the handle asks of the thread.
pub(super) enum Command {
    Read { command: u64, timeout: Duration },
    Cancel,
    Stop,
}

pub(super) struct Adapter<T, S> {
    transport: T,
    profile: Profile,
    wanted: String,
    commands: Receiver<Command>,
    /// Set by the handle with each command and cleared when it was taken, so that a wait is interrupted only once.
    pending: Arc<AtomicBool>,
    sink: S,
    armed: Option<Armed>,
    stopped: bool,
    sight: Option<Sight>,
    health: Option<Health>,
    /// What was told last; nothing yet at the start.
    present: Option<bool>,
    /// Since when there is no service or no reader.
    outage: Option<Instant>,
    /// The next look must not wait: the last one was made by a read.
    hurry: bool,
}

struct Armed {
    command: u64,
    deadline: Option<Instant>,
    /// The placement that failed: this card is tried again only after it was lifted.
    tried: Option<u32>,
    /// The outage was told already.
    told: bool,
}

impl<T: Transport, S: Fn(Event)> Adapter<T, S> {
    pub fn new(
        config: &Config,
        transport: T,
        commands: Receiver<Command>,
        pending: Arc<AtomicBool>,
        sink: S,
    ) -> Self {
        Self {
            transport,
            profile: config.profile,
            wanted: config.reader.clone(),
            commands,
            pending,
            sink,
            armed: None,
            stopped: false,
            sight: None,
            health: None,
            present: None,
            outage: None,
            hurry: true,
        }
    }

    /// Runs until it is told to stop or the handle is gone.
    pub fn run(mut self) {
        loop {
            self.take_commands();
            self.expire();
            if self.stopped {
                return;
            }
            let limit =
                if std::mem::take(&mut self.hurry) { Duration::ZERO } else { self.until_deadline(POLL) };
            let began = Instant::now();
            let look = self.transport.look(limit);
            // A read that was armed before its card came must not miss it.
            self.take_commands();
            match look {
                Ok(sight) => {
                    let idle = self.sight.as_ref() == Some(&sight) && began.elapsed() < limit / 2;
                    self.seen(sight);
                    if idle {
                        self.pause(BREATH);
                    }
                }
                Err(error) => self.lost(error),
            }
        }
    }

    fn seen(&mut self, sight: Sight) {
        if self.was_changed(&sight) {
            self.become_present(false);
        }
        match &sight {
            Sight::NoReader => {
                self.become_health(Health {
                    status: Status::NoDevice,
                    model: None,
                    fault: Some(Fault::CardReaderMissing),
                    raw: None,
                });
                let wanted = self.wanted.clone();
                self.out(|| Error::NoReader { wanted });
            }
            Sight::Empty { reader } => {
                self.works(reader);
                self.become_present(false);
                if let Some(armed) = &mut self.armed {
                    armed.tried = None;
                }
            }
            Sight::Card { reader, placement, atr } => {
                self.works(reader);
                self.become_present(true);
                self.try_card(*placement, Some(atr));
            }
            Sight::Mute { reader, placement } => {
                self.works(reader);
                self.become_present(true);
                self.try_card(*placement, None);
            }
        }
        self.sight = Some(sight);
    }

    /// One card was lifted and another laid between two looks: the place was empty, though nobody saw it.
    fn was_changed(&self, sight: &Sight) -> bool {
        match (self.sight.as_ref().and_then(Sight::placement), sight.placement()) {
            (Some(before), Some(now)) => before != now,
            (None, _) | (_, None) => false,
        }
    }

    fn works(&mut self, reader: &str) {
        self.outage = None;
        if let Some(armed) = &mut self.armed {
            armed.told = false;
        }
        self.become_health(Health::online(reader));
    }

    /// Reads the card, unless nobody wants it or this placement failed before.
    fn try_card(&mut self, placement: u32, atr: Option<&[u8]>) {
        let Some(armed) = self.armed.as_mut().filter(|armed| armed.tried != Some(placement)) else { return };
        armed.tried = Some(placement);
        let command = armed.command;
        (self.sink)(Event::Reading(command));
        self.hurry = true;
        let result = match atr {
            None => Err(Ended::Failed(Error::Mute { raw: "no answer to reset".into() })),
            Some(atr) => self.read(command, atr),
        };
        match result {
            Ok(record) => {
                self.armed = None;
                (self.sink)(Event::Read(command, Box::new(record)));
            }
            Err(Ended::Unwanted) => tracing::debug!(command, "identity card: read abandoned"),
            Err(Ended::Failed(error)) => self.fail(command, error),
        }
    }

    fn read(&mut self, command: u64, atr: &[u8]) -> Result<super::Record, Ended> {
        let Self { transport, commands, pending, armed, stopped, profile, .. } = self;
        let result = read(transport, profile.row(), atr, &mut || {
            drain(commands, pending, armed, stopped);
            let wanted = armed.as_ref().filter(|armed| armed.command == command);
            !*stopped && wanted.is_some_and(|armed| armed.deadline.is_none_or(|end| Instant::now() < end))
        });
        // A read that began within its time and passed its limit in a block still counts.
        result
    }

    fn fail(&mut self, command: u64, error: Error) {
        tracing::warn!(command, code = error.fault().code(), %error, "identity card: not read");
        if let Error::NoService { .. } = error {
            // The outage that follows is the one just told.
            if let Some(armed) = &mut self.armed {
                armed.told = true;
            }
        }
        (self.sink)(Event::Failed(command, error));
    }

    /// The look itself failed: no service, or a reader that breaks.
    fn lost(&mut self, error: LinkError) {
        self.sight = None;
        let (raw, gone) = match error {
            LinkError::Service(raw) => (raw, true),
            LinkError::Reader(raw)
            | LinkError::Removed(raw)
            | LinkError::Mute(raw)
            | LinkError::Busy(raw)
            | LinkError::Failed(raw) => (raw, false),
        };
        let (status, fault) = if gone {
            (Status::Offline, Fault::CardServiceDown)
        } else {
            (Status::HardwareError, Fault::CardReaderFailed)
        };
        self.become_health(Health { status, model: None, fault: Some(fault), raw: Some(raw.clone()) });
        self.out(|| if gone { Error::NoService { raw } } else { Error::Reader { raw } });
        let quick = self.outage.is_some_and(|since| since.elapsed() < GRACE);
        let pause = self.until_deadline(if quick { QUICK } else { SLOW });
        self.hurry = true;
        self.pause(pause);
    }

    /// Notes an outage and tells the armed read of it, once, when it has lasted too long for a restart.
    fn out(&mut self, error: impl FnOnce() -> Error) {
        let since = *self.outage.get_or_insert_with(Instant::now);
        let Some(armed) = &mut self.armed else { return };
        armed.tried = None;
        if !armed.told && since.elapsed() >= GRACE {
            armed.told = true;
            let command = armed.command;
            self.fail(command, error());
        }
    }

    /// Tells a change of the state. Other raw words for the same fault are no change: a dying service has several.
    fn become_health(&mut self, health: Health) {
        let same = |known: &Health| {
            (known.status, &known.model, known.fault) == (health.status, &health.model, health.fault)
        };
        if !self.health.as_ref().is_some_and(same) {
            let code = health.fault.map(Fault::code);
            tracing::info!(status = health.status.as_str(), code, raw = health.raw, "identity card reader");
            self.health = Some(health.clone());
            (self.sink)(Event::Health(health));
        }
    }

    /// Tells that a card lies there, or that the place was seen to be empty. A reader that cannot see says neither: the
    /// card of an earlier visitor may still lie there.
    fn become_present(&mut self, present: bool) {
        if self.present.replace(present) != Some(present) {
            (self.sink)(Event::Present(present));
        }
    }

    fn expire(&mut self) {
        let over = |armed: &mut Armed| armed.deadline.is_some_and(|end| Instant::now() >= end);
        if let Some(armed) = self.armed.take_if(over) {
            self.fail(armed.command, Error::TimeOut);
        }
    }

    fn until_deadline(&self, most: Duration) -> Duration {
        let deadline = self.armed.as_ref().and_then(|armed| armed.deadline);
        deadline.map_or(most, |end| end.saturating_duration_since(Instant::now()).min(most))
    }

    fn take_commands(&mut self) {
        drain(&self.commands, &self.pending, &mut self.armed, &mut self.stopped);
    }

    /// Waits for the next command, for `limit` at most.
    fn pause(&mut self, limit: Duration) {
        match self.commands.recv_timeout(limit) {
            Ok(command) => obey(command, &mut self.armed, &mut self.stopped),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.stopped = true,
        }
    }
}

fn drain(commands: &Receiver<Command>, pending: &AtomicBool, armed: &mut Option<Armed>, stopped: &mut bool) {
    pending.store(false, Ordering::SeqCst);
    loop {
        match commands.try_recv() {
            Ok(command) => obey(command, armed, stopped),
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => return *stopped = true,
        }
    }
}

fn obey(command: Command, armed: &mut Option<Armed>, stopped: &mut bool) {
    match command {
        Command::Read { command, timeout } => {
            let deadline = (timeout > Duration::ZERO).then(|| Instant::now().checked_add(timeout)).flatten();
            *armed = Some(Armed { command, deadline, tried: None, told: false });
        }
        Command::Cancel => *armed = None,
        Command::Stop => *stopped = true,
    }
}

#[cfg(test)]
mod tests;
