//! The smart card service with the virtual reader behind it, shared by everything on this machine that needs a card.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::process::{self, Interrupt, Kept, Owner};

/// Where the virtual reader waits for its card. It is the default of Debian's vsmartcard-vpcd, slot 0.
pub const VIRTUAL_READER: &str = "127.0.0.1:35963";

/// The virtual reader's name, or rather the part of it that stays the same.
pub const READER: &str = "Virtual PCD 00 00";

/// Whoever puts a card into the virtual reader holds this lock: there is one reader, and the tests run beside us.
const LOCK: &str = "/tmp/bianmin-pcscd.lock";

/// Where the service answers its clients.
const SERVICE: &str = "/run/pcscd/pcscd.comm";

/// How long the service takes to load its readers (measured 0.1 s; the rest is for a loaded machine).
const START: Duration = Duration::from_secs(15);

/// The service, running; ended on drop when this guard started it.
pub struct Service {
    _own: Option<Kept>,
}

impl Service {
    /// Starts the smart card service unless one runs, and waits for the virtual reader.
    pub fn ensure(logs: &Path, interrupt: &Interrupt) -> Result<Service> {
        // A socket-activated service starts at this connection.
        let mut own = if UnixStream::connect(SERVICE).is_ok() { None } else { Some(start(logs)?) };
        interrupt
            .wait_for("the virtual card reader's start", START, || {
                if let Some(own) = &mut own {
                    own.must_run()?;
                }
                Ok((UnixStream::connect(SERVICE).is_ok() && listens(VIRTUAL_READER)?).then_some(()))
            })
            .context(
                "pcscd has no virtual reader: if it was running before vsmartcard-vpcd was installed, restart it",
            )?;
        Ok(Service { _own: own })
    }
}

fn start(logs: &Path) -> Result<Kept> {
    let owner = if process::is_root() { Owner::Us } else { Owner::Root };
    if owner == Owner::Root {
        // Asks for the password now, in the foreground; the service itself starts in the background.
        process::output_of(Command::new("sudo").arg("-v"))?;
    }
    Kept::start("pcscd", Path::new("pcscd"), logs, owner, |command| {
        command.arg("--foreground");
    })
}

/// The right to put cards into the virtual reader; given back on drop.
pub struct Turn {
    _lock: File,
}

impl Turn {
    /// Waits until nobody else uses the virtual reader.
    pub fn take(interrupt: &Interrupt) -> Result<Turn> {
        let lock = open_lock().with_context(|| format!("cannot open {LOCK}"))?;
        let mut said = false;
        loop {
            interrupt.check()?;
            match lock.try_lock() {
                Ok(()) => return Ok(Turn { _lock: lock }),
                Err(TryLockError::WouldBlock) => {
                    if !said {
                        eprintln!("Waiting for the virtual card reader: a test or another demo uses it.");
                        said = true;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(error).context("cannot lock the virtual reader");
                }
            }
        }
    }
}

/// Opens the lock file. It may belong to another user, who can still be locked against: reading is enough for that.
fn open_lock() -> std::io::Result<File> {
    match File::options().create(true).append(true).open(LOCK) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(LOCK),
        other => other,
    }
}

/// True when something listens on the local TCP address; found without connecting, because a connection is a card.
fn listens(address: &str) -> Result<bool> {
    let port =
        address.rsplit(':').next().and_then(|port| port.parse().ok()).context("address without a port")?;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        if let Ok(text) = fs::read_to_string(table)
            && has_listener(&text, port)
        {
            return Ok(true);
        }
    }
    Ok(false)
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
