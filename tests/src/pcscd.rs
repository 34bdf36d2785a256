//! The real pcscd with the virtual reader. A machine has one service and its reader has two slots, so two kiosks can be
//! tested at once, whichever programs they are in; who kills the service has it alone.

use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Who uses a slot shares this lock, who needs the whole service holds it alone: the demo and the bench do so too. The
/// file holds the process id of the service when a test started it.
const SERVICE: &str = "/tmp/bianmin-pcscd.lock";
/// Who waits for the service waits here, so that who needs it alone is not overtaken for ever.
const QUEUE: &str = "/tmp/bianmin-pcscd.queue";
/// Where the service answers.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Where it says which process it is.
const PID: &str = "/run/pcscd/pcscd.pid";
/// The port of the first slot of the virtual reader; the next slot has the next one.
const FIRST_PORT: u16 = 35963;
/// The slots of the virtual reader as Debian configures it.
const SLOTS: u16 = 2;
/// The state of a listening socket in `/proc/net/tcp`.
const LISTEN: &str = "0A";
/// How long a daemon may take to start. A guess, far above the 0.1 s seen.
const START: Duration = Duration::from_secs(20);

/// The daemon this process started last.
static OURS: Mutex<Option<Child>> = Mutex::new(None);
/// The slot that the next one waits for when none is free.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// A slot of the virtual reader. The service runs while this lives.
pub struct Pcscd {
    service: File,
    slot: u16,
    _slot_lock: File,
}

impl Pcscd {
    /// Waits for a free slot and makes sure that pcscd runs. `alone`: nobody else uses the service meanwhile.
    pub fn take_turn(alone: bool) -> Pcscd {
        let queue = open(QUEUE);
        queue.lock().unwrap();
        let service = open(SERVICE);
        if alone {
            service.lock().unwrap()
        } else {
            service.lock_shared().unwrap()
        }
        start();
        drop(queue);
        let free =
            (0..SLOTS).map(|slot| (slot, open(&slot_lock(slot)))).find(|(_, lock)| lock.try_lock().is_ok());
        let (slot, lock) = free.unwrap_or_else(|| {
            // All are taken: those who wait are spread over them.
            let slot = NEXT.fetch_add(1, Ordering::Relaxed) % SLOTS;
            let lock = open(&slot_lock(slot));
            lock.lock().unwrap();
            (slot, lock)
        });
        let ours = Pcscd { service, slot, _slot_lock: lock };
        // The card of whoever had the slot before may not have been noticed to be gone yet.
        ours.wait_until_empty();
        ours
    }

    /// The reader's name.
    pub fn reader(&self) -> String {
        format!("Virtual PCD 00 {:02}", self.slot)
    }

    /// Where a card comes into the slot.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", FIRST_PORT + self.slot)
    }

    /// Waits until the reader has noticed that no card is there: a card laid down sooner would be taken for the old one.
    pub(crate) fn wait_until_empty(&self) {
        let context = pcsc::Context::establish(pcsc::Scope::User).unwrap();
        let name = CString::new(self.reader()).unwrap();
        let mut states = [pcsc::ReaderState::new(name, pcsc::State::PRESENT)];
        while states[0].event_state().contains(pcsc::State::PRESENT) || states[0].event_state().is_empty() {
            context.get_status_change(START, &mut states).expect("the card is noticed to be gone");
            states[0].sync_current_state();
        }
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        // The last one out ends what a test started.
        if self.service.try_lock().is_ok()
            && let Some(pid) = started_by_a_test()
        {
            end(pid);
            self.service.set_len(0).unwrap();
        }
    }
}

/// Starts pcscd if none answers. Only for who waits in the queue, or has the service alone.
pub fn start() {
    if answers() {
        return;
    }
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(mut old) = ours.take() {
        let _ = old.kill();
        let _ = old.wait();
    }
    // A daemon that was killed leaves both behind, and is taken for running until whoever started it has waited for it.
    let _ = std::fs::remove_file(PID);
    let _ = std::fs::remove_file(SOCKET);
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
    let mut note = open(SERVICE);
    note.set_len(0).unwrap();
    write!(note, "{}", child.id()).unwrap();
    *ours = Some(child);
}

/// Kills every pcscd, as a crash would. Only for who has the service alone.
pub fn kill() {
    let found = Command::new("pgrep").args(["-x", "pcscd"]).output().unwrap();
    let pids = String::from_utf8(found.stdout).unwrap();
    assert!(!pids.is_empty(), "no pcscd runs");
    pids.lines().for_each(|pid| end(pid.parse().unwrap()));
}

/// The service's process, when it is one that a test started.
fn started_by_a_test() -> Option<u32> {
    let mut note = open(SERVICE);
    let mut text = String::new();
    note.rewind().unwrap();
    note.read_to_string(&mut text).unwrap();
    let pid: u32 = text.trim().parse().ok()?;
    // A number that was given to another program meanwhile is nobody's to end.
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    (name.trim() == "pcscd").then_some(pid)
}

/// Kills a process and waits until it is gone.
fn end(pid: u32) {
    // It may have ended in between, which is what was wanted.
    let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
    let deadline = Instant::now() + START;
    while lives(pid) {
        assert!(Instant::now() < deadline, "process {pid} survived");
        std::thread::yield_now();
    }
}

/// False for a process that is gone, or dead and only not yet waited for by whoever started it.
fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

fn slot_lock(slot: u16) -> String {
    format!("/tmp/bianmin-pcscd.slot-{slot}")
}

fn open(path: &str) -> File {
    File::options().create(true).truncate(false).read(true).write(true).open(path).unwrap()
}

/// True when the service answers and its virtual reader listens. The port is looked up, not tried: whoever connects to
/// it is a card.
fn answers() -> bool {
    let port = format!(":{FIRST_PORT:04X} ");
    let listens = |table: &str| {
        let sockets = std::fs::read_to_string(table).unwrap_or_default();
        sockets.lines().any(|socket| {
            let mut fields = socket.split_whitespace().skip(1);
            let local = fields.next().unwrap_or_default();
            format!("{local} ").ends_with(&port) && fields.nth(1) == Some(LISTEN)
        })
    };
    // The reader comes first: the service takes few connections, and keeps a real one waiting behind a flood of tries.
    ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().any(listens) && UnixStream::connect(SOCKET).is_ok()
}
