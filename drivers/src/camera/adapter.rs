//! The behaviour of the camera's thread.
//!
//! ```text
//!  nobody wants pictures ──► a look now and then: one picture, then the camera is let go
//!  preview or still ──► fetch ──picture──► too soon after the last? dropped : decoded ──► still, preview
//!                         └───error, silence──► let go, quick retries, then slow ones for ever
//! ```

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use super::error::Error;
use super::frame::Slot;
use super::picture;
use super::transport::{LinkError, Transport};
use super::watchdog::{PATIENCE, Verdict, Watchdog};
use super::{Config, Event, Overlay};
use crate::outage::{Grace, Outage, Pace};
use crate::status::{Health, Status, Told};

/// The time between two preview frames: 15 a second. More costs the board's cores and looks no smoother in a mirror.
const INTERVAL: Duration = Duration::from_micros(66_667);

/// The longest wait for a picture before commands are looked at. Commands come from a finger: 100 ms is not felt.
const SLICE: Duration = Duration::from_millis(50);

/// How long the camera may be silent. The slowest known in the dark sends 2 pictures a second. Guess.
const SILENCE: Duration = Duration::from_secs(3);

/// How long an outage is not yet told: a camera that reconnects at once passes unnoticed. Guess.
const GRACE: Duration = Duration::from_secs(2);

/// The pause between quick retries during the grace, and between the slow ones after it, which never end. Guess.
const QUICK: Duration = Duration::from_millis(200);
const SLOW: Duration = Duration::from_secs(2);

/// How long a still may take: longer than the grace, so that an outage is told as one. Guess.
const STILL_LIMIT: Duration = Duration::from_secs(6);

/// How often a camera that nobody uses is looked at. Guess.
const IDLE: Duration = Duration::from_secs(60);

/// So many broken pictures one after the other are told. One alone is a lost packet. Guess.
const MAX_BROKEN: u32 = 5;

/// What the handle asks of the thread.
pub(super) enum Command {
    Live(bool),
    Still(u64),
    Cancel,
    Stop,
}

pub(super) struct Adapter<T, S> {
    transport: T,
    preview: (u32, u32),
    overlay: Option<Overlay>,
    limits: Limits,
    commands: Receiver<Command>,
    slot: Slot,
    sink: S,
    live: bool,
    still: Option<Armed>,
    stopped: bool,
    /// Somebody wanted pictures a moment ago.
    busy: bool,
    health: Told,
    watchdog: Watchdog,
    /// There is no picture.
    outage: Outage,
    /// Since when the next picture is waited for.
    waiting: Option<Instant>,
    /// Pictures before this moment are dropped unseen.
    decode_at: Instant,
    /// When an unused camera is looked at next.
    look_at: Instant,
    broken: u32,
    model: String,
}

/// The limits above that tests shorten.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub silence: Duration,
    pub grace: Duration,
    pub slow: Duration,
    pub idle: Duration,
    /// Of the watchdog.
    pub patience: Duration,
}

impl Limits {
    fn pace(&self) -> Pace {
        Pace { quick: QUICK, grace: Grace::Time(self.grace), slow: self.slow }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { silence: SILENCE, grace: GRACE, slow: SLOW, idle: IDLE, patience: PATIENCE }
    }
}

struct Armed {
    command: u64,
    deadline: Instant,
}

impl<T: Transport, S: Fn(Event)> Adapter<T, S> {
    pub fn new(config: &Config, transport: T, commands: Receiver<Command>, slot: Slot, sink: S) -> Self {
        let now = Instant::now();
        let model = transport.name();
        Self {
            transport,
            preview: config.preview,
            overlay: config.overlay.clone(),
            limits: Limits::default(),
            commands,
            slot,
            sink,
            live: false,
            still: None,
            stopped: false,
            busy: false,
            health: Told::new("camera"),
            watchdog: Watchdog::new(Limits::default().patience),
            outage: Outage::new(Limits::default().pace()),
            waiting: None,
            decode_at: now,
            look_at: now,
            broken: 0,
            model,
        }
    }

    #[cfg(test)]
    pub fn with_limits(self, limits: Limits) -> Self {
        let (watchdog, outage) = (Watchdog::new(limits.patience), Outage::new(limits.pace()));
        Self { limits, watchdog, outage, ..self }
    }

    /// Runs until it is told to stop or the handle is gone.
    pub fn run(mut self) {
        loop {
            self.take_commands();
            self.expire();
            if self.stopped {
                return self.rest();
            }
            let busy = self.live || self.still.is_some();
            if self.busy && !busy {
                self.rest();
            }
            self.busy = busy;
            let now = Instant::now();
            if busy || now >= self.look_at {
                self.fetch();
            } else {
                self.pause(self.look_at.saturating_duration_since(now));
            }
        }
    }

    /// Waits a slice for the next picture.
    fn fetch(&mut self) {
        let since = *self.waiting.get_or_insert_with(Instant::now);
        match self.transport.next(SLICE) {
            Ok(Some(jpeg)) => {
                self.waiting = None;
                let now = Instant::now();
                // Dropping is cheap, so a stream faster than we are never queues up and the newest picture is seen.
                if now >= self.decode_at {
                    self.look(now, &jpeg);
                }
            }
            Ok(None) if since.elapsed() >= self.limits.silence => {
                let raw = format!("no picture for {} ms", self.limits.silence.as_millis());
                self.lost(Error::Unreachable { raw });
            }
            Ok(None) => {}
            Err(LinkError::Unreachable(raw)) => self.lost(Error::Unreachable { raw }),
            Err(LinkError::Garbage(raw)) => self.lost(Error::Garbage { raw }),
        }
    }

    fn look(&mut self, now: Instant, jpeg: &[u8]) {
        let frame = match picture::decode(jpeg) {
            Ok(frame) => frame,
            Err(raw) => {
                self.broken += 1;
                tracing::debug!(raw, "camera: a broken picture");
                if self.broken >= MAX_BROKEN || !self.busy {
                    self.broken = 0;
                    self.lost(Error::Garbage { raw });
                }
                return;
            }
        };
        self.broken = 0;
        self.outage.recovered();
        let fingerprint = (!self.transport.is_still()).then(|| picture::fingerprint(jpeg));
        let is_news = self.watchdog.is_news(fingerprint);
        let trouble = match self.watchdog.see(now, fingerprint, picture::is_black(&frame)) {
            Verdict::Well => None,
            Verdict::Frozen => Some(Error::Frozen),
            Verdict::Dark => Some(Error::Dark),
        };
        match &trouble {
            None => {
                self.become_health(Health::online(self.model.clone()));
            }
            Some(error) => {
                if self.unwell(error) && matches!(error, Error::Frozen) {
                    // Some firmware wakes when it is asked anew.
                    self.transport.close();
                }
            }
        }
        if self.live
            && let Some(mut preview) = picture::fit(&frame, self.preview.0, self.preview.1)
        {
            if let Some(overlay) = &self.overlay {
                overlay(preview.pixels_mut(), self.preview.0, self.preview.1);
            }
            if self.slot.put(preview) {
                (self.sink)(Event::FrameReady);
            }
        }
        match (self.still.take_if(|_| is_news || trouble.is_some()), trouble) {
            (None, _) => {}
            (Some(Armed { command, .. }), None) => (self.sink)(Event::Still(command, Box::new(frame))),
            (Some(Armed { command, .. }), Some(error)) => self.fail(command, error),
        }
        if !self.busy {
            self.rest();
        }
        // In step with the last one, so that 25 pictures a second become 15 and not every second one. At least half of
        // the time is left for dropping, however slow the board is.
        let in_step = (self.decode_at + INTERVAL).max(now + INTERVAL / 2);
        self.decode_at = in_step.max(now + now.elapsed() * 2);
    }

    /// Lets the camera go until somebody wants it or the next look.
    fn rest(&mut self) {
        self.transport.close();
        drop(self.slot.take());
        self.waiting = None;
        let pause = if self.outage.is_there() { self.limits.slow } else { self.limits.idle };
        self.look_at = Instant::now() + pause;
    }

    /// No picture, or none that is one.
    fn lost(&mut self, error: Error) {
        self.transport.close();
        drop(self.slot.take());
        self.waiting = None;
        let pause = self.outage.failed(Instant::now());
        if self.outage.lasts() || self.health.last().is_none() {
            self.unwell(&error);
        }
        if self.outage.lasts()
            && let Some(Armed { command, .. }) = self.still.take()
        {
            self.fail(command, error);
        }
        self.look_at = Instant::now() + pause;
        if self.busy {
            let deadline = self.still.as_ref().map(|armed| armed.deadline);
            let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
            self.pause(left.map_or(pause, |left| left.min(pause)));
        }
    }

    fn fail(&self, command: u64, error: Error) {
        tracing::warn!(command, code = error.fault().code(), %error, "camera: no still");
        (self.sink)(Event::Failed(command, error));
    }

    /// True when that is news.
    fn unwell(&mut self, error: &Error) -> bool {
        let status = match error {
            Error::Unreachable { .. } | Error::TimeOut | Error::Ended => Status::Offline,
            Error::Garbage { .. } | Error::Frozen => Status::HardwareError,
            Error::Dark => Status::UserError,
        };
        let (model, fault, raw) = (Some(self.model.clone()), Some(error.fault()), Some(error.to_string()));
        self.become_health(Health { status, model, fault, raw })
    }

    fn become_health(&mut self, health: Health) -> bool {
        self.health.become_health(health, |news| (self.sink)(Event::Health(news)))
    }

    fn expire(&mut self) {
        if let Some(armed) = self.still.take_if(|armed| Instant::now() >= armed.deadline) {
            self.fail(armed.command, Error::TimeOut);
        }
    }

    fn take_commands(&mut self) {
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.obey(command),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => return self.stopped = true,
            }
        }
    }

    /// Waits for the next command, for `limit` at most.
    fn pause(&mut self, limit: Duration) {
        match self.commands.recv_timeout(limit) {
            Ok(command) => self.obey(command),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.stopped = true,
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Live(on) => self.live = on,
            Command::Still(command) => {
                // The next picture counts, not one from before the command.
                self.still = Some(Armed { command, deadline: Instant::now() + STILL_LIMIT });
            }
            Command::Cancel => self.still = None,
            Command::Stop => self.stopped = true,
        }
    }
}

#[cfg(test)]
mod tests;
