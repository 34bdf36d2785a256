//! What the platform signs with its receipt key beside receipts: a `COSE_Sign1` under a content type of its own, so that
//! none passes for another.

use ciborium::Value;
use coset::{
    CborSerializable, ContentType, CoseSign1, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana,
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Reads an Ed25519 public key from 64 hex digits.
pub(crate) fn verifying_key(hex_digits: &str) -> Option<VerifyingKey> {
    let bytes: [u8; 32] = hex::decode(hex_digits).ok()?.try_into().ok()?;
    VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak())
}

/// Signs a payload; `None` when CBOR cannot hold it.
pub(crate) fn sign(content_type: &str, payload: &Value, key: &SigningKey) -> Option<Vec<u8>> {
    let payload = payload.clone().to_vec().ok()?;
    let key_id: Vec<u8> = Sha256::digest(key.verifying_key().as_bytes()).iter().take(8).copied().collect();
    let header = HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .content_type(content_type.to_owned())
        .key_id(key_id)
        .build();
    CoseSign1Builder::new()
        .protected(header)
        .payload(payload)
        .create_signature(b"", |bytes| key.sign(bytes).to_bytes().to_vec())
        .build()
        .to_tagged_vec()
        .ok()
}

/// The payload of what [`sign`] made with this key for this content type; `None` for anything else.
pub(crate) fn open(content_type: &str, bytes: &[u8], key: &VerifyingKey) -> Option<Value> {
    let message = CoseSign1::from_tagged_slice(bytes).ok()?;
    if message.protected.header.content_type != Some(ContentType::Text(content_type.to_owned())) {
        return None;
    }
    let verify = |signature: &[u8], bytes: &[u8]| {
        Signature::from_slice(signature).and_then(|signature| key.verify_strict(bytes, &signature))
    };
    message.verify_signature(b"", verify).ok()?;
    Value::from_slice(message.payload.as_deref()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_kind_open() {
        let (key, other) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
        let payload = Value::Map(vec![(1.into(), 5.into())]);
        let mut bytes = sign("application/a", &payload, &key).unwrap();
        assert_eq!(open("application/a", &bytes, &key.verifying_key()), Some(payload));
        assert_eq!(open("application/b", &bytes, &key.verifying_key()), None);
        assert_eq!(open("application/a", &bytes, &other.verifying_key()), None);
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert_eq!(open("application/a", &bytes, &key.verifying_key()), None);
        assert_eq!(open("application/a", b"nonsense", &key.verifying_key()), None);
    }
}
