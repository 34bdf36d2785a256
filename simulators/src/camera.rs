//! A virtual network camera: HTTP, `multipart/x-mixed-replace`, JPEG; it breaks on demand.
//!
//! It lives: each picture differs from the one before, as a sensor's noise makes it, by a counter in a comment of the
//! JPEG. Any path is the stream; any number of clients is served.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::str::FromStr;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use image::ImageEncoder;

use crate::faults::{UnknownFault, by_name};
use crate::outlet::{Device, Outlet, Power};

/// What is wrong with the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CameraFault {
    /// Nothing.
    #[default]
    None,
    /// Refuses connections and drops those it has.
    Off,
    /// Takes connections and sends nothing more.
    Silent,
    /// Sends its last picture again and again.
    Frozen,
    /// The lens is covered.
    Black,
    /// Parts are no pictures.
    Garbage,
    /// Pictures end in the middle.
    Truncated,
    /// A part says that it is 99,999,999,999 bytes long.
    BadLength,
    /// Something else stands where a boundary belongs.
    NoBoundary,
    /// A part never ends.
    Endless,
    /// Answers with status 503.
    Refusing,
}

/// The faults and their names.
pub const CAMERA_FAULTS: &[(&str, CameraFault)] = &[
    ("none", CameraFault::None),
    ("off", CameraFault::Off),
    ("silent", CameraFault::Silent),
    ("frozen", CameraFault::Frozen),
    ("black", CameraFault::Black),
    ("garbage", CameraFault::Garbage),
    ("truncated", CameraFault::Truncated),
    ("bad-length", CameraFault::BadLength),
    ("no-boundary", CameraFault::NoBoundary),
    ("endless", CameraFault::Endless),
    ("refusing", CameraFault::Refusing),
];

impl FromStr for CameraFault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        by_name(CAMERA_FAULTS, name)
    }
}

/// The time between two pictures: 25 a second.
const PERIOD: Duration = Duration::from_millis(40);

/// The size of the built-in picture.
const SIZE: (u16, u16) = (1280, 720);

/// What a camera sees that was shown nothing else.
static PERSON: LazyLock<Arc<Vec<u8>>> = LazyLock::new(|| Arc::new(encode(person)));

/// What a camera sees behind its cover.
static BLACK: LazyLock<Arc<Vec<u8>>> = LazyLock::new(|| Arc::new(encode(|_, _| [0; 3])));

/// A virtual camera. Dropping it ends it.
pub struct Camera {
    outlet: Outlet<Shared>,
}

struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
}

struct Inner {
    fault: CameraFault,
    picture: Arc<Vec<u8>>,
    counter: u32,
    clients: usize,
    stopping: bool,
}

impl Camera {
    /// Switches a camera on that sees a drawing of a person.
    ///
    /// # Errors
    /// When the address cannot be taken.
    pub fn start(address: SocketAddr) -> io::Result<Self> {
        let inner = Inner {
            fault: CameraFault::None,
            picture: Arc::clone(&PERSON),
            counter: 0,
            clients: 0,
            stopping: false,
        };
        let shared = Shared { inner: Mutex::new(inner), changed: Condvar::new() };
        Ok(Self { outlet: Outlet::start(address, shared)? })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.outlet.address()
    }

    /// The address of its stream, as a kiosk is configured with it.
    pub fn url(&self) -> String {
        format!("http://{}/stream", self.address())
    }

    /// Breaks or mends it.
    pub fn fault(&self, fault: CameraFault) {
        self.outlet.device.lock().fault = fault;
        self.outlet.device.changed.notify_all();
    }

    /// Puts something else before the lens: a JPEG.
    pub fn show(&self, jpeg: Vec<u8>) {
        self.outlet.device.lock().picture = Arc::new(jpeg);
    }

    /// Waits until somebody watches (or nobody does), for `timeout` at most. True when it came so.
    pub fn wait_watched(&self, watched: bool, timeout: Duration) -> bool {
        let shared = &self.outlet.device;
        let inner = shared.lock();
        let waited = shared
            .changed
            .wait_timeout_while(inner, timeout, |inner| (inner.clients > 0) != watched)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.1.timed_out()
    }
}

impl Device for Shared {
    const THREAD: &'static str = "virtual-camera";

    fn power(&self) -> Power {
        match self.fault() {
            None => Power::Ended,
            Some(CameraFault::Off) => Power::Off,
            Some(_) => Power::On,
        }
    }

    /// Each client has a thread: cameras serve several.
    fn serve(self: &Arc<Self>, client: TcpStream) {
        let camera = Arc::clone(self);
        let serve = move || {
            camera.watch(1);
            // A client that leaves is not an event worth telling.
            let _ = camera.stream(client);
            camera.watch(-1);
        };
        if std::thread::Builder::new().name("virtual-camera-client".into()).spawn(serve).is_err() {
            tracing::error!("no thread for another client of the virtual camera");
        }
    }

    fn end(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self) -> Option<CameraFault> {
        let inner = self.lock();
        (!inner.stopping).then_some(inner.fault)
    }

    /// Waits, and says whether to go on.
    fn pause(&self, time: Duration) -> bool {
        let inner = self.lock();
        let waited = self.changed.wait_timeout_while(inner, time, |inner| !inner.stopping);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    /// Counts its clients.
    fn watch(&self, more: isize) {
        let mut inner = self.lock();
        inner.clients = inner.clients.saturating_add_signed(more);
        self.changed.notify_all();
    }

    fn stream(&self, mut socket: TcpStream) -> io::Result<()> {
        socket.set_read_timeout(Some(Duration::from_secs(2)))?;
        socket.set_write_timeout(Some(Duration::from_secs(2)))?;
        read_request(&mut socket)?;
        if self.fault() == Some(CameraFault::Refusing) {
            return socket.write_all(b"HTTP/1.0 503 Service Unavailable\r\n\r\n");
        }
        socket.write_all(
            b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\
              Cache-Control: no-store\r\n\r\n",
        )?;
        while let Some(fault) = self.fault() {
            match fault {
                CameraFault::Off => return Ok(()),
                CameraFault::Refusing | CameraFault::Silent => {}
                CameraFault::None | CameraFault::Frozen | CameraFault::Black => {
                    send(&mut socket, &self.picture(fault))?;
                }
                CameraFault::Garbage => send(&mut socket, b"no picture")?,
                CameraFault::Truncated => {
                    let picture = self.picture(fault);
                    send(&mut socket, picture.get(..picture.len() / 2).unwrap_or_default())?;
                }
                CameraFault::BadLength => {
                    socket.write_all(b"--frame\r\nContent-Length: 99999999999\r\n\r\n")?;
                }
                CameraFault::NoBoundary => socket.write_all(b"\r\n-- here was a boundary --\r\n")?,
                CameraFault::Endless => {
                    socket.write_all(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n")?;
                    while self.fault() == Some(CameraFault::Endless) {
                        socket.write_all(&[b'-'; 64 * 1024])?;
                    }
                }
            }
            if !self.pause(PERIOD) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The picture of this moment.
    fn picture(&self, fault: CameraFault) -> Vec<u8> {
        let mut inner = self.lock();
        if fault != CameraFault::Frozen {
            inner.counter = inner.counter.wrapping_add(1);
        }
        let counter = inner.counter;
        let picture = Arc::clone(&inner.picture);
        drop(inner);
        numbered(if fault == CameraFault::Black { &BLACK } else { &picture }, counter)
    }
}

/// A JPEG with a number in a comment behind its start mark (ITU-T T.81, B.2.4.5).
fn numbered(jpeg: &[u8], counter: u32) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(jpeg.len().min(2));
    [start, b"\xFF\xFE\x00\x06", &counter.to_be_bytes(), rest].concat()
}

fn send(socket: &mut TcpStream, part: &[u8]) -> io::Result<()> {
    write!(socket, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", part.len())?;
    socket.write_all(part)?;
    socket.write_all(b"\r\n")
}

/// Reads the request's head; what it asks for does not matter.
fn read_request(socket: &mut TcpStream) -> io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if socket.read(&mut byte)? == 0 || head.len() > 8192 {
            return Err(ErrorKind::InvalidData.into());
        }
        head.extend(byte);
    }
    Ok(())
}

fn encode(colour: impl Fn(i32, i32) -> [u8; 3]) -> Vec<u8> {
    let (width, height) = SIZE;
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for y in 0..i32::from(height) {
        for x in 0..i32::from(width) {
            pixels.extend(colour(x, y));
        }
    }
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 85);
    let kind = image::ExtendedColorType::Rgb8;
    if let Err(error) = encoder.write_image(&pixels, width.into(), height.into(), kind) {
        tracing::error!(%error, "the virtual camera's picture cannot be made");
    }
    jpeg
}

/// Somebody in a dark coat before a light wall: head, eyes, shoulders. A drawing, not a portrait of anybody.
fn person(x: i32, y: i32) -> [u8; 3] {
    let inside = |cx: i32, cy: i32, rx: i32, ry: i32| {
        let (dx, dy) = (i64::from(x - cx), i64::from(y - cy));
        let (rx, ry) = (i64::from(rx), i64::from(ry));
        dx * dx * ry * ry + dy * dy * rx * rx <= rx * rx * ry * ry
    };
    if inside(595, 300, 16, 9) || inside(685, 300, 16, 9) {
        [40, 30, 30]
    } else if inside(640, 400, 40, 10) {
        [170, 80, 80]
    } else if inside(640, 320, 120, 160) {
        [224, 182, 150]
    } else if inside(640, 280, 135, 175) {
        [35, 28, 25]
    } else if inside(640, 760, 330, 270) {
        [38, 48, 70]
    } else {
        [226, 230, 234]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn connect(camera: &Camera) -> TcpStream {
        let mut socket = TcpStream::connect(camera.address()).unwrap();
        socket.set_read_timeout(Some(LONG)).unwrap();
        socket.write_all(b"GET /stream HTTP/1.0\r\n\r\n").unwrap();
        socket
    }

    fn start() -> Camera {
        Camera::start(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap()
    }

    /// Reads the head of the answer, then this many parts.
    fn parts(socket: &mut TcpStream, count: usize) -> Vec<Vec<u8>> {
        let line = |socket: &mut TcpStream| {
            let (mut line, mut byte) = (Vec::new(), [0]);
            while !line.ends_with(b"\r\n") {
                socket.read_exact(&mut byte).unwrap();
                line.extend(byte);
            }
            String::from_utf8(line).unwrap().trim_end().to_owned()
        };
        while !line(socket).is_empty() {}
        let mut parts = Vec::new();
        while parts.len() < count {
            assert_eq!(line(socket), "--frame");
            assert_eq!(line(socket), "Content-Type: image/jpeg");
            let length = line(socket).strip_prefix("Content-Length: ").unwrap().parse().unwrap();
            assert_eq!(line(socket), "");
            let mut part = vec![0; length];
            socket.read_exact(&mut part).unwrap();
            assert_eq!(line(socket), "");
            parts.push(part);
        }
        parts
    }

    #[test]
    fn pictures_live_and_are_jpeg() {
        let camera = start();
        let parts = parts(&mut connect(&camera), 3);
        assert!(parts.iter().all(|part| part.starts_with(b"\xFF\xD8") && part.ends_with(b"\xFF\xD9")));
        assert_ne!(parts[0], parts[1]);
        assert_ne!(parts[1], parts[2]);
    }

    #[test]
    fn a_frozen_camera_repeats_itself() {
        let camera = start();
        camera.fault(CameraFault::Frozen);
        let parts = parts(&mut connect(&camera), 2);
        assert_eq!(parts[0], parts[1]);
    }

    #[test]
    fn a_camera_that_is_off_refuses_and_returns_where_it_was() {
        let camera = start();
        let mut socket = connect(&camera);
        assert!(camera.wait_watched(true, LONG));
        camera.fault(CameraFault::Off);
        assert!(camera.wait_watched(false, LONG));
        // The old connection ends.
        let _ = socket.read_to_end(&mut Vec::new());
        while TcpStream::connect(camera.address()).is_ok() {}
        camera.fault(CameraFault::None);
        while TcpStream::connect(camera.address()).is_err() {}
        assert_eq!(parts(&mut connect(&camera), 1).len(), 1);
    }

    #[test]
    fn every_fault_has_a_name() {
        for (name, fault) in CAMERA_FAULTS {
            assert_eq!(name.parse::<CameraFault>().unwrap(), *fault);
        }
        assert!("espresso".parse::<CameraFault>().is_err());
    }
}
