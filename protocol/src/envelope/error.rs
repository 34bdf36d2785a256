//! Why an envelope or a receipt is refused.

use faults::Fault;

/// Why bytes are no valid envelope.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvelopeError {
    /// More bytes than [`MAX_ENVELOPE`](super::MAX_ENVELOPE).
    #[error("{bytes} bytes are more than an envelope may have")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// No CBOR, or not the structure that is expected here.
    #[error("not the expected COSE structure")]
    Malformed,
    /// CBOR, but not the one deterministic form: trailing bytes, long forms, unsorted keys.
    #[error("not deterministic CBOR")]
    NotDeterministic,
    /// A map holds a key twice.
    #[error("a map holds a key twice")]
    DuplicateKey,
    /// Another algorithm, or none.
    #[error("unknown algorithm")]
    Algorithm,
    /// A header field is missing, wrong or too much.
    #[error("the header is wrong: {0}")]
    Header(&'static str),
    /// The signature does not verify with the key.
    #[error("the signature does not verify")]
    Signature,
    /// The payload's version is unknown.
    #[error("unknown version {0}")]
    Version(u64),
    /// A field of the payload is missing, of another type or impossible.
    #[error("field {0} of the payload is missing or impossible")]
    Field(i64),
    /// The outer signature covers another content than the one beside it, or inside and outside disagree.
    #[error("inside and outside disagree: {0}")]
    Mismatch(&'static str),
    /// It is sealed to keys that are not ours.
    #[error("sealed to other keys")]
    NotForUs,
    /// The key is ours, but the content does not open: changed on its way, or never sealed properly.
    #[error("the sealed content does not open")]
    Sealed,
    /// No random numbers, or an algorithm refused its input.
    #[error("the algorithms of the envelope failed")]
    Crypto,
}

impl EnvelopeError {
    /// The failure code of an envelope in the kiosk's own store.
    pub fn fault(&self) -> Fault {
        match self {
            Self::TooLarge { .. }
            | Self::Malformed
            | Self::NotDeterministic
            | Self::DuplicateKey
            | Self::Algorithm
            | Self::Header(_)
            | Self::Signature
            | Self::Version(_)
            | Self::Field(_)
            | Self::Mismatch(_)
            | Self::NotForUs
            | Self::Sealed => Fault::StoreDamaged,
            Self::Crypto => Fault::SealingKeyMissing,
        }
    }
}

/// Why bytes are no receipt of our platform.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the platform's receipt is refused")]
pub struct ReceiptError(#[from] pub EnvelopeError);

impl ReceiptError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        Fault::ReceiptInvalid
    }
}
