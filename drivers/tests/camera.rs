//! The camera's driver against a virtual network camera, over the real protocol.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::Duration;

use drivers::camera::{Config, Error, Event, Handle, Link, capture_once};
use drivers::device::{probe, start};
use drivers::status::{Health, Status};
use simulators::{Camera, CameraFault};

const LONG: Duration = Duration::from_secs(30);

fn camera() -> Camera {
    Camera::start(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap()
}

fn config(camera: &Camera) -> Config {
    Config { link: Link::Mjpeg { url: camera.url() }, preview: (480, 640), overlay: None }
}

struct Desk {
    handle: Handle,
    events: Receiver<Event>,
}

impl Desk {
    fn new(config: Config) -> Self {
        let (told, events) = mpsc::channel();
        let handle = start(config, move |event| drop(told.send(event)));
        Self { handle, events }
    }

    /// Waits for a state, taking previews meanwhile.
    fn wait(&self, status: Status) -> Health {
        loop {
            let event = self.events.recv_timeout(LONG).unwrap_or_else(|_| panic!("{status:?} does not come"));
            match event {
                Event::Health(health) if health.status == status => return health,
                Event::FrameReady(slot) => drop(slot.take()),
                Event::Health(_) | Event::Still(..) | Event::Failed(..) => {}
            }
        }
    }
}

#[test]
fn a_still_is_the_whole_picture() {
    let camera = camera();
    let (frame, _) = capture_once(&config(&camera)).map_err(|error| error.to_string()).unwrap();
    assert_eq!((frame.width(), frame.height()), (1280, 720));
    // The light wall in the corner, the coat below.
    let at = |x: usize, y: usize| &frame.pixels()[(y * 1280 + x) * 3..][..3];
    assert!(at(5, 5).iter().all(|sample| *sample > 200));
    assert!(at(640, 700).iter().all(|sample| *sample < 100));
}

#[test]
fn the_preview_runs_with_its_outline_and_ends() {
    let camera = camera();
    let overlay: drivers::camera::Overlay = Arc::new(|pixels, _, _| pixels[..3].fill(1));
    let desk = Desk::new(Config { overlay: Some(overlay), ..config(&camera) });
    desk.handle.live(true);
    let mut frames = 0;
    while frames < 5 {
        if let Event::FrameReady(slot) = desk.events.recv_timeout(LONG).unwrap()
            && let Some(frame) = slot.take()
        {
            frames += 1;
            assert_eq!((frame.width(), frame.height(), &frame.pixels()[..3]), (480, 640, &[1; 3][..]));
        }
    }
    desk.handle.live(false);
    assert!(camera.wait_watched(false, LONG), "nobody wants pictures, but they are fetched");
}

#[test]
fn a_camera_that_vanishes_returns_by_itself() {
    let camera = camera();
    let desk = Desk::new(config(&camera));
    desk.handle.live(true);
    desk.wait(Status::Online);
    camera.fault(CameraFault::Off);
    let gone = desk.wait(Status::Offline);
    assert_eq!(gone.fault, Some(Error::TimeOut.fault()));
    camera.fault(CameraFault::None);
    desk.wait(Status::Online);
}

#[test]
fn each_fault_is_noticed_and_passes() {
    let (gone, garbage) = (Error::TimeOut.fault(), Error::Garbage { raw: String::new() }.fault());
    // Each takes the seconds that the driver is patient, so all at once.
    std::thread::scope(|scope| {
        for (fault, status, code) in [
            (CameraFault::Frozen, Status::HardwareError, Error::Frozen.fault()),
            (CameraFault::Black, Status::UserError, Error::Dark.fault()),
            (CameraFault::Silent, Status::Offline, gone),
            (CameraFault::Garbage, Status::HardwareError, garbage),
            (CameraFault::Truncated, Status::HardwareError, garbage),
            (CameraFault::BadLength, Status::HardwareError, garbage),
            // Anything may come before the first boundary, so after the reconnection it counts as silence.
            (CameraFault::NoBoundary, Status::Offline, gone),
            (CameraFault::Endless, Status::HardwareError, garbage),
        ] {
            scope.spawn(move || {
                let camera = camera();
                let desk = Desk::new(config(&camera));
                desk.handle.live(true);
                desk.wait(Status::Online);
                camera.fault(fault);
                assert_eq!(desk.wait(status).fault, Some(code), "{fault:?}");
                camera.fault(CameraFault::None);
                desk.wait(Status::Online);
            });
        }
    });
}

#[test]
fn a_picture_that_never_ends_is_silence_and_holds_up_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            socket.set_nodelay(true).unwrap();
            let head = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n";
            let _ = socket.write_all(format!("{head}--frame\r\n\r\n").as_bytes());
            // Byte by byte until the driver leaves and comes again, so fast that no wait for the next one ends without it.
            while socket.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_micros(200));
            }
        }
    });
    let desk = Desk::new(Config { link: Link::Mjpeg { url }, preview: (480, 640), overlay: None });
    desk.handle.live(true);
    let health = desk.wait(Status::Offline);
    assert_eq!(health.fault, Some(Error::TimeOut.fault()));
    assert!(health.raw.unwrap().contains("no picture for"));
    let Desk { handle, events } = desk;
    drop(handle);
    // The sink went with the thread: it obeyed in the middle of the picture.
    while events.try_recv().is_ok() {}
    assert_eq!(events.try_recv().err(), Some(TryRecvError::Disconnected));
}

#[test]
fn a_camera_that_refuses_is_told_with_its_status() {
    let camera = camera();
    camera.fault(CameraFault::Refusing);
    let health = probe(&config(&camera));
    assert_eq!(health.status, Status::Offline);
    assert!(health.raw.unwrap().contains("503"));
}

#[test]
fn a_file_is_a_camera_that_never_freezes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("face.jpg");
    image::RgbImage::from_pixel(300, 400, image::Rgb([90, 120, 150])).save(&path).unwrap();
    let config = Config { link: Link::File { path: path.clone() }, preview: (30, 40), overlay: None };
    assert_eq!(probe(&config), Health::online(path.display().to_string()));
    let (frame, _) = capture_once(&config).map_err(|error| error.to_string()).unwrap();
    assert_eq!((frame.width(), frame.height()), (300, 400));
    std::fs::write(&path, "no picture").unwrap();
    assert!(matches!(probe(&config).status, Status::HardwareError));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(probe(&config).status, Status::Offline);
}
