//! All virtual devices of a kiosk together.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::camera::Camera;
use crate::card::{CardError, Slot, State};
use crate::lamp::Lamp;
use crate::printer::{Fault, Printer, ReceiptPaper};

/// Where vsmartcard's virtual reader listens for its first slot.
pub const PCD: &str = "127.0.0.1:35963";

/// What a bench consists of.
#[derive(Clone, Debug)]
pub struct Options {
    /// The virtual reader's address, usually [`PCD`].
    pub pcd: String,
    /// The printer's address; port 0 takes a free one, here and below.
    pub printer: SocketAddr,
    /// The camera's address.
    pub camera: SocketAddr,
    /// The lamp's address.
    pub lamp: SocketAddr,
    /// The folder for the pictures of receipts.
    pub paper: PathBuf,
    /// A card to insert at the start.
    pub card: Option<String>,
    /// A JPEG of what stands before the camera; without it a drawing of a person.
    pub portrait: Option<PathBuf>,
}

impl Options {
    /// The usual reader, free ports, no card, the drawing before the camera.
    pub fn new(paper: impl Into<PathBuf>) -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            pcd: PCD.to_owned(),
            printer: free,
            camera: free,
            lamp: free,
            paper: paper.into(),
            card: None,
            portrait: None,
        }
    }
}

/// Why a bench does not start.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The card.
    #[error("the virtual card cannot be used")]
    Card(#[from] CardError),
    /// An address, a folder or a thread.
    #[error("the bench cannot be set up")]
    Io(#[from] io::Error),
}

/// A bench. Dropping it takes the card out and switches everything off.
pub struct Bench {
    slot: Slot,
    printer: Printer,
    /// The camera.
    pub camera: Camera,
    /// The attendant's lamp.
    pub lamp: Lamp,
}

impl Bench {
    /// Sets the bench up.
    ///
    /// # Errors
    /// Any [`BenchError`].
    pub fn start(options: Options) -> Result<Self, BenchError> {
        let bench = Self {
            slot: Slot::new(&options.pcd)?,
            printer: Printer::start(options.printer, &options.paper)?,
            camera: Camera::start(options.camera)?,
            lamp: Lamp::start(options.lamp)?,
        };
        if let Some(portrait) = options.portrait {
            bench.camera.show(std::fs::read(portrait)?);
        }
        if let Some(card) = options.card {
            bench.insert(&card)?;
        }
        Ok(bench)
    }

    /// Inserts a card in place of the one there. True when the reader took it; see [`Slot::insert`].
    ///
    /// # Errors
    /// Any [`CardError`].
    pub fn insert(&self, card: &str) -> Result<bool, CardError> {
        self.slot.insert(card)
    }

    /// Takes the card out.
    pub fn remove(&self) {
        self.slot.remove();
    }

    /// Lets the card vanish when so many blocks were read.
    pub fn vanish_after_blocks(&self, blocks: usize) {
        self.slot.vanish_after_blocks(blocks);
    }

    /// Lets each block of a card take this much longer.
    pub fn slow(&self, each_block: Duration) {
        self.slot.slow(each_block);
    }

    /// What the slot holds.
    pub fn card(&self) -> State {
        self.slot.state()
    }

    /// Where the printer listens.
    pub fn printer_address(&self) -> SocketAddr {
        self.printer.address()
    }

    /// Breaks or mends the printer.
    pub fn printer_fault(&self, fault: Fault) {
        self.printer.fault(fault);
    }

    /// All receipts so far.
    pub fn receipts(&self) -> Vec<ReceiptPaper> {
        self.printer.receipts()
    }

    /// Waits until at least so many receipts came out, for `timeout` at most, and gives all there are.
    pub fn wait_receipts(&self, receipts: usize, timeout: Duration) -> Vec<ReceiptPaper> {
        self.printer.wait(receipts, timeout)
    }
}
