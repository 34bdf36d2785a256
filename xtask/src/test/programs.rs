//! The test programs of the house, several at a time.
//!
//! `cargo test` starts one program when the one before has ended. Those of the folder `tests` wait nearly all their time,
//! for limits as a hall has them, so here they run beside everything else; of the others two run at once, because many
//! end with one long test. What a program says is kept apart and shown whole at its end.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::{self, Interrupt};
use crate::stage::cargo;

/// The package whose programs wait.
const WAITING: &str = "tests";

/// Threads of a program that waits: the virtual reader has two slots, and many tests need no reader.
const WAITERS: &str = "4";

/// Other jobs at once.
const AT_ONCE: usize = 2;

/// Something that succeeds or fails, with what it says in a log.
pub struct Job {
    name: String,
    command: Command,
}

impl Job {
    /// A job of this name.
    pub fn new(name: impl Into<String>, command: Command) -> Job {
        Job { name: name.into(), command }
    }
}

/// How a job ended.
struct Ended {
    name: String,
    good: Result<bool>,
    took: Duration,
    log: PathBuf,
}

/// Builds every test program and runs them all, and `more` beside them.
///
/// # Errors
/// When something does not build, or at the end when a job failed, with the names of all that did.
pub fn run(more: Vec<Job>, interrupt: &Interrupt) -> Result<()> {
    let begin = Instant::now();
    let (waiting, others): (Vec<Program>, Vec<Program>) =
        build()?.into_iter().partition(|program| program.package == WAITING);
    interrupt.check()?;
    println!("built in {:.1} s", begin.elapsed().as_secs_f64());
    let queue: Vec<Job> = others.iter().map(|program| program.job(None)).chain(more).collect();
    let queue = Mutex::new(queue.into_iter());
    let logs = tempfile::tempdir().context("cannot make a folder for the logs")?;
    let (told, ended) = mpsc::channel();
    std::thread::scope(|scope| {
        for program in &waiting {
            let (told, logs) = (told.clone(), logs.path());
            scope.spawn(move || told.send(finish(program.job(Some(WAITERS)), logs, interrupt)));
        }
        for _ in 0..AT_ONCE {
            let (told, logs, queue) = (told.clone(), logs.path(), &queue);
            scope.spawn(move || {
                let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                while let Some(job) = next() {
                    // Nobody stops listening before the last one has ended.
                    drop(told.send(finish(job, logs, interrupt)));
                }
            });
        }
        drop(told);
        let failed: Vec<String> = ended.into_iter().filter_map(|ended| tell(&ended)).collect();
        if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
    })
}

/// A test program that was built.
struct Program {
    package: String,
    name: String,
    folder: PathBuf,
    path: PathBuf,
}

impl Program {
    /// Where and how `cargo test` would start it.
    fn job(&self, threads: Option<&str>) -> Job {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        if let Some(threads) = threads {
            command.env("RUST_TEST_THREADS", threads);
        }
        Job::new(format!("{} {}", self.package, self.name), command)
    }

    /// Reads one of cargo's messages; `None` when it is about something else.
    fn read(line: &str) -> Option<Program> {
        let message: Value = serde_json::from_str(line).ok()?;
        let text = |at: &str| message.pointer(at).and_then(Value::as_str);
        let is_test = message.pointer("/profile/test") == Some(&Value::Bool(true));
        let path = text("/executable").filter(|_| is_test && text("/reason") == Some("compiler-artifact"))?;
        let folder = Path::new(text("/manifest_path")?).parent()?;
        Some(Program {
            package: folder.file_name()?.to_str()?.to_owned(),
            name: text("/target/name")?.to_owned(),
            folder: folder.to_owned(),
            path: PathBuf::from(path),
        })
    }
}

fn build() -> Result<Vec<Program>> {
    let mut command = cargo();
    // Examples are left out: the lints read them, and whoever needs one builds it.
    command.args(["test", "--workspace", "--locked", "--no-run", "--tests"]);
    command.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start cargo")?;
    let messages = child.stdout.take().context("cargo has no standard output")?;
    let programs = BufReader::new(messages).lines().map_while(Result::ok);
    let programs: Vec<Program> = programs.filter_map(|line| Program::read(&line)).collect();
    let status = child.wait()?;
    if !status.success() {
        bail!("the tests do not build ({status})");
    }
    Ok(programs)
}

/// Runs a job to its end.
fn finish(job: Job, logs: &Path, interrupt: &Interrupt) -> Ended {
    let Job { name, mut command } = job;
    let log = logs.join(name.replace(['/', ' '], "-"));
    let begin = Instant::now();
    let good = File::create(&log).and_then(|file| Ok((file.try_clone()?, file))).map_err(Into::into);
    let good = good.and_then(|(out, err)| {
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        Ok(process::run_to_end(&mut command, interrupt)?.success())
    });
    Ended { name, good, took: begin.elapsed(), log }
}

/// Says how a job ended, and all that it said if it failed; gives its name then.
fn tell(ended: &Ended) -> Option<String> {
    let Ended { name, good, took, log } = ended;
    let said = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let took = took.as_secs_f64();
    print!("\n--- {name}\n{said}");
    let verdict = match good {
        Ok(true) => "good".to_owned(),
        Ok(false) => "FAILED".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    println!("--- {name}: {verdict}, {took:.1} s");
    (!matches!(good, Ok(true))).then(|| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_programs_are_read_from_cargos_messages() {
        let message = |test: bool, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/house/outbox/Cargo.toml","target":{{"name":"intake"}},
                "profile":{{"test":{test}}},"executable":{executable}}}"#
            )
        };
        let program = Program::read(&message(true, r#""/house/target/debug/deps/intake-1""#)).unwrap();
        assert_eq!((program.package.as_str(), program.name.as_str()), ("outbox", "intake"));
        assert_eq!(program.folder, Path::new("/house/outbox"));
        assert!(Program::read(&message(false, r#""/house/target/debug/kiosk""#)).is_none());
        assert!(Program::read(&message(true, "null")).is_none());
        assert!(Program::read("   Compiling outbox").is_none());
    }

    #[test]
    fn a_job_that_fails_is_named() {
        let logs = tempfile::tempdir().unwrap();
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            finish(Job::new("a job", command), logs.path(), &Interrupt::never())
        };
        assert_eq!(tell(&shell("exit 0")), None);
        assert_eq!(tell(&shell("exit 101")).as_deref(), Some("a job"));
    }
}
