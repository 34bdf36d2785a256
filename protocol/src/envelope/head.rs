//! The signed head: where the chains of a kiosk stand. Version 1. It goes to the platform hourly, even when nothing
//! happens, so that a chain that was cut off, put back or forked shows without waiting for the next request.
//!
//! | key | field                                                | type             |
//! |-----|------------------------------------------------------|------------------|
//! | 1   | version, 1                                           | uint             |
//! | 2   | kiosk                                                | text             |
//! | 3   | epoch, from 1                                        | uint             |
//! | 4   | sequence of the epoch's newest request, 0 for none   | uint             |
//! | 5   | its id, zeros for none                               | bytes (32)       |
//! | 6   | number of records in the audit journal, 0 for none   | uint             |
//! | 7   | hash of its newest record, zeros for none            | bytes (32)       |
//! | 8   | sequences up to field 4 that the platform cannot have yet, ascending: held for staff, or still queued | array of uint |
//! | 9   | time, Unix seconds of the kiosk's clock              | int              |
//!
//! What the platform makes of it, and what the kiosk does then, stands in `docs/envelope.md`.

use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::cbor::{self, Writer};
use super::error::EnvelopeError;
use super::{RequestId, sign1};
use crate::kiosk_id;

/// The version that is written and read.
pub const VERSION: u64 = 1;

/// Most sequences in field 8. A kiosk with more under way sends its head when they have gone: it is not idle.
pub const MAX_HELD: usize = 4096;

/// Largest signed head: nine bytes a held sequence, and what is around them.
pub const MAX_HEAD: usize = 9 * MAX_HELD + 1024;

pub(super) const CONTENT_TYPE: &str = "application/vnd.bianmin.head+cbor";

/// Where a kiosk's chains stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The kiosk's id.
    pub kiosk: String,
    /// Its newest epoch.
    pub epoch: u32,
    /// The sequence of the epoch's newest request; 0 for none.
    pub seq: u64,
    /// The id of that request; zeros for none.
    pub hash: RequestId,
    /// How many records the audit journal has.
    pub journal_seq: u64,
    /// The hash of the newest of them; zeros for none.
    pub journal_hash: [u8; 32],
    /// Sequences up to `seq` that the platform cannot have yet, ascending.
    pub held: Vec<u64>,
    /// When it was signed: Unix seconds of the kiosk's clock, which may be wrong.
    pub time: i64,
}

/// Signs a head: the kiosk's part.
pub fn sign(head: &Head, key: &SigningKey) -> Zeroizing<Vec<u8>> {
    let mut out = Writer::with_capacity(256 + 9 * head.held.len());
    out.map(9);
    out.int(1).uint(VERSION);
    out.int(2).text(&head.kiosk);
    out.int(3).uint(head.epoch.into());
    out.int(4).uint(head.seq);
    out.int(5).bytes(&head.hash);
    out.int(6).uint(head.journal_seq);
    out.int(7).bytes(&head.journal_hash);
    out.int(8).array(head.held.len());
    for seq in &head.held {
        out.uint(*seq);
    }
    out.int(9).int(head.time);
    sign1::sign(CONTENT_TYPE, head.kiosk.as_bytes(), &out.finish(), key)
}

/// Checks a head with the signing key of its epoch: the platform's part.
///
/// # Errors
/// [`EnvelopeError`] when any byte is not as [`sign`] with this key would have written it.
pub fn verify(bytes: &[u8], key: &VerifyingKey) -> Result<Head, EnvelopeError> {
    check_size(bytes)?;
    let opened = sign1::open(bytes, CONTENT_TYPE, key)?;
    decode(&opened.payload, &opened.key_id)
}

/// Reads a head **without** looking at its signature: only good for looking up the key of its epoch.
///
/// # Errors
/// [`EnvelopeError`] when it is no head at all.
pub fn claimed(bytes: &[u8]) -> Result<Head, EnvelopeError> {
    check_size(bytes)?;
    let parsed = sign1::parse(bytes, CONTENT_TYPE)?;
    decode(parsed.payload(), parsed.key_id())
}

fn check_size(bytes: &[u8]) -> Result<(), EnvelopeError> {
    if bytes.len() > MAX_HEAD { Err(EnvelopeError::TooLarge { bytes: bytes.len() }) } else { Ok(()) }
}

fn decode(payload: &[u8], key_id: &[u8]) -> Result<Head, EnvelopeError> {
    let mut fields = cbor::parse(payload)?.into_fields()?;
    let version = fields.next(1)?.int()?;
    if version != VERSION {
        return Err(EnvelopeError::Version(version));
    }
    let head = Head {
        kiosk: fields.next(2)?.text()?,
        epoch: fields.next(3)?.int()?,
        seq: fields.next(4)?.int()?,
        hash: fields.next(5)?.hash()?,
        journal_seq: fields.next(6)?.int()?,
        journal_hash: fields.next(7)?.hash()?,
        held: fields.next(8)?.items()?.into_iter().map(cbor::Field::int).collect::<Result<_, _>>()?,
        time: fields.next(9)?.int()?,
    };
    fields.end()?;
    if !kiosk_id::is_valid(&head.kiosk) {
        return Err(EnvelopeError::Field(2));
    }
    if head.kiosk.as_bytes() != key_id {
        return Err(EnvelopeError::Header("key id"));
    }
    if head.epoch == 0 {
        return Err(EnvelopeError::Field(3));
    }
    // Numbers are stored as SQLite's signed integers on both sides, and zeros mean "none" only together.
    if i64::try_from(head.seq).is_err() {
        return Err(EnvelopeError::Field(4));
    }
    if (head.seq == 0) != (head.hash == [0; 32]) {
        return Err(EnvelopeError::Field(5));
    }
    if i64::try_from(head.journal_seq).is_err() {
        return Err(EnvelopeError::Field(6));
    }
    if (head.journal_seq == 0) != (head.journal_hash == [0; 32]) {
        return Err(EnvelopeError::Field(7));
    }
    let ascending = head.held.is_sorted_by(|one, next| one < next);
    let inside = head.held.iter().all(|seq| (1..=head.seq).contains(seq));
    if !ascending || !inside || head.held.len() > MAX_HELD {
        return Err(EnvelopeError::Field(8));
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn head() -> Head {
        Head {
            kiosk: "110101-0007".into(),
            epoch: 1,
            seq: 47,
            hash: [9; 32],
            journal_seq: 812,
            journal_hash: [8; 32],
            held: vec![3, 45],
            time: 1_800_000_100,
        }
    }

    #[test]
    fn a_head_comes_back_with_its_own_key_only() {
        let empty =
            Head { seq: 0, hash: [0; 32], journal_seq: 0, journal_hash: [0; 32], held: vec![], ..head() };
        let full = Head { held: (1..=MAX_HELD as u64).map(|at| at << 40).collect(), seq: 1 << 62, ..head() };
        for head in [head(), empty, full] {
            let bytes = sign(&head, &key());
            assert_eq!(verify(&bytes, &key().verifying_key()), Ok(head.clone()));
            assert_eq!(claimed(&bytes), Ok(head));
            let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
            assert_eq!(verify(&bytes, &other), Err(EnvelopeError::Signature));
        }
    }

    #[test]
    fn an_impossible_head_is_refused_though_it_is_signed() {
        for (field, change) in [
            (2, (|head| head.kiosk = "hall".into()) as fn(&mut Head)),
            (3, |head| head.epoch = 0),
            (4, |head| head.seq = u64::MAX),
            (5, |head| head.seq = 0),
            (5, |head| head.hash = [0; 32]),
            (6, |head| head.journal_seq = u64::MAX),
            (7, |head| head.journal_seq = 0),
            (7, |head| head.journal_hash = [0; 32]),
            (8, |head| head.held = vec![45, 3]),
            (8, |head| head.held = vec![3, 3]),
            (8, |head| head.held = vec![0]),
            (8, |head| head.held = vec![48]),
            (8, |head| {
                head.seq = 1 << 40;
                head.held = (1..=MAX_HELD as u64 + 1).collect();
            }),
        ] {
            let mut odd = head();
            change(&mut odd);
            let refused = verify(&sign(&odd, &key()), &key().verifying_key());
            assert_eq!(refused, Err(EnvelopeError::Field(field)));
        }
    }

    #[test]
    fn a_changed_bit_never_verifies_and_never_panics() {
        let good = sign(&head(), &key());
        for at in 0..good.len() * 8 {
            let mut bytes = good.to_vec();
            bytes[at / 8] ^= 1 << (at % 8);
            assert!(verify(&bytes, &key().verifying_key()).is_err(), "bit {at}");
        }
        for length in 0..good.len() {
            assert!(verify(&good[..length], &key().verifying_key()).is_err());
        }
        assert!(matches!(claimed(&vec![0; MAX_HEAD + 1]), Err(EnvelopeError::TooLarge { .. })));
    }
}
