//! What is said to the printer and in which order: status, job, confirmation.

use std::io;
use std::time::{Duration, Instant};

use super::error::Error;
use super::wire::status::{ASK_QUEUED, NotStatus, Question, Report, ask, is_queued, is_realtime};
use crate::link::Link;
use crate::status::{Health, Status};

/// How long one real-time answer may take. Printers answer within 50 ms even while printing; print servers add some.
/// Guess.
const ANSWER_LIMIT: Duration = Duration::from_millis(1500);

/// How long the line must be silent before it counts as drained. Answers can lag one question behind, so what
/// comes now belongs to an earlier one. Guess: longer than a byte takes on any line.
const SILENCE: Duration = Duration::from_millis(30);

/// How many bytes are drained at most: a line that never falls silent is garbage.
const DRAIN: usize = 4096;

/// How often a question is asked before a wrong answer is believed.
const TRIES: usize = 3;

/// How long the queued answer is awaited before the real-time status is looked at, and between two such looks. A
/// receipt of 200 mm takes 1.4 s at 150 mm/s.
const CONFIRM_STEP: Duration = Duration::from_millis(1500);

/// How often that is done with a printer that answers queued questions: 27 s, less than a visit waits for it. Guess: three
/// long receipts on a slow printer.
const CONFIRM_STEPS: usize = 18;

/// The same with one that does not answer them: 4.5 s, three times the paper of a usual receipt. Guess.
const CONFIRM_STEPS_MUTE: usize = 3;

/// Asks the four questions.
///
/// # Errors
/// [`Error::Unreachable`] when nothing comes back, [`Error::Garbage`] when it is no status.
pub(crate) fn report(link: &mut impl Link) -> Result<Report, Error> {
    drain(link)?;
    let mut report = Report::default();
    for question in Question::ALL {
        let mut left = TRIES;
        loop {
            left = left.saturating_sub(1);
            link.send(&ask(question)).map_err(unreachable)?;
            let byte = receive(link, ANSWER_LIMIT).map_err(unreachable)?.ok_or_else(no_answer)?;
            match report.take(question, byte) {
                Ok(()) => break,
                Err(NotStatus(byte)) if left == 0 => {
                    return Err(Error::Garbage { raw: format!("{byte:02X}") });
                }
                Err(NotStatus(_)) => drain(link)?,
            }
        }
    }
    Ok(report)
}

/// Prints a job: status first, then the job, then the printer's own word that it worked it off.
///
/// The confirmation is the answer to a question that queues behind the job. Some clones never answer that one, which
/// shows before the job: with them a healthy real-time status after it counts, given three times the time that a receipt
/// needs.
///
/// # Errors
/// Before the job, whatever the status says; after it [`Error::Unconfirmed`], or what the status says then.
pub(crate) fn print(link: &mut impl Link, job: &[u8], begin_by: Instant) -> Result<(), Error> {
    match problem(&report(link)?) {
        Some(error) => return Err(error),
        None => drain(link)?,
    }
    link.send(&ASK_QUEUED).map_err(unreachable)?;
    let answers = queued_answer(link, unreachable)?;
    // What comes later would be read by the next visitor.
    if Instant::now() > begin_by {
        return Err(Error::Unreachable { raw: "the printer was not ready in time".into() });
    }
    // From the first byte on, part of the receipt may be on paper.
    link.send(job).map_err(unconfirmed)?;
    for _ in 0..if answers { CONFIRM_STEPS } else { CONFIRM_STEPS_MUTE } {
        link.send(&ASK_QUEUED).map_err(unconfirmed)?;
        if queued_answer(link, unconfirmed)? {
            return Ok(());
        }
        match report(link) {
            Ok(report) => {
                if let Some(error) = problem(&report) {
                    return Err(error);
                }
            }
            Err(Error::Unreachable { raw }) => return Err(Error::Unconfirmed { raw }),
            Err(error) => return Err(error),
        }
    }
    if answers {
        return Err(Error::Unconfirmed { raw: "no answer to the question behind the job".into() });
    }
    tracing::debug!("receipt printer: confirmed by its real-time status only");
    Ok(())
}

/// Waits for the queued answer. Real-time answers that lag behind are passed over.
fn queued_answer(link: &mut impl Link, failed: fn(io::Error) -> Error) -> Result<bool, Error> {
    let until = Instant::now() + CONFIRM_STEP;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match receive(link, left).map_err(failed)? {
            Some(byte) if is_queued(byte) => return Ok(true),
            Some(byte) if is_realtime(byte) => {}
            Some(byte) => return Err(Error::Garbage { raw: format!("{byte:02X}") }),
            None => return Ok(false),
        }
    }
}

/// The next byte; `None` when none came within `limit`.
fn receive(link: &mut impl Link, limit: Duration) -> io::Result<Option<u8>> {
    let mut byte = [0];
    let came = link.receive(&mut byte, limit)?;
    Ok(came.and_then(|_| byte.first().copied()))
}

fn drain(link: &mut impl Link) -> Result<(), Error> {
    for _ in 0..DRAIN {
        if receive(link, SILENCE).map_err(unreachable)?.is_none() {
            return Ok(());
        }
    }
    Err(Error::Garbage { raw: format!("more than {DRAIN} bytes without a question") })
}

/// What keeps the printer from printing, the cause that a person can mend first.
pub(crate) fn problem(report: &Report) -> Option<Error> {
    let raw = report.hex();
    if report.cover_open {
        Some(Error::CoverOpen { raw })
    } else if report.paper_out {
        Some(Error::PaperOut { raw })
    } else if report.cutter {
        Some(Error::Jammed { raw })
    } else if report.unrecoverable {
        Some(Error::Failed { raw })
    } else if report.hot {
        Some(Error::Hot { raw })
    } else if report.error || (report.offline && !report.feeding) {
        Some(Error::Failed { raw })
    } else {
        None
    }
}

/// The health that a look at the printer shows.
pub(crate) fn health(looked: Result<Report, Error>) -> Health {
    let model = None;
    match looked {
        Ok(report) => match problem(&report) {
            Some(error) => unwell(&error),
            None if report.feeding => {
                Health { status: Status::DeviceBusy, model, fault: None, raw: Some(report.hex()) }
            }
            None if report.near_end => {
                Health { status: Status::Online, model, fault: None, raw: Some("paper near its end".into()) }
            }
            None => Health { status: Status::Online, model, fault: None, raw: None },
        },
        Err(error) => unwell(&error),
    }
}

/// The health that a failure shows.
pub(crate) fn unwell(error: &Error) -> Health {
    let (status, raw) = match error {
        Error::Unreachable { raw } | Error::Unconfirmed { raw } => (Status::Offline, raw),
        Error::PaperOut { raw } | Error::CoverOpen { raw } => (Status::UserError, raw),
        Error::Jammed { raw } | Error::Garbage { raw } | Error::Failed { raw } => {
            (Status::HardwareError, raw)
        }
        Error::Hot { raw } => (Status::DeviceBusy, raw),
    };
    Health { status, model: None, fault: Some(error.fault()), raw: Some(raw.clone()) }
}

pub(crate) fn unreachable(error: io::Error) -> Error {
    Error::Unreachable { raw: error.to_string() }
}

fn unconfirmed(error: io::Error) -> Error {
    Error::Unconfirmed { raw: error.to_string() }
}

fn no_answer() -> Error {
    Error::Unreachable { raw: "connected, but no answer to the status question".into() }
}

#[cfg(test)]
mod tests {
    use faults::Fault;

    use super::super::fake::Fake;
    use super::*;

    fn set(question: usize, byte: u8) -> [Option<u8>; 4] {
        let mut answers = [Some(0x12); 4];
        answers[question - 1] = Some(byte);
        answers
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    fn fault(mut printer: Fake) -> Option<Fault> {
        printer.open().unwrap();
        print(&mut printer, b"job", soon()).err().map(|error| error.fault())
    }

    #[test]
    fn a_job_is_confirmed_by_the_queued_answer() {
        let mut printer = Fake::default();
        assert_eq!(print(&mut printer, b"job", soon()), Ok(()));
        assert_eq!(printer.printed, b"job");
    }

    #[test]
    fn a_job_that_comes_too_late_is_not_printed() {
        let mut printer = Fake::default();
        let error = print(&mut printer, b"job", Instant::now() - Duration::from_secs(1)).unwrap_err();
        assert_eq!(error.fault(), Fault::PrinterUnreachable);
        assert!(printer.printed.is_empty(), "the next visitor would read it");
    }

    #[test]
    fn nothing_is_sent_to_a_printer_that_cannot_print() {
        for (answers, expected) in [
            (set(2, 0x16), Fault::PrinterCoverOpen),
            (set(4, 0x72), Fault::PrinterPaperOut),
            (set(2, 0x32), Fault::PrinterPaperOut),
            (set(3, 0x1A), Fault::PrinterJammed),
            (set(3, 0x32), Fault::PrinterFailed),
            (set(3, 0x52), Fault::PrinterHot),
            (set(1, 0x1A), Fault::PrinterFailed),
            (set(1, 0xFF), Fault::PrinterGarbage),
            ([None; 4], Fault::PrinterUnreachable),
        ] {
            let mut printer = Fake { before: answers, ..Fake::default() };
            let error = print(&mut printer, b"job", soon()).unwrap_err();
            assert_eq!(error.fault(), expected, "{error}");
            assert!(printer.printed.is_empty());
            let health = unwell(&error);
            assert_ne!(health.status, Status::Online);
            assert_eq!(health.fault, Some(expected));
        }
    }

    #[test]
    fn lagging_answers_are_drained_first() {
        assert_eq!(fault(Fake { stale: vec![0x72, 0x00, 0xFF], ..Fake::default() }), None);
        let endless = Fake { stale: vec![0x12; 10_000], ..Fake::default() };
        assert_eq!(fault(endless), Some(Fault::PrinterGarbage));
    }

    #[test]
    fn after_the_job() {
        let silent = Fake { queued: None, after: [None; 4], ..Fake::default() };
        assert_eq!(fault(silent), Some(Fault::PrinterUnconfirmed));
        let clone = Fake { queued: None, ..Fake::default() };
        assert_eq!(fault(clone), None, "a healthy status after the job counts");
        let never_done = Fake { jammed: true, ..Fake::default() };
        assert_eq!(fault(never_done), Some(Fault::PrinterUnconfirmed), "it answered before the job");
        let ran_out = Fake { queued: None, after: set(4, 0x72), ..Fake::default() };
        assert_eq!(fault(ran_out), Some(Fault::PrinterPaperOut));
        let garbage = Fake { queued: Some(0xFF), ..Fake::default() };
        assert_eq!(fault(garbage), Some(Fault::PrinterGarbage));
        let hung_up = Fake { hangs_up: true, ..Fake::default() };
        assert_eq!(fault(hung_up), Some(Fault::PrinterUnconfirmed));
    }

    #[test]
    fn health_in_the_common_words() {
        assert_eq!(health(report(&mut Fake::default())).status, Status::Online);
        let near = health(report(&mut Fake { before: set(4, 0x1E), ..Fake::default() }));
        assert_eq!((near.status, near.fault), (Status::Online, None));
        assert!(near.raw.is_some());
        let open = health(report(&mut Fake { before: set(2, 0x16), ..Fake::default() }));
        assert_eq!((open.status, open.raw), (Status::UserError, Some("12 16 12 12".into())));
        let fed = health(report(&mut Fake { before: set(2, 0x1A), ..Fake::default() }));
        assert_eq!(fed.status, Status::DeviceBusy);
    }
}
