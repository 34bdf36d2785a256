//! The scanner's driver over the real helper and SANE's own virtual scanners: pages from `pnm`, faults from `test`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use drivers::device::{self, probe};
use drivers::document_scanner::{Config, Error, Event, Handle, RawPage, SaneStatus, Source, Step, scan_once};
use drivers::status::Status;
use faults::Fault;

const LONG: Duration = Duration::from_secs(30);

/// A folder of SANE configuration with the two virtual scanners alone; the `test` one starts as `extra` says.
fn sane_folder(extra: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dll.conf"), "test\npnm\n").unwrap();
    let test = format!(
        "number_of_devices 1\nmode Gray\ndepth 8\nresolution_min 1.0\nresolution_max 1200.0\n\
         resolution_quant 1.0\nresolution 50.0\ngeometry_min 0.0\ngeometry_max 300.0\ngeometry_quant 1.0\n\
         br_x 80.0\nbr_y 100.0\n{extra}"
    );
    std::fs::write(folder.path().join("test.conf"), test).unwrap();
    folder
}

fn config(folder: &Path, device: &str, options: &[(&str, &str)]) -> Config {
    let mut config = Config::new(env!("CARGO_BIN_EXE_kiosk-scan"), device);
    config.options =
        options.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    config.sane_config = Some(folder.to_owned());
    config
}

fn scan(device: &str, source: Source, options: &[(&str, &str)]) -> (Result<u32, Error>, Vec<Shape>) {
    let folder = sane_folder("");
    let mut config = config(folder.path(), device, options);
    config.source = source;
    let mut shapes = Vec::new();
    let result = scan_once(&config, 200, |page| shapes.push(Shape::of(&page)));
    (result.map(|(pages, _)| pages), shapes)
}

#[derive(Clone, Debug, PartialEq)]
struct Shape {
    width: u32,
    height: u32,
    channels: u32,
    dpi: Option<u32>,
}

impl Shape {
    fn of(page: &RawPage) -> Self {
        assert_eq!(page.pixels().len() as u32, page.width() * page.height() * page.channels());
        Self { width: page.width(), height: page.height(), channels: page.channels(), dpi: page.dpi() }
    }
}

/// A4 and a little more at 200 dpi in colour, as the `test` scanner counts.
const A4: Shape = Shape { width: 1700, height: 2362, channels: 3, dpi: Some(200) };

#[test]
fn the_glass_gives_one_page_in_colour_at_200_dpi() {
    assert_eq!(scan("test:0", Source::Flatbed, &[]), (Ok(1), vec![A4]));
}

#[test]
fn the_feeder_gives_all_its_pages() {
    // SANE's feeder holds ten sheets.
    assert_eq!(scan("test:0", Source::Feeder, &[]), (Ok(10), vec![A4; 10]));
    assert_eq!(scan("test:0", Source::Auto, &[]), (Ok(10), vec![A4; 10]));
}

#[test]
fn the_feeder_stops_at_the_most_pages_wanted() {
    let folder = sane_folder("");
    let config = config(folder.path(), "test:0", &[]);
    let mut pages = 0;
    let result = scan_once(&config, 3, |_| pages += 1);
    assert_eq!((result.map(|(count, _)| count), pages), (Ok(3), 3));
}

#[test]
fn the_page_shows_what_lies_on_the_glass() {
    let folder = sane_folder("");
    let picture = folder.path().join("page.ppm");
    // 3 × 2: red, green, blue over black, grey, white.
    let pixels = b"\xFF\x00\x00\x00\xFF\x00\x00\x00\xFF\x00\x00\x00\x80\x80\x80\xFF\xFF\xFF".as_slice();
    std::fs::write(&picture, [b"P6\n3 2\n255\n".as_slice(), pixels].concat()).unwrap();
    let options = [("filename", picture.to_str().unwrap())];
    for extra in [&[][..], &[("three-pass", "yes")], &[("hand-scanner", "yes")]] {
        let options = [&options, extra].concat();
        let mut pages = Vec::new();
        let result = scan_once(&config(folder.path(), "pnm:0", &options), 5, |page| {
            pages.push(((page.width(), page.height(), page.channels()), page.pixels().to_vec()));
        });
        assert_eq!(result.map(|(count, _)| count), Ok(1), "{extra:?}");
        assert_eq!(pages, [((3, 2, 3), pixels.to_vec())], "{extra:?}");
    }
}

#[test]
fn every_status_of_sane_arrives_as_itself() {
    for (name, status) in [
        ("SANE_STATUS_UNSUPPORTED", SaneStatus::Unsupported),
        ("SANE_STATUS_CANCELLED", SaneStatus::Cancelled),
        ("SANE_STATUS_INVAL", SaneStatus::Inval),
        ("SANE_STATUS_JAMMED", SaneStatus::Jammed),
        ("SANE_STATUS_NO_DOCS", SaneStatus::NoDocs),
        ("SANE_STATUS_COVER_OPEN", SaneStatus::CoverOpen),
        ("SANE_STATUS_IO_ERROR", SaneStatus::IoError),
        ("SANE_STATUS_NO_MEM", SaneStatus::NoMem),
        ("SANE_STATUS_ACCESS_DENIED", SaneStatus::AccessDenied),
        ("SANE_STATUS_DEVICE_BUSY", SaneStatus::DeviceBusy),
    ] {
        let (result, pages) = scan("test:0", Source::Flatbed, &[("read-return-value", name)]);
        match result {
            Err(Error::Scanner { step: Step::Read, status: told, .. }) => assert_eq!(told, status),
            other => panic!("{name}: {other:?}"),
        }
        assert!(pages.is_empty());
    }
    // The end of the data before any of it.
    let (result, _) = scan("test:0", Source::Flatbed, &[("read-return-value", "SANE_STATUS_EOF")]);
    assert!(matches!(result, Err(Error::Page { .. })), "{result:?}");
}

#[test]
fn an_empty_feeder_is_no_fault_of_the_scanner() {
    let folder = sane_folder("");
    let mut config = config(folder.path(), "test:0", &[("read-return-value", "SANE_STATUS_NO_DOCS")]);
    config.source = Source::Feeder;
    let (handle, events) = start(config);
    handle.scan(1, 200);
    let mut states = Vec::new();
    loop {
        match events.recv_timeout(LONG).unwrap() {
            Event::Health(health) => states.push(health.status),
            Event::Failed(1, error) => {
                assert!(matches!(error, Error::Scanner { status: SaneStatus::NoDocs, .. }));
                break;
            }
            Event::Failed(..) | Event::Page(..) | Event::Finished(..) => panic!("unexpected"),
        }
    }
    assert_eq!(states, [Status::Online]);
}

#[test]
fn a_scanner_that_is_not_there_is_told_as_missing() {
    let folder = sane_folder("");
    let health = probe(&config(folder.path(), "fujitsu:none", &[]));
    assert_eq!(health.status, Status::NoDevice);
    let health = probe(&config(folder.path(), "test:0", &[]));
    assert_eq!((health.status, health.model.as_deref()), (Status::Online, Some("Noname frontend-tester")));
}

#[test]
fn an_option_the_scanner_does_not_have_is_named() {
    let (result, _) = scan("test:0", Source::Flatbed, &[("espresso", "yes")]);
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Scanner { step: Step::Options, .. }));
    assert!(error.to_string().contains("espresso"), "{error}");
}

#[test]
fn a_look_finds_an_option_that_the_scanner_does_not_have() {
    let folder = sane_folder("");
    let look = |options: &[(&str, &str)]| probe(&config(folder.path(), "test:0", options));
    for wrong in [("espresso", "yes"), ("resolution", "sharp")] {
        let health = look(&[wrong]);
        assert_eq!((health.status, health.fault), (Status::HardwareError, Some(Fault::ScannerFailed)));
        let raw = health.raw.unwrap();
        assert!(raw.contains(wrong.0) && raw.contains(wrong.1), "{raw}");
    }
    // This one exists in colour only, which a job sets first.
    assert_eq!(look(&[("hand-scanner", "yes"), ("three-pass", "yes")]).status, Status::Online);
}

#[test]
fn a_helper_whose_kiosk_is_gone_ends_though_its_library_hangs() {
    // A scanner in the network that takes the connection and never answers; an address of this machine that nobody has.
    let scanner = TcpListener::bind("127.0.0.98:6566").unwrap();
    let folder = sane_folder("");
    std::fs::write(folder.path().join("dll.conf"), "net\n").unwrap();
    let mut helper = Command::new(env!("CARGO_BIN_EXE_kiosk-scan"))
        .env("SANE_CONFIG_DIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut kiosk = helper.stdin.take().unwrap();
    kiosk.write_all(b"{\"probe\":{\"device\":\"net:127.0.0.98:x\",\"options\":[]}}\n").unwrap();
    let connection = scanner.accept().unwrap();
    drop(kiosk);
    // Killed: nothing of the library ran any more that could have hung too.
    assert_eq!(helper.wait().unwrap().signal(), Some(9));
    drop(connection);
}

#[test]
fn a_slow_scan_is_cancelled_and_the_next_one_runs() {
    let folder = sane_folder("read-delay true\nread-delay-duration 200000\n");
    let (handle, events) = start(config(folder.path(), "test:0", &[]));
    handle.scan(1, 200);
    while !matches!(events.recv_timeout(LONG).unwrap(), Event::Health(health) if health.status == Status::Online)
    {
    }
    handle.cancel();
    // The first job would take minutes; the next one starts only when its helper is gone.
    handle.scan(2, 1);
    handle.cancel();
    handle.scan(3, 0);
    loop {
        match events.recv_timeout(LONG).unwrap() {
            Event::Finished(command, pages) => break assert_eq!((command, pages), (3, 0)),
            Event::Failed(command, error) => panic!("{command}: {error}"),
            Event::Page(command, _) => panic!("a page of {command}"),
            Event::Health(_) => {}
        }
    }
}

fn start(config: Config) -> (Handle, Receiver<Event>) {
    let (told, events) = mpsc::channel();
    (device::start(config, move |event| drop(told.send(event))), events)
}
