//! The helper process as the adapter sees it: a request to it, and its answers as messages.

use std::io::{self, BufRead, Read};
use std::path::PathBuf;
use std::process::Command;

use zeroize::Zeroizing;

use super::page::{Gate, RawPage};
use super::wire::{self, Answer, MAX_LINE, PageHead, Request, SaneStatus, Step};
use crate::link::process::Process;

/// What the process told.
pub enum Message {
    Opened {
        model: Option<String>,
    },
    Page(Box<RawPage>),
    Finished {
        pages: u32,
    },
    Failed {
        step: Step,
        status: Option<SaneStatus>,
        text: String,
    },
    /// It broke the contract; nothing more is read from it.
    Garbage(String),
    /// It is gone, and so is its process group.
    Ended(String),
}

/// How the process is started.
#[derive(Clone)]
pub(super) struct Program {
    pub path: PathBuf,
    pub sane_config: Option<PathBuf>,
}

/// A running helper. Dropping it kills it.
pub(super) struct Helper {
    process: Process,
    gate: Gate,
}

impl Helper {
    /// Starts the process and asks it. `tell` is called on the reading thread; the last message is always `Ended`.
    ///
    /// # Errors
    /// The system's, when process or thread cannot be started; nothing is told then.
    pub fn start(
        program: &Program,
        request: &Request,
        mut tell: impl FnMut(Message) + Send + 'static,
    ) -> io::Result<Self> {
        let gate = Gate::default();
        let its_gate = gate.clone();
        let mut command = Command::new(&program.path);
        if let Some(folder) = &program.sane_config {
            command.env("SANE_CONFIG_DIR", folder);
        }
        let read = move |pipe| {
            read_answers(pipe, &its_gate, &mut tell);
            move |ending| tell(Message::Ended(ending))
        };
        let process = Process::start(command, &wire::line(request)?, "document-scanner-pipe", read)?;
        Ok(Self { process, gate })
    }

    /// Asks it to stop: the scanner shall bring its carriage home.
    pub fn ask_to_stop(&mut self) {
        self.process.close();
        self.gate.close();
    }

    /// Ends it and its children now.
    pub fn kill(&mut self) {
        self.ask_to_stop();
        self.process.kill();
    }

    /// Whether it waits for pages to be dropped by their owner.
    pub fn is_held_up(&self) -> bool {
        self.gate.is_full()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}

/// Reads until the end, a broken contract, or until nobody wants the pages.
pub(super) fn read_answers(mut pipe: impl BufRead, gate: &Gate, tell: &mut impl FnMut(Message)) {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match pipe.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let answer = match wire::parse::<Answer>(&buffer) {
            Ok(answer) => answer,
            // Only the parser's words: the line may be a part of somebody's page.
            Err(error) => return tell(Message::Garbage(format!("{:?} in a line", error.classify()))),
        };
        let message = match answer {
            Answer::Opened { contract: wire::CONTRACT, model } => Message::Opened { model },
            Answer::Opened { contract, .. } => {
                return tell(Message::Garbage(format!("contract {contract} instead of {}", wire::CONTRACT)));
            }
            Answer::Page(head) => match read_page(&mut pipe, head, gate) {
                Ok(Some(page)) => Message::Page(Box::new(page)),
                Ok(None) => return,
                Err(error) => return tell(Message::Garbage(error)),
            },
            Answer::Finished { pages } => Message::Finished { pages },
            Answer::Failed { step, status, text } => {
                Message::Failed { step, status: status.map(SaneStatus::from_code), text }
            }
        };
        tell(message);
    }
}

fn read_page(pipe: &mut impl Read, head: PageHead, gate: &Gate) -> Result<Option<RawPage>, String> {
    let Some(size) = head.bytes() else {
        return Err(format!("a page of {}×{}×{}", head.width, head.height, head.channels));
    };
    let Some(permit) = gate.enter() else { return Ok(None) };
    let mut pixels = Zeroizing::new(vec![0; size]);
    match pipe.read_exact(&mut pixels) {
        Ok(()) => Ok(Some(RawPage::new(head, pixels, permit))),
        // It died in the middle of a page; how, is told by its exit status.
        Err(_) => Ok(None),
    }
}
