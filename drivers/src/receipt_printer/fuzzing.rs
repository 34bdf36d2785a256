//! A way in for the fuzzing targets: the conversation over a line on which anything may come back.

use std::io;
use std::time::{Duration, Instant};

use super::conversation::{health, print, report};
use crate::link::Link;

/// What stands for silence on the line, and for a line that breaks. Neither can be a status.
const SILENCE: u8 = 0xFD;
const BREAK: u8 = 0xFE;

const JOB: &[u8] = b"a receipt";

/// Answers with these bytes whatever is asked, and is silent behind them.
struct Line<'a> {
    answers: std::slice::Iter<'a, u8>,
    printed: u32,
}

impl<'a> Line<'a> {
    fn new(answers: &'a [u8]) -> Self {
        Self { answers: answers.iter(), printed: 0 }
    }
}

impl Link for Line<'_> {
    fn open(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.printed += u32::from(bytes == JOB);
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], _: Duration) -> io::Result<Option<usize>> {
        match self.answers.next() {
            None | Some(&SILENCE) => Ok(None),
            Some(&BREAK) => Err(io::ErrorKind::UnexpectedEof.into()),
            Some(byte) => {
                buffer.iter_mut().take(1).for_each(|place| *place = *byte);
                Ok(Some(1))
            }
        }
    }

    fn close(&mut self) {}
}

/// Looks at a printer and prints, with these bytes as everything it ever answers.
pub fn printer(answers: &[u8]) {
    let _ = health(report(&mut Line::new(answers)));
    let mut line = Line::new(answers);
    // Nobody waits here, so it is never too late to begin.
    let printed = print(&mut line, JOB, Instant::now() + Duration::from_secs(60));
    assert!(line.printed <= 1, "a receipt is never sent twice");
    assert!(printed.is_err() || line.printed == 1, "what was not sent was not printed");
}
