//! A reader in memory that plays a script: what is seen, what is answered, and what breaks.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::link::pcsc::{LinkError, Reader, Sight};

/// One answer of a scripted card.
pub(crate) enum Answer {
    /// These bytes, status word included.
    Bytes(Vec<u8>),
    /// The right bytes, but only when the test drops the other end.
    Held(Receiver<()>),
    /// This failure.
    Fails(LinkError),
}

/// What happens next at the reader. Tests send these while the adapter runs.
pub(crate) enum Scene {
    /// The look answers so.
    See(Result<Sight, LinkError>),
    /// The card that is placed next serves this file, with these answers (by block) in place of the right ones.
    File { file: Vec<u8>, instead: Vec<(usize, Answer)> },
    /// The next connection fails.
    Refuse(LinkError),
    /// The service does not answer until the test drops the other end.
    Hang(Receiver<()>),
}

pub(crate) struct Fake {
    scenes: Receiver<Scene>,
    last: Result<Sight, LinkError>,
    file: Vec<u8>,
    instead: VecDeque<(usize, Answer)>,
    refuse: Option<LinkError>,
    block: usize,
    buffer: Vec<u8>,
}

impl Fake {
    pub fn new(scenes: Receiver<Scene>) -> Self {
        Self {
            scenes,
            last: Ok(Sight::NoReader),
            file: Vec::new(),
            instead: VecDeque::new(),
            refuse: None,
            block: 0,
            buffer: Vec::new(),
        }
    }
}

impl Reader for Fake {
    fn look(&mut self, limit: Duration) -> Result<Sight, LinkError> {
        // A short wait stands for the real one: the adapter's own commands come through another channel.
        loop {
            match self.scenes.recv_timeout(limit.min(Duration::from_millis(2))) {
                Ok(Scene::See(sight)) => {
                    self.last = sight;
                    return self.last.clone();
                }
                Ok(Scene::File { file, instead }) => (self.file, self.instead) = (file, instead.into()),
                Ok(Scene::Refuse(error)) => self.refuse = Some(error),
                Ok(Scene::Hang(held)) => drop(held.recv()),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return self.last.clone(),
            }
        }
    }

    fn connect(&mut self) -> Result<(), LinkError> {
        self.block = 0;
        self.refuse.take().map_or(Ok(()), Err)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<&[u8], LinkError> {
        let &[0xFF, 0xB0, p1, p2, le] = command else { panic!("unknown command {command:02X?}") };
        let block = self.block;
        self.block += 1;
        if let Some(at) = self.instead.iter().position(|(number, _)| *number == block) {
            match self.instead.remove(at).unwrap().1 {
                Answer::Bytes(bytes) => {
                    self.buffer = bytes;
                    return Ok(&self.buffer);
                }
                Answer::Held(held) => drop(held.recv()),
                Answer::Fails(error) => return Err(error),
            }
        }
        let offset = usize::from(u16::from_be_bytes([p1, p2]));
        let length = if le == 0 { 256 } else { usize::from(le) };
        let end = self.file.len().min(offset + length);
        self.buffer = match self.file.get(offset..end) {
            Some(bytes) if !bytes.is_empty() => [bytes, &[0x90, 0x00]].concat(),
            _ => vec![0x6B, 0x00],
        };
        Ok(&self.buffer)
    }

    fn disconnect(&mut self) {}
}
