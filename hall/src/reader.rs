//! The smart card service with the virtual reader behind it. A machine has one service and its reader has two slots, so two
//! kiosks can be used at once, whichever programs they belong to; who kills or measures the service has it alone.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, WaitOptions};

use crate::process::{self, Interrupt};

/// Who uses a slot shares this lock, who needs the whole service holds it alone. The file holds the process id of the
/// service when one of us started it.
const SERVICE: &str = "/tmp/bianmin-pcscd.lock";
/// Who waits for the service waits here, so that who needs it alone is not overtaken for ever.
const QUEUE: &str = "/tmp/bianmin-pcscd.queue";
/// Where the service answers its clients, and where it says which process it is.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
const PID: &str = "/run/pcscd/pcscd.pid";
/// The port of the first slot of the virtual reader, as Debian configures it; the next slot has the next one.
const FIRST_PORT: u16 = 35963;
const SLOTS: u16 = 2;
/// How long the service takes to load its readers (measured 0.1 s; the rest is for a loaded machine).
const START: Duration = Duration::from_secs(20);
/// Others' visits take as long as they take.
const OTHERS: Duration = Duration::from_secs(24 * 3600);

/// A slot of the virtual reader. The service runs while this lives.
pub struct Reader {
    service: File,
    slot: u16,
    _slot: File,
}

impl Reader {
    /// Waits for a free slot and makes sure that the service runs; what it says then goes to `logs`. `alone`: nobody else
    /// uses the service meanwhile, and the slot is the first.
    pub fn take(alone: bool, logs: &Path, interrupt: &Interrupt) -> Result<Reader> {
        let mut said = false;
        let mut wait = |locked: bool| {
            if !locked && !std::mem::replace(&mut said, true) {
                eprintln!("Waiting for the virtual card reader: a test or another demo uses it.");
            }
            Ok(locked.then_some(()))
        };
        let (queue, service) = (open(QUEUE)?, open(SERVICE)?);
        interrupt.wait_for("a turn at the card reader", OTHERS, || wait(queue.try_lock().is_ok()))?;
        interrupt.wait_for("a turn at the card reader", OTHERS, || {
            wait(if alone { service.try_lock() } else { service.try_lock_shared() }.is_ok())
        })?;
        start(logs, interrupt)?;
        drop(queue);
        let (slot, lock) = interrupt.wait_for("a free slot of the virtual reader", OTHERS, || {
            for slot in 0..SLOTS {
                let lock = open(&format!("/tmp/bianmin-pcscd.slot-{slot}"))?;
                if lock.try_lock().is_ok() {
                    return Ok(Some((slot, lock)));
                }
            }
            Ok(None)
        })?;
        Ok(Reader { service, slot, _slot: lock })
    }

    /// The reader's name.
    pub fn name(&self) -> String {
        format!("Virtual PCD 00 {:02}", self.slot)
    }

    /// Where a card comes into the slot.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", FIRST_PORT + self.slot)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // The last one out ends what one of us started.
        let mut note = String::new();
        if self.service.try_lock().is_ok() && self.service.rewind().is_ok() {
            let _unreadable = self.service.read_to_string(&mut note);
            services().into_iter().filter(|pid| pid.to_string() == note).for_each(end);
            // It belongs to somebody else when it cannot be written.
            let _foreign = self.service.set_len(0);
        }
    }
}

/// Starts the service unless one answers. Only for who waits in the queue, or has the service alone.
pub fn start(logs: &Path, interrupt: &Interrupt) -> Result<()> {
    // A socket-activated service starts at this connection.
    let mut own = if UnixStream::connect(SOCKET).is_ok() {
        None
    } else {
        if !process::is_root() {
            // Asks for the password now, in the foreground; the service itself starts in the background.
            process::output_of(Command::new("sudo").arg("-v"))?;
        }
        // One that was killed leaves both behind, and is taken for running until whoever started it has waited for it.
        process::output_of(as_root("rm").args(["-f", PID, SOCKET]))?;
        let log = File::create(logs.join("pcscd.log"))?;
        let mut pcscd = as_root("pcscd");
        pcscd.arg("--foreground").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Some(pcscd.spawn().context("cannot start pcscd")?)
    };
    interrupt
        .wait_for("the virtual card reader's start", START, || {
            if let Some(own) = &mut own
                && let Some(status) = own.try_wait()?
            {
                bail!("pcscd ended ({status})");
            }
            Ok(answers().then_some(()))
        })
        .context(
            "pcscd has no virtual reader: if it was running before vsmartcard-vpcd was installed, restart it",
        )?;
    if own.is_some() {
        let mut note = open(SERVICE)?;
        note.set_len(0)?;
        services().first().map_or(Ok(()), |pid| write!(note, "{pid}"))?;
    }
    Ok(())
}

/// Kills every service, as a crash would. Only for who has the service alone.
pub fn kill() -> Result<()> {
    let running = services();
    if running.is_empty() {
        bail!("no pcscd runs");
    }
    running.into_iter().for_each(end);
    Ok(())
}

/// A program that root runs.
fn as_root(program: &str) -> Command {
    if process::is_root() {
        return Command::new(program);
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", program]);
    sudo
}

/// Kills a process and waits until it is gone, or dead and only not yet waited for by whoever started it.
fn end(pid: i32) {
    let _gone = process::output_of(as_root("kill").args(["-KILL", &pid.to_string()]));
    let ended = || {
        if let Some(own) = Pid::from_raw(pid) {
            let _others = rustix::process::waitpid(Some(own), WaitOptions::NOHANG);
        }
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        Ok(stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('Z')).then_some(()))
    };
    if let Err(error) = Interrupt::never().wait_for("pcscd's end", START, ended) {
        eprintln!("{error}");
    }
}

/// The services that run. One that is dead and not waited for is none.
fn services() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &i32| {
        fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| stat.contains(" (pcscd) ") && !stat.contains(") Z "))
    })
    .collect()
}

/// Opens a lock file. It may belong to another user, who can still be locked against: reading is enough for that.
fn open(path: &str) -> Result<File> {
    let opened = File::options().create(true).truncate(false).read(true).write(true).open(path);
    match opened {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(path),
        other => other,
    }
    .with_context(|| format!("cannot open {path}"))
}

/// True when the service answers and its virtual reader listens. The port is looked up, not tried: whoever connects to it is
/// a card. It comes first: the service takes few connections, and keeps a real one waiting behind a flood of tries.
fn answers() -> bool {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .any(|table| has_listener(&fs::read_to_string(table).unwrap_or_default(), FIRST_PORT))
        && UnixStream::connect(SOCKET).is_ok()
}

/// Looks for a listener (state 0A) on a port in the kernel's table of sockets.
fn has_listener(table: &str, port: u16) -> bool {
    table.lines().skip(1).any(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let local = fields.next().and_then(|local| local.rsplit_once(':'));
        let state = fields.nth(1);
        local.is_some_and(|(_, at)| u16::from_str_radix(at, 16) == Ok(port)) && state == Some("0A")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
        0: 00000000:8C7B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n\
        1: 0100007F:0016 0100007F:8C7C 01 00000000:00000000 00:00000000 00000000     0\n";

    #[test]
    fn a_listener_is_told_from_a_connection() {
        assert!(has_listener(TABLE, 35963));
        assert!(!has_listener(TABLE, 22));
        assert!(!has_listener(TABLE, 35964));
    }
}
