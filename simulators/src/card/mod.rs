//! A virtual card in vsmartcard's virtual reader.
//!
//! The reader listens on TCP and the card connects: connected means inserted, closed means removed. Each message has
//! its length in front, two bytes big-endian; a single byte is control: 00 power off, 01 power on, 02 reset, 04 "what
//! is your answer to reset", which is the only one that is answered.

mod image;

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use image::{CardError, Image};

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        /// The cards that come with the bench: name and description.
        pub const BUILT_IN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../cards/", $name, ".toml"))),)+];
    };
}

built_in!(
    "zhang",
    "li",
    "rare-name",
    "long-name",
    "hmt",
    "pr2023",
    "pr2017",
    "ending",
    "wrong-check-digit",
    "expired",
    "surrogate",
    "length-lies",
    "bad-date",
    "bank-card",
    "mute",
);

/// The description of a built-in card.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, description)| *description)
}

/// Finds a card by its built-in name, or else as a file.
///
/// # Errors
/// Any [`CardError`].
pub fn load(name: &str) -> Result<Image, CardError> {
    match builtin(name) {
        Some(description) => Image::parse(description),
        None if Path::new(name).is_file() => {
            Image::parse(&std::fs::read_to_string(name).map_err(CardError::File)?)
        }
        None => Err(CardError::Unknown(name.to_owned())),
    }
}

/// How long an insertion waits for the reader; a card service that starts needs about a second.
const INSERT_LIMIT: Duration = Duration::from_secs(5);

/// The pause between two attempts to get into the reader.
const RETRY: Duration = Duration::from_millis(50);

/// A slot with or without a card.
pub struct Slot {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What a slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The card's name.
    pub card: Option<String>,
    /// Whether the reader took it.
    pub connected: bool,
    /// The blocks read from this card since it was inserted.
    pub blocks: usize,
}

struct Shared {
    address: String,
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    card: Option<(String, Arc<Image>)>,
    /// Which insertion it is, so that a thread knows its own from the next one.
    insertion: u64,
    stream: Option<TcpStream>,
    blocks: usize,
    vanish_after: Option<usize>,
    slow: Duration,
    stopping: bool,
}

impl Slot {
    /// A slot for the virtual reader at this address. It is not contacted before a card is inserted.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn new(address: &str) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            address: address.to_owned(),
            inner: Mutex::default(),
            changed: Condvar::new(),
        });
        let card = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("virtual-card".into()).spawn(move || card.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Inserts a card in place of the one there, and waits until the reader took it. False when it did not: the card
    /// goes on trying, as one that lies on a reader without power.
    ///
    /// # Errors
    /// Any [`CardError`].
    pub fn insert(&self, name: &str) -> Result<bool, CardError> {
        let image = load(name)?;
        let mut inner = self.shared.lock();
        inner.take_out();
        inner.card = Some((name.to_owned(), Arc::new(image)));
        inner.insertion += 1;
        inner.blocks = 0;
        self.shared.changed.notify_all();
        let until = Instant::now() + INSERT_LIMIT;
        while inner.stream.is_none() && Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            let waited = self.shared.changed.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(inner.stream.is_some())
    }

    /// Takes the card out.
    pub fn remove(&self) {
        self.shared.lock().take_out();
        self.shared.changed.notify_all();
    }

    /// Lets the card in the slot, or the next one, vanish when so many blocks were read. Once.
    pub fn vanish_after_blocks(&self, blocks: usize) {
        self.shared.lock().vanish_after = Some(blocks);
    }

    /// Lets each block take this much longer, from now on.
    pub fn slow(&self, each_block: Duration) {
        self.shared.lock().slow = each_block;
    }

    /// What the slot holds.
    pub fn state(&self) -> State {
        let inner = self.shared.lock();
        State {
            card: inner.card.as_ref().map(|(name, _)| name.clone()),
            connected: inner.stream.is_some(),
            blocks: inner.blocks,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        inner.take_out();
        inner.stopping = true;
        drop(inner);
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Inner {
    fn take_out(&mut self) {
        self.card = None;
        self.insertion += 1;
        if let Some(stream) = self.stream.take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        while let Some((insertion, image)) = self.next_card() {
            match self.connect(insertion) {
                Ok(stream) => {
                    let result = self.serve(insertion, &image, stream);
                    tracing::debug!(?result, "the virtual card left the reader");
                    let mut inner = self.lock();
                    if inner.insertion == insertion {
                        inner.stream = None;
                    }
                }
                Err(error) => tracing::debug!(%error, "the virtual reader is not there"),
            }
            // A card that the reader dropped still lies there, so it comes back when the reader does.
            let inner = self.lock();
            if inner.insertion == insertion {
                drop(self.changed.wait_timeout(inner, RETRY));
            }
        }
    }

    fn next_card(&self) -> Option<(u64, Arc<Image>)> {
        let mut inner = self.lock();
        loop {
            if inner.stopping {
                return None;
            }
            if let Some((_, image)) = &inner.card {
                return Some((inner.insertion, Arc::clone(image)));
            }
            inner = self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn connect(&self, insertion: u64) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        let mut inner = self.lock();
        if inner.insertion != insertion {
            return Err(io::ErrorKind::Interrupted.into());
        }
        inner.stream = Some(stream.try_clone()?);
        self.changed.notify_all();
        Ok(stream)
    }

    fn serve(&self, insertion: u64, image: &Image, mut stream: TcpStream) -> io::Result<()> {
        loop {
            let mut length = [0; 2];
            acknowledge_at_once(&stream)?;
            stream.read_exact(&mut length)?;
            acknowledge_at_once(&stream)?;
            let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut message)?;
            match *message.as_slice() {
                // vpcd takes a card that says nothing for a removed one. An answer longer than any may be (ISO 7816-3:
                // 33 bytes) is felt as a card that cannot be powered up, which is what mute looks like.
                [0x04] if image.mute => send(&mut stream, &[0; 40])?,
                [0x04] => send(&mut stream, &image.atr)?,
                [_] | [] => {}
                _ => {
                    let slow = self.lock().slow;
                    if !slow.is_zero() {
                        std::thread::sleep(slow);
                    }
                    send(&mut stream, &image.answer(&message))?;
                    self.count_block(insertion);
                }
            }
        }
    }

    fn count_block(&self, insertion: u64) {
        let mut inner = self.lock();
        if inner.insertion != insertion {
            return;
        }
        inner.blocks += 1;
        if inner.vanish_after.is_some_and(|after| inner.blocks >= after) {
            inner.vanish_after = None;
            inner.take_out();
        }
    }
}

/// Older releases of vpcd write length and data apart, so the data wait for the acknowledgement of the length, which the
/// system holds back for 40 ms: a card would take 260 ms where it takes less than 1 (both measured). The wish lasts for one
/// packet only.
fn acknowledge_at_once(stream: &TcpStream) -> io::Result<()> {
    Ok(rustix::net::sockopt::set_tcp_quickack(stream, true)?)
}

/// One write for length and data: two would wait for each other's acknowledgement.
fn send(stream: &mut TcpStream, data: &[u8]) -> io::Result<()> {
    let mut message = Vec::with_capacity(2 + data.len());
    message.extend_from_slice(&u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
    message.extend_from_slice(data);
    stream.write_all(&message)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn ask(reader: &mut TcpStream, message: &[u8]) -> Vec<u8> {
        send(reader, message).unwrap();
        let mut length = [0; 2];
        reader.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        reader.read_exact(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_card_connects_answers_and_vanishes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let slot = Slot::new(&listener.local_addr().unwrap().to_string()).unwrap();
        slot.vanish_after_blocks(2);
        assert!(slot.insert("zhang").unwrap());
        let (mut reader, _) = listener.accept().unwrap();
        send(&mut reader, &[0x01]).unwrap();
        assert_eq!(ask(&mut reader, &[0x04])[..2], [0x3B, 0x8F]);
        assert_eq!(ask(&mut reader, &[0xFF, 0xB0, 0, 0, 0]).len(), 258);
        assert_eq!(slot.state().card.as_deref(), Some("zhang"));
        assert_eq!(ask(&mut reader, &[0xFF, 0xB0, 1, 0, 0]).len(), 258);
        assert_eq!(reader.read(&mut [0]).unwrap(), 0, "gone after two blocks");
        assert_eq!(slot.state(), State { card: None, connected: false, blocks: 2 });
    }

    #[test]
    fn a_dropped_card_comes_back_and_a_removed_one_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let slot = Slot::new(&listener.local_addr().unwrap().to_string()).unwrap();
        assert!(slot.insert("li").unwrap());
        drop(listener.accept().unwrap());
        let (mut reader, _) = listener.accept().unwrap();
        slot.remove();
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
        assert!(matches!(slot.insert("nobody"), Err(CardError::Unknown(_))));
    }
}
