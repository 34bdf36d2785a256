//! The receipt printer: ESC/POS on 80 mm paper with a Chinese font.
//!
//! A thread looks at the printer's status now and then, and prints when told to. A job is a success only when the
//! printer answered after it.
//!
//! The line is open only while something is said: many network printers serve one client at a time, and a kiosk that
//! held the connection would lock out the technician's computer. A look takes four questions and, on a healthy
//! printer, under a tenth of a second. Automatic status (`GS a`) is not used for the same reason: it needs the line
//! open all the time.

mod adapter;
mod conversation;
mod document;
mod error;
#[cfg(test)]
mod fake;
#[doc(hidden)]
pub mod fuzzing;
mod glyph;
mod job;
mod layout;
mod profiles;
mod wire;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use faults::Fault;

pub use document::{Block, Document};
pub use error::Error;
pub use profiles::Profile;

use crate::device::{self, Device, Inputs, Tell};
use crate::link::tcp::Tcp;
use crate::status::Health;
use adapter::{Adapter, Input};

/// How long the printer may refuse to take bytes. It stops taking them while it prints with a full buffer; a metre
/// of paper takes 7 s at 150 mm/s. Guess.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// A job that has not begun by then is not printed: a visit waits 30 s for its receipt, and what comes out later is read by
/// the next visitor.
const BEGIN_WITHIN: Duration = Duration::from_secs(25);

/// Which printer, and what it is like.
#[derive(Clone, Debug)]
pub struct Config {
    /// How it is connected.
    pub transport: Transport,
    /// The model.
    pub profile: Profile,
    /// A font file for characters that the printer lacks, tried before the installed ones.
    pub font: Option<PathBuf>,
}

/// How a printer is connected.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Raw bytes over TCP.
    Tcp {
        /// Host and port, such as `192.168.1.50:9100`.
        address: String,
    },
}

/// What the printer's thread tells.
pub enum Event {
    /// The printer's state changed.
    Health(Health),
    /// The job with this id was printed, by the printer's own word.
    Printed(u64),
    /// The job with this id was not printed, or not surely.
    Failed(u64, Error),
}

/// The printer's thread, `receipt-printer`. Dropping it stops the thread; a job under way goes on without anybody hearing
/// of it.
pub type Handle = device::Handle<Config>;

impl Device for Config {
    const NAME: &'static str = "receipt-printer";
    const GONE: Fault = Fault::PrinterUnreachable;
    type Input = Input;
    type Event = Event;

    fn adapter(self, _: Inputs<Self>, tell: Tell<Self>) -> impl device::Adapter<Input> + Send + 'static {
        let link = match &self.transport {
            Transport::Tcp { address } => Tcp::new(address, SEND_LIMIT),
        };
        Adapter::new(self, link, tell)
    }

    fn told(health: Health) -> Event {
        Event::Health(health)
    }

    fn health(event: Event) -> Option<Health> {
        if let Event::Health(health) = event { Some(health) } else { None }
    }
}

impl Handle {
    /// Prints a document. Jobs are printed in the order in which they came; each ends in `Printed` or `Failed`.
    /// Returns at once.
    pub fn print(&self, command: u64, document: Document) {
        self.send(Input { command, document, begin_by: Instant::now() + BEGIN_WITHIN });
    }
}

/// Prints one document and waits for the printer's word.
///
/// # Errors
/// Any [`Error`]; see each for whether something may be on paper.
pub fn print_once(config: &Config, document: &Document) -> Result<(), Error> {
    let print = |handle: &Handle| handle.print(1, document.clone());
    device::once(config, print, |_, event| match event {
        Event::Printed(_) => Some(Ok(())),
        Event::Failed(_, error) => Some(Err(error)),
        Event::Health(_) => None,
    })
    .unwrap_or_else(|| Err(Error::Unreachable { raw: "the printer's thread has ended".into() }))
}

#[cfg(test)]
mod tests;
