//! Records in files that only grow: a CBOR sequence (RFC 8742) of `55799([ SHA-256 of payload, payload ])`.
//!
//! The tag is three fixed bytes, so that reading finds its feet again behind a damaged record.

use sha2::{Digest, Sha256};

use crate::envelope::cbor::Writer;

/// Tag 55799 and the head of an array of two, of a byte string of 32.
const MARK: [u8; 6] = [0xd9, 0xd9, 0xf7, 0x82, 0x58, 0x20];

/// Bytes around a payload, at most.
pub const OVERHEAD: usize = 64;

/// A payload as a record.
pub fn frame(payload: &[u8]) -> Vec<u8> {
    let mut out = Writer::with_capacity(payload.len() + OVERHEAD);
    out.tag(55_799).array(2).bytes(&Sha256::digest(payload)).bytes(payload);
    out.finish_public()
}

/// The payload of the record at the start, and what follows it.
pub fn unframe(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (hash, rest) = bytes.strip_prefix(&MARK)?.split_at_checked(32)?;
    let (head, rest) = rest.split_first()?;
    let (wide, rest) = match head {
        0x40..=0x57 => (&[][..], rest),
        0x58 => rest.split_at_checked(1)?,
        0x59 => rest.split_at_checked(2)?,
        0x5a => rest.split_at_checked(4)?,
        _ => return None,
    };
    let length = match wide {
        [] => usize::from(head - 0x40),
        wide => wide.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
    };
    let (payload, after) = rest.split_at_checked(length)?;
    (Sha256::digest(payload).as_slice() == hash).then_some((payload, after))
}

/// Where the next record may begin, behind the first byte.
pub fn next_mark(bytes: &[u8]) -> &[u8] {
    let next = bytes.windows(MARK.len()).skip(1).position(|window| window == MARK);
    next.and_then(|at| bytes.get(at + 1..)).unwrap_or_default()
}
