//! A hall whose kiosk and devices run inside the test.

use std::ffi::CString;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;

use hall::process::Interrupt;
use hall::reader::Reader;
use hall::{Answer, Devices, Folder, Glass};
use kiosk_app::config::Config;
use kiosk_app::device::Device;
use kiosk_app::event::Event;
use kiosk_app::run::{Kiosk, Show};
use serde_json::{Value, json};
use session::view::View;
use simulators::{Bench, ReceiptPaper};

use crate::visitor::{PATIENCE, Visitor};

/// What a hall has of the machine's one smart card service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardReader {
    /// Nothing: the kiosk has no reader, and the test waits for nobody.
    Absent,
    /// A slot of the virtual reader.
    Slot,
    /// A slot, and nobody else uses the service: the test kills it.
    Alone,
}

/// What a hall has.
#[derive(Clone, Copy)]
pub struct Options {
    /// The reader of identity cards.
    pub reader: CardReader,
    /// False: the platform is enrolled with but off.
    pub platform: bool,
    /// False: the catalogue is the platform's, or the one built in.
    pub folder: bool,
    /// The region whose rules hold.
    pub region: Option<&'static str>,
    /// What the scanner does.
    pub scanner: Glass,
}

impl Options {
    /// The platform is enrolled with but off.
    pub fn offline() -> Options {
        Options { platform: false, ..Options::default() }
    }

    /// The same without a reader of cards: such halls wait for no other.
    pub fn without_reader(self) -> Options {
        Options { reader: CardReader::Absent, ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            reader: CardReader::Slot,
            platform: true,
            folder: true,
            region: None,
            scanner: Glass::Paper,
        }
    }
}

/// One kiosk, its devices and its platform. Everything ends with it.
pub struct Hall {
    running: Option<Running>,
    /// The virtual devices.
    pub bench: Bench,
    hall: hall::Hall,
    reader: Option<Reader>,
}

impl Deref for Hall {
    type Target = hall::Hall;

    fn deref(&self) -> &hall::Hall {
        &self.hall
    }
}

impl DerefMut for Hall {
    fn deref_mut(&mut self) -> &mut hall::Hall {
        &mut self.hall
    }
}

struct Running {
    events: mpsc::Sender<Event>,
    thread: JoinHandle<()>,
}

/// Passes every view on to the visitor.
struct Look(mpsc::Sender<View>);

impl Show for Look {
    fn show(&self, view: View) {
        // Nobody looks any more when the visitor is gone.
        let _ = self.0.send(view);
    }

    fn preview(&self, _: u32, _: u32, _: Vec<u8>) {}
}

impl Hall {
    /// Builds the hall: keys, enrolment, devices, and the platform if it is to be on.
    pub fn new(options: Options) -> Hall {
        let folder = Folder::make(None).unwrap();
        let reader = (options.reader != CardReader::Absent).then(|| {
            let alone = options.reader == CardReader::Alone;
            let reader = Reader::take(alone, &folder.logs(), &Interrupt::never()).unwrap();
            // The card of whoever had the slot before may not have been noticed to be gone yet.
            wait_until_empty(&reader);
            reader
        });
        let usual = simulators::Options::new(folder.screens());
        let pcd = reader.as_ref().map_or_else(|| usual.pcd.clone(), Reader::address);
        let bench =
            Bench::start(simulators::Options { pcd, portrait: Some(hall::portrait()), ..usual }).unwrap();
        let mut hall = hall::Hall::new(folder, &programs()).unwrap();
        let devices = Devices {
            reader: reader.as_ref().map(Reader::name),
            printer: bench.printer_address().to_string(),
            camera: bench.camera.url(),
            lamp: bench.lamp.address().to_string(),
        };
        hall.equip(&devices).unwrap();
        hall.scanner(options.scanner).unwrap();
        let mut hall = Hall { running: None, bench, hall, reader };
        hall::folder::copy(&hall::root().join("matters/catalogue"), &hall.matters()).unwrap();
        let mut matters = json!({});
        if options.folder {
            matters["path"] = json!(hall.matters());
        }
        if let Some(region) = options.region {
            matters["region"] = region.into();
        }
        hall.configure("matters", matters).unwrap();
        if options.platform {
            hall.switch_platform_on();
        }
        hall
    }

    /// Lays a card on the reader.
    pub fn insert(&self, card: &str) {
        assert!(self.bench.insert(card).unwrap(), "the virtual reader did not take {card}");
    }

    /// Takes the card away and waits until the reader has noticed.
    pub fn remove(&self) {
        self.bench.remove();
        wait_until_empty(self.reader.as_ref().expect("a hall with a reader"));
    }

    /// The smart card service crashes.
    pub fn kill_pcscd(&self) {
        hall::reader::kill().unwrap();
    }

    /// Somebody starts it again.
    pub fn start_pcscd(&self) {
        hall::reader::start(&self.folder.logs(), &Interrupt::never()).unwrap();
    }

    /// Waits for so many receipts.
    pub fn receipts(&self, count: usize) -> Vec<ReceiptPaper> {
        let receipts = self.bench.wait_receipts(count, PATIENCE);
        assert_eq!(receipts.len(), count, "receipts printed");
        receipts
    }

    /// The path of a file or folder of this hall.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the catalogue: a copy of its own, so that a test may change it.
    pub fn matters(&self) -> PathBuf {
        self.path("matters")
    }

    /// Runs a service command of the kiosk.
    pub fn command(&self, words: &[&str]) -> Answer {
        self.hall.command(words).unwrap()
    }

    /// Starts the platform; a kiosk started later knows its address.
    pub fn switch_platform_on(&mut self) {
        self.hall.switch_platform_on(&Interrupt::never()).unwrap();
    }

    /// Pays at the page that a payment code leads to, as a citizen's phone does.
    pub fn pay(&self, url: &str) {
        simulators::phone::pay(url, &self.path("enrol/ca.pem")).unwrap();
    }

    /// Changes what the scanner does.
    pub fn scanner(&self, glass: Glass) {
        self.hall.scanner(glass).unwrap();
    }

    /// Points the kiosk at another platform.
    pub fn use_platform(&mut self, url: &str) {
        self.hall.use_platform(url).unwrap();
    }

    /// Starts the kiosk and sends a visitor to it.
    pub fn open(&mut self) -> Visitor {
        let config = Config::load(&self.folder.config()).unwrap();
        let (events, received) = mpsc::channel();
        let (look, views) = mpsc::channel();
        let sender = events.clone();
        let has_reader = self.reader.is_some();
        let (ready, begun) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let kiosk = Kiosk::start(&config, Box::new(Look(look)), sender.clone());
            if has_reader {
                until_the_reader_has_looked(&received, &sender);
            }
            ready.send(()).unwrap();
            kiosk.run(&received);
        });
        begun.recv().expect("the kiosk starts");
        self.running = Some(Running { events: events.clone(), thread });
        Visitor { views, touches: events, last: None }
    }

    /// Lets the running kiosk read its catalogue anew, as SIGHUP does.
    pub fn reload(&self) {
        self.running.as_ref().unwrap().events.send(Event::Reload).unwrap();
    }

    /// Ends the kiosk, as a restart would.
    pub fn close(&mut self) {
        if let Some(Running { events, thread }) = self.running.take() {
            let _ = events.send(Event::Quit);
            thread.join().unwrap();
        }
    }

    /// The requests that the platform holds, each verified anew.
    pub fn on_the_platform(&self) -> Vec<Value> {
        self.platform_command(&["list"])["requests"].as_array().unwrap().clone()
    }

    /// One request on the platform, opened.
    pub fn opened(&self, id: &str) -> Value {
        self.platform_command(&["show", id])
    }

    /// The requests that the kiosk still holds, with their bodies.
    pub fn waiting(&self) -> Vec<Value> {
        let answer = self.command(&["queue", "list"]);
        assert!(answer.success, "{}", answer.json);
        let rows = answer.json["requests"].as_array().unwrap();
        rows.iter().filter(|row| row["state"] != "acknowledged").cloned().collect()
    }

    /// Runs `kiosk-platform` and returns the JSON object it printed last.
    pub fn platform_command(&self, words: &[&str]) -> Value {
        self.hall.platform_command(words).unwrap()
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", hall::process::tail(&self.folder.logs().join("platform.log"), 25));
        } else {
            self.close();
        }
    }
}

/// Waits until the reader has noticed that no card is there: a card laid down sooner would be taken for the old one.
fn wait_until_empty(reader: &Reader) {
    let context = pcsc::Context::establish(pcsc::Scope::User).unwrap();
    let name = CString::new(reader.name()).unwrap();
    let mut states = [pcsc::ReaderState::new(name, pcsc::State::PRESENT)];
    while states[0].event_state().contains(pcsc::State::PRESENT) || states[0].event_state().is_empty() {
        context.get_status_change(PATIENCE, &mut states).expect("the card is noticed to be gone");
        states[0].sync_current_state();
    }
}

/// A card that lies there at the reader's first look was left before the start, so nobody may come earlier. What else
/// happened until then happens again.
fn until_the_reader_has_looked(events: &mpsc::Receiver<Event>, again: &mpsc::Sender<Event>) {
    let mut seen = Vec::new();
    let mut looked = false;
    while !looked {
        let event = events.recv_timeout(PATIENCE).expect("the reader looks");
        looked = matches!(event, Event::Happened(session::Event::CardPresent(_)))
            || matches!(&event, Event::Health(Device::IdCard, health) if health.fault.is_some());
        seen.push(event);
    }
    seen.into_iter().for_each(|event| again.send(event).unwrap());
}

/// The folder of the house's programs: above the test's own executable.
fn programs() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap().to_owned();
    for program in ["kiosk", "kiosk-platform", "kiosk-bench", "kiosk-scan"] {
        assert!(folder.join(program).exists(), "{program} is not built: cargo build --workspace");
    }
    folder
}
