//! The behaviour of the printer's thread: jobs in their order, and a look at the status now and then.

use std::time::{Duration, Instant};

use super::conversation::{health, print, report, unreachable, unwell};
use super::document::Document;
use super::glyph::Glyphs;
use super::{Config, Event, job};
use crate::device::{self, Tell};
use crate::link::Link;

/// How often the status is looked at between jobs. Paper and covers change by hand, so seconds are soon enough. Guess.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A job.
pub struct Input {
    pub command: u64,
    pub document: Document,
    /// What has not begun by then is not printed.
    pub begin_by: Instant,
}

pub(super) struct Adapter<L> {
    pub(super) link: L,
    config: Config,
    tell: Tell<Config>,
    look_at: Instant,
}

impl<L: Link> device::Adapter<Input> for Adapter<L> {
    fn obey(&mut self, Input { command, document, begin_by }: Input) {
        self.print(command, &document, begin_by);
        self.look_at = Instant::now() + LOOK_EVERY;
    }

    fn due(&mut self) -> Duration {
        let left = self.look_at.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            return left;
        }
        self.look();
        self.look_at = Instant::now() + LOOK_EVERY;
        LOOK_EVERY
    }
}

impl<L: Link> Adapter<L> {
    pub fn new(config: Config, link: L, tell: Tell<Config>) -> Self {
        Self { link, config, tell, look_at: Instant::now() }
    }

    fn look(&mut self) {
        let report = self.link.open().map_err(unreachable).and_then(|()| report(&mut self.link));
        self.link.close();
        self.tell.health(health(report));
    }

    fn print(&mut self, command: u64, document: &Document, begin_by: Instant) {
        let mut glyphs = Glyphs::new(self.config.font.clone());
        let job = job::job(document, self.config.profile.row(), &mut glyphs);
        let result =
            self.link.open().map_err(unreachable).and_then(|()| print(&mut self.link, &job, begin_by));
        self.link.close();
        match result {
            Ok(()) => {
                self.tell.event(Event::Printed(command));
                // The job proves that an earlier fault is mended; what remains to be said is the rest of the status.
                if self.tell.last().is_some_and(|health| health.fault.is_some()) {
                    self.look();
                }
            }
            Err(error) => {
                tracing::warn!(command, code = error.fault().code(), %error, "receipt printer: not printed");
                let health = unwell(&error);
                self.tell.event(Event::Failed(command, error));
                self.tell.health(health);
            }
        }
    }
}
