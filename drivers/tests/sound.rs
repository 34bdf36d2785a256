//! The sound's driver into ALSA's own recorder: its `file` device writes what would have sounded.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use drivers::device::{probe, start};
use drivers::sound::{Config, Error, Event, Handle, Tone};
use drivers::status::{Health, Status};

const LONG: Duration = Duration::from_secs(30);

fn config(file: &Path) -> Config {
    Config { device: format!("file:'{}',raw", file.display()) }
}

fn desk(config: Config) -> (Handle, Receiver<Event>) {
    let (told, events) = mpsc::channel();
    (start(config, move |event| drop(told.send(event))), events)
}

/// The left channel of what was recorded.
fn recorded(file: &Path) -> Vec<i16> {
    let bytes = std::fs::read(file).unwrap();
    bytes.chunks_exact(4).map(|frame| i16::from_ne_bytes([frame[0], frame[1]])).collect()
}

/// The pitch of a stretch of sound, from how often it crosses zero upwards.
fn pitch(samples: &[i16]) -> f64 {
    let crossings = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
    crossings as f64 * 48_000.0 / samples.len() as f64
}

#[test]
fn the_tone_is_recorded_at_its_pitch_and_length() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tone.raw");
    let config = config(&file);
    let (handle, events) = desk(config.clone());
    assert_eq!(events.recv_timeout(LONG).unwrap(), Event::Health(Health::online(config.device)));
    for (command, tone, from_ms, to_ms, hertz) in
        [(1, Tone::Ok, 10, 130, 880.0), (2, Tone::Error, 10, 170, 330.0), (3, Tone::Alarm, 190, 350, 784.0)]
    {
        handle.play(command, tone);
        assert_eq!(events.recv_timeout(LONG).unwrap(), Event::Played(command));
        let samples = recorded(&file);
        assert!(samples.len() as u128 >= tone.length().as_millis() * 48, "{tone:?}: {}", samples.len());
        let heard = pitch(&samples[from_ms * 48..to_ms * 48]);
        assert!((heard - hertz).abs() < 10.0, "{tone:?}: {heard} Hz");
    }
}

#[test]
fn a_device_that_is_not_there_is_told() {
    let config = Config { device: "hw:CARD=Nowhere".into() };
    assert_eq!(probe(&config).status, Status::NoDevice);
    let (handle, events) = desk(config);
    handle.play(1, Tone::Ok);
    loop {
        match events.recv_timeout(LONG).unwrap() {
            Event::Failed(1, Error::NoDevice { .. }) => break,
            Event::Health(health) => assert_eq!(health.status, Status::NoDevice),
            other => panic!("{other:?}"),
        }
    }
}
