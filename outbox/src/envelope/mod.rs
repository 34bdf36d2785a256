//! The bytes that travel and that lie on the disk: versioned types of their own, never the domain's.
//!
//! | part        | form                                                                                 |
//! |-------------|--------------------------------------------------------------------------------------|
//! | request     | tagged `COSE_Sign1`, `EdDSA`, key id = the kiosk's id, payload = [`manifest`]        |
//! | receipt     | tagged `COSE_Sign1`, `EdDSA`, key id = head of the key's hash, payload = [`receipt`] |
//! | request id  | SHA-256 of the whole envelope                                                        |
//!
//! Everything is deterministic CBOR (RFC 8949 §4.2.1) and is refused when it is not: a request has exactly one form,
//! so its hash is its name. Both sides of the wire share these functions.

mod cbor;
mod error;
pub mod manifest;
pub mod receipt;
mod sign1;
mod suite;

use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use error::{EnvelopeError, ReceiptError};
pub use manifest::Manifest;
pub use receipt::{Receipt, verify_receipt};
pub use suite::Suite;

/// Media type of a request and of a receipt on the wire (RFC 9052 §2).
pub const MEDIA_TYPE: &str = "application/cose";

/// Largest envelope, both when written and when read: a card record has 2.3 KB and the longest form a few more; the
/// rest is room for long free text. Papers and portraits travel beside the envelope, not in it.
pub const MAX_ENVELOPE: usize = 256 * 1024;

/// The name of an envelope: SHA-256 of all its bytes.
pub type RequestId = [u8; 32];

const CONTENT_TYPE: &str = "application/vnd.bianmin.request+cbor";

/// A signed request. Wiped on drop.
pub struct Signed {
    /// The envelope.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Its name.
    pub id: RequestId,
}

/// The name of an envelope.
pub fn id(envelope: &[u8]) -> RequestId {
    Sha256::digest(envelope).into()
}

/// Signs a manifest.
///
/// # Errors
/// [`EnvelopeError::TooLarge`] above [`MAX_ENVELOPE`].
pub fn sign(manifest: &Manifest, key: &SigningKey) -> Result<Signed, EnvelopeError> {
    let payload = manifest.encode();
    let bytes = sign1::sign(CONTENT_TYPE, manifest.kiosk.as_bytes(), &payload, key);
    if bytes.len() > MAX_ENVELOPE {
        return Err(EnvelopeError::TooLarge { bytes: bytes.len() });
    }
    let id = id(&bytes);
    Ok(Signed { bytes, id })
}

/// Checks an envelope and gives back what was signed.
///
/// # Errors
/// [`EnvelopeError`] for any byte that a kiosk would not have written: trailing bytes, duplicate or unsorted keys,
/// long forms, another algorithm, suite or version, an unprotected header, or a signature by another key.
pub fn verify(envelope: &[u8], key: &VerifyingKey) -> Result<Manifest, EnvelopeError> {
    let opened = sign1::open(envelope, CONTENT_TYPE, key)?;
    let manifest = Manifest::decode(&opened.payload)?;
    if manifest.kiosk.as_bytes() != opened.key_id {
        return Err(EnvelopeError::Header("key id"));
    }
    Ok(manifest)
}

/// The kiosk that an envelope claims to come from, **before** its signature is checked: only good for looking up a
/// key or for refusing.
///
/// # Errors
/// [`EnvelopeError`] when it is no envelope at all.
pub fn claimed_kiosk(envelope: &[u8]) -> Result<String, EnvelopeError> {
    let parsed = sign1::parse(envelope, CONTENT_TYPE)?;
    String::from_utf8(parsed.key_id().to_vec()).map_err(|_| EnvelopeError::Header("key id"))
}

#[cfg(test)]
mod tests;
