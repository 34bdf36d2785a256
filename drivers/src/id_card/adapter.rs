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

use super::error::Error;
use super::profiles::Profile;
use super::read::{Ended, read};
use super::watch::Input;
use super::{Config, Event};
use crate::device::Inputs;
use crate::link::pcsc::{LinkError, Reader, Sight};
use crate::outage::{Grace, Outage, Pace};
use crate::status::{Health, Status};

/// The longest wait for a change: what no notification told is found this soon. One look is two small messages to
/// the service, far below a thousandth of a core. Guess.
const POLL: Duration = Duration::from_secs(1);

/// A missing service or reader is not held against a read during the grace: a restart of the service passes without
/// anybody at the screen noticing.
const PACE: Pace = Pace {
    // A restarted service is back in 0.2 to 1 s (measured).
    quick: Duration::from_millis(100),
    // Twice the measured restart.
    grace: Grace::Time(Duration::from_secs(2)),
    // Guess: nobody waits at the screen any more.
    slow: Duration::from_secs(1),
};

/// The pause when a wait ended at once and nothing had changed, so that no quirk of the service makes a busy loop.
const BREATH: Duration = Duration::from_millis(20);

/// What the watching thread asks of this one.
pub(super) enum Command {
    Read(u64),
    Cancel,
    Stop,
}

pub(super) struct Adapter<T> {
    link: T,
    profile: Profile,
    wanted: String,
    commands: Receiver<Command>,
    /// Set with each command and cleared when it was taken, so that a wait is interrupted only once.
    pending: Arc<AtomicBool>,
    /// To the watching thread, which takes each message as a sign of life.
    watch: Inputs<Config>,
    /// A sign of life for each block of a card: a message would wake the other thread, and a read has its budget.
    alive: Arc<AtomicBool>,
    armed: Option<Armed>,
    stopped: bool,
    sight: Option<Sight>,
    /// What was told last; nothing yet at the start.
    present: Option<bool>,
    /// There is no service or no reader.
    outage: Outage,
    /// The next look must not wait: the last one was made by a read.
    hurry: bool,
}

struct Armed {
    command: u64,
    /// The placement that failed: this card is tried again only after it was lifted.
    tried: Option<u32>,
}

impl<T: Reader> Adapter<T> {
    pub fn new(
        config: &Config,
        link: T,
        commands: Receiver<Command>,
        pending: Arc<AtomicBool>,
        watch: Inputs<Config>,
        alive: Arc<AtomicBool>,
    ) -> Self {
        Self {
            link,
            profile: config.profile,
            wanted: config.reader.clone(),
            commands,
            pending,
            watch,
            alive,
            armed: None,
            stopped: false,
            sight: None,
            present: None,
            outage: Outage::new(PACE),
            hurry: true,
        }
    }

    /// Runs until it is told to stop or the handle is gone.
    pub fn run(mut self) {
        loop {
            self.take_commands();
            if self.stopped {
                return;
            }
            let limit = if std::mem::take(&mut self.hurry) { Duration::ZERO } else { POLL };
            let began = Instant::now();
            let look = self.link.look(limit);
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
                let error = Error::NoReader { wanted: self.wanted.clone() };
                self.looked(Status::NoDevice, &error);
                self.out(error);
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
        self.outage.recovered();
        self.say(Input::Looked(Health::online(reader)));
    }

    /// Reads the card, unless nobody wants it or this placement failed before.
    fn try_card(&mut self, placement: u32, atr: Option<&[u8]>) {
        let Some(armed) = self.armed.as_mut().filter(|armed| armed.tried != Some(placement)) else { return };
        armed.tried = Some(placement);
        let command = armed.command;
        self.see(Event::Reading(command));
        self.hurry = true;
        let result = match atr {
            None => Err(Ended::Failed(Error::Mute { raw: "no answer to reset".into() })),
            Some(atr) => self.read(command, atr),
        };
        match result {
            Ok(record) => {
                self.armed = None;
                self.see(Event::Read(command, Box::new(record)));
            }
            Err(Ended::Unwanted) => tracing::debug!(command, "identity card: read abandoned"),
            Err(Ended::Failed(error)) => self.fail(command, error),
        }
    }

    fn read(&mut self, command: u64, atr: &[u8]) -> Result<super::Record, Ended> {
        let Self { link, commands, pending, armed, outage, stopped, profile, alive, .. } = self;
        read(link, profile.row(), atr, &mut || {
            alive.store(true, Ordering::Relaxed);
            drain(commands, pending, armed, outage, stopped);
            !*stopped && armed.as_ref().is_some_and(|armed| armed.command == command)
        })
    }

    fn fail(&mut self, command: u64, error: Error) {
        if let Error::NoService { .. } = error {
            // The outage that follows is the one just told.
            self.outage.is_told();
        }
        self.see(Event::Failed(command, error));
    }

    /// The look itself failed: no service, or a reader that breaks.
    fn lost(&mut self, error: LinkError) {
        self.sight = None;
        let (status, error) = match error {
            LinkError::Service(raw) => (Status::Offline, Error::NoService { raw }),
            LinkError::Reader(raw)
            | LinkError::Removed(raw)
            | LinkError::Mute(raw)
            | LinkError::Busy(raw)
            | LinkError::Failed(raw) => (Status::HardwareError, Error::Reader { raw }),
        };
        self.looked(status, &error);
        let pause = self.out(error);
        self.hurry = true;
        self.pause(pause);
    }

    /// Notes an outage and tells the armed read of it, once, when it has lasted too long for a restart. Gives the pause
    /// until the next look.
    fn out(&mut self, error: Error) -> Duration {
        let pause = self.outage.failed(Instant::now());
        if let Some(armed) = &mut self.armed {
            armed.tried = None;
            let command = armed.command;
            if self.outage.tell() {
                self.fail(command, error);
            }
        }
        pause
    }

    /// Says that the look found no reader at work.
    fn looked(&self, status: Status, error: &Error) {
        let (fault, raw) = (Some(error.fault()), Some(error.to_string()));
        self.say(Input::Looked(Health { status, model: None, fault, raw }));
    }

    /// Tells that a card lies there, or that the place was seen to be empty. A reader that cannot see says neither: the
    /// card of an earlier visitor may still lie there.
    fn become_present(&mut self, present: bool) {
        if self.present.replace(present) != Some(present) {
            self.see(Event::Present(present));
        }
    }

    fn see(&self, event: Event) {
        self.say(Input::Seen(event));
    }

    fn say(&self, input: Input) {
        self.watch.send(input);
    }

    fn take_commands(&mut self) {
        drain(&self.commands, &self.pending, &mut self.armed, &mut self.outage, &mut self.stopped);
    }

    /// Waits for the next command, for `limit` at most.
    fn pause(&mut self, limit: Duration) {
        match self.commands.recv_timeout(limit) {
            Ok(command) => obey(command, &mut self.armed, &mut self.outage, &mut self.stopped),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.stopped = true,
        }
    }
}

fn drain(
    commands: &Receiver<Command>,
    pending: &AtomicBool,
    armed: &mut Option<Armed>,
    outage: &mut Outage,
    stopped: &mut bool,
) {
    pending.store(false, Ordering::SeqCst);
    loop {
        match commands.try_recv() {
            Ok(command) => obey(command, armed, outage, stopped),
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => return *stopped = true,
        }
    }
}

fn obey(command: Command, armed: &mut Option<Armed>, outage: &mut Outage, stopped: &mut bool) {
    match command {
        Command::Read(command) => {
            *armed = Some(Armed { command, tried: None });
            outage.tell_again();
        }
        Command::Cancel => *armed = None,
        Command::Stop => *stopped = true,
    }
}
