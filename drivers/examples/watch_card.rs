//! Prints what the reader's thread tells, one line an event with its time in seconds, and arms a read again when the
//! card was lifted. Nothing of a card is printed. For trying mishaps: lift the card, unplug the reader, restart the service.
//!
//! `cargo run -p drivers --example watch_card -- [PART OF THE READER'S NAME]`

use std::sync::mpsc;
use std::time::{Duration, Instant};

use drivers::device::start;
use drivers::id_card::{Config, Event, Profile};

fn main() {
    let reader = std::env::args().nth(1).unwrap_or_default();
    let (sender, events) = mpsc::channel();
    let began = Instant::now();
    let handle = start(Config { reader, profile: Profile::StorageCard }, move |event| {
        let _ = sender.send((began.elapsed(), event));
    });
    let mut next = 1;
    handle.read(next, Duration::ZERO);
    for (at, event) in events {
        let line = match event {
            Event::Health(health) => {
                format!("health {} {}", health.status.as_str(), health.raw.unwrap_or_default())
            }
            Event::Present(present) => {
                if !present {
                    next += 1;
                    handle.read(next, Duration::ZERO);
                }
                format!("present {present}")
            }
            Event::Reading(command) => format!("reading {command}"),
            Event::Failed(command, error) => format!("failed {command} {} {error}", error.fault().code()),
            Event::Read(command, record) => format!("read {command} {}", record.card_type().as_str()),
        };
        println!("{:8.3} {line}", at.as_secs_f64());
    }
}
