//! A printer in memory: answers by its state, and remembers what it was sent.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::time::Duration;

use crate::link::Link;

/// A scripted printer.
pub(crate) struct Fake {
    /// The answers to the four real-time questions, before and after the cut.
    pub before: [Option<u8>; 4],
    pub after: [Option<u8>; 4],
    /// The answer to the queued question.
    pub queued: Option<u8>,
    /// Bytes that lie in the line when it is opened.
    pub stale: Vec<u8>,
    /// Refuses connections.
    pub absent: bool,
    /// Never works a job off, although its real-time status stays healthy.
    pub jammed: bool,
    /// Closes the line when the job comes.
    pub hangs_up: bool,
    /// All jobs, without questions.
    pub printed: Vec<u8>,
    pub opened: usize,
    pub closed: usize,
    pub answers: VecDeque<u8>,
    pub broken: bool,
}

const READY: [Option<u8>; 4] = [Some(0x12); 4];

impl Default for Fake {
    fn default() -> Self {
        Self {
            before: READY,
            after: READY,
            queued: Some(0x00),
            stale: Vec::new(),
            absent: false,
            jammed: false,
            hangs_up: false,
            printed: Vec::new(),
            opened: 0,
            closed: 0,
            answers: VecDeque::new(),
            broken: false,
        }
    }
}

impl Link for Fake {
    fn open(&mut self) -> io::Result<()> {
        if self.absent {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        self.opened += 1;
        self.answers = self.stale.iter().copied().collect();
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let state = if self.printed.is_empty() { &self.before } else { &self.after };
        match *bytes {
            [0x10, 0x04, n @ 1..=4] => self.answers.extend(state[usize::from(n) - 1]),
            [0x1D, 0x72, 0x01] if self.jammed && !self.printed.is_empty() => {}
            [0x1D, 0x72, 0x01] => self.answers.extend(self.queued),
            _ if self.hangs_up => self.broken = true,
            _ => self.printed.extend(bytes),
        }
        if self.broken { Err(ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    fn receive(&mut self, buffer: &mut [u8], _: Duration) -> io::Result<Option<usize>> {
        // Time passes at once in memory.
        Ok(self.answers.pop_front().map(|byte| {
            buffer[0] = byte;
            1
        }))
    }

    fn close(&mut self) {
        self.closed += 1;
    }
}
