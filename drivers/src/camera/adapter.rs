//! The behaviour of the camera's thread.
//!
//! ```text
//!  nobody wants pictures ──► a look now and then: one picture, then the camera is let go
//!  preview or still ──► fetch ──picture──► too soon after the last? dropped : decoded ──► still, preview
//!                         └───error, silence──► let go, quick retries, then slow ones for ever
//! ```

use std::time::{Duration, Instant};

use super::error::Error;
use super::frame::Slot;
use super::picture;
use super::transport::{LinkError, Transport};
use super::watchdog::{PATIENCE, Verdict, Watchdog};
use super::{Config, Event, Overlay};
use crate::device::{self, Tell};
use crate::outage::{Grace, Outage, Pace};
use crate::status::{Health, Status};

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
pub enum Input {
    Live(bool),
    Still(u64),
    Cancel,
}

pub(super) struct Adapter<T> {
    transport: T,
    preview: (u32, u32),
    overlay: Option<Overlay>,
    limits: Limits,
    slot: Slot,
    tell: Tell<Config>,
    live: bool,
    still: Option<Armed>,
    /// Somebody wanted pictures a moment ago.
    busy: bool,
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

impl<T: Transport> device::Adapter<Input> for Adapter<T> {
    fn obey(&mut self, input: Input) {
        match input {
            Input::Live(on) => self.live = on,
            Input::Still(command) => {
                // The next picture counts, not one from before the command.
                self.still = Some(Armed { command, deadline: Instant::now() + STILL_LIMIT });
            }
            Input::Cancel => self.still = None,
        }
    }

    fn due(&mut self) -> Duration {
        self.expire();
        let busy = self.live || self.still.is_some();
        if self.busy && !busy {
            self.rest();
        }
        self.busy = busy;
        let left = self.look_at.saturating_duration_since(Instant::now());
        if busy || left.is_zero() { self.fetch() } else { left }
    }

    fn end(&mut self) {
        self.rest();
    }
}

impl<T: Transport> Adapter<T> {
    pub fn new(config: &Config, transport: T, slot: Slot, tell: Tell<Config>) -> Self {
        let now = Instant::now();
        let model = transport.name();
        Self {
            transport,
            preview: config.preview,
            overlay: config.overlay.clone(),
            limits: Limits::default(),
            slot,
            tell,
            live: false,
            still: None,
            busy: false,
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

    /// Waits a slice for the next picture, and says for how long nothing is due.
    fn fetch(&mut self) -> Duration {
        let since = *self.waiting.get_or_insert_with(Instant::now);
        match self.transport.next(SLICE) {
            Ok(Some(jpeg)) => {
                self.waiting = None;
                let now = Instant::now();
                // Dropping is cheap, so a stream faster than we are never queues up and the newest picture is seen.
                if now >= self.decode_at {
                    return self.look(now, &jpeg);
                }
            }
            Ok(None) if since.elapsed() >= self.limits.silence => {
                let raw = format!("no picture for {} ms", self.limits.silence.as_millis());
                return self.lost(Error::Unreachable { raw });
            }
            Ok(None) => {}
            Err(LinkError::Unreachable(raw)) => return self.lost(Error::Unreachable { raw }),
            Err(LinkError::Garbage(raw)) => return self.lost(Error::Garbage { raw }),
        }
        Duration::ZERO
    }

    fn look(&mut self, now: Instant, jpeg: &[u8]) -> Duration {
        let frame = match picture::decode(jpeg) {
            Ok(frame) => frame,
            Err(raw) => {
                self.broken += 1;
                tracing::debug!(raw, "camera: a broken picture");
                if self.broken >= MAX_BROKEN || !self.busy {
                    self.broken = 0;
                    return self.lost(Error::Garbage { raw });
                }
                return Duration::ZERO;
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
                self.tell.health(Health::online(self.model.clone()));
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
                self.tell.event(Event::FrameReady(self.slot.clone()));
            }
        }
        match (self.still.take_if(|_| is_news || trouble.is_some()), trouble) {
            (None, _) => {}
            (Some(Armed { command, .. }), None) => self.tell.event(Event::Still(command, Box::new(frame))),
            (Some(Armed { command, .. }), Some(error)) => self.fail(command, error),
        }
        if !self.busy {
            self.rest();
        }
        // In step with the last one, so that 25 pictures a second become 15 and not every second one. At least half of
        // the time is left for dropping, however slow the board is.
        let in_step = (self.decode_at + INTERVAL).max(now + INTERVAL / 2);
        self.decode_at = in_step.max(now + now.elapsed() * 2);
        Duration::ZERO
    }

    /// Lets the camera go until somebody wants it or the next look.
    fn rest(&mut self) {
        self.transport.close();
        drop(self.slot.take());
        self.waiting = None;
        let pause = if self.outage.is_there() { self.limits.slow } else { self.limits.idle };
        self.look_at = Instant::now() + pause;
    }

    /// No picture, or none that is one. Gives the pause until the next try.
    fn lost(&mut self, error: Error) -> Duration {
        self.transport.close();
        drop(self.slot.take());
        self.waiting = None;
        let pause = self.outage.failed(Instant::now());
        if self.outage.lasts() || self.tell.last().is_none() {
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
            return left.map_or(pause, |left| left.min(pause));
        }
        Duration::ZERO
    }

    fn fail(&self, command: u64, error: Error) {
        tracing::warn!(command, code = error.fault().code(), %error, "camera: no still");
        self.tell.event(Event::Failed(command, error));
    }

    /// True when that is news.
    fn unwell(&mut self, error: &Error) -> bool {
        let status = match error {
            Error::Unreachable { .. } | Error::TimeOut | Error::Ended => Status::Offline,
            Error::Garbage { .. } | Error::Frozen => Status::HardwareError,
            Error::Dark => Status::UserError,
        };
        let (model, fault, raw) = (Some(self.model.clone()), Some(error.fault()), Some(error.to_string()));
        self.tell.health(Health { status, model, fault, raw })
    }

    fn expire(&mut self) {
        if let Some(armed) = self.still.take_if(|armed| Instant::now() >= armed.deadline) {
            self.fail(armed.command, Error::TimeOut);
        }
    }
}

#[cfg(test)]
mod tests;
