//! Children that never outlive their owner.
//!
//! A [`Kept`] child lives in a process group of its own. It is ended with its group when the guard is dropped, and by
//! the kernel (`setpriv --pdeathsig`) when this process itself is killed. Ctrl-C and SIGTERM only raise a flag, so
//! that every wait ends with an error and the guards are dropped in order.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, WaitOptions};

/// How often a condition without an event is looked at (guess: unnoticeable, and no load).
const GLANCE: Duration = Duration::from_millis(20);

/// How long a child may take to end by itself after SIGTERM (guess: the kiosk wipes and closes its store well within).
const GRACE: Duration = Duration::from_secs(5);

/// Marks every child's environment, so that what a child started and left behind is found too.
const MARK: &str = "BIANMIN_STAGE";

/// Raised by Ctrl-C or SIGTERM.
#[derive(Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes over Ctrl-C, SIGTERM and SIGHUP for the rest of the process.
    pub fn install() -> Result<Interrupt> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP]
        {
            signal_hook::flag::register(signal, Arc::clone(&flag)).context("cannot watch for Ctrl-C")?;
        }
        Ok(Interrupt(flag))
    }

    /// True once the user or the system asked to stop.
    pub fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Fails once the user or the system asked to stop.
    pub fn check(&self) -> Result<()> {
        if self.raised() {
            bail!("interrupted");
        }
        Ok(())
    }

    /// Looks at a condition until it holds; fails at the deadline or when interrupted. `what` names it in the error.
    pub fn wait_for<T>(
        &self,
        what: &str,
        limit: Duration,
        mut look: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let end = Instant::now() + limit;
        loop {
            self.check()?;
            if let Some(found) = look()? {
                return Ok(found);
            }
            if Instant::now() >= end {
                bail!("{what} did not happen within {} s", limit.as_secs());
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// One that nobody raises: for tests, which are ended from outside.
    pub fn never() -> Interrupt {
        Interrupt(Arc::new(AtomicBool::new(false)))
    }
}

/// True when this process may do anything.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs a command of the foreground (apt-get, cargo) to its end; ends it when interrupted.
///
/// It shares this process's group and terminal, so that sudo can ask for a password and Ctrl-C reaches it too.
pub fn run_to_end(command: &mut Command, interrupt: &Interrupt) -> Result<ExitStatus> {
    interrupt.check()?;
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let mut asked = false;
    loop {
        if let Some(status) = child.try_wait()? {
            interrupt.check()?;
            return Ok(status);
        }
        if interrupt.raised() && !asked {
            signal(&child, Signal::TERM, Reach::Alone);
            asked = true;
        }
        std::thread::sleep(GLANCE);
    }
}

/// Runs a short program and gives its standard output; its standard error becomes part of the error.
pub fn output_of(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let arguments: Vec<_> =
            command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
        bail!(
            "{name} {} failed ({}): {}{}",
            arguments.join(" "),
            output.status,
            text.trim(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(text)
}

/// A running child with its log; ended with its whole group when dropped.
pub struct Kept {
    name: String,
    child: Child,
    log: PathBuf,
    lines: Receiver<String>,
    owner: Owner,
}

/// Whose process a child is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This user's.
    Us,
    /// Root's, started through sudo: only sudo can end it.
    Root,
}

impl Kept {
    /// Starts `program`. Both its outputs go to `logs/NAME.log`; `dress` adds arguments and environment.
    ///
    /// # Errors
    /// When the log cannot be made or the program cannot be started.
    pub fn start(
        name: &str,
        program: &Path,
        logs: &Path,
        owner: Owner,
        dress: impl FnOnce(&mut Command),
    ) -> Result<Kept> {
        fs::create_dir_all(logs).with_context(|| format!("cannot make {}", logs.display()))?;
        let log = logs.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;

        // The kernel ends the child when this process dies without a chance to do so itself.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]);
        if owner == Owner::Root {
            command.args(["sudo", "-n"]);
        }
        command.arg(program);
        command.env(MARK, mark());
        dress(&mut command);
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file.try_clone()?);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let lines = match child.stdout.take() {
            Some(stdout) => copy_lines(stdout, file),
            None => bail!("{name} has no standard output"),
        };
        Ok(Kept { name: name.to_owned(), child, log, lines, owner })
    }

    /// The next line that the child prints on standard output; waits for it.
    pub fn next_line(&mut self, limit: Duration, interrupt: &Interrupt) -> Result<String> {
        let end = Instant::now() + limit;
        loop {
            interrupt.check()?;
            match self.lines.recv_timeout(GLANCE) {
                Ok(line) => return Ok(line),
                Err(RecvTimeoutError::Timeout) if Instant::now() < end => {}
                Err(RecvTimeoutError::Timeout) => {
                    bail!("{} printed nothing within {} s", self.name, limit.as_secs());
                }
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("{} ended before it was ready:\n{}", self.name, tail(&self.log, 15));
                }
            }
        }
    }

    /// What the child prints on standard output, line by line, to its end.
    pub fn lines(&self) -> &Receiver<String> {
        &self.lines
    }

    /// Waits for the child's own end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Kills the child, as a power cut would.
    ///
    /// Only for a child of [`Owner::Us`].
    pub fn kill(&self) {
        self.send(Signal::KILL);
    }

    /// How it ended, or `None` while it runs.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Fails when the child has ended, with the last of what it said.
    pub fn must_run(&mut self) -> Result<()> {
        if let Some(status) = self.ended()? {
            bail!("{} ended ({status}):\n{}", self.name, tail(&self.log, 15));
        }
        Ok(())
    }

    /// The process id. setpriv becomes the program, so it is the program's own.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Holds the child where it is until the answer is dropped: it looks to others like a machine far away.
    ///
    /// Only for a child of [`Owner::Us`].
    pub fn pause(&self) -> Pause<'_> {
        self.send(Signal::STOP);
        Pause(self)
    }

    /// Ends the child and its group: asks, waits, then insists.
    fn stop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.send(Signal::TERM);
            let end = Instant::now() + GRACE;
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < end {
                std::thread::sleep(GLANCE);
            }
        }
        // Members of the group that outlived its leader; there are none in the normal case.
        self.send(Signal::KILL);
        if let Err(error) = self.child.wait() {
            eprintln!("{} cannot be waited for: {error}", self.name);
        }
    }

    fn send(&self, what: Signal) {
        match self.owner {
            Owner::Us => signal(&self.child, what, Reach::Group),
            Owner::Root => {
                // As the group of a user's sudo belongs to root, only another sudo may signal it.
                let number = what.as_raw().to_string();
                let group = format!("-{}", self.child.id());
                let sent =
                    Command::new("sudo").args(["-n", "kill", &format!("-{number}"), "--", &group]).output();
                if let Err(error) = sent {
                    eprintln!("{} cannot be ended: {error}", self.name);
                }
            }
        }
    }
}

/// A child that is held where it is.
pub struct Pause<'k>(&'k Kept);

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.send(Signal::CONT);
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Ends whatever a kept child started and left behind (services that a bus activates leave their group).
///
/// Dropped after every [`Kept`] child, because it waits for all children there are.
pub struct Sweep(());

impl Sweep {
    /// From now on orphans come to this process instead of the machine's first one, which may not wait for them.
    pub fn begin() -> Result<Sweep> {
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
            .context("cannot take care of orphans")?;
        Ok(Sweep(()))
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        let end = Instant::now() + GRACE;
        loop {
            let late = Instant::now() >= end;
            for pid in marked(&mark()) {
                // It may have ended in between, which is what was wanted.
                let _gone =
                    rustix::process::kill_process(pid, if late { Signal::KILL } else { Signal::TERM });
            }
            match rustix::process::wait(WaitOptions::NOHANG) {
                // One is gone; perhaps another one is.
                Ok(Some(_)) => {}
                Ok(None) if Instant::now() >= end + GRACE => return,
                Ok(None) => std::thread::sleep(GLANCE),
                // There is no child left.
                Err(_) => return,
            }
        }
    }
}

/// The last lines of a log.
pub fn tail(log: &Path, lines: usize) -> String {
    let Ok(bytes) = fs::read(log) else { return String::new() };
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    let skipped = all.len().saturating_sub(lines);
    all.into_iter().skip(skipped).collect::<Vec<_>>().join("\n")
}

enum Reach {
    Alone,
    Group,
}

/// Sends a signal; a process that is gone already is no failure.
fn signal(child: &Child, what: Signal, reach: Reach) {
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
    let _gone = match reach {
        Reach::Alone => rustix::process::kill_process(pid, what),
        Reach::Group => rustix::process::kill_process_group(pid, what),
    };
}

/// This run's mark.
fn mark() -> String {
    std::process::id().to_string()
}

/// Processes, other than this one, with the mark in their environment.
fn marked(mark: &str) -> Vec<Pid> {
    let wanted = format!("{MARK}={mark}").into_bytes();
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| u32::try_from(*pid).ok() != Some(std::process::id()))
        .filter(|pid| {
            fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|environ| environ.split(|byte| *byte == 0).any(|entry| entry == wanted))
        })
        .filter_map(Pid::from_raw)
        .collect()
}

/// Copies a child's standard output to its log and hands over each line.
fn copy_lines(from: impl io::Read + Send + 'static, mut log: File) -> Receiver<String> {
    let (lines, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            // A full disk must not stop the child by blocking its pipe.
            let _lost = writeln!(log, "{line}");
            let _nobody_waits = lines.send(line);
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn shell(script: &str, logs: &Path) -> Kept {
        Kept::start("shell", Path::new("sh"), logs, Owner::Us, |command| {
            command.args(["-c", script]);
        })
        .unwrap()
    }

    fn gone(pid: &str) -> bool {
        // A zombie nobody has waited for yet is as good as gone.
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) => stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')),
            Err(_) => true,
        }
    }

    #[test]
    fn dropping_the_guard_ends_child_and_grandchild() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = shell("sleep 600 & echo $!; wait", folder.path());
        let grandchild = child.next_line(LIMIT, &Interrupt::never()).unwrap();
        let own = child.id().to_string();
        assert!(!gone(&own) && !gone(&grandchild));
        drop(child);
        assert!(gone(&own));
        Interrupt::never().wait_for("end", LIMIT, || Ok(gone(&grandchild).then_some(()))).unwrap();
    }

    #[test]
    fn a_child_that_dies_early_says_so_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = shell("echo no reader here >&2; exit 3", folder.path());
        let error = child.next_line(LIMIT, &Interrupt::never()).unwrap_err().to_string();
        assert!(error.contains("no reader here"), "{error}");
    }

    #[test]
    fn a_stubborn_child_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = shell("trap '' TERM; echo ready; while :; do sleep 1; done", folder.path());
        child.next_line(LIMIT, &Interrupt::never()).unwrap();
        let own = child.id().to_string();
        drop(child);
        assert!(gone(&own));
    }

    #[test]
    fn the_kernel_ends_a_child_whose_owner_died_without_a_chance() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().to_path_buf();
        // The kernel watches the thread that started the child, so a thread that ends stands for a killed process.
        let own = std::thread::spawn(move || {
            let mut child = shell("echo ready; exec sleep 600", &logs);
            child.next_line(LIMIT, &Interrupt::never()).unwrap();
            let own = child.id().to_string();
            std::mem::forget(child);
            own
        })
        .join()
        .unwrap();
        Interrupt::never().wait_for("end", LIMIT, || Ok(gone(&own).then_some(()))).unwrap();
    }

    #[test]
    fn what_left_its_group_is_found_by_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = shell("setsid sh -c 'echo $$; exec sleep 600'", folder.path());
        let runaway = child.next_line(LIMIT, &Interrupt::never()).unwrap().parse().unwrap();
        drop(child);
        let pid = Pid::from_raw(runaway).unwrap();
        assert!(marked(&mark()).contains(&pid));
        rustix::process::kill_process(pid, Signal::KILL).unwrap();
    }

    #[test]
    fn an_interrupt_ends_every_wait() {
        let raised = Interrupt(Arc::new(AtomicBool::new(true)));
        assert!(raised.wait_for("nothing", LIMIT, || Ok(None::<()>)).is_err());
        assert!(run_to_end(&mut Command::new("true"), &raised).is_err());
    }

    #[test]
    fn a_tail_is_the_end_of_a_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        fs::write(&log, "one\ntwo\nthree\n").unwrap();
        assert_eq!(tail(&log, 2), "two\nthree");
        assert_eq!(tail(&log, 9), "one\ntwo\nthree");
    }
}
