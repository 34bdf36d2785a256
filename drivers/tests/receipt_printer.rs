//! The receipt printer's driver against the virtual printer, over real TCP: two decoders of one protocol, written apart.

// The lints know tests by `#[test]`, not the helpers between them.
#![allow(clippy::unwrap_used)]

use std::sync::mpsc;
use std::time::Duration;

use drivers::device::{probe, start};
use drivers::receipt_printer::{Block, Config, Document, Event, Profile, Transport, print_once};
use drivers::status::Status;
use simulators::{Bench, Fault, Options};

const LONG: Duration = Duration::from_secs(20);

fn bench() -> (Bench, Config, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(Options::new(folder.path())).unwrap();
    let address = bench.printer_address().to_string();
    (bench, Config { transport: Transport::Tcp { address }, profile: Profile::Generic, font: None }, folder)
}

fn document(blocks: Vec<Block>) -> Document {
    Document { blocks }
}

#[test]
fn what_is_printed_is_what_was_meant() {
    let (bench, config, _folder) = bench();
    let blocks = vec![
        Block::Title("回执".into()),
        Block::Field { label: "姓名".into(), value: "欧阳𬭚·A".into() },
        Block::Rule,
        Block::Qr("https://example.invalid/1".into()),
    ];
    print_once(&config, &document(blocks)).unwrap();
    let receipts = bench.wait_receipts(1, LONG);
    assert_eq!(receipts[0].lines, ["回执", "姓名  欧阳▯·A", "─".repeat(24).as_str()]);
    assert_eq!(receipts[0].qr, ["https://example.invalid/1"]);
}

#[test]
fn every_mishap_has_its_code_and_its_state() {
    let (bench, config, _folder) = bench();
    for (fault, code, status) in [
        (Fault::PaperOut, "PRN-02", Status::UserError),
        (Fault::CoverOpen, "PRN-03", Status::UserError),
        (Fault::Cutter, "PRN-04", Status::HardwareError),
        (Fault::Garbage, "PRN-06", Status::HardwareError),
        (Fault::Unrecoverable, "PRN-07", Status::HardwareError),
        (Fault::Hot, "PRN-08", Status::DeviceBusy),
        (Fault::NoAnswer, "PRN-01", Status::Offline),
    ] {
        bench.printer_fault(fault);
        let error = print_once(&config, &document(vec![Block::Text("x".into())])).unwrap_err();
        assert_eq!(error.fault().code(), code, "{error}");
        let health = probe(&config);
        assert_eq!((health.status, health.fault.map(|fault| fault.code())), (status, Some(code)));
    }
    bench.printer_fault(Fault::None);
    assert_eq!(probe(&config).status, Status::Online);
    assert!(bench.receipts().is_empty(), "nothing was sent to a printer that cannot print");
}

#[test]
fn silence_after_the_job_is_not_success() {
    let (bench, config, _folder) = bench();
    bench.printer_fault(Fault::NoAnswerAfterJob);
    let error = print_once(&config, &document(vec![Block::Text("x".into())])).unwrap_err();
    assert_eq!(error.fault().code(), "PRN-05");
    assert_eq!(bench.receipts().len(), 1, "and yet a receipt came out");
}

#[test]
fn the_thread_prints_and_tells() {
    let (bench, config, _folder) = bench();
    let (sender, events) = mpsc::channel();
    let handle = start(config, move |event| drop(sender.send(event)));
    handle.print(7, document(vec![Block::Big("0007".into())]));
    loop {
        match events.recv_timeout(LONG).unwrap() {
            Event::Health(health) => assert_eq!(health.status, Status::Online),
            Event::Printed(command) => {
                assert_eq!(command, 7);
                break;
            }
            Event::Failed(_, error) => panic!("{error}"),
        }
    }
    assert_eq!(bench.receipts()[0].lines, ["0007"]);
}
