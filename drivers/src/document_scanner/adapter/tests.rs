//! The real adapter over helpers of a few shell lines; the real helper is in `tests/document_scanner.rs`.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};

use super::*;
use crate::device::start_with;
use crate::document_scanner::Handle;

const LONG: Duration = Duration::from_secs(20);

/// Long enough that nothing is overdue by accident.
const CALM: Limits = Limits { open: LONG, page: LONG, close: LONG, quick: Duration::ZERO, slow: LONG };

/// A limit that a test wants to pass.
const SHORT: Duration = Duration::from_millis(50);

const OPENED: &str = r#"echo '{"opened":{"contract":1,"model":"Bench"}}'"#;
const PAGE: &str = r#"echo '{"page":{"width":4,"height":2,"channels":1,"dpi":200}}'; printf 'ABCDEFGH'"#;

struct Bench {
    handle: Handle,
    events: Receiver<Event>,
    folder: tempfile::TempDir,
}

impl Bench {
    /// A helper that runs `script` with the request's line in `$request`.
    fn new(script: &str, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kiosk-scan");
        install(&path, &format!("#!/bin/sh\nread -r request\n{script}\n"));
        let config = Config::new(path, "bench:0");
        Self::with(config, limits, folder)
    }

    fn with(config: Config, limits: Limits, folder: tempfile::TempDir) -> Self {
        let (told, events) = mpsc::channel();
        let sink = move |event| drop(told.send(event));
        let handle = start_with(|inputs| Adapter::new(config, inputs, Tell::new(sink)).with_limits(limits));
        Self { handle, events, folder }
    }

    fn scan(&self, command: u64) {
        self.handle.scan(command, 200);
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(LONG).unwrap()
    }

    fn health(&self) -> Health {
        loop {
            if let Event::Health(health) = self.event() {
                return health;
            }
        }
    }

    /// The next end of a job: its number, and the pages or the failure.
    fn end(&self) -> (u64, Result<u32, Error>) {
        loop {
            match self.event() {
                Event::Finished(command, pages) => return (command, Ok(pages)),
                Event::Failed(command, error) => return (command, Err(error)),
                Event::Health(_) | Event::Page(..) => {}
            }
        }
    }

    fn failure(&self) -> Error {
        self.end().1.unwrap_err()
    }
}

/// Writes a program, from a process of its own and into place at once: a file that this process had open for writing
/// could be inherited by another test's helper, and then cannot be started ("text file busy").
fn install(path: &Path, text: &str) {
    let script = "printf %s \"$1\" > \"$0.new\" && chmod 755 \"$0.new\" && mv \"$0.new\" \"$0\"";
    let status = Command::new("sh").args(["-c", script]).arg(path).arg(text).status().unwrap();
    assert!(status.success());
}

/// Scans with a helper that does `script` for a job and opens well for a look.
fn job(script: &str, limits: Limits) -> Bench {
    let script = format!(
        "case \"$request\" in *probe*) {OPENED}; echo '{{\"finished\":{{\"pages\":0}}}}'; exit;; esac\n{script}"
    );
    Bench::new(&script, limits)
}

#[test]
fn pages_come_one_by_one_and_then_the_end() {
    let bench = job(&format!("{OPENED}; {PAGE}; {PAGE}; echo '{{\"finished\":{{\"pages\":2}}}}'"), CALM);
    bench.scan(7);
    let mut steps = Vec::new();
    while steps.last().is_none_or(|step: &String| !step.starts_with("finished")) {
        match bench.event() {
            Event::Page(command, page) => {
                let shape = (page.width(), page.height(), page.channels(), page.dpi());
                assert_eq!((shape, page.pixels()), ((4, 2, 1, Some(200)), b"ABCDEFGH".as_slice()));
                steps.push(format!("page {command}"));
            }
            Event::Finished(command, pages) => steps.push(format!("finished {command} {pages}")),
            Event::Failed(_, error) => steps.push(error.to_string()),
            Event::Health(health) => assert_eq!(health, Health::online("Bench")),
        }
    }
    assert_eq!(steps, ["page 7", "page 7", "finished 7 2"]);
}

#[test]
fn a_scanner_that_hangs_while_it_opens_is_given_up() {
    let bench = job("exec sleep 1000", Limits { open: SHORT, ..CALM });
    bench.scan(1);
    assert_eq!(bench.failure(), Error::Overdue { phase: Phase::Opening });
}

#[test]
fn a_page_that_hangs_is_given_up_and_the_next_job_runs() {
    let script = format!(
        "{OPENED}; {PAGE}; [ -e $0.again ] && {{ echo '{{\"finished\":{{\"pages\":1}}}}'; exit; }}; touch $0.again; sleep 1000"
    );
    let bench = job(&script, Limits { page: Duration::from_millis(300), ..CALM });
    bench.scan(1);
    assert_eq!(bench.failure(), Error::Overdue { phase: Phase::Scanning });
    bench.scan(2);
    assert_eq!(bench.end(), (2, Ok(1)));
}

#[test]
fn children_of_a_killed_helper_die_too() {
    let bench = job("sleep 1000 & echo $! > $0.child; wait", Limits { open: SHORT, ..CALM });
    bench.scan(1);
    assert_eq!(bench.failure(), Error::Overdue { phase: Phase::Opening });
    let number = std::fs::read_to_string(bench.folder.path().join("kiosk-scan.child")).unwrap();
    let stat = format!("/proc/{}/stat", number.trim());
    // Killed at once; a moment passes until the system has taken it away.
    let began = Instant::now();
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(began.elapsed() < LONG, "the child lives on");
        std::thread::yield_now();
    }
}

#[test]
fn a_crash_while_opening_is_retried_and_passes_unnoticed() {
    let script = format!(
        "[ -e $0.again ] || {{ touch $0.again; kill -SEGV $$; }}; {OPENED}; {PAGE}; echo '{{\"finished\":{{\"pages\":1}}}}'"
    );
    let bench = job(&script, CALM);
    bench.scan(3);
    assert_eq!(bench.end(), (3, Ok(1)));
}

#[test]
fn a_library_that_always_crashes_fails_the_job() {
    let bench = job("kill -SEGV $$", CALM);
    bench.scan(1);
    assert_eq!(bench.failure(), Error::Crashed { raw: "signal 11".into() });
}

#[test]
fn a_crash_between_pages_keeps_the_pages_and_is_not_retried() {
    let bench = job(&format!("{OPENED}; {PAGE}; exit 9"), CALM);
    bench.scan(1);
    loop {
        match bench.event() {
            Event::Page(..) => break,
            Event::Health(_) => {}
            Event::Finished(..) | Event::Failed(..) => panic!("no page"),
        }
    }
    assert_eq!(bench.failure(), Error::Crashed { raw: "exit status 9".into() });
}

#[test]
fn a_crash_on_the_first_sheet_is_told_because_the_sheet_was_drawn_in() {
    // A feeder of three sheets: a silent second try would give two and say that this was all.
    let script = format!(
        "[ -e $0.again ] || {{ touch $0.again; {OPENED}; kill -SEGV $$; }}; {OPENED}; {PAGE}; {PAGE}; echo '{{\"finished\":{{\"pages\":2}}}}'"
    );
    let bench = job(&script, CALM);
    bench.scan(1);
    assert_eq!(bench.end(), (1, Err(Error::Crashed { raw: "signal 11".into() })));
    // Whoever is told puts the sheets in again.
    bench.scan(2);
    assert_eq!(bench.end(), (2, Ok(2)));
}

#[test]
fn a_scanner_that_gets_busy_with_a_sheet_inside_is_told_and_one_before_it_is_retried() {
    let busy = |step: &str| {
        format!(
            "[ -e $0.again ] || {{ touch $0.again; {OPENED}; echo '{{\"failed\":{{\"step\":\"{step}\",\"status\":3,\"text\":\"\"}}}}'; exit; }}; {OPENED}; {PAGE}; echo '{{\"finished\":{{\"pages\":1}}}}'"
        )
    };
    let bench = job(&busy("read"), CALM);
    bench.scan(1);
    let told = Error::Scanner { step: Step::Read, status: SaneStatus::DeviceBusy, text: String::new() };
    assert_eq!(bench.end(), (1, Err(told)));
    let bench = job(&busy("start"), CALM);
    bench.scan(2);
    assert_eq!(bench.end(), (2, Ok(1)));
}

#[test]
fn hostile_answers_end_the_job() {
    for script in [
        "echo hello".to_string(),
        "head -c 100000 /dev/zero".into(),
        r#"echo '{"opened":{"contract":2,"model":null}}'"#.into(),
        format!(
            r#"{OPENED}; echo '{{"page":{{"width":4000000000,"height":4000000000,"channels":3,"dpi":1}}}}'"#
        ),
        format!(r#"{OPENED}; echo '{{"page":{{"width":0,"height":1,"channels":3,"dpi":1}}}}'"#),
        format!(r#"{OPENED}; {PAGE}; echo '{{"finished":{{"pages":3}}}}'"#),
    ] {
        let bench = job(&format!("{script}\nsleep 1000"), CALM);
        bench.scan(1);
        assert!(matches!(bench.failure(), Error::Garbage { .. }), "{script}");
    }
}

#[test]
fn a_cancelled_job_tells_nothing_more_and_the_next_one_runs() {
    // Waits for the end of standard input, like the real helper.
    let script = format!(
        "[ -e $0.again ] || {{ touch $0.again; {OPENED}; {PAGE}; cat > /dev/null; {PAGE}; exit; }}; {OPENED}; {PAGE}; echo '{{\"finished\":{{\"pages\":1}}}}'"
    );
    let bench = job(&script, CALM);
    bench.scan(1);
    while !matches!(bench.event(), Event::Page(1, _)) {}
    bench.handle.cancel();
    bench.scan(2);
    loop {
        match bench.event() {
            Event::Page(command, _) => assert_eq!(command, 2),
            Event::Finished(command, pages) => break assert_eq!((command, pages), (2, 1)),
            Event::Failed(_, error) => panic!("{error}"),
            Event::Health(_) => {}
        }
    }
}

#[test]
fn a_missing_helper_is_told_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kiosk-scan");
    let limits = Limits { slow: SHORT, ..CALM };
    let bench = Bench::with(Config::new(&path, "bench:0"), limits, folder);
    assert_eq!(bench.health().status, Status::Offline);
    bench.scan(1);
    assert!(matches!(bench.failure(), Error::NoHelper { .. }));
    install(&path, &format!("#!/bin/sh\n{OPENED}; echo '{{\"finished\":{{\"pages\":0}}}}'\n"));
    assert_eq!(bench.health(), Health::online("Bench"));
}

#[test]
fn two_hundred_pages_wait_for_their_reader() {
    // 3 MB a page; the helper notes each page it got rid of.
    let script = format!(
        "{OPENED}; i=0; while [ $i -lt 200 ]; do echo '{{\"page\":{{\"width\":1000,\"height\":1000,\"channels\":3,\"dpi\":200}}}}'; head -c 3000000 /dev/zero; i=$((i+1)); echo $i > $0.sent; done; echo '{{\"finished\":{{\"pages\":200}}}}'"
    );
    let bench = job(&script, Limits { page: SHORT * 20, ..CALM });
    bench.scan(1);
    let mut kept = Vec::new();
    while kept.len() < 2 {
        if let Event::Page(_, page) = bench.event() {
            kept.push(page);
        }
    }
    // Longer than a page may take: no third page comes, and nobody is called overdue for that.
    assert!(bench.events.recv_timeout(SHORT * 30).is_err());
    let sent: u32 =
        std::fs::read_to_string(bench.folder.path().join("kiosk-scan.sent")).unwrap().trim().parse().unwrap();
    assert_eq!(sent, 2);
    kept.clear();
    assert_eq!(bench.end(), (1, Ok(200)));
}
