//! Reads one card: its blocks, joined before anything is parsed.

use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::error::Error;
use super::profiles::Row;
use super::wire::{BLOCK, PREFIX, Record, RecordError, announced, parse_reply, read_binary};
use crate::link::pcsc::{LinkError, Reader, Sight};

/// How long one card may take from being noticed to being decoded. A card needs 0.1 s at 115200 baud and 1.4 s at
/// 9600 (1295 bytes on the wire); the module's own limit for a read is 3.5 s. Guess: twice that and one second.
pub(crate) const CARD_LIMIT: Duration = Duration::from_secs(8);

/// How long to wait for the service to notice that a card is gone, so that a lifted card is told from a broken
/// reader. Measured with pcscd: 0.2 to 0.5 s.
const SETTLE: Duration = Duration::from_millis(1000);

const OK: u16 = 0x9000;

/// Why a read ended without a record.
pub(crate) enum Ended {
    /// It failed, with the reason.
    Failed(Error),
    /// Somebody does not want it any more.
    Unwanted,
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Ended::Failed(error)
    }
}

impl From<RecordError> for Ended {
    fn from(error: RecordError) -> Self {
        Ended::Failed(Error::Record(error))
    }
}

/// Reads the card that the link sees. `wanted` is asked between blocks.
pub(crate) fn read(
    link: &mut impl Reader,
    row: &Row,
    atr: &[u8],
    wanted: &mut dyn FnMut() -> bool,
) -> Result<Record, Ended> {
    if !row.knows(atr) {
        return Err(Error::Foreign { raw: format!("answer to reset {}", hex(atr)) }.into());
    }
    let until = Instant::now() + CARD_LIMIT;
    let result = match link.connect() {
        Ok(()) => fetch(&mut Blocks { link, until, wanted }, row),
        Err(error) => Err(Block::Link(error)),
    };
    link.disconnect();
    match result {
        Ok(bytes) => Ok(Record::decode(bytes)?),
        Err(Block::Ended(ended)) => Err(ended),
        Err(Block::Link(error)) => Err(judge(link, error).into()),
    }
}

/// Why a block did not come.
enum Block {
    Ended(Ended),
    Link(LinkError),
}

impl<E: Into<Ended>> From<E> for Block {
    fn from(ended: E) -> Self {
        Block::Ended(ended.into())
    }
}

fn fetch<T: Reader>(blocks: &mut Blocks<'_, T>, row: &Row) -> Result<Zeroizing<Vec<u8>>, Block> {
    // Room for the usual file at once, so that nothing moves and leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(row.usual_file));
    let sw = blocks.append(&mut bytes, BLOCK)?;
    match sw {
        OK => {}
        // The card has no such command or no such file: a storage card, but not an identity card.
        0x6A81 | 0x6A82 | 0x6D00 | 0x6E00 => return Err(Error::Foreign { raw: format!("{sw:04X}") }.into()),
        _ => return Err(Error::Reader { raw: format!("{sw:04X}") }.into()),
    }
    let total = announced(bytes.get(..PREFIX).unwrap_or_default())?;
    let more = total.saturating_sub(bytes.len());
    bytes.reserve_exact(more);
    while bytes.len() < total {
        let length = BLOCK.min(total - bytes.len());
        match blocks.append(&mut bytes, length)? {
            OK => {}
            // The file ends before the length that it announced.
            0x6282 | 0x6A82 | 0x6A86 | 0x6B00 | 0x6C00..=0x6CFF => return Err(RecordError::Lengths.into()),
            sw => return Err(Error::Reader { raw: format!("{sw:04X}") }.into()),
        }
    }
    // A file of an unusual size may have announced too little: then something answers behind its end.
    if total != row.usual_file && blocks.answers_behind(total)? {
        return Err(RecordError::Lengths.into());
    }
    Ok(bytes)
}

struct Blocks<'a, T> {
    link: &'a mut T,
    until: Instant,
    wanted: &'a mut dyn FnMut() -> bool,
}

impl<T: Reader> Blocks<'_, T> {
    /// Whether the file goes on behind its announced end.
    fn answers_behind(&mut self, end: usize) -> Result<bool, Block> {
        let offset = u16::try_from(end).map_err(|_| RecordError::Lengths)?;
        let answer = self.link.transmit(&read_binary(offset, 1)).map_err(Block::Link)?;
        Ok(parse_reply(answer).is_some_and(|reply| reply.sw == OK && !reply.data.is_empty()))
    }

    /// Appends the block at the end of `bytes` and gives its status word. A short block is asked for once more,
    /// because a reader may slip; when it stays short, the file is shorter than it announced.
    fn append(&mut self, bytes: &mut Vec<u8>, length: usize) -> Result<u16, Block> {
        for _ in 0..2 {
            if !(self.wanted)() {
                return Err(Block::Ended(Ended::Unwanted));
            }
            if Instant::now() >= self.until {
                return Err(Error::TimeOut.into());
            }
            let offset = u16::try_from(bytes.len()).map_err(|_| RecordError::Lengths)?;
            let answer = self.link.transmit(&read_binary(offset, length)).map_err(Block::Link)?;
            // Some readers answer nothing at all when the card is lifted: whether it was, is found out later.
            let Some(reply) = parse_reply(answer) else {
                let raw = format!("{} bytes without a status word", answer.len());
                return Err(Block::Link(LinkError::Failed(raw)));
            };
            if reply.sw != OK {
                return Ok(reply.sw);
            }
            // Some readers fill the last block up to its full size; what was asked for is valid.
            let filled = reply.data.len() == BLOCK;
            match reply.data.get(..length) {
                Some(data) if filled || reply.data.len() == length => {
                    bytes.extend_from_slice(data);
                    return Ok(OK);
                }
                Some(_) | None => {}
            }
        }
        Err(RecordError::Lengths.into())
    }
}

/// Says what a broken link means for the card, by looking once more.
fn judge(link: &mut impl Reader, error: LinkError) -> Error {
    match error {
        LinkError::Service(raw) => Error::NoService { raw },
        LinkError::Removed(_) => Error::Removed,
        LinkError::Busy(raw) => Error::Busy { raw },
        LinkError::Reader(raw) => Error::Reader { raw },
        LinkError::Mute(raw) if gone(link) => {
            tracing::debug!(raw, "mute because lifted");
            Error::Removed
        }
        LinkError::Mute(raw) => Error::Mute { raw },
        LinkError::Failed(raw) if gone(link) => {
            tracing::debug!(raw, "failed because lifted");
            Error::Removed
        }
        LinkError::Failed(raw) => Error::Reader { raw },
    }
}

/// Whether the card turns out to be gone. Reader and service notice it a little later than the bytes do.
fn gone(link: &mut impl Reader) -> bool {
    let until = Instant::now() + SETTLE;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match link.look(left) {
            Ok(Sight::Empty { .. }) => return true,
            Ok(Sight::NoReader | Sight::Card { .. } | Sight::Mute { .. }) if left > Duration::ZERO => {}
            Ok(_) | Err(_) => return false,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
