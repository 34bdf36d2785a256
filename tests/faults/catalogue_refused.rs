//! Somebody who is not our platform offers a catalogue: nothing of it comes into effect, and the journal says so. One that was
//! changed on the disk closes the kiosk, until the platform gives it again.

use std::time::{Duration, Instant};

use faults::Fault;
use outbox::journal::each;
use platform::intake::{Intake, router};
use protocol::journal::Record;
use session::view::Page;
use tests::{Hall, Misbehaving, Options};

/// Longer than a kiosk takes to fetch a catalogue after its start.
const SOON: Duration = Duration::from_secs(60);
/// Between two looks at a journal.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Looks into the journal until it names the fault: nobody else is told.
fn until_it_is_journalled(hall: &Hall, fault: Fault) {
    let end = Instant::now() + SOON;
    let mut found = false;
    while !found {
        assert!(Instant::now() < end, "{} is not in the journal", fault.code());
        std::thread::sleep(LOOK_AGAIN);
        let is_it = |record: &Record| matches!(record, Record::Trouble { fault: of } if *of == fault);
        each(&hall.path("kiosk/journal"), |entry| found |= entry.record.is_some_and(|r| is_it(&r))).unwrap();
    }
}

#[test]
fn another_key() {
    let mut hall = Hall::new(Options { folder: false, ..Options::offline() }.without_reader());
    let impostor = hall.impostor();
    hall.raises_the_fee("20", "0");
    hall.command_of(&impostor, &["catalogue", "put", hall.matters().to_str().unwrap()]).unwrap();
    let platform = Misbehaving::start(&impostor, router(Intake::open(&impostor).unwrap()));
    hall.use_platform(&platform.url);
    let mut visitor = hall.open();
    until_it_is_journalled(&hall, Fault::CatalogueRefused);
    visitor.finds_the_fee(20);
    hall.close();
    assert_eq!(hall.command(&["catalogue", "check"]).json["number"], serde_json::Value::Null);
    assert!(hall.command(&["audit", "verify"]).success);
}

#[test]
fn changed_on_the_disk() {
    let mut hall = Hall::new(Options { folder: false, ..Options::default() }.without_reader());
    hall.puts_a_dearer_catalogue();
    hall.open().finds_the_fee(25);
    hall.close();
    hall.switch_platform_off();
    let installed = hall.path("kiosk/catalogue.cose");
    let mut bytes = std::fs::read(&installed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&installed, bytes).unwrap();
    assert_eq!(hall.command(&["catalogue", "check"]).json["error"]["code"], Fault::CatalogueRefused.code());
    hall.open().sees("out of service", |v| v.page == Page::OutOfService(Fault::CatalogueRefused));
    hall.close();

    hall.switch_platform_on();
    hall.open().finds_the_fee(25);
}
