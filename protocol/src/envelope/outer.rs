//! What everybody may know of a request: version 1. The kiosk keeps this part for ever, so that its chain can be
//! followed and verified after the content is gone.
//!
//! | key | field                                  | type                |
//! |-----|----------------------------------------|---------------------|
//! | 1   | version, 1                             | uint                |
//! | 2   | kiosk                                  | text                |
//! | 3   | epoch, from 1                          | uint                |
//! | 4   | sequence, from 1 in each epoch         | uint                |
//! | 5   | id of the request before, zeros for the first of an epoch | bytes (32) |
//! | 6   | hash of the sealed content             | bytes (32)          |
//! | 7   | hashes of the sealed attachments       | array of bytes (32) |

use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::attachment::{AttachmentHash, MAX_ATTACHMENTS};
use super::cbor::{self, Writer};
use super::error::EnvelopeError;
use super::{RequestId, sign1};
use crate::kiosk_id;

/// The version that is written and read.
pub const VERSION: u64 = 1;

pub(super) const CONTENT_TYPE: &str = "application/vnd.bianmin.entry+cbor";

/// The signed outside of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outer {
    /// The kiosk's id.
    pub kiosk: String,
    /// How often this kiosk was enrolled with a new signing key.
    pub epoch: u32,
    /// The place in the epoch's chain, from 1.
    pub seq: u64,
    /// The id of the request before, zeros for the first.
    pub prev: RequestId,
    /// The hash of the sealed content.
    pub content: [u8; 32],
    /// The hashes of the sealed attachments, in the manifest's order.
    pub attachments: Vec<AttachmentHash>,
}

impl Outer {
    pub(crate) fn sign(&self, key: &SigningKey) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::with_capacity(256 + 40 * self.attachments.len());
        out.map(7);
        out.int(1).uint(VERSION);
        out.int(2).text(&self.kiosk);
        out.int(3).uint(self.epoch.into());
        out.int(4).uint(self.seq);
        out.int(5).bytes(&self.prev);
        out.int(6).bytes(&self.content);
        out.int(7).array(self.attachments.len());
        for hash in &self.attachments {
            out.bytes(hash);
        }
        sign1::sign(CONTENT_TYPE, self.kiosk.as_bytes(), &out.finish(), key)
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`EnvelopeError`] for any byte that a kiosk would not have written, or another key.
    pub fn verify(bytes: &[u8], key: &VerifyingKey) -> Result<Self, EnvelopeError> {
        let opened = sign1::open(bytes, CONTENT_TYPE, key)?;
        Self::decode(&opened.payload, &opened.key_id)
    }

    /// Reads it **without** looking at the signature.
    pub(crate) fn claimed(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let parsed = sign1::parse(bytes, CONTENT_TYPE)?;
        Self::decode(parsed.payload(), parsed.key_id())
    }

    fn decode(payload: &[u8], key_id: &[u8]) -> Result<Self, EnvelopeError> {
        let mut fields = cbor::parse(payload)?.into_fields()?;
        let version = fields.next(1)?.int()?;
        if version != VERSION {
            return Err(EnvelopeError::Version(version));
        }
        let outer = Self {
            kiosk: fields.next(2)?.text()?,
            epoch: fields.next(3)?.int()?,
            seq: fields.next(4)?.int()?,
            prev: fields.next(5)?.hash()?,
            content: fields.next(6)?.hash()?,
            attachments: fields.next(7)?.byte_strings()?,
        };
        fields.end()?;
        if !kiosk_id::is_valid(&outer.kiosk) {
            return Err(EnvelopeError::Field(2));
        }
        if outer.kiosk.as_bytes() != key_id {
            return Err(EnvelopeError::Header("key id"));
        }
        if outer.epoch == 0 {
            return Err(EnvelopeError::Field(3));
        }
        // A sequence is stored as SQLite's signed integer on both sides.
        if outer.seq == 0 || i64::try_from(outer.seq).is_err() {
            return Err(EnvelopeError::Field(4));
        }
        if outer.attachments.len() > MAX_ATTACHMENTS {
            return Err(EnvelopeError::Field(7));
        }
        Ok(outer)
    }
}
