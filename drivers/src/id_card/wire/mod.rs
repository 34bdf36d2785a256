//! The identity card's bytes: the commands of a storage card, the payload they fetch, and the record inside it.
//! Pure: no I/O, no clock. Bytes become a checked payload first, then typed values.
//!
//! Sources: PC/SC part 3 (storage cards), GA/T 467 (payload), GA/T 490 (record), GB 11643 and GB/T 3304.

mod block;
mod payload;
mod record;
mod text;

pub use record::{CardType, FieldError, Fields, Record, RecordError, Sex, Text, ValidTo};

pub(crate) use block::{BLOCK, parse_reply, read_binary};
pub(crate) use payload::{PREFIX, Payload, announced};
#[cfg(test)]
pub(crate) use record::samples;
