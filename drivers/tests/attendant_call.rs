//! The lamp's driver against a virtual lamp, over the real protocol.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use drivers::attendant_call::{Config, Error, Event, Handle};
use drivers::device::{probe, start};
use drivers::status::{Health, Status};
use simulators::{Lamp, LampFault, Shine};

const LONG: Duration = Duration::from_secs(30);

fn hall() -> (Lamp, Handle, Receiver<Event>) {
    let lamp = Lamp::start(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let (told, events) = mpsc::channel();
    let handle = start(config(&lamp), move |event| drop(told.send(event)));
    assert_eq!(next(&events), Event::Health(Health::online(lamp.address().to_string())));
    (lamp, handle, events)
}

fn config(lamp: &Lamp) -> Config {
    Config { address: lamp.address().to_string() }
}

fn next(events: &Receiver<Event>) -> Event {
    events.recv_timeout(LONG).unwrap()
}

fn wait(events: &Receiver<Event>, status: Status) {
    while !matches!(next(events), Event::Health(health) if health.status == status) {}
}

#[test]
fn a_call_blinks_until_it_is_answered_and_cleared() {
    let (lamp, handle, events) = hall();
    handle.call(1);
    assert!(lamp.wait(Shine::Blink, LONG));
    lamp.press();
    assert_eq!(next(&events), Event::Answered(1));
    assert!(lamp.wait(Shine::On, LONG));
    handle.clear();
    assert!(lamp.wait(Shine::Off, LONG));
    handle.call(2);
    assert!(lamp.wait(Shine::Blink, LONG));
}

#[test]
fn a_second_call_needs_no_second_lamp() {
    let (lamp, handle, events) = hall();
    handle.call(1);
    assert!(lamp.wait(Shine::Blink, LONG));
    handle.call(2);
    lamp.press();
    assert_eq!(next(&events), Event::Answered(2));
}

#[test]
fn a_call_while_the_lamp_is_away_is_seen_when_it_returns() {
    let (lamp, handle, events) = hall();
    lamp.fault(LampFault::Off);
    wait(&events, Status::Offline);
    handle.call(3);
    lamp.fault(LampFault::None);
    assert!(lamp.wait(Shine::Blink, LONG));
    wait(&events, Status::Online);
    lamp.press();
    while next(&events) != Event::Answered(3) {}
}

#[test]
fn a_lamp_that_loses_its_power_during_a_call_blinks_again() {
    let (lamp, handle, _events) = hall();
    handle.call(1);
    assert!(lamp.wait(Shine::Blink, LONG));
    lamp.fault(LampFault::Off);
    assert!(lamp.wait(Shine::Off, LONG));
    lamp.fault(LampFault::None);
    assert!(lamp.wait(Shine::Blink, LONG));
}

#[test]
fn a_lamp_that_does_not_answer_or_is_none_is_told() {
    let lamp = Lamp::start(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    lamp.fault(LampFault::Silent);
    assert_eq!(probe(&config(&lamp)).raw, Some(Error::TimeOut.to_string()));
    lamp.fault(LampFault::Garbage);
    assert_eq!(probe(&config(&lamp)).raw, Some(Error::Garbage.to_string()));
    lamp.fault(LampFault::None);
    assert_eq!(probe(&config(&lamp)), Health::online(lamp.address().to_string()));
}
