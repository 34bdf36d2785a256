//! The real threads over a reader in memory.

use std::sync::mpsc::{Receiver, Sender};

use faults::Fault;

use super::fake::{Answer, Fake, Scene};
use super::wire::samples;
use super::*;
use crate::link::pcsc::{LinkError, Sight};
use crate::status::Status;

const ATR: &[u8] = b"\x3B\x8F\x80\x01\x80\x4F\x0C\xA0\x00\x00\x03\x06\x00\x90\x00\x00\x00\x00\x00\xF8";
const LONG: Duration = Duration::from_secs(20);

/// Short, for a service that hangs; nothing else may be silent for that long.
const SHORT: Duration = Duration::from_millis(500);

struct Bench {
    scenes: Sender<Scene>,
    handle: Handle,
    events: Receiver<Event>,
    placements: u32,
}

impl Bench {
    fn new() -> Self {
        let bench = Self::with(LONG);
        bench.lift();
        while bench.health().status != Status::Online {}
        bench
    }

    fn with(patience: Duration) -> Self {
        let (scenes, played) = mpsc::channel();
        let (told, events) = mpsc::channel();
        let config = Config { reader: "Bench".into(), profile: Profile::StorageCard };
        let sink = move |event| drop(told.send(event));
        let fake = Fake::new(played);
        let handle = device::start_with(|inputs| {
            watch(&config, fake, Waker::default(), patience, inputs, Tell::new(sink))
        });
        Self { scenes, handle, events, placements: 0 }
    }

    fn see(&self, sight: Sight) {
        self.scenes.send(Scene::See(Ok(sight))).unwrap();
    }

    fn lift(&self) {
        self.see(Sight::Empty { reader: "Bench".into() });
    }

    fn place(&mut self, file: &[u8], instead: Vec<(usize, Answer)>) {
        self.scenes.send(Scene::File { file: file.to_vec(), instead }).unwrap();
        self.place_atr(ATR);
    }

    fn place_atr(&mut self, atr: &[u8]) {
        self.placements += 1;
        self.see(Sight::Card { reader: "Bench".into(), placement: self.placements, atr: atr.to_vec() });
    }

    fn read(&self, command: u64, timeout: Duration) {
        self.handle.read(command, timeout);
    }

    fn health(&self) -> Health {
        loop {
            if let Event::Health(health) = self.events.recv_timeout(LONG).unwrap() {
                return health;
            }
        }
    }

    /// The next result of a read.
    fn result(&self) -> (u64, Result<Box<Record>, Error>) {
        loop {
            match self.events.recv_timeout(LONG).unwrap() {
                Event::Read(command, record) => return (command, Ok(record)),
                Event::Failed(command, error) => return (command, Err(error)),
                Event::Health(_) | Event::Present(_) | Event::Reading(_) => {}
            }
        }
    }

    /// The next result of a read, which is a failure.
    fn failed(&self) -> (u64, Error) {
        let (command, result) = self.result();
        (command, result.err().unwrap())
    }

    fn failure(&self) -> Error {
        self.failed().1
    }

    fn number(&self) -> (u64, String) {
        let (command, result) = self.result();
        (command, result.map_err(|error| error.to_string()).unwrap().number().to_owned())
    }
}

#[test]
fn a_placed_card_is_told_step_by_step() {
    let mut bench = Bench::new();
    bench.read(7, Duration::ZERO);
    bench.place(&samples::citizen(&[]), vec![]);
    let mut steps = Vec::new();
    while steps.len() < 5 {
        steps.push(match bench.events.recv_timeout(LONG).unwrap() {
            Event::Present(present) => format!("present {present}"),
            Event::Reading(command) => format!("reading {command}"),
            Event::Read(command, record) => {
                bench.lift();
                format!("read {command} {}", record.name())
            }
            Event::Failed(_, error) => error.to_string(),
            Event::Health(health) => format!("{health:?}"),
        });
    }
    assert_eq!(steps, ["present false", "present true", "reading 7", "read 7 王小明", "present false"]);
}

#[test]
fn a_card_lying_there_is_read_when_armed() {
    let mut bench = Bench::new();
    bench.place(&samples::citizen(&[]), vec![]);
    while !matches!(bench.events.recv_timeout(LONG).unwrap(), Event::Present(true)) {}
    bench.read(1, LONG);
    assert_eq!(bench.number(), (1, "440524188001010014".into()));
}

#[test]
fn lifted_mid_read_then_placed_again() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    let gone = LinkError::Failed("not transacted".into());
    bench.place(&samples::citizen(&[]), vec![(3, Answer::Fails(gone))]);
    while !matches!(bench.events.recv_timeout(LONG).unwrap(), Event::Reading(1)) {}
    bench.lift();
    assert_eq!(bench.failure(), Error::Removed);
    bench.place(&samples::citizen(&[]), vec![]);
    assert_eq!(bench.number().0, 1);
}

#[test]
fn a_broken_block_with_the_card_still_there_is_the_readers_fault() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    bench.place(&samples::citizen(&[]), vec![(1, Answer::Fails(LinkError::Failed("x".into())))]);
    assert_eq!(bench.failure(), Error::Reader { raw: "x".into() });
    bench.lift();
    bench.place(&samples::citizen(&[]), vec![(2, Answer::Bytes(vec![0x64, 0x00]))]);
    assert_eq!(bench.failure(), Error::Reader { raw: "6400".into() });
    bench.lift();
    bench.place(&samples::citizen(&[]), vec![(2, Answer::Bytes(vec![0x90]))]);
    assert_eq!(bench.failure().fault(), Fault::CardReaderFailed);
}

#[test]
fn foreign_and_mute_cards() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    bench.place_atr(b"\x3B\x65\x00\x00\x20\x63\xCB\xA6\xA0");
    assert_eq!(bench.failure().fault(), Fault::CardForeign);
    bench.lift();
    bench.place(&[], vec![(0, Answer::Bytes(vec![0x6A, 0x82]))]);
    assert_eq!(bench.failure(), Error::Foreign { raw: "6A82".into() });
    bench.lift();
    bench.see(Sight::Mute { reader: "Bench".into(), placement: 90 });
    assert_eq!(bench.failure().fault(), Fault::CardMute);
    bench.lift();
    bench.scenes.send(Scene::Refuse(LinkError::Busy("held".into()))).unwrap();
    bench.place_atr(ATR);
    assert_eq!(bench.failure(), Error::Busy { raw: "held".into() });
}

#[test]
fn one_short_block_is_asked_again_and_two_are_a_lie() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    let short = || Answer::Bytes([vec![0; 9], vec![0x90, 0x00]].concat());
    bench.place(&samples::citizen(&[]), vec![(2, short())]);
    assert_eq!(bench.number().0, 1);
    bench.lift();
    bench.read(2, LONG);
    bench.place(&samples::citizen(&[]), vec![(2, short()), (3, short())]);
    assert_eq!(bench.failure(), Error::Record(RecordError::Lengths));
}

#[test]
fn lengths_that_lie() {
    for (prefix, why) in
        [([1, 0, 8, 0], "too long"), ([1, 0, 2, 0], "too short"), ([2, 0, 4, 0], "no such text")]
    {
        let mut bench = Bench::new();
        bench.read(1, LONG);
        let mut file = samples::citizen(&[]);
        file[..4].copy_from_slice(&prefix);
        bench.place(&file, vec![]);
        assert_eq!(bench.failure(), Error::Record(RecordError::Lengths), "{why}");
    }
}

#[test]
fn lengths_are_believed_when_the_file_agrees() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    let mut file = samples::citizen(&[]);
    file.truncate(260 + 300);
    file[..4].copy_from_slice(&[1, 0, 1, 44]);
    bench.place(&file, vec![]);
    assert_eq!(bench.result().1.ok().unwrap().photo().len(), 300);
}

#[test]
fn a_last_block_filled_up_to_its_full_size_is_cut() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    let file = samples::citizen(&[]);
    let full = [&file[1280..], &[0xEE; 252], &[0x90, 0x00]].concat();
    bench.place(&file, vec![(5, Answer::Bytes(full))]);
    assert_eq!(bench.result().1.ok().unwrap().raw(), file.as_slice());
}

#[test]
fn garbage_is_refused_as_a_record() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    let mut file = samples::citizen(&[]);
    file[4..260].fill(0xD8);
    bench.place(&file, vec![]);
    assert_eq!(bench.failure().fault(), Fault::CardRecordInvalid);
}

#[test]
fn a_read_ends_with_its_timeout() {
    let bench = Bench::new();
    bench.read(5, Duration::from_millis(5));
    assert_eq!(bench.result().1.err().unwrap(), Error::TimeOut);
}

#[test]
fn a_slow_card_is_given_up_when_the_read_is_over() {
    let mut bench = Bench::new();
    let (let_go, held) = mpsc::channel();
    bench.read(5, SHORT);
    bench.place(&samples::citizen(&[]), vec![(0, Answer::Held(held))]);
    assert_eq!(bench.result().1.err().unwrap(), Error::TimeOut);
    // Its record comes after all: nobody waits for it, and the next read begins anew.
    drop(let_go);
    bench.read(6, LONG);
    assert_eq!(bench.number(), (6, "440524188001010014".into()));
}

#[test]
fn a_service_that_hangs_is_told_and_so_is_its_return() {
    let mut bench = Bench::with(SHORT);
    let (let_go, held) = mpsc::channel();
    bench.lift();
    while bench.health().status != Status::Online {}
    bench.read(1, Duration::ZERO);
    bench.scenes.send(Scene::Hang(held)).unwrap();
    let health = bench.health();
    assert_eq!((health.status, health.fault), (Status::Offline, Some(Fault::CardServiceDown)));
    let silence = Error::NoService { raw: "no answer for 500 ms".into() };
    assert_eq!(bench.failed(), (1, silence.clone()));
    // Who comes now is told at once, and the read ends with its time all the same.
    bench.read(2, SHORT);
    assert_eq!(bench.failed(), (2, silence.clone()));
    assert_eq!(bench.failed(), (2, Error::TimeOut));
    bench.read(3, Duration::ZERO);
    assert_eq!(bench.failed(), (3, silence));
    drop(let_go);
    while bench.health().status != Status::Online {}
    bench.place(&samples::citizen(&[]), vec![]);
    assert_eq!(bench.number(), (3, "440524188001010014".into()));
}

#[test]
fn a_reader_that_hangs_in_the_middle_of_a_card_goes_on_with_it() {
    let mut bench = Bench::with(SHORT);
    let (let_go, held) = mpsc::channel();
    bench.read(1, Duration::ZERO);
    bench.place(&samples::citizen(&[]), vec![(2, Answer::Held(held))]);
    while bench.health().fault != Some(Fault::CardServiceDown) {}
    assert!(matches!(bench.failure(), Error::NoService { .. }));
    drop(let_go);
    assert_eq!(bench.number(), (1, "440524188001010014".into()));
    while bench.health().status != Status::Online {}
}

#[test]
fn a_thread_that_hangs_does_not_hold_up_the_end() {
    let bench = Bench::with(SHORT);
    let (let_go, held) = mpsc::channel();
    bench.scenes.send(Scene::Hang(held)).unwrap();
    while bench.health().fault != Some(Fault::CardServiceDown) {}
    let Bench { handle, events, .. } = bench;
    drop(handle);
    // The sink went with the thread that tells.
    while let Ok(event) = events.try_recv() {
        assert!(matches!(event, Event::Health(_)));
    }
    assert_eq!(events.try_recv().err(), Some(mpsc::TryRecvError::Disconnected));
    drop(let_go);
}

#[test]
fn a_new_read_replaces_the_old_and_cancel_ends_it() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    bench.read(2, LONG);
    bench.place(&samples::citizen(&[]), vec![]);
    assert_eq!(bench.number().0, 2);
    bench.lift();
    bench.read(3, LONG);
    bench.handle.cancel();
    bench.place(&samples::citizen(&[]), vec![]);
    bench.lift();
    bench.read(4, LONG);
    bench.place(&samples::citizen(&[]), vec![]);
    assert_eq!(bench.number().0, 4);
}

#[test]
fn a_short_outage_passes_and_a_long_one_is_told_once() {
    let mut bench = Bench::new();
    bench.read(1, LONG);
    bench.scenes.send(Scene::See(Err(LinkError::Service("gone".into())))).unwrap();
    assert_eq!(bench.health().fault, Some(Fault::CardServiceDown));
    bench.lift();
    assert_eq!(bench.health().status, Status::Online);
    bench.place(&samples::citizen(&[]), vec![]);
    assert_eq!(bench.number().0, 1);

    bench.read(2, LONG);
    bench.lift();
    bench.scenes.send(Scene::See(Err(LinkError::Service("gone".into())))).unwrap();
    assert_eq!(bench.failure(), Error::NoService { raw: "gone".into() });
    bench.place(&samples::citizen(&[]), vec![]);
    assert_eq!(bench.number().0, 2);
}

#[test]
fn a_missing_reader_is_a_state_of_its_own() {
    let bench = Bench::new();
    bench.see(Sight::NoReader);
    let health = bench.health();
    assert_eq!((health.status, health.fault), (Status::NoDevice, Some(Fault::CardReaderMissing)));
}

#[test]
fn only_an_empty_reader_says_that_the_card_is_gone() {
    let mut bench = Bench::new();
    bench.place(&samples::citizen(&[]), vec![]);
    bench.see(Sight::NoReader);
    bench.scenes.send(Scene::See(Err(LinkError::Service("gone".into())))).unwrap();
    bench.scenes.send(Scene::See(Err(LinkError::Reader("broken".into())))).unwrap();
    bench.place(&samples::citizen(&[]), vec![]);
    while bench.health().status != Status::HardwareError {}
    while bench.health().status != Status::Online {}
    bench.lift();
    bench.place(&samples::citizen(&[]), vec![]);
    let present = std::iter::from_fn(|| bench.events.recv_timeout(LONG).ok());
    let present =
        present.filter_map(|event| if let Event::Present(present) = event { Some(present) } else { None });
    assert_eq!(present.take(2).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_card_that_was_swapped_between_two_looks_was_lifted() {
    let mut bench = Bench::new();
    bench.place(&samples::citizen(&[]), vec![]);
    bench.place(&samples::citizen(&[]), vec![]);
    let present = std::iter::from_fn(|| bench.events.recv_timeout(LONG).ok());
    let present =
        present.filter_map(|event| if let Event::Present(present) = event { Some(present) } else { None });
    assert_eq!(present.take(4).collect::<Vec<_>>(), [false, true, false, true]);
}
