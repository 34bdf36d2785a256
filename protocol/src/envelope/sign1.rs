//! `COSE_Sign1` (RFC 9052 §4.2), tagged, with one form of header.
//!
//! ```text
//! 18([ << { 1: -8 (EdDSA), 3: content type, 4: key id, -65537: suite } >>, {}, payload, signature ])
//! ```
//!
//! Writing is done by hand to keep the payload out of buffers that nobody wipes; reading goes through coset, so two
//! implementations must agree on every envelope.

use coset::{CoseSign1, HeaderBuilder, TaggedCborSerializable, iana};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use zeroize::{Zeroize, Zeroizing};

use super::cbor::{self, Writer};
use super::error::EnvelopeError;
use super::{MAX_ENVELOPE, Suite};

/// Room for the header, the signature and the heads around the payload.
const OVERHEAD: usize = 512;

/// A verified message.
pub(crate) struct Opened {
    pub(crate) key_id: Vec<u8>,
    pub(crate) payload: Zeroizing<Vec<u8>>,
}

/// A well-formed message whose signature nobody has looked at. Its payload is wiped on drop.
pub(crate) struct Parsed(CoseSign1);

impl Drop for Parsed {
    fn drop(&mut self) {
        self.0.payload.zeroize();
    }
}

impl Parsed {
    pub(crate) fn key_id(&self) -> &[u8] {
        &self.0.protected.header.key_id
    }

    pub(crate) fn payload(&self) -> &[u8] {
        self.0.payload.as_deref().unwrap_or_default()
    }
}

pub(crate) fn sign(
    content_type: &str,
    key_id: &[u8],
    payload: &[u8],
    key: &SigningKey,
) -> Zeroizing<Vec<u8>> {
    let suite = Suite::CURRENT;
    let mut header = Writer::with_capacity(OVERHEAD);
    header.map(4);
    header.int(1).int(iana::Algorithm::EdDSA as i64);
    header.int(3).text(content_type);
    header.int(4).bytes(key_id);
    header.int(Suite::LABEL).int(suite.number());
    let header = header.finish();

    let mut signed = Writer::with_capacity(payload.len() + OVERHEAD);
    signed.array(4).text("Signature1").bytes(&header).bytes(&[]).bytes(payload);
    let signature = key.sign(&signed.finish());

    let mut message = Writer::with_capacity(payload.len() + OVERHEAD);
    message.tag(CoseSign1::TAG).array(4);
    message.bytes(&header).map(0).bytes(payload).bytes(&signature.to_bytes());
    message.finish()
}

pub(crate) fn parse(bytes: &[u8], content_type: &str) -> Result<Parsed, EnvelopeError> {
    if bytes.len() > MAX_ENVELOPE {
        return Err(EnvelopeError::TooLarge { bytes: bytes.len() });
    }
    cbor::parse(bytes)?;
    let message = CoseSign1::from_tagged_slice(bytes).map_err(|_| EnvelopeError::Malformed)?;
    let message = Parsed(message);
    let original = message.0.protected.original_data.as_deref().ok_or(EnvelopeError::Malformed)?;
    cbor::parse(original)?;

    let header = &message.0.protected.header;
    if header.alg != Some(coset::RegisteredLabelWithPrivate::Assigned(iana::Algorithm::EdDSA)) {
        return Err(EnvelopeError::Algorithm);
    }
    let suite = (coset::Label::Int(Suite::LABEL), Suite::CURRENT.number().into());
    if header.rest.first() != Some(&suite) {
        return Err(EnvelopeError::Header("suite"));
    }
    if header.content_type != Some(coset::ContentType::Text(content_type.to_owned())) {
        return Err(EnvelopeError::Header("content type"));
    }
    let expected = HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .content_type(content_type.to_owned())
        .key_id(header.key_id.clone())
        .value(Suite::LABEL, suite.1)
        .build();
    // A header with anything else in it (critical fields, counter signatures) is not ours.
    if *header != expected || header.key_id.is_empty() {
        return Err(EnvelopeError::Header("unknown fields"));
    }
    if !message.0.unprotected.is_empty() {
        return Err(EnvelopeError::Header("unprotected fields"));
    }
    Ok(message)
}

pub(crate) fn open(bytes: &[u8], content_type: &str, key: &VerifyingKey) -> Result<Opened, EnvelopeError> {
    let mut message = parse(bytes, content_type)?;
    let signature = Signature::from_slice(&message.0.signature).map_err(|_| EnvelopeError::Signature)?;
    if message.0.payload.is_none() {
        return Err(EnvelopeError::Malformed);
    }
    let signed = Zeroizing::new(message.0.tbs_data(&[]));
    key.verify_strict(&signed, &signature).map_err(|_| EnvelopeError::Signature)?;
    let payload = Zeroizing::new(message.0.payload.take().unwrap_or_default());
    Ok(Opened { key_id: message.key_id().to_vec(), payload })
}
