//! The real adapter over a camera in memory.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use super::*;
use crate::camera::picture::tests::jpeg;
use crate::camera::transport::fake::Fake;
use crate::camera::{Frame, Handle, Link};
use crate::device::start_with;

const LONG: Duration = Duration::from_secs(20);
const CALM: Limits = Limits { silence: LONG, grace: LONG, slow: Duration::ZERO, idle: LONG, patience: LONG };

struct Bench {
    scenes: Sender<Result<Vec<u8>, LinkError>>,
    handle: Handle,
    events: Receiver<Event>,
    slot: Slot,
    /// How red each preview was before its outline.
    drawn: Receiver<u8>,
}

impl Bench {
    fn new(limits: Limits) -> Self {
        let (scenes, played) = mpsc::channel();
        let (told, events) = mpsc::channel();
        let slot = Slot::default();
        let (pen, drawn) = mpsc::channel();
        let overlay: Overlay = Arc::new(move |pixels, width, height| {
            assert_eq!(pixels.len() as u32, width * height * 3);
            let _ = pen.send(pixels[0]);
            pixels[..3].fill(7);
        });
        let link = Link::Mjpeg { url: "http://bench/".into() };
        let config = Config { link, preview: (8, 8), overlay: Some(overlay) };
        let sink = move |event| drop(told.send(event));
        let tell = Tell::new(sink);
        let adapter = Adapter::new(&config, Fake(played), slot.clone(), tell).with_limits(limits);
        let handle = start_with(|_| adapter);
        Self { scenes, handle, events, slot, drawn }
    }

    /// Sends a picture with this much red.
    fn show(&self, red: u8) {
        self.scenes.send(Ok(jpeg(32, 16, [red, 0, 0]))).unwrap();
    }

    fn lose(&self, error: LinkError) {
        self.scenes.send(Err(error)).unwrap();
    }

    fn command(&self, command: Input) {
        self.handle.send(command);
    }

    fn health(&self) -> Health {
        loop {
            if let Event::Health(health) = self.events.recv_timeout(LONG).unwrap() {
                return health;
            }
        }
    }

    /// Shows pictures with this much red until a preview frame lies in the slot. The first look at the camera may take
    /// one, and those that come too soon are dropped.
    fn fill_slot(&self, red: u8) {
        loop {
            self.show(red);
            if let Ok(Event::FrameReady(_)) = self.events.recv_timeout(INTERVAL) {
                return;
            }
        }
    }

    fn frame(&self, red: u8) -> Frame {
        self.fill_slot(red);
        self.slot.take().unwrap()
    }
}

#[test]
fn a_camera_is_looked_at_once_and_let_go() {
    let bench = Bench::new(CALM);
    bench.show(200);
    assert_eq!(bench.health(), Health::online("Bench"));
    // Nobody wants it: it is not fetched, so it does not reach the slot.
    bench.show(100);
    assert!(bench.slot.take().is_none());
}

#[test]
fn the_preview_has_the_outline_and_the_still_has_not() {
    let bench = Bench::new(CALM);
    bench.command(Input::Live(true));
    let frame = bench.frame(200);
    assert_eq!((frame.width(), frame.height(), &frame.pixels()[..3]), (8, 8, [7; 3].as_slice()));
    bench.command(Input::Still(5));
    // Pictures come faster than they are decoded; one of these is the still.
    let (command, still) = loop {
        bench.show(180);
        if let Ok(Event::Still(command, still)) = bench.events.recv_timeout(INTERVAL) {
            break (command, still);
        }
    };
    assert_eq!((command, still.width(), still.height()), (5, 32, 16));
    assert!(still.pixels()[0] > 100);
}

#[test]
fn the_end_of_the_preview_empties_the_slot() {
    let bench = Bench::new(CALM);
    bench.command(Input::Live(true));
    bench.fill_slot(200);
    bench.command(Input::Live(false));
    let slot = bench.slot.clone();
    drop(bench);
    assert!(slot.take().is_none());
}

#[test]
fn only_the_newest_frame_waits_and_is_told_once() {
    let bench = Bench::new(CALM);
    bench.command(Input::Live(true));
    bench.fill_slot(50);
    // The second of them is drawn when the first lies in the slot.
    let mut bright = 0;
    while bright < 2 {
        bench.show(250);
        bright += u32::from(bench.drawn.recv_timeout(INTERVAL).is_ok_and(|red| red > 200));
    }
    assert!(bench.events.try_recv().is_err());
    assert!(bench.slot.take().unwrap().pixels()[30] > 200);
}

#[test]
fn a_camera_that_returns_at_once_passes_unnoticed() {
    let bench = Bench::new(CALM);
    bench.command(Input::Live(true));
    bench.show(50);
    assert_eq!(bench.health().status, Status::Online);
    bench.command(Input::Still(1));
    bench.lose(LinkError::Unreachable("closed".into()));
    bench.show(60);
    let (command, still) = loop {
        bench.show(60);
        match bench.events.recv_timeout(INTERVAL) {
            Ok(Event::Still(command, still)) => break (command, still),
            Ok(Event::Health(health)) => panic!("{health:?}"),
            Ok(Event::FrameReady(_)) | Err(_) => {}
            Ok(Event::Failed(_, error)) => panic!("{error}"),
        }
    };
    assert_eq!((command, still.width()), (1, 32));
}

#[test]
fn a_camera_that_stays_away_fails_the_still_and_is_found_again() {
    let bench = Bench::new(Limits { grace: Duration::ZERO, ..CALM });
    bench.command(Input::Still(1));
    // The first look at the camera may meet the first of these.
    let error = loop {
        bench.lose(LinkError::Unreachable("no route".into()));
        match bench.events.recv_timeout(INTERVAL) {
            Ok(Event::Failed(1, error)) => break error,
            Ok(Event::Health(health)) => assert_eq!(health.status, Status::Offline),
            Ok(Event::Still(..) | Event::Failed(..) | Event::FrameReady(_)) => panic!("no camera"),
            Err(_) => {}
        }
    };
    assert_eq!(error, Error::Unreachable { raw: "no route".into() });
    bench.show(50);
    while bench.health() != Health::online("Bench") {}
}

#[test]
fn a_network_that_fails_in_turns_with_other_words_is_told_once() {
    let bench = Bench::new(Limits { grace: Duration::ZERO, ..CALM });
    bench.command(Input::Live(true));
    for _ in 0..20 {
        bench.lose(LinkError::Unreachable("no route to host".into()));
        bench.lose(LinkError::Unreachable("timed out".into()));
    }
    let mut states = Vec::new();
    while states.last() != Some(&Status::Online) {
        bench.show(50);
        if let Ok(Event::Health(health)) = bench.events.recv_timeout(INTERVAL) {
            states.push(health.status);
        }
        drop(bench.slot.take());
    }
    assert_eq!(states, [Status::Offline, Status::Online]);
}

#[test]
fn a_silent_camera_is_lost() {
    let bench = Bench::new(Limits { silence: Duration::from_millis(100), grace: Duration::ZERO, ..CALM });
    let health = bench.health();
    assert_eq!((health.status, health.fault), (Status::Offline, Some(Error::TimeOut.fault())));
}

#[test]
fn broken_pictures_are_told_when_they_last() {
    let bench = Bench::new(Limits { grace: Duration::ZERO, ..CALM });
    bench.show(50);
    assert_eq!(bench.health().status, Status::Online);
    bench.command(Input::Live(true));
    for _ in 0..MAX_BROKEN - 1 {
        bench.scenes.send(Ok(b"\xFF\xD8 lost".to_vec())).unwrap();
    }
    drop(bench.frame(60));
    bench.command(Input::Still(1));
    let error = loop {
        bench.scenes.send(Ok(b"\xFF\xD8 lost".to_vec())).unwrap();
        match bench.events.recv_timeout(SLICE) {
            Ok(Event::Failed(_, error)) => break error,
            Ok(Event::Still(..)) => panic!("a still of nothing"),
            Ok(Event::Health(_) | Event::FrameReady(_)) | Err(_) => {}
        }
    };
    assert!(matches!(error, Error::Garbage { .. }));
}

/// Plays one picture until the camera's state changes.
fn play_until_news(bench: &Bench, jpeg: &[u8]) -> Health {
    loop {
        bench.scenes.send(Ok(jpeg.to_vec())).unwrap();
        if let Ok(Event::Health(health)) = bench.events.recv_timeout(INTERVAL) {
            return health;
        }
        drop(bench.slot.take());
    }
}

#[test]
fn the_first_picture_of_a_camera_that_hangs_is_no_still() {
    let bench = Bench::new(Limits { patience: Duration::from_millis(200), ..CALM });
    bench.command(Input::Still(1));
    let error = loop {
        bench.show(90);
        match bench.events.recv_timeout(INTERVAL) {
            Ok(Event::Failed(1, error)) => break error,
            Ok(Event::Still(..)) => panic!("a still of the past"),
            Ok(Event::Health(_) | Event::Failed(..) | Event::FrameReady(_)) | Err(_) => {}
        }
    };
    assert_eq!(error, Error::Frozen);
}

#[test]
fn a_frozen_and_a_black_picture_are_no_still() {
    let bench = Bench::new(Limits { patience: Duration::from_millis(200), ..CALM });
    bench.command(Input::Live(true));
    let grey = jpeg(32, 16, [90; 3]);
    assert_eq!(play_until_news(&bench, &grey).status, Status::Online);
    let frozen = play_until_news(&bench, &grey);
    assert_eq!((frozen.status, frozen.fault), (Status::HardwareError, Some(Error::Frozen.fault())));
    bench.command(Input::Still(1));
    let error = loop {
        bench.scenes.send(Ok(grey.clone())).unwrap();
        match bench.events.recv_timeout(INTERVAL) {
            Ok(Event::Failed(1, error)) => break error,
            Ok(Event::Still(..)) => panic!("a still of the past"),
            Ok(Event::Health(_) | Event::Failed(..) | Event::FrameReady(_)) | Err(_) => {}
        }
    };
    assert_eq!(error, Error::Frozen);
    // Living again, though dark: black pictures with a living sensor's noise.
    let black = |noise| jpeg(32, 16, [noise, 0, 0]);
    assert_eq!(play_until_news(&bench, &black(1)).status, Status::Online);
    let mut noise = 0;
    let dark = loop {
        noise = noise % 8 + 1;
        bench.scenes.send(Ok(black(noise))).unwrap();
        if let Ok(Event::Health(health)) = bench.events.recv_timeout(INTERVAL) {
            break health;
        }
        drop(bench.slot.take());
    };
    assert_eq!((dark.status, dark.raw), (Status::UserError, Some(Error::Dark.to_string())));
}
