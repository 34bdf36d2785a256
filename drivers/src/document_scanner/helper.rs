//! The helper process from outside: start it, read its answers on a thread of their own, kill it.
//!
//! The process is a group of its own, because scanner libraries fork readers that would outlive it and hold the pipe
//! open. The thread that reads also waits for its end, so that a process which even SIGKILL does not end (it hangs in
//! the kernel) costs one sleeping thread and never the driver.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use zeroize::Zeroizing;

use super::page::{Gate, RawPage};
use super::wire::{self, Answer, MAX_LINE, PageHead, Request, SaneStatus, Step};

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
    stdin: Option<ChildStdin>,
    group: Option<Pid>,
    /// True once the process was waited for: its number may belong to somebody else then.
    reaped: Arc<Mutex<bool>>,
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
        tell: impl FnMut(Message) + Send + 'static,
    ) -> io::Result<Self> {
        let line = wire::line(request)?;
        let reaped = Arc::new(Mutex::new(false));
        let gate = Gate::default();
        // The thread first: it waits for the end of the process, so none is started that nobody waits for.
        let (give, taken) = mpsc::channel::<(Child, Option<Pid>)>();
        let reading = std::thread::Builder::new().name("document-scanner-pipe".into());
        let (its_gate, its_reaped, mut tell) = (gate.clone(), Arc::clone(&reaped), tell);
        reading.spawn(move || {
            let Ok((mut child, group)) = taken.recv() else { return };
            if let Some(stdout) = child.stdout.take() {
                read_answers(BufReader::new(stdout), &its_gate, &mut tell);
            }
            tell(Message::Ended(reap(child, group, &its_reaped)));
        })?;
        let mut command = Command::new(&program.path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        if let Some(folder) = &program.sane_config {
            command.env("SANE_CONFIG_DIR", folder);
        }
        let mut child = command.spawn()?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let mut stdin = child.stdin.take();
        let _ = give.send((child, group));
        // Far smaller than a pipe, so this does not block; a process that ended already is told by the thread.
        let _ = stdin.as_mut().map(|stdin| stdin.write_all(&line));
        Ok(Self { stdin, group, reaped, gate })
    }

    /// Asks it to stop: the scanner shall bring its carriage home.
    pub fn ask_to_stop(&mut self) {
        self.stdin = None;
        self.gate.close();
    }

    /// Ends it and its children now.
    pub fn kill(&mut self) {
        self.ask_to_stop();
        let reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        if let (false, Some(group)) = (*reaped, self.group) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Whether it waits for pages to be dropped by their owner.
    pub fn is_held_up(&self) -> bool {
        self.gate.is_full()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.kill();
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

/// Waits for the end of the process, kills what it left behind, and says how it ended.
fn reap(mut child: Child, group: Option<Pid>, reaped: &Mutex<bool>) -> String {
    // The pipe is closed or useless. Waiting without reaping keeps the number ours until the lock is held.
    if let Some(pid) = group {
        while waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
            .is_err_and(|error| error == rustix::io::Errno::INTR)
        {}
    }
    let mut reaped = reaped.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let status = child.wait();
    *reaped = true;
    match status {
        Ok(status) => ending(status),
        Err(error) => error.to_string(),
    }
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}
