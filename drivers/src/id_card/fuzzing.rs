//! A way in for the fuzzing targets: a card on a reader that answers as it likes.

use std::time::Duration;

use super::profiles::Profile;
use super::read::read;
use super::wire::BLOCK;
use crate::link::pcsc::{LinkError, Reader, Sight};

/// The most that a record is asked for: its 15 bits of blocks, each twice, and a byte behind its end.
const MOST_ASKED: usize = 2 * (0x7FFF_usize).div_ceil(BLOCK) + 1;

/// The answer to reset of a reader that decodes cards.
const ATR: &[u8] = b"\x3B\x8F\x80\x01\x80\x4F\x0C\xA0\x00\x00\x03\x06\x00\x90\x00\x00\x00\x00\x00\xF8";

/// Reads a card whose answers these are, each behind its length in two bytes, big-endian. After the last of them it is
/// lifted.
pub fn answers(bytes: &[u8]) {
    let mut card = Card { answers: bytes, asked: 0 };
    let read = read(&mut card, Profile::StorageCard.row(), ATR, &mut || true);
    assert!(card.asked <= MOST_ASKED, "asked {} times", card.asked);
    if let Ok(record) = read {
        assert!(record.raw().len() <= bytes.len(), "a record has no more bytes than came");
    }
}

struct Card<'a> {
    answers: &'a [u8],
    asked: usize,
}

impl Reader for Card<'_> {
    fn look(&mut self, _: Duration) -> Result<Sight, LinkError> {
        Ok(Sight::Empty { reader: String::new() })
    }

    fn connect(&mut self) -> Result<(), LinkError> {
        Ok(())
    }

    fn transmit(&mut self, _: &[u8]) -> Result<&[u8], LinkError> {
        self.asked += 1;
        let lifted = || LinkError::Removed("lifted".into());
        let (&length, rest) = self.answers.split_first_chunk::<2>().ok_or_else(lifted)?;
        // A reader's answer has room for a block and its status word.
        let length = usize::from(u16::from_be_bytes(length)).min(BLOCK + 2);
        let (answer, rest) = rest.split_at_checked(length).ok_or_else(lifted)?;
        self.answers = rest;
        Ok(answer)
    }

    fn disconnect(&mut self) {}
}
