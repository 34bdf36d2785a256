//! The receipt printer: ESC/POS on 80 mm paper with a Chinese font.
//!
//! A thread looks at the printer's status now and then, and prints when told to. A job is a success only when the
//! printer answered after it.
//!
//! The line is open only while something is said: many network printers serve one client at a time, and a kiosk that
//! held the connection would lock out the technician's computer. A look takes four questions and, on a healthy
//! printer, under a tenth of a second. Automatic status (`GS a`) is not used for the same reason: it needs the line
//! open all the time.

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
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

pub use document::{Block, Document};
pub use error::Error;
pub use profiles::Profile;

use crate::link::Link;
use crate::link::tcp::Tcp;
use crate::status::{Health, Told};
use crate::thread::DeviceThread;
use conversation::{health, print, report, unreachable, unwell};
use glyph::Glyphs;

/// How often the status is looked at between jobs. Paper and covers change by hand, so seconds are soon enough. Guess.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How long the printer may refuse to take bytes. It stops taking them while it prints with a full buffer; a metre
/// of paper takes 7 s at 150 mm/s. Guess.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// A job that has not begun by then is not printed: a visit waits 30 s for its receipt, and what comes out later is read by
/// the next visitor.
const BEGIN_WITHIN: Duration = Duration::from_secs(25);

/// How long `drop` waits for the thread: the longest answer. A job under way goes on without anybody hearing of it.
const STOP_LIMIT: Duration = Duration::from_secs(2);

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

enum Command {
    Print(u64, Document, Instant),
    Stop,
}

/// The printer's thread. Dropping it stops the thread.
pub struct Handle {
    commands: Sender<Command>,
    thread: DeviceThread,
}

/// Starts the printer's thread, `receipt-printer`. The sink is called on that thread and must not block.
pub fn start(config: Config, sink: impl Fn(Event) + Send + 'static) -> Handle {
    let (commands, received) = mpsc::channel();
    let thread = DeviceThread::start("receipt-printer", STOP_LIMIT, move || {
        let link = link(&config);
        Adapter {
            link,
            profile: config.profile,
            font: config.font,
            sink,
            health: Told::new("receipt printer"),
        }
        .run(&received);
    });
    Handle { commands, thread }
}

impl Handle {
    /// Prints a document. Jobs are printed in the order in which they came; each ends in `Printed` or `Failed`.
    /// Returns at once.
    pub fn print(&self, command: u64, document: Document) {
        let _ = self.commands.send(Command::Print(command, document, Instant::now() + BEGIN_WITHIN));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        self.thread.wait();
    }
}

/// Looks once at the printer.
pub fn probe(config: &Config) -> Health {
    look(&mut link(config))
}

/// Prints one document and waits for the printer's word.
///
/// # Errors
/// Any [`Error`]; see each for whether something may be on paper.
pub fn print_once(config: &Config, document: &Document) -> Result<(), Error> {
    print_on(&mut link(config), config.profile, config.font.clone(), document, Instant::now() + BEGIN_WITHIN)
}

fn link(config: &Config) -> Tcp {
    match &config.transport {
        Transport::Tcp { address } => Tcp::new(address, SEND_LIMIT),
    }
}

fn look(link: &mut impl Link) -> Health {
    let report = link.open().map_err(unreachable).and_then(|()| report(link));
    link.close();
    health(report)
}

fn print_on(
    link: &mut impl Link,
    profile: Profile,
    font: Option<PathBuf>,
    document: &Document,
    begin_by: Instant,
) -> Result<(), Error> {
    let job = job::job(document, profile.row(), &mut Glyphs::new(font));
    let result = link.open().map_err(unreachable).and_then(|()| print(link, &job, begin_by));
    link.close();
    result
}

struct Adapter<L, S> {
    link: L,
    profile: Profile,
    font: Option<PathBuf>,
    sink: S,
    health: Told,
}

impl<L: Link, S: Fn(Event)> Adapter<L, S> {
    fn run(&mut self, commands: &Receiver<Command>) {
        let mut next = Instant::now();
        loop {
            match commands.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(Command::Print(command, document, begin_by)) => {
                    self.print(command, &document, begin_by);
                    next = Instant::now() + LOOK_EVERY;
                }
                Err(RecvTimeoutError::Timeout) => {
                    let health = look(&mut self.link);
                    self.become_health(health);
                    next = Instant::now() + LOOK_EVERY;
                }
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn print(&mut self, command: u64, document: &Document, begin_by: Instant) {
        match print_on(&mut self.link, self.profile, self.font.clone(), document, begin_by) {
            Ok(()) => {
                (self.sink)(Event::Printed(command));
                // The job proves that an earlier fault is mended; what remains to be said is the rest of the status.
                self.become_health_after_success();
            }
            Err(error) => {
                tracing::warn!(command, code = error.fault().code(), %error, "receipt printer: not printed");
                let health = unwell(&error);
                (self.sink)(Event::Failed(command, error));
                self.become_health(health);
            }
        }
    }

    fn become_health_after_success(&mut self) {
        if self.health.last().is_some_and(|health| health.fault.is_some()) {
            let health = look(&mut self.link);
            self.become_health(health);
        }
    }

    fn become_health(&mut self, health: Health) {
        self.health.become_health(health, |news| (self.sink)(Event::Health(news)));
    }
}

#[cfg(test)]
mod tests {
    use super::fake::Fake;
    use super::*;
    use crate::status::Status;
    use faults::Fault;

    fn told(link: Fake, commands: Vec<Command>) -> Vec<String> {
        let (sender, received) = mpsc::channel();
        let events = std::cell::RefCell::new(Vec::new());
        for command in commands {
            sender.send(command).unwrap();
        }
        sender.send(Command::Stop).unwrap();
        let sink = |event| {
            events.borrow_mut().push(match event {
                Event::Health(health) => format!("{:?} {:?}", health.status, health.fault.map(Fault::code)),
                Event::Printed(command) => format!("printed {command}"),
                Event::Failed(command, error) => format!("failed {command} {}", error.fault().code()),
            });
        };
        Adapter { link, profile: Profile::Generic, font: None, sink, health: Told::new("receipt printer") }
            .run(&received);
        events.into_inner()
    }

    fn job(command: u64) -> Command {
        Command::Print(
            command,
            Document { blocks: vec![Block::Text("张".into())] },
            Instant::now() + BEGIN_WITHIN,
        )
    }

    #[test]
    fn jobs_are_answered_in_order() {
        assert_eq!(told(Fake::default(), vec![job(1), job(2)]), ["printed 1", "printed 2"]);
    }

    #[test]
    fn a_failed_job_shows_in_the_health_once() {
        let absent = Fake { absent: true, ..Fake::default() };
        let expected = ["failed 1 PRN-01", "Offline Some(\"PRN-01\")", "failed 2 PRN-01"];
        assert_eq!(told(absent, vec![job(1), job(2)]), expected);
    }

    #[test]
    fn the_line_is_closed_after_each_word() {
        let mut link = Fake::default();
        assert_eq!(look(&mut link).status, Status::Online);
        let document = Document { blocks: vec![Block::Text("A".into())] };
        assert_eq!(
            print_on(&mut link, Profile::Generic, None, &document, Instant::now() + BEGIN_WITHIN),
            Ok(())
        );
        assert_eq!((link.opened, link.closed), (2, 2));
    }
}
