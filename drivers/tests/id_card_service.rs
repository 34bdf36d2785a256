//! A smart card service that hangs: it takes the connection and does not answer. The kiosk's side is the real library,
//! which reads the place of the service once in a process, so this is a program of tests of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::env;
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use drivers::device::{probe, start};
use drivers::id_card::{Config, Error, Event, Handle, Profile};
use drivers::status::{Health, Status};
use faults::Fault;

/// Far beyond the seconds that the driver is patient.
const LONG: Duration = Duration::from_secs(60);

/// Where the library looks for the service.
const PLACE: &str = "PCSCLITE_CSOCK_NAME";

/// pcscd's own language, as much as a kiosk without a card speaks. Source: `winscard_msg.h` of pcsc-lite 1.9.9, its
/// sizes measured on a 64-bit machine.
mod words {
    pub const ESTABLISH_CONTEXT: u32 = 0x01;
    pub const CANCEL: u32 = 0x0D;
    pub const VERSION: u32 = 0x11;
    pub const READERS: u32 = 0x12;
    pub const WAIT: u32 = 0x13;
    pub const STOP_WAITING: u32 = 0x14;
    /// The readers of the service, 16 places of: name (128), counter, state, sharing, answer to reset (33), its length.
    pub const PLACES: usize = 16;
    pub const PLACE: usize = 128 + 3 * 4 + 33 + 3 + 8;
    pub const STATE: usize = 128 + 4;
    /// The reader is empty.
    pub const ABSENT: u32 = 0x02;
}

/// A service with one empty reader.
struct Service {
    hangs: Arc<(Mutex<bool>, Condvar)>,
}

impl Service {
    fn start(socket: &str) -> Self {
        let listener = UnixListener::bind(socket).unwrap();
        let hangs = Arc::new((Mutex::new(false), Condvar::new()));
        let seen = Arc::clone(&hangs);
        std::thread::spawn(move || {
            for (context, client) in (1..).zip(listener.incoming()) {
                let (client, hangs) = (client.unwrap(), Arc::clone(&seen));
                // Its end is the client's.
                std::thread::spawn(move || serve(client, context, &hangs));
            }
        });
        Self { hangs }
    }

    /// Stops answering, or answers again, what was asked meanwhile too.
    fn hang(&self, hangs: bool) {
        *self.hangs.0.lock().unwrap() = hangs;
        self.hangs.1.notify_all();
    }
}

fn serve(mut client: UnixStream, context: u32, (hangs, changed): &(Mutex<bool>, Condvar)) -> io::Result<()> {
    loop {
        let mut head = [0; 8];
        client.read_exact(&mut head)?;
        let number = |at: usize| u32::from_ne_bytes(head[at..at + 4].try_into().unwrap());
        let mut body = vec![0; number(0) as usize];
        client.read_exact(&mut body)?;
        let answer = match number(4) {
            // The client's own version suits us, and 0 at the end is success.
            words::VERSION => body,
            words::ESTABLISH_CONTEXT => [0, context, 0].map(u32::to_ne_bytes).concat(),
            words::READERS | words::WAIT => readers(),
            words::STOP_WAITING => vec![0; 8],
            words::CANCEL => body,
            // Release, and nothing else that a kiosk without a card asks: the result is the last number.
            _ => [&body[..body.len() - 4], &[0; 4]].concat(),
        };
        drop(changed.wait_while(hangs.lock().unwrap(), |hangs| *hangs).unwrap());
        client.write_all(&answer)?;
    }
}

fn readers() -> Vec<u8> {
    let mut readers = vec![0; words::PLACES * words::PLACE];
    readers[..5].copy_from_slice(b"Bench");
    readers[words::STATE..][..4].copy_from_slice(&words::ABSENT.to_ne_bytes());
    readers
}

struct Desk {
    handle: Handle,
    events: Receiver<Event>,
}

impl Desk {
    fn new() -> Self {
        let (told, events) = mpsc::channel();
        let config = Config { reader: "Bench".into(), profile: Profile::StorageCard };
        Self { handle: start(config, move |event| drop(told.send(event))), events }
    }

    fn health(&self) -> Health {
        loop {
            match self.events.recv_timeout(LONG).expect("the reader's state changes") {
                Event::Health(health) => return health,
                Event::Present(present) => assert!(!present),
                Event::Reading(_) | Event::Read(..) | Event::Failed(..) => panic!("no read was armed"),
            }
        }
    }

    fn failure(&self) -> (u64, Error) {
        match self.events.recv_timeout(LONG).expect("the read is told") {
            Event::Failed(command, error) => (command, error),
            Event::Health(health) => panic!("{health:?}"),
            Event::Present(_) | Event::Reading(_) | Event::Read(..) => panic!("the service hangs"),
        }
    }
}

#[test]
fn the_service_hangs_the_screen_hears_of_it_and_it_returns() {
    let Ok(socket) = env::var(PLACE) else {
        return in_a_process_of_its_own("the_service_hangs_the_screen_hears_of_it_and_it_returns");
    };
    let service = Service::start(&socket);
    let desk = Desk::new();
    assert_eq!(desk.health(), Health::online("Bench"));

    // Nobody is at the screen: its tile is shut before somebody comes.
    service.hang(true);
    let health = desk.health();
    assert_eq!((health.status, health.fault), (Status::Offline, Some(Fault::CardServiceDown)));
    // Somebody comes: told at once, and the read ends with its time.
    desk.handle.read(1, Duration::from_millis(100));
    assert!(matches!(desk.failure(), (1, Error::NoService { .. })));
    assert_eq!(desk.failure(), (1, Error::TimeOut));

    service.hang(false);
    assert_eq!(desk.health(), Health::online("Bench"));
}

#[test]
fn a_service_that_hangs_from_the_start_counts_as_down() {
    let Ok(socket) = env::var(PLACE) else {
        return in_a_process_of_its_own("a_service_that_hangs_from_the_start_counts_as_down");
    };
    let service = Service::start(&socket);
    service.hang(true);
    let config = Config { reader: "Bench".into(), profile: Profile::StorageCard };
    let health = probe(&config);
    assert_eq!((health.status, health.fault), (Status::Offline, Some(Fault::CardServiceDown)));
    service.hang(false);
    assert_eq!(probe(&config), Health::online("Bench"));
}

/// Runs one test again where the library finds our service in place of the system's.
fn in_a_process_of_its_own(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(PLACE, folder.path().join("pcscd.comm"))
        .status()
        .unwrap();
    assert!(status.success(), "{test}: {status}");
}
