//! Only with the feature `fault-points`: a `kiosk submit` that `cargo xtask faults` can kill. It sends while it submits, as
//! the serving kiosk does, goes on after a request that was refused, and says each thing at once, a JSON object a line.

use std::io::Write;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use clap::Args;
use faults::Fault;
use outbox::forward::ForwardEvent;
use outbox::{Outbox, SubmitError};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::commands::{Failure, queue};
use crate::config::Config;

/// How long the queue may stay as it is before it is looked at again. A guess.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// More of `kiosk submit …`
#[derive(Args)]
pub struct Campaign {
    /// Send what waits meanwhile, and end when nothing waits any more.
    #[arg(long)]
    forward: bool,
    /// The power goes as soon as a request was refused.
    #[arg(long)]
    until_refused: bool,
}

/// Sends in the background.
pub struct Forwarder {
    runtime: Runtime,
    events: Receiver<ForwardEvent>,
}

impl Campaign {
    /// The store is open.
    pub fn begin(&self, config: &Config, outbox: &Outbox) -> Result<Option<Forwarder>, Failure> {
        say(&json!({"open": true}));
        let Some(table) = config.platform.as_ref().filter(|_| self.forward) else { return Ok(None) };
        let (client, runtime) = queue::line(table)?;
        let (sender, events) = mpsc::channel();
        let sink = move |event| drop(sender.send(event));
        runtime.spawn(outbox::forward::run(outbox.clone(), client, sink));
        Ok(Some(Forwarder { runtime, events }))
    }

    /// A request was refused.
    pub fn refused(&self, error: &SubmitError) {
        say(&json!({"refused": error.fault().code()}));
        if self.until_refused {
            std::process::abort();
        }
    }
}

impl Forwarder {
    /// Waits until nothing waits any more, or for ever. A frozen store sends nothing.
    pub fn finish(self, outbox: &Outbox) -> Result<(), Failure> {
        let queued = || outbox.figures().map(|figures| figures.queued);
        while queued().map_err(|error| Failure::new(error.fault(), &error))? > 0 {
            // Each event may be the last one that was waited for.
            if let Ok(ForwardEvent::Trouble(Fault::StoreFrozen)) = self.events.recv_timeout(LOOK_AGAIN) {
                break;
            }
        }
        self.runtime.shutdown_background();
        Ok(())
    }
}

fn say(line: &Value) {
    // A reader that has gone is no reason to stop what was asked for.
    let _ = writeln!(std::io::stdout(), "{line}");
}
