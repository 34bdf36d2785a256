//! The catalogue is read anew while somebody needs the kiosk.

// The lints of the house allow these in `#[test]` functions; this whole crate is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use faults::Fault;
use kiosk_app::config::Config;
use kiosk_app::event::Event;
use kiosk_app::run::{Kiosk, Show};
use session::Action;
use session::view::{Call, CardPrompt, Page, View};
use simulators::{Lamp, Shine};

const LONG: Duration = Duration::from_secs(30);

/// Passes every view on.
struct Look(Sender<View>);

impl Show for Look {
    fn show(&self, view: View) {
        drop(self.0.send(view));
    }

    fn preview(&self, _: u32, _: u32, _: Vec<u8>) {}
}

struct Running {
    events: Sender<Event>,
    views: Receiver<View>,
    thread: JoinHandle<()>,
}

impl Running {
    /// A kiosk that has nothing but this lamp.
    fn start(state: &Path, lamp: &Lamp) -> Running {
        let file = state.join("kiosk.toml");
        let (folder, lamp) = (state.display(), lamp.address());
        let text = format!(
            "[kiosk]\nid = \"110101-0007\"\nstate = \"{folder}\"\n[attendant_call]\naddress = \"{lamp}\"\n"
        );
        std::fs::write(&file, text).unwrap();
        let config = Config::load(&file).unwrap();
        let ((events, received), (look, views)) = (mpsc::channel(), mpsc::channel());
        let sender = events.clone();
        let thread = std::thread::spawn(move || {
            Kiosk::start(&config, Box::new(Look(look)), sender).run(&received);
        });
        Running { events, views, thread }
    }

    fn happens(&self, event: Event) {
        self.events.send(event).unwrap();
    }

    fn touches(&self, action: Action) {
        self.happens(Event::Touch(action));
    }

    fn sees(&self, wanted: impl Fn(&View) -> bool) -> View {
        loop {
            let view = self.views.recv_timeout(LONG).expect("the view that was waited for");
            if wanted(&view) {
                return view;
            }
        }
    }

    fn ends(self) {
        self.happens(Event::Quit);
        self.thread.join().unwrap();
    }
}

/// The sealing keys of `docs/envelope.md`'s test vectors: with them the kiosk serves.
const SEALING: &str = "epoch 1\nkey d8c6b0c7044fabbb 047135fa4fd93a09dce98bbf681b4bfcf50e7c0d6354e62afb0bff2a3429617865ed4c1f02ddb9023ee56a557e515d6a9dc66c11f220960de594334df588776724\n";

fn state() -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(state.path().join("keys")).unwrap();
    std::fs::write(state.path().join("keys/sealing.pub"), SEALING).unwrap();
    state
}

#[test]
fn a_call_goes_on() {
    let (state, lamp) = (state(), Lamp::start("127.0.0.1:0".parse().unwrap()).unwrap());
    let kiosk = Running::start(state.path(), &lamp);
    kiosk.sees(|view| view.call == Some(Call::Offered));
    kiosk.touches(Action::CallAttendant);
    kiosk.sees(|view| view.call == Some(Call::Calling));
    assert!(lamp.wait(Shine::Blink, LONG));
    kiosk.happens(Event::Reload);
    // The next view that is large is one after the catalogue was read.
    kiosk.touches(Action::ToggleLarge);
    assert_eq!(kiosk.sees(|view| view.display.large).call, Some(Call::Calling));
    lamp.press();
    kiosk.sees(|view| view.call == Some(Call::Comes));
    kiosk.ends();
}

#[test]
fn a_card_that_was_left_is_still_nobodys() {
    let (state, lamp) = (state(), Lamp::start("127.0.0.1:0".parse().unwrap()).unwrap());
    let kiosk = Running::start(state.path(), &lamp);
    // It lay there when the kiosk started.
    kiosk.happens(Event::Happened(session::Event::CardPresent(true)));
    kiosk.happens(Event::Reload);
    kiosk.happens(Event::Happened(session::Event::Health(session::Part::Reader, None)));
    kiosk.touches(Action::Begin);
    kiosk.touches(Action::ChooseMatter("household-certificate".to_owned()));
    kiosk.touches(Action::Accept);
    let asks = kiosk.sees(|view| matches!(view.page, Page::PlaceCard(_)));
    assert!(asks.page == Page::PlaceCard(CardPrompt::Problem(Fault::CardLeftBehind)));
    kiosk.ends();
}
