//! The real adapter over a printer in memory.

use std::sync::mpsc::{self, Receiver};

use super::fake::Fake;
use super::*;
use crate::device::Adapter as _;
use crate::status::Status;

fn adapter(link: Fake) -> (Adapter<Fake>, Receiver<Event>) {
    let config = Config {
        transport: Transport::Tcp { address: "bench".into() },
        profile: Profile::Generic,
        font: None,
    };
    let (told, events) = mpsc::channel();
    (Adapter::new(config, link, Tell::new(move |event| drop(told.send(event)))), events)
}

fn job(command: u64) -> Input {
    let document = Document { blocks: vec![Block::Text("张".into())] };
    Input { command, document, begin_by: Instant::now() + BEGIN_WITHIN }
}

fn told(link: Fake, jobs: Vec<Input>) -> Vec<String> {
    let (mut adapter, events) = adapter(link);
    jobs.into_iter().for_each(|job| adapter.obey(job));
    let words = events.try_iter().map(|event| match event {
        Event::Health(health) => format!("{:?} {:?}", health.status, health.fault.map(Fault::code)),
        Event::Printed(command) => format!("printed {command}"),
        Event::Failed(command, error) => format!("failed {command} {}", error.fault().code()),
    });
    words.collect()
}

#[test]
fn jobs_are_answered_in_order() {
    assert_eq!(told(Fake::default(), vec![job(1), job(2)]), ["printed 1", "printed 2"]);
}

#[test]
fn a_failed_job_shows_in_the_health_once() {
    let absent = Fake { absent: true, ..Fake::default() };
    let expected = ["failed 1 PRN-01", "Offline Some(\"PRN-01\")", "failed 2 PRN-01"];
    assert_eq!(told(absent, vec![job(1), job(2)]), expected);
}

#[test]
fn the_line_is_closed_after_each_word() {
    let (mut adapter, events) = adapter(Fake::default());
    adapter.due();
    assert!(matches!(events.try_recv(), Ok(Event::Health(health)) if health.status == Status::Online));
    adapter.obey(job(1));
    assert!(matches!(events.try_recv(), Ok(Event::Printed(1))));
    assert_eq!((adapter.link.opened, adapter.link.closed), (2, 2));
}
