//! The helper process between the kiosk and SANE: one job, then it ends. The kiosk kills it when it is overdue.
//!
//! The contract is [`drivers::document_scanner::wire`]: one request on standard input, answers on standard output. The
//! end of standard input means that the kiosk wants no more, or is gone.

mod assemble;
mod choose;
mod job;
mod sane;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use drivers::document_scanner::Step;
use drivers::document_scanner::wire::{self, Answer, MAX_LINE, Request};
use rustix::process::{Signal, getpid, kill_process};

/// How long the scanner may take to stop once the kiosk is gone. The kiosk, if it lives, kills us at 6 s.
const STOP_GRACE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kiosk-scan: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    let mut answers = Answers { pipe: claim_stdout()? };
    let mut stdin = BufReader::new(io::stdin());
    let mut line = Vec::new();
    stdin.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut line)?;
    let request = match wire::parse::<Request>(&line) {
        Ok(request) => request,
        Err(error) => {
            let text = error.to_string();
            return answers.tell(&Answer::Failed { step: Step::Request, status: None, text });
        }
    };
    let stop = watch(stdin)?;
    let answer = match job::run(&request, &mut answers, &stop) {
        Ok(pages) => Answer::Finished { pages },
        Err(job::Failure::Job { step, status, text }) => Answer::Failed { step, status, text },
        Err(job::Failure::Pipe(error)) => return Err(error),
        // Nobody listens.
        Err(job::Failure::Stopped) => return Ok(()),
    };
    answers.tell(&answer)
}

/// Keeps standard output for the answers alone: some scanner libraries print there.
fn claim_stdout() -> io::Result<std::fs::File> {
    let pipe: OwnedFd = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(pipe.into())
}

/// Notices the end of standard input. A scanner that does not stop then must not stay open for ever.
fn watch(mut stdin: impl Read + Send + 'static) -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    std::thread::Builder::new().name("watch".into()).spawn(move || {
        let _ = io::copy(&mut stdin, &mut io::sink());
        flag.store(true, Ordering::SeqCst);
        std::thread::sleep(STOP_GRACE);
        // An ordinary end would call the library's destructors, which may hang as well.
        let _ = kill_process(getpid(), Signal::KILL);
    })?;
    Ok(stop)
}

/// Where answers go.
pub struct Answers {
    pipe: std::fs::File,
}

impl Answers {
    /// Sends an answer.
    pub fn tell(&mut self, answer: &Answer) -> io::Result<()> {
        self.pipe.write_all(&wire::line(answer)?)
    }

    /// Sends the pixels of the page that was just told.
    pub fn pixels(&mut self, pixels: &[u8]) -> io::Result<()> {
        self.pipe.write_all(pixels)
    }
}
