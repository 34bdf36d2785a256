//! The bytes that travel and that lie on the disk: versioned types of their own, never the domain's.
//!
//! ```text
//! entry = [ outer, sealed ]                    two byte strings
//!   outer  = COSE_Sign1( [`outer`] )           signed; anybody may read it
//!   sealed = COSE_Encrypt( COSE_Sign1( [`manifest`] ) )
//! attachment = COSE_Encrypt0( content )        a file of its own, named by its hash
//! receipt = COSE_Sign1( [`receipt`] )
//! head = COSE_Sign1( [`head`] )                where a kiosk's chains stand
//! check = COSE_Encrypt( COSE_Sign1( [`check`] ) )  who stands there? asked before anything is submitted
//! id of a request = SHA-256( outer )           outer holds the hash of sealed
//! ```
//!
//! Everything is deterministic CBOR (RFC 8949 §4.2.1) and is refused when it is not: a request has exactly one form,
//! so its hash is its name. Both sides of the wire share these functions. Byte by byte: `docs/envelope.md`.
//!
//! All ephemeral and content keys are wiped when sealing ends: the kiosk cannot open what it sealed.

pub mod attachment;
pub mod cbor;
pub mod check;
mod encrypt;
mod error;
#[doc(hidden)]
pub mod fuzzing;
pub mod head;
pub mod manifest;
pub mod outer;
pub mod receipt;
pub mod sealing;
pub(crate) mod sign1;
mod suite;

use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

pub use attachment::{Attachment, Described, attachment_hash, open_attachment, seal_attachment};
use cbor::Writer;
pub use encrypt::ContentKey;
pub use error::{EnvelopeError, ReceiptError};
pub use manifest::{CardRecord, Manifest};
pub use outer::Outer;
pub use receipt::{Receipt, verify_receipt};
pub use sealing::{OpeningKey, SealingKey, SealingKeys};
pub use suite::Suite;

/// Media type of an entry and of a receipt on the wire (RFC 9052 §2).
pub const MEDIA_TYPE: &str = "application/cose";

/// Largest entry, both when written and when read: a card record has 2.3 KB and the longest form a few more; the
/// rest is room for long free text. Papers and portraits travel beside the entry, not in it.
pub const MAX_ENVELOPE: usize = 256 * 1024;

/// The name of a request: SHA-256 of its outer envelope.
pub type RequestId = [u8; 32];

const MANIFEST_TYPE: &str = "application/vnd.bianmin.request+cbor";
const SEALED_TYPE: &str = "application/cose; cose-type=\"cose-sign1\"";

/// A signed, sealed and signed request.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its name.
    pub id: RequestId,
    /// The outer `COSE_Sign1`.
    pub outer: Vec<u8>,
    /// The `COSE_Encrypt`.
    pub content: Vec<u8>,
}

impl Sealed {
    /// Both parts as one entry.
    pub fn entry(&self) -> Vec<u8> {
        join(&self.outer, &self.content)
    }

    /// Takes an entry apart; no signature is looked at.
    ///
    /// # Errors
    /// [`EnvelopeError`] when it is no array of two byte strings in its one form.
    pub fn split(entry: &[u8]) -> Result<Self, EnvelopeError> {
        if entry.len() > MAX_ENVELOPE {
            return Err(EnvelopeError::TooLarge { bytes: entry.len() });
        }
        let [outer, content] = cbor::parse(entry)?.into_byte_strings()?;
        Ok(Self { id: outer_id(&outer), outer, content })
    }

    /// Checks the kiosk's signature over the outside, and that the sealed content is the one it covers.
    ///
    /// # Errors
    /// [`EnvelopeError`] for any byte of the outside that a kiosk would not have written: trailing bytes, duplicate or
    /// unsorted keys, long forms, another algorithm, suite or version, an unprotected header, another key.
    pub fn check(&self, key: &VerifyingKey) -> Result<Outer, EnvelopeError> {
        let outer = Outer::verify(&self.outer, key)?;
        if outer.content != <[u8; 32]>::from(Sha256::digest(&self.content)) {
            return Err(EnvelopeError::Mismatch("hash of the content"));
        }
        Ok(outer)
    }

    /// What the outside says, **before** its signature is checked: only good for looking up a key or for refusing.
    ///
    /// # Errors
    /// [`EnvelopeError`] when it is no outer envelope at all.
    pub fn claimed(&self) -> Result<Outer, EnvelopeError> {
        Outer::claimed(&self.outer)
    }

    /// Checks everything and opens the content: the platform's part.
    ///
    /// # Errors
    /// [`EnvelopeError`] for any byte that a kiosk would not have written, outside and inside;
    /// [`EnvelopeError::NotForUs`] when none of `keys` opens it.
    pub fn open(&self, key: &VerifyingKey, keys: &[OpeningKey]) -> Result<Manifest, EnvelopeError> {
        let outer = self.check(key)?;
        let (content, recipients) = encrypt::open(&self.content, SEALED_TYPE, keys)?;
        let opened = sign1::open(&content, MANIFEST_TYPE, key)?;
        let manifest = Manifest::decode(&opened.payload)?;
        if manifest.kiosk.as_bytes() != opened.key_id {
            return Err(EnvelopeError::Header("key id"));
        }
        if (&manifest.kiosk, manifest.epoch, manifest.seq, manifest.prev)
            != (&outer.kiosk, outer.epoch, outer.seq, outer.prev)
        {
            return Err(EnvelopeError::Mismatch("place"));
        }
        if manifest.recipients != recipients {
            return Err(EnvelopeError::Mismatch("recipients"));
        }
        if !manifest.attachments.iter().map(|file| file.hash).eq(outer.attachments.iter().copied()) {
            return Err(EnvelopeError::Mismatch("attachments"));
        }
        Ok(manifest)
    }
}

/// The two parts as one entry.
pub fn join(outer: &[u8], content: &[u8]) -> Vec<u8> {
    let mut entry = Writer::with_capacity(outer.len() + content.len() + 16);
    entry.array(2).bytes(outer).bytes(content);
    entry.finish_public()
}

/// The name of a request, from its outer envelope.
pub fn outer_id(outer: &[u8]) -> RequestId {
    Sha256::digest(outer).into()
}

/// The name of a request, from its entry; `None` when it is no entry.
pub fn id(entry: &[u8]) -> Option<RequestId> {
    Sealed::split(entry).ok().map(|sealed| sealed.id)
}

/// Signs a manifest, seals it to `keys`, and signs the outside. `manifest.recipients` is filled in.
///
/// # Errors
/// [`EnvelopeError::TooLarge`] above [`MAX_ENVELOPE`]; [`EnvelopeError::Crypto`].
pub fn seal(manifest: &mut Manifest, key: &SigningKey, keys: &SealingKeys) -> Result<Sealed, EnvelopeError> {
    seal_with(manifest, key, ContentKey::random(keys.keys())?)
}

/// As [`seal`], with a content key that was made and wrapped before.
///
/// # Errors
/// As [`seal`].
pub fn seal_with(
    manifest: &mut Manifest,
    key: &SigningKey,
    content_key: ContentKey,
) -> Result<Sealed, EnvelopeError> {
    manifest.recipients = content_key.recipients();
    let inner = sign1::sign(MANIFEST_TYPE, manifest.kiosk.as_bytes(), &manifest.encode(), key);
    let content = encrypt::seal(SEALED_TYPE, &inner, content_key)?;
    let outer = Outer {
        kiosk: manifest.kiosk.clone(),
        epoch: manifest.epoch,
        seq: manifest.seq,
        prev: manifest.prev,
        content: Sha256::digest(&content).into(),
        attachments: manifest.attachments.iter().map(|file| file.hash).collect(),
    };
    let outer = outer.sign(key).to_vec();
    let sealed = Sealed { id: outer_id(&outer), outer, content };
    let bytes = sealed.outer.len() + sealed.content.len() + 16;
    if bytes > MAX_ENVELOPE {
        return Err(EnvelopeError::TooLarge { bytes });
    }
    Ok(sealed)
}

#[cfg(test)]
mod tests;
