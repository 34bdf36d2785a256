//! The real pcscd with the virtual reader. A machine has one, so tests take turns.

use std::ffi::CString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Every program that uses the machine's one pcscd for a while holds this file locked.
const TURN: &str = "/tmp/bianmin-pcscd.lock";
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Slot 0 of the virtual reader.
const VIRTUAL_READER: u16 = 35963;
/// The state of a listening socket in `/proc/net/tcp`.
const LISTEN: &str = "0A";
/// How long a daemon may take to start. A guess, far above the 0.1 s seen.
const START: Duration = Duration::from_secs(20);

/// The daemon this process started; it ends with the process's last turn or is replaced.
static OURS: Mutex<Option<Child>> = Mutex::new(None);

/// A turn with the machine's pcscd. It runs while this lives.
pub struct Pcscd {
    _turn: File,
}

impl Pcscd {
    /// Waits for a turn and makes sure that pcscd runs.
    pub fn take_turn() -> Pcscd {
        let turn = File::options().create(true).truncate(false).write(true).open(TURN).unwrap();
        turn.lock().unwrap();
        start();
        Pcscd { _turn: turn }
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        if let Some(mut child) = OURS.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts pcscd if none answers.
pub fn start() {
    if answers() {
        return;
    }
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut child = Command::new("pcscd")
        .args(["--foreground"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("pcscd is installed");
    let deadline = Instant::now() + START;
    while !answers() {
        assert!(child.try_wait().unwrap().is_none(), "pcscd ended at once");
        assert!(Instant::now() < deadline, "pcscd did not start");
        std::thread::yield_now();
    }
    *ours = Some(child);
}

/// Waits until the reader has noticed that no card is there: a card laid down sooner would be taken for the old one.
pub(crate) fn wait_until_empty() {
    let context = pcsc::Context::establish(pcsc::Scope::User).unwrap();
    let name = CString::new("Virtual PCD 00 00").unwrap();
    let mut states = [pcsc::ReaderState::new(name, pcsc::State::PRESENT)];
    while states[0].event_state().contains(pcsc::State::PRESENT) || states[0].event_state().is_empty() {
        context.get_status_change(START, &mut states).expect("the card is noticed to be gone");
        states[0].sync_current_state();
    }
}

/// Kills every pcscd, as a crash would.
pub fn kill() {
    if let Some(mut child) = OURS.lock().unwrap_or_else(PoisonError::into_inner).take() {
        child.kill().unwrap();
        child.wait().unwrap();
        return;
    }
    assert!(Command::new("pkill").args(["-KILL", "-x", "pcscd"]).status().unwrap().success());
}

/// True when the service answers and its virtual reader listens. The port is looked up, not tried: whoever connects to
/// it is a card.
fn answers() -> bool {
    let port = format!(":{VIRTUAL_READER:04X} ");
    let listens = |table: &str| {
        let sockets = std::fs::read_to_string(table).unwrap_or_default();
        sockets.lines().any(|socket| {
            let mut fields = socket.split_whitespace().skip(1);
            let local = fields.next().unwrap_or_default();
            format!("{local} ").ends_with(&port) && fields.nth(1) == Some(LISTEN)
        })
    };
    UnixStream::connect(SOCKET).is_ok() && ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().any(listens)
}

/// Reads one line of a program's output.
pub(crate) fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line
}
