//! The platform's receipt: version 1. Only a receipt that verifies lets a request be erased.
//!
//! | key | field                       | type       |
//! |-----|-----------------------------|------------|
//! | 1   | version, 1                  | uint       |
//! | 2   | id of the request           | bytes (32) |
//! | 3   | kiosk                       | text       |
//! | 4   | sequence                    | uint       |
//! | 5   | head: id of the newest request of this kiosk that the platform holds without a gap before it; zeros for none | bytes (32) |
//! | 6   | time of acceptance, Unix seconds | int   |
//! | 7   | acceptance number, 16 digits | text      |

use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::cbor::{self, Writer};
use super::error::{EnvelopeError, ReceiptError};
use super::{RequestId, sign1};

/// The version that is written and read.
pub const VERSION: u64 = 1;

/// Digits of an acceptance number.
pub const ACCEPTANCE_DIGITS: usize = 16;

/// Largest receipt on the wire: a real one has about 260 bytes.
pub const MAX_RECEIPT: usize = 4096;

pub(super) const CONTENT_TYPE: &str = "application/vnd.bianmin.receipt+cbor";

/// What the platform states about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The request.
    pub id: RequestId,
    /// Its kiosk.
    pub kiosk: String,
    /// Its place in the kiosk's chain.
    pub seq: u64,
    /// The newest request of this kiosk that the platform holds without a gap before it; zeros for none.
    pub head: RequestId,
    /// When it was accepted: Unix seconds of the platform's clock.
    pub time: i64,
    /// The platform's number for the case.
    pub acceptance_number: String,
}

/// A receipt whose signature was checked: there is no other way to make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    statement: Statement,
    bytes: Vec<u8>,
}

impl Receipt {
    /// What it states.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Its bytes as received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it is about this request.
    pub fn covers(&self, id: &RequestId, kiosk: &str, seq: u64) -> bool {
        self.statement.id == *id && self.statement.kiosk == kiosk && self.statement.seq == seq
    }
}

/// Signs a statement: the platform's part.
pub fn sign_receipt(statement: &Statement, key: &SigningKey) -> Zeroizing<Vec<u8>> {
    let mut out = Writer::with_capacity(MAX_RECEIPT);
    out.map(7);
    out.int(1).uint(VERSION);
    out.int(2).bytes(&statement.id);
    out.int(3).text(&statement.kiosk);
    out.int(4).uint(statement.seq);
    out.int(5).bytes(&statement.head);
    out.int(6).int(statement.time);
    out.int(7).text(&statement.acceptance_number);
    sign1::sign(CONTENT_TYPE, &key_id(&key.verifying_key()), &out.finish(), key)
}

/// Checks a receipt with the platform's receipt key. Whether it is about the right request is [`Receipt::covers`].
///
/// # Errors
/// [`ReceiptError`] when any byte is not as [`sign_receipt`] with this key would have written it.
pub fn verify_receipt(bytes: &[u8], key: &VerifyingKey) -> Result<Receipt, ReceiptError> {
    Ok(open(bytes, key)?)
}

fn open(bytes: &[u8], key: &VerifyingKey) -> Result<Receipt, EnvelopeError> {
    if bytes.len() > MAX_RECEIPT {
        return Err(EnvelopeError::TooLarge { bytes: bytes.len() });
    }
    let opened = sign1::open(bytes, CONTENT_TYPE, key)?;
    if opened.key_id != key_id(key) {
        return Err(EnvelopeError::Header("key id"));
    }
    let mut fields = cbor::parse(&opened.payload)?.into_fields()?;
    let version = fields.next(1)?.int()?;
    if version != VERSION {
        return Err(EnvelopeError::Version(version));
    }
    let statement = Statement {
        id: fields.next(2)?.hash()?,
        kiosk: fields.next(3)?.text()?,
        seq: fields.next(4)?.int()?,
        head: fields.next(5)?.hash()?,
        time: fields.next(6)?.int()?,
        acceptance_number: fields.next(7)?.text()?,
    };
    fields.end()?;
    let number = &statement.acceptance_number;
    if number.len() != ACCEPTANCE_DIGITS || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EnvelopeError::Field(7));
    }
    Ok(Receipt { statement, bytes: bytes.to_vec() })
}

/// Which key signed: the first 8 bytes of its SHA-256.
pub(crate) fn key_id(key: &VerifyingKey) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).iter().take(8).copied().collect()
}
