//! The system asks the kiosk to end in the middle of a visit.

// The lints of the house allow these in `#[test]` functions; this whole crate is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::mpsc;

use jiff::civil::date;
use kiosk_app::config::Config;
use kiosk_app::event::Event;
use kiosk_app::run::{Kiosk, Show};
use outbox::{Keys, Outbox};
use session::view::{Personal, Sex, View};
use session::{Action, CardType, Citizen};

/// The sealing keys of `docs/envelope.md`'s test vectors.
const SEALING: &str = "epoch 1\nkey d8c6b0c7044fabbb 047135fa4fd93a09dce98bbf681b4bfcf50e7c0d6354e62afb0bff2a3429617865ed4c1f02ddb9023ee56a557e515d6a9dc66c11f220960de594334df588776724\n";

/// Nobody looks.
struct Dark;

impl Show for Dark {
    fn show(&self, _: View) {}

    fn preview(&self, _: u32, _: u32, _: Vec<u8>) {}
}

fn citizen() -> Citizen {
    Citizen {
        card_type: CardType::Citizen,
        name: Personal::new("张三"),
        number: Personal::new("110105199003070017"),
        number_valid: true,
        sex: Sex::Male,
        ethnicity: Personal::new("汉"),
        birth: date(1990, 3, 7),
        address: Personal::new("示例路1号"),
        valid_from: date(2016, 12, 1),
        valid_to: None,
        record: vec![0; 260].into(),
    }
}

/// Everything that a visitor does up to the last touch, at once.
fn visit() -> Vec<Event> {
    let touch = Event::Touch;
    let choose = |question: &str, value: &str| {
        Event::Touch(Action::Choose { question: question.to_owned(), value: value.to_owned() })
    };
    vec![
        // This machine has no reader; the visit is told otherwise.
        Event::Happened(session::Event::Health(session::Part::Reader, None)),
        touch(Action::Begin),
        touch(Action::ChooseMatter("household-certificate".to_owned())),
        touch(Action::Accept),
        Event::Happened(session::Event::CardRead(1, Box::new(citizen()))),
        touch(Action::Continue),
        choose("certificate", "kinship"),
        touch(Action::Continue),
        choose("purpose", "school"),
        touch(Action::Continue),
    ]
}

/// Runs a kiosk over these events until it ends by itself, and says how many requests are on its disk.
fn requests_after(state: &Path, events: Vec<Event>) -> usize {
    std::fs::create_dir_all(state.join("keys")).unwrap();
    std::fs::write(state.join("keys/sealing.pub"), SEALING).unwrap();
    let file = state.join("kiosk.toml");
    let text = format!("[kiosk]\nid = \"110101-0007\"\nstate = \"{}\"\n", state.display());
    std::fs::write(&file, text).unwrap();
    let (sender, received) = mpsc::channel();
    let kiosk = Kiosk::start(&Config::load(&file).unwrap(), Box::new(Dark), sender.clone());
    for event in events {
        sender.send(event).unwrap();
    }
    kiosk.run(&received);
    let keys = Keys::load_or_create(&state.join("keys")).unwrap();
    Outbox::open(&state.join("outbox"), "110101-0007", keys).unwrap().list().unwrap().len()
}

#[test]
fn what_was_submitted_is_saved_before_the_end() {
    let state = tempfile::tempdir().unwrap();
    let mut events = visit();
    events.extend([Event::Touch(Action::Submit), Event::Stop]);
    assert_eq!(requests_after(state.path(), events), 1);
}

#[test]
fn what_was_not_submitted_is_gone() {
    let state = tempfile::tempdir().unwrap();
    let mut events = visit();
    events.push(Event::Stop);
    assert_eq!(requests_after(state.path(), events), 0);
}
