//! A kiosk with everything around it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

use kiosk_app::config::Config;
use kiosk_app::device::Device;
use kiosk_app::event::Event;
use kiosk_app::run::{Kiosk, Show};
use serde_json::Value;
use session::view::View;
use simulators::{Bench, ReceiptPaper};
use tempfile::TempDir;

use crate::pcscd::Pcscd;
use crate::programs::{Answer, first_line, kiosk, program};
use crate::scanner::{self, Glass};
use crate::visitor::{PATIENCE, Visitor};

/// The kiosk of every test.
pub const KIOSK: &str = "110101-0007";

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
    platform: Option<Child>,
    pub(crate) public: String,
    /// The virtual devices.
    pub bench: Bench,
    options: Options,
    dir: TempDir,
    pcscd: Option<Pcscd>,
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
        let pcscd = match options.reader {
            CardReader::Absent => None,
            CardReader::Slot => Some(Pcscd::take_turn(false)),
            CardReader::Alone => Some(Pcscd::take_turn(true)),
        };
        let dir = tempfile::tempdir().unwrap();
        let paper = dir.path().join("paper");
        std::fs::create_dir(&paper).unwrap();
        let portrait = Some(house("imaging/tests/data/astronaut.jpg"));
        let usual = simulators::Options::new(paper);
        let pcd = pcscd.as_ref().map_or_else(|| usual.pcd.clone(), Pcscd::address);
        let bench = Bench::start(simulators::Options { pcd, portrait, ..usual }).unwrap();
        let mut hall =
            Hall { running: None, platform: None, public: String::new(), bench, options, dir, pcscd };
        copy(&house("matters/catalogue"), &hall.matters());
        hall.scanner(options.scanner);
        hall.write_config("https://127.0.0.1:1");
        hall.enrol();
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
        self.pcscd.as_ref().expect("a hall with a reader").wait_until_empty();
    }

    /// Waits for so many receipts.
    pub fn receipts(&self, count: usize) -> Vec<ReceiptPaper> {
        let receipts = self.bench.wait_receipts(count, PATIENCE);
        assert_eq!(receipts.len(), count, "receipts printed");
        receipts
    }

    /// The path of a file or folder of this hall.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The folder of the catalogue: a copy of its own, so that a test may change it.
    pub fn matters(&self) -> PathBuf {
        self.path("matters")
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.path("kiosk.toml")
    }

    /// Runs a service command of the kiosk.
    pub fn command(&self, words: &[&str]) -> Answer {
        kiosk(&program("kiosk"), &self.config(), words)
    }

    /// Starts the platform; a kiosk started later knows its address.
    pub fn switch_platform_on(&mut self) {
        let mut child = Command::new(program("kiosk-platform"))
            .arg("--state")
            .arg(self.path("platform"))
            .args(["serve", "--listen", "127.0.0.1:0", "--public", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = first_line(&mut child);
        let listening: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON in {line:?}"));
        self.platform = Some(child);
        self.public = listening["public"].as_str().unwrap().to_owned();
        self.write_config(&format!("https://{}", listening["listening"].as_str().unwrap()));
    }

    /// Switches the platform off, as a power cut there would.
    pub fn switch_platform_off(&mut self) {
        if let Some(mut platform) = self.platform.take() {
            platform.kill().unwrap();
            platform.wait().unwrap();
        }
    }

    /// Pays at the page that a payment code leads to, as a citizen's phone does.
    pub fn pay(&self, url: &str) {
        simulators::phone::pay(url, &self.path("kiosk/keys/ca.pem")).unwrap();
    }

    /// Changes what the scanner does.
    pub fn scanner(&self, glass: Glass) {
        scanner::set_up(&self.path("sane"), glass);
    }

    /// Points the kiosk at another platform.
    pub fn use_platform(&self, url: &str) {
        self.write_config(url);
    }

    /// Starts the kiosk and sends a visitor to it.
    pub fn open(&mut self) -> Visitor {
        let config = Config::load(&self.config()).unwrap();
        let (events, received) = mpsc::channel();
        let (look, views) = mpsc::channel();
        let sender = events.clone();
        let has_reader = self.pcscd.is_some();
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
        let json = self.platform_command(&["list", "--json"]);
        json["requests"].as_array().unwrap().clone()
    }

    /// One request on the platform, opened.
    pub fn opened(&self, id: &str) -> Value {
        self.platform_command(&["show", id, "--json"])
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
        self.command_of("platform", words)
    }

    /// The same for the platform whose folder has this name.
    pub fn command_of(&self, platform: &str, words: &[&str]) -> Value {
        let output = Command::new(program("kiosk-platform"))
            .arg("--state")
            .arg(self.path(platform))
            .args(words)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "kiosk-platform {words:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or(Value::Null)
    }

    fn write_config(&self, url: &str) {
        let state = self.path("kiosk");
        let printer = self.bench.printer_address();
        let region = self.options.region.map(|region| format!("region = \"{region}\"\n")).unwrap_or_default();
        let folder = format!("path = \"{}\"\n", self.matters().display());
        let folder = if self.options.folder { folder } else { String::new() };
        let reader = self.pcscd.as_ref().map(Pcscd::reader).map_or_else(String::new, |reader| {
            format!("[id_card]\ntransport = \"pcsc\"\nreader = \"{reader}\"\nprofile = \"storage-card\"\n")
        });
        let text = format!(
            "[kiosk]\nid = \"{KIOSK}\"\nstate = \"{state}\"\nhall = \"示例路派出所\"\n\
             {reader}[receipt_printer]\ntransport = \"tcp\"\naddress = \"{printer}\"\nprofile = \"generic\"\n\
             [camera]\ntransport = \"mjpeg\"\nurl = \"{camera}\"\n\
             [document_scanner]\ntransport = \"sane\"\ndevice = \"pnm:0\"\nhelper = \"{scanner}\"\n\
             [sound]\ndevice = \"file:'|cat >>{sound} || cat >/dev/null',raw\"\n\
             [attendant_call]\naddress = \"{lamp}\"\n\
             [platform]\nurl = \"{url}\"\n[screen]\nfullscreen = false\n[matters]\n{folder}{region}",
            state = state.display(),
            camera = self.bench.camera.url(),
            scanner = self.path("sane").join(scanner::HELPER).display(),
            sound = self.path("sound.raw").display(),
            lamp = self.bench.lamp.address(),
        );
        std::fs::write(self.config(), text).unwrap();
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.close();
        }
        if let Some(mut platform) = self.platform.take() {
            let _ = platform.kill();
            let _ = platform.wait();
        }
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

/// A file or folder of this house.
pub(crate) fn house(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path).canonicalize().unwrap()
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
