use std::time::Instant;

use super::*;

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
const SECOND: Duration = Duration::from_secs(5);

struct Desk {
    printer: Printer,
    folder: PathBuf,
}

impl Desk {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("virtual-printer-{name}-{}", std::process::id()));
        Self { printer: Printer::start(LOCAL, &folder).unwrap(), folder }
    }

    fn client(&self) -> TcpStream {
        let stream = TcpStream::connect(self.printer.address()).unwrap();
        stream.set_read_timeout(Some(SECOND)).unwrap();
        stream
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn ask(stream: &mut TcpStream, question: &[u8]) -> u8 {
    stream.write_all(question).unwrap();
    let mut answer = [0];
    stream.read_exact(&mut answer).unwrap();
    answer[0]
}

#[test]
fn prints_and_answers() {
    let desk = Desk::new("prints");
    let mut client = desk.client();
    assert_eq!(ask(&mut client, &[0x10, 0x04, 0x01]), 0x12);
    client.write_all(b"\x1B@Hello\n\x1DVB\0").unwrap();
    assert_eq!(ask(&mut client, &[0x1D, 0x72, 0x01]), 0x00);
    let receipts = desk.printer.wait(1, SECOND);
    assert_eq!(receipts[0].lines, ["Hello"]);
    assert!(receipts[0].png.is_file());
}

#[test]
fn faults_show_in_the_answers_and_hold_the_data() {
    let desk = Desk::new("faults");
    let mut client = desk.client();
    for (name, expected) in [
        ("paper-out", [0x1A, 0x32, 0x12, 0x7E]),
        ("cover-open", [0x1A, 0x16, 0x12, 0x12]),
        ("cutter", [0x1A, 0x52, 0x1A, 0x12]),
        ("garbage", [0xFF; 4]),
    ] {
        desk.printer.fault(name.parse().unwrap());
        for (question, byte) in (1..).zip(expected) {
            assert_eq!(ask(&mut client, &[0x10, 0x04, question]), byte, "{name} {question}");
        }
    }
    desk.printer.fault(Fault::PaperOut);
    client.write_all(b"late\n\x1DVB\0").unwrap();
    assert_eq!(ask(&mut client, &[0x10, 0x04, 0x01]), 0x1A, "the data have arrived");
    assert!(desk.printer.receipts().is_empty());
    desk.printer.fault(Fault::None);
    assert_eq!(desk.printer.wait(1, SECOND)[0].lines, ["late"]);
}

#[test]
fn off_refuses_and_comes_back() {
    let desk = Desk::new("off");
    let mut client = desk.client();
    assert_eq!(ask(&mut client, &[0x10, 0x04, 0x01]), 0x12);
    desk.printer.fault(Fault::Off);
    assert_eq!(client.read(&mut [0]).unwrap(), 0, "hung up");
    desk.printer.fault(Fault::None);
    let until = Instant::now() + SECOND;
    while TcpStream::connect(desk.printer.address()).is_err() {
        assert!(Instant::now() < until, "never came back");
    }
}
