//! What a live preview costs: `cargo run --release -p drivers --example preview_cost [SECONDS]`.
//!
//! A network camera of 1280×720 at 15 pictures a second is played on the loopback, as a webcam sends them (JPEG, 4:2:2);
//! the driver fetches, decodes, fits them to the portrait page (576×720) and draws the outline. Printed is the share of
//! a core of the camera's thread, and as floor that of decoding alone with the same crate, in the same run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use drivers::camera::{Config, Event, Link};
use drivers::device::start;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;

const SIZE: (u16, u16) = (1280, 720);
const PREVIEW: (u32, u32) = (576, 720);
const PERIOD: Duration = Duration::from_micros(66_667);

fn main() {
    let seconds = std::env::args().nth(1).map_or(10, |word| word.parse().expect("seconds"));
    let pictures: Vec<Vec<u8>> = (0..8).map(picture).collect();
    let bytes = pictures[0].len();
    let bare = bare_decode(&pictures);
    let url = play(pictures);

    let overlay: drivers::camera::Overlay = Arc::new(|pixels, width, height| {
        imaging::portrait::draw_outline_on(pixels, width, height);
    });
    let (told, events) = mpsc::channel();
    let config = Config { link: Link::Mjpeg { url }, preview: PREVIEW, overlay: Some(overlay) };
    let camera = start(config, move |event| drop(told.send(event)));
    camera.live(true);
    let (mut frames, mut begin) = (0u32, None);
    let window = Duration::from_secs(seconds);
    loop {
        let Event::FrameReady(slot) = events.recv().expect("the camera's thread runs") else { continue };
        drop(slot.take());
        // The first frames are of the start.
        let (since, cost) = *begin.get_or_insert_with(|| (Instant::now(), cpu_of("camera")));
        frames += 1;
        if since.elapsed() >= window {
            let (time, cost) = (since.elapsed(), cpu_of("camera") - cost);
            let rate = f64::from(frames - 1) / time.as_secs_f64();
            let share = cost.as_secs_f64() / time.as_secs_f64();
            let each = cost.as_secs_f64() * 1e3 / f64::from(frames - 1);
            println!(
                "{{\"jpeg_bytes\": {bytes}, \"frames_per_s\": {rate:.2}, \"core_share\": {share:.4}, \"frame_ms\": {each:.3}, \
                 \"bare_decode_ms\": {:.3}, \"bare_decode_share\": {:.4}}}",
                bare.as_secs_f64() * 1e3,
                bare.as_secs_f64() * 15.0,
            );
            return;
        }
    }
}

/// A person before a wall: smooth shades with edges and a sensor's noise, so that the JPEG has a webcam's size.
fn picture(number: u32) -> Vec<u8> {
    let (width, height) = (u32::from(SIZE.0), u32::from(SIZE.1));
    let mut noise = 0x9E37_79B9u32 ^ number;
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (dx, dy) = (x.abs_diff(width / 2), y.abs_diff(height * 2 / 5));
            let face = dx * dx * 2 + dy * dy < 40_000;
            let body = y > height * 7 / 10 && dx < 300;
            let shade: [u32; 3] = match (face, body) {
                (true, _) => [205 - dy / 4, 160 - dy / 5, 130],
                (false, true) => [40 + (x / 8 % 2) * 30, 50, 90],
                (false, false) => [225 - x / 40, 228 - x / 40, 232 - y / 30],
            };
            pixels.extend(shade.map(|shade| (shade + (noise >> 28)).min(255) as u8));
        }
    }
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 85);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_2);
    encoder.encode(&pixels, SIZE.0, SIZE.1, ColorType::Rgb).expect("encoded");
    jpeg
}

/// The decoder alone, as its crate documents it.
fn bare_decode(pictures: &[Vec<u8>]) -> Duration {
    const TIMES: u32 = 80;
    let before = cpu_of("");
    for at in 0..TIMES {
        let jpeg = &pictures[at as usize % pictures.len()];
        std::hint::black_box(JpegDecoder::new(ZCursor::new(jpeg)).decode().expect("decoded"));
    }
    (cpu_of("") - before) / TIMES
}

/// Serves the pictures to one client after the other; gives their address.
fn play(pictures: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/stream", listener.local_addr().expect("its number"));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut lines = BufReader::new(client.try_clone().expect("a copy")).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let mut client = client;
            let head = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=next\r\n\r\n";
            let mut going = client.write_all(head.as_bytes()).is_ok();
            let mut due = Instant::now();
            for jpeg in pictures.iter().cycle() {
                if !going {
                    break;
                }
                let part =
                    format!("--next\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", jpeg.len());
                going = [part.as_bytes(), jpeg, b"\r\n"].iter().all(|bytes| client.write_all(bytes).is_ok());
                due += PERIOD;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        }
    });
    url
}

/// The processor time of this process's thread of that name; of the calling one when the name is empty.
fn cpu_of(name: &str) -> Duration {
    let task = std::fs::read_dir("/proc/self/task")
        .expect("Linux")
        .flatten()
        .map(|entry| entry.path())
        .find(|path| std::fs::read_to_string(path.join("comm")).is_ok_and(|found| found.trim() == name));
    let task = task.unwrap_or_else(|| "/proc/thread-self".into());
    let text = std::fs::read_to_string(task.join("schedstat")).expect("the kernel counts");
    let nanos = text.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number");
    Duration::from_nanos(nanos)
}
