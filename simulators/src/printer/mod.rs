//! A virtual receipt printer on TCP: serves one client at a time, as small printers do, answers status questions, prints
//! on paper that becomes pictures, and breaks on demand.

mod decode;
mod paper;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use decode::{Decoder, Op};
use paper::Paper;

use crate::faults::{UnknownFault, by_name};
use crate::font::Font;
use crate::outlet::{Device, Outlet, Power, TICK};

/// What is wrong with the printer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// The roll is used up.
    PaperOut,
    /// The cover is open.
    CoverOpen,
    /// The cutter is stuck.
    Cutter,
    /// It needs repair.
    Unrecoverable,
    /// The head is too hot.
    Hot,
    /// It prints, but the roll ends soon.
    NearEnd,
    /// Takes connections and bytes, and never answers nor prints.
    NoAnswer,
    /// Prints, and falls silent with the cut.
    NoAnswerAfterJob,
    /// Answers every question with FF.
    Garbage,
    /// Refuses connections.
    Off,
}

/// The faults and their names.
pub const FAULTS: &[(&str, Fault)] = &[
    ("none", Fault::None),
    ("paper-out", Fault::PaperOut),
    ("cover-open", Fault::CoverOpen),
    ("cutter", Fault::Cutter),
    ("unrecoverable", Fault::Unrecoverable),
    ("hot", Fault::Hot),
    ("near-end", Fault::NearEnd),
    ("no-answer", Fault::NoAnswer),
    ("no-answer-after-job", Fault::NoAnswerAfterJob),
    ("garbage", Fault::Garbage),
    ("off", Fault::Off),
];

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        by_name(FAULTS, name)
    }
}

impl Fault {
    /// The answers to the four real-time questions.
    const fn answers(self) -> [u8; 4] {
        match self {
            Fault::None | Fault::NoAnswer | Fault::NoAnswerAfterJob | Fault::Off => [0x12; 4],
            Fault::PaperOut => [0x1A, 0x32, 0x12, 0x7E],
            Fault::CoverOpen => [0x1A, 0x16, 0x12, 0x12],
            Fault::Cutter => [0x1A, 0x52, 0x1A, 0x12],
            Fault::Unrecoverable => [0x1A, 0x52, 0x32, 0x12],
            Fault::Hot => [0x1A, 0x52, 0x52, 0x12],
            Fault::NearEnd => [0x12, 0x12, 0x12, 0x1E],
            Fault::Garbage => [0xFF; 4],
        }
    }

    /// The answer to the question that waits behind the data.
    const fn queued_answer(self) -> u8 {
        match self {
            Fault::Garbage => 0xFF,
            Fault::NearEnd => 0x03,
            Fault::None
            | Fault::PaperOut
            | Fault::CoverOpen
            | Fault::Cutter
            | Fault::Unrecoverable
            | Fault::Hot
            | Fault::NoAnswer
            | Fault::NoAnswerAfterJob
            | Fault::Off => 0x00,
        }
    }

    /// Whether it works off its data.
    const fn prints(self) -> bool {
        matches!(self, Fault::None | Fault::NearEnd | Fault::NoAnswerAfterJob | Fault::Garbage)
    }
}

/// A receipt that came out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ReceiptPaper {
    /// The picture of it.
    pub png: PathBuf,
    /// Its lines of text; `▯` stands for a picture in a line.
    pub lines: Vec<String>,
    /// The contents of its QR codes.
    pub qr: Vec<String>,
}

/// A virtual printer. Dropping it ends it.
pub struct Printer {
    outlet: Outlet<Shared>,
}

struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
    folder: PathBuf,
    font: Font,
}

#[derive(Default)]
struct Inner {
    fault: Fault,
    /// Fell silent with a cut.
    silent: bool,
    /// What waits for the fault to end.
    held: Vec<Op>,
    paper: Paper,
    receipts: Vec<ReceiptPaper>,
    stopping: bool,
}

impl Printer {
    /// Switches a printer on. Pictures go to `folder`, which is made where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made or the address cannot be taken.
    pub fn start(address: SocketAddr, folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let shared = Shared {
            inner: Mutex::default(),
            changed: Condvar::new(),
            folder: folder.to_owned(),
            font: Font::installed(),
        };
        Ok(Self { outlet: Outlet::start(address, shared)? })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.outlet.address()
    }

    /// Breaks or mends it. Data that came during a fault are printed when it is mended.
    pub fn fault(&self, fault: Fault) {
        let shared = &self.outlet.device;
        let mut inner = shared.lock();
        inner.fault = fault;
        inner.silent = false;
        let mut answers = Vec::new();
        if fault.prints() {
            for op in std::mem::take(&mut inner.held) {
                shared.print(&mut inner, op, &mut answers);
            }
        }
    }

    /// All receipts so far.
    pub fn receipts(&self) -> Vec<ReceiptPaper> {
        self.outlet.device.lock().receipts.clone()
    }

    /// Waits until at least so many receipts came out, for `timeout` at most, and gives all there are.
    pub fn wait(&self, receipts: usize, timeout: Duration) -> Vec<ReceiptPaper> {
        let shared = &self.outlet.device;
        let inner = shared.lock();
        let waited =
            shared.changed.wait_timeout_while(inner, timeout, |inner| inner.receipts.len() < receipts);
        waited.unwrap_or_else(PoisonError::into_inner).0.receipts.clone()
    }
}

impl Device for Shared {
    const THREAD: &'static str = "virtual-printer";

    fn power(&self) -> Power {
        let inner = self.lock();
        if inner.stopping {
            Power::Ended
        } else if inner.fault == Fault::Off {
            Power::Off
        } else {
            Power::On
        }
    }

    fn serve(self: &Arc<Self>, client: TcpStream) {
        let result = self.work(client);
        tracing::debug!(?result, "the virtual printer's client left");
    }

    fn end(&self) {
        self.lock().stopping = true;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TICK))?;
        let mut decoder = Decoder::default();
        let mut buffer = [0; 4096];
        while self.power() == Power::On {
            match stream.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => {
                    let ops = decoder.feed(buffer.get(..length).unwrap_or_default());
                    stream.write_all(&self.obey(ops))?;
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Does what it is told and gives the answers.
    fn obey(&self, ops: Vec<Op>) -> Vec<u8> {
        let mut inner = self.lock();
        let mut answers = Vec::new();
        for op in ops {
            let fault = inner.fault;
            if let Op::AskNow(question) = op {
                if fault != Fault::NoAnswer && !inner.silent {
                    let answer = fault.answers().into_iter().nth(usize::from(question).wrapping_sub(1));
                    answers.extend(answer);
                }
            } else if fault.prints() {
                self.print(&mut inner, op, &mut answers);
            } else {
                inner.held.push(op);
            }
        }
        answers
    }

    fn print(&self, inner: &mut Inner, op: Op, answers: &mut Vec<u8>) {
        if op == Op::AskQueued {
            if !inner.silent {
                answers.push(inner.fault.queued_answer());
            }
            return;
        }
        let Some(slip) = inner.paper.apply(op, &self.font) else { return };
        inner.silent = inner.fault == Fault::NoAnswerAfterJob;
        let png = self.folder.join(format!("receipt-{:03}.png", inner.receipts.len() + 1));
        if let Err(error) = slip.save(&png) {
            tracing::error!(%error, path = %png.display(), "the receipt's picture cannot be kept");
        }
        inner.receipts.push(ReceiptPaper { png, lines: slip.lines, qr: slip.codes });
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests;
