//! The behaviour of the scanner's thread: one helper at a time, for a job or to see whether the scanner is there.
//!
//! ```text
//!  Opening ──opened──► Scanning ──page──► Scanning ──finished, failed──► Closing ──ended──► (none)
//!     │                   │                                                 │
//!     └──overdue, garbage─┴──► killed, told as failed ──────────────────────┘ overdue: killed
//!  cancel, or a newer job: asked to stop, Closing, nothing told
//! ```

use std::time::{Duration, Instant};

use super::error::{Error, Phase};
use super::helper::{Helper, Message, Program};
use super::page::RawPage;
use super::wire::{Request, SaneStatus, ScanRequest, Step};
use super::{Config, Event};
use crate::device::{self, Inputs, Tell};
use crate::outage::{Grace, Outage, Pace};
use crate::status::{Health, Status};

/// How long the scanner may take to open. Network scanners wake from sleep in up to 10 s; twice that. Guess.
const OPEN_LIMIT: Duration = Duration::from_secs(20);

/// How long a page may take from its beginning or from the page before. Cheap flatbeds need 30 s for A4 in colour at
/// 200 dpi with their lamp cold; twice that. Guess.
const PAGE_LIMIT: Duration = Duration::from_secs(60);

/// How long the helper may take to close the scanner when its job is over or was cancelled; the next job waits that
/// long at most. The carriage's way home is 5 s. Guess.
const CLOSE_LIMIT: Duration = Duration::from_secs(6);

/// The pause before a quick retry, and how many there are: a scanner that is busy or a library that crashes while it
/// opens is often well the next time. Guess.
const QUICK: Duration = Duration::from_millis(500);
const QUICK_TRIES: u32 = 2;

/// The pause between slow looks at a scanner that is not well, which never end. Guess.
const SLOW: Duration = Duration::from_secs(30);

/// How often a well and idle scanner is opened to see whether it is still there. Some move their lamp at that, so
/// rarely. Guess.
const IDLE: Duration = Duration::from_secs(300);

/// How many killed helpers may hang in the kernel before no further one is started. Guess.
const MAX_UNDEAD: u32 = 3;

/// What reaches the thread, from the handle and from the helper's pipe, by one channel in order.
pub enum Input {
    Scan {
        command: u64,
        max_pages: u32,
    },
    Cancel,
    /// From the helper with this number.
    Helper(u64, Message),
}

pub(super) struct Adapter {
    config: Config,
    limits: Limits,
    inputs: Inputs<Config>,
    tell: Tell<Config>,
    running: Option<Running>,
    wanted: Option<Wanted>,
    /// No helper is started before this moment: the pause of a retry.
    not_before: Instant,
    probe_at: Instant,
    outage: Outage,
    helpers: u64,
    /// Helpers that were killed and have not ended yet.
    undead: u32,
    model: Option<String>,
}

/// The limits above; tests shorten them.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub open: Duration,
    pub page: Duration,
    pub close: Duration,
    pub quick: Duration,
    pub slow: Duration,
}

impl Limits {
    fn pace(&self) -> Pace {
        Pace { quick: self.quick, grace: Grace::Tries(QUICK_TRIES), slow: self.slow }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { open: OPEN_LIMIT, page: PAGE_LIMIT, close: CLOSE_LIMIT, quick: QUICK, slow: SLOW }
    }
}

#[derive(Clone, Copy)]
struct Wanted {
    command: u64,
    max_pages: u32,
    tries: u32,
}

struct Running {
    number: u64,
    helper: Helper,
    /// The job; `None` for a look at the scanner.
    job: Option<Wanted>,
    state: State,
    deadline: Instant,
    pages: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Opening,
    Scanning,
    /// Its result was told, or nobody wants it: only its end is awaited.
    Closing,
}

impl device::Adapter<Input> for Adapter {
    fn obey(&mut self, input: Input) {
        match input {
            Input::Scan { command, max_pages } => {
                self.abandon();
                self.wanted = Some(Wanted { command, max_pages, tries: 0 });
                self.not_before = Instant::now();
            }
            Input::Cancel => {
                self.wanted = None;
                self.abandon();
            }
            Input::Helper(number, message) => self.heard(number, message),
        }
    }

    fn due(&mut self) -> Duration {
        self.overdue();
        self.begin();
        self.until_next()
    }
}

impl Adapter {
    pub fn new(config: Config, inputs: Inputs<Config>, tell: Tell<Config>) -> Self {
        let now = Instant::now();
        Self {
            config,
            limits: Limits::default(),
            inputs,
            tell,
            running: None,
            wanted: None,
            not_before: now,
            probe_at: now,
            outage: Outage::new(Limits::default().pace()),
            helpers: 0,
            undead: 0,
            model: None,
        }
    }

    #[cfg(test)]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, outage: Outage::new(limits.pace()), ..self }
    }

    /// The job's result is not wanted any more.
    fn abandon(&mut self) {
        let limit = self.limits.close;
        let is_wanted = |running: &&mut Running| running.state != State::Closing && running.job.is_some();
        if let Some(running) = self.running.as_mut().filter(is_wanted) {
            running.close(limit);
        }
    }

    /// Starts the next helper when there is something to do and none runs.
    fn begin(&mut self) {
        let now = Instant::now();
        if self.running.is_some() || now < self.not_before {
            return;
        }
        let job = self.wanted.take();
        if job.is_none() && now < self.probe_at {
            return;
        }
        if self.undead >= MAX_UNDEAD {
            return self.failed(job, false, Error::Overdue { phase: Phase::Opening });
        }
        let device = self.config.device.clone();
        let options = self.config.options.clone();
        let request = match job {
            None => Request::Probe { device, options },
            Some(Wanted { max_pages, .. }) => {
                let (width_mm, height_mm) = self.config.area_mm;
                let (source, resolution) = (self.config.source, self.config.resolution);
                Request::Scan(ScanRequest {
                    device,
                    options,
                    source,
                    resolution,
                    width_mm,
                    height_mm,
                    max_pages,
                })
            }
        };
        self.helpers += 1;
        let (number, inputs) = (self.helpers, self.inputs.clone());
        let program =
            Program { path: self.config.helper.clone(), sane_config: self.config.sane_config.clone() };
        let tell = move |message| inputs.send(Input::Helper(number, message));
        match Helper::start(&program, &request, tell) {
            Ok(helper) => {
                let deadline = now + self.limits.open;
                self.running =
                    Some(Running { number, helper, job, state: State::Opening, deadline, pages: 0 });
            }
            Err(error) => {
                let error = Error::NoHelper { raw: format!("{}: {error}", program.path.display()) };
                self.failed(job, true, error);
            }
        }
    }

    fn heard(&mut self, number: u64, message: Message) {
        let Some(running) = self.running.as_mut().filter(|running| running.number == number) else {
            // A late word of a helper that was given up.
            if let Message::Ended(_) = message {
                self.undead = self.undead.saturating_sub(1);
            }
            return;
        };
        let closing = running.state == State::Closing;
        match message {
            Message::Ended(raw) => {
                // Once it was open, a sheet may have been drawn in.
                let (job, fresh) = (running.job, running.state == State::Opening);
                self.running = None;
                if !closing {
                    self.failed(job, fresh, Error::Crashed { raw });
                }
            }
            _ if closing => {}
            Message::Opened { model } => self.opened(model),
            Message::Page(page) => self.page(page),
            Message::Finished { pages } if pages == running.pages => self.finished(),
            Message::Finished { pages } => {
                let raw = format!("{pages} pages finished, {} sent", running.pages);
                self.end_with(Error::Garbage { raw });
            }
            Message::Failed { step, status: Some(status), text } => {
                self.end_with(Error::Scanner { step, status, text });
            }
            Message::Failed { status: None, text, .. } => self.end_with(Error::Page { text }),
            Message::Garbage(raw) => {
                running.helper.kill();
                self.end_with(Error::Garbage { raw });
            }
        }
    }

    fn opened(&mut self, model: Option<String>) {
        self.model = model.or_else(|| self.model.take());
        let limits = self.limits;
        let Some(running) = &mut self.running else { return };
        if running.job.is_some() {
            running.state = State::Scanning;
            running.deadline = Instant::now() + limits.page;
        } else {
            running.close(limits.close);
        }
        self.well();
    }

    fn page(&mut self, page: Box<RawPage>) {
        let Some(running) = &mut self.running else { return };
        let Some(Wanted { command, .. }) = running.job else { return };
        running.pages += 1;
        running.deadline = Instant::now() + self.limits.page;
        self.tell.event(Event::Page(command, page));
    }

    fn finished(&mut self) {
        let limit = self.limits.close;
        let Some(running) = &mut self.running else { return };
        let (job, pages) = (running.job, running.pages);
        running.close(limit);
        if let Some(Wanted { command, .. }) = job {
            self.tell.event(Event::Finished(command, pages));
        }
    }

    /// The job is over with a failure; the helper ends by itself or was killed.
    fn end_with(&mut self, error: Error) {
        let limit = self.limits.close;
        let Some(running) = &mut self.running else { return };
        let (job, fresh) = (running.job, running.is_fresh());
        running.close(limit);
        self.failed(job, fresh, error);
    }

    /// `fresh`: nothing of the job was told yet, so trying it again loses no paper.
    fn failed(&mut self, job: Option<Wanted>, fresh: bool, error: Error) {
        let again = fresh && retry_helps(&error);
        let now = Instant::now();
        let pause = self.outage.failed(now);
        self.probe_at = now + if again { pause } else { self.limits.slow };
        self.unwell(&error);
        let Some(wanted) = job else { return };
        if again && wanted.tries < QUICK_TRIES && self.wanted.is_none() {
            self.wanted = Some(Wanted { tries: wanted.tries + 1, ..wanted });
            self.not_before = now + self.limits.quick;
            return;
        }
        tracing::warn!(command = wanted.command, code = error.fault().code(), %error, "document scanner");
        self.tell.event(Event::Failed(wanted.command, error));
    }

    fn overdue(&mut self) {
        let limits = self.limits;
        let now = Instant::now();
        let Some(running) = self.running.as_mut().filter(|running| now >= running.deadline) else { return };
        if running.state == State::Scanning && running.helper.is_held_up() {
            running.deadline = now + limits.page;
            return;
        }
        running.helper.kill();
        let (job, state) = (running.job, running.state);
        // Its end is not awaited: it may hang in the kernel. What it still says has another number.
        self.running = None;
        self.undead += 1;
        let phase = match state {
            State::Opening => Phase::Opening,
            State::Scanning => Phase::Scanning,
            State::Closing => {
                tracing::warn!("document scanner: the helper did not end and was killed");
                return;
            }
        };
        self.failed(job, false, Error::Overdue { phase });
    }

    fn until_next(&self) -> Duration {
        let next = match (&self.running, self.wanted) {
            (Some(running), _) => running.deadline,
            (None, Some(_)) => self.not_before,
            (None, None) => self.probe_at.max(self.not_before),
        };
        next.saturating_duration_since(Instant::now())
    }

    fn well(&mut self) {
        let model = self.model.clone().unwrap_or_else(|| self.config.device.clone());
        self.outage.recovered();
        self.probe_at = Instant::now() + IDLE;
        self.tell.health(Health::online(model));
    }

    /// What a failure says about the scanner. SANE has no question for its state, so a jam or an open cover is believed
    /// until the next look, which opens the scanner; the next job finds out whether it is still there.
    fn unwell(&mut self, error: &Error) {
        let status = match error {
            Error::NoHelper { .. } | Error::Ended => Status::Offline,
            Error::Crashed { .. } | Error::Garbage { .. } | Error::Page { .. } => Status::HardwareError,
            Error::Overdue { .. } => Status::Offline,
            Error::Scanner { step: Step::Open, status: SaneStatus::Inval, .. } => Status::NoDevice,
            Error::Scanner { status, .. } => match status {
                // Nothing is wrong with the scanner.
                SaneStatus::NoDocs | SaneStatus::Cancelled => return,
                SaneStatus::Jammed | SaneStatus::CoverOpen | SaneStatus::HwLocked => Status::UserError,
                SaneStatus::DeviceBusy | SaneStatus::WarmingUp => Status::DeviceBusy,
                SaneStatus::AccessDenied => Status::Offline,
                SaneStatus::Good
                | SaneStatus::Unsupported
                | SaneStatus::Inval
                | SaneStatus::Eof
                | SaneStatus::IoError
                | SaneStatus::NoMem
                | SaneStatus::Unknown(_) => Status::HardwareError,
            },
        };
        let (model, fault) = (self.model.clone(), Some(error.fault()));
        self.tell.health(Health { status, model, fault, raw: Some(error.to_string()) });
    }
}

impl Running {
    /// Nothing of the job was told yet.
    fn is_fresh(&self) -> bool {
        self.pages == 0
    }

    fn close(&mut self, limit: Duration) {
        self.state = State::Closing;
        self.deadline = Instant::now() + limit;
        self.helper.ask_to_stop();
    }
}

/// Whether the same job is worth another try by the machine itself.
fn retry_helps(error: &Error) -> bool {
    match error {
        Error::Crashed { .. } => true,
        Error::Scanner { step: Step::Open, status, .. } => matches!(
            status,
            SaneStatus::DeviceBusy | SaneStatus::WarmingUp | SaneStatus::IoError | SaneStatus::NoMem
        ),
        Error::Scanner { step: Step::Read, .. } => false,
        Error::Scanner { status, .. } => matches!(status, SaneStatus::DeviceBusy | SaneStatus::WarmingUp),
        // A try that hangs costs the citizen 20 s; a second one is not made.
        Error::NoHelper { .. }
        | Error::Garbage { .. }
        | Error::Overdue { .. }
        | Error::Page { .. }
        | Error::Ended => false,
    }
}

#[cfg(test)]
mod tests;
