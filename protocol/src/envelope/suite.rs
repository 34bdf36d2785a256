//! Which algorithms an envelope uses, and those algorithms themselves.
//!
//! Everything with a curve, a cipher or a key derivation in it is in this file and matches on [`Suite`]: a second suite
//! (SM2, SM3, SM4) is a second arm here and nothing anywhere else.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use aes_kw::KwAes256;
use coset::iana;
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cbor::Writer;
use super::error::EnvelopeError;

/// Bytes of a content key and of a key-encryption key.
pub(crate) const KEY: usize = 32;
/// Bytes of a nonce of the content cipher.
pub(crate) const NONCE: usize = 12;
/// Bytes that sealing adds to a content.
pub(crate) const TAG: usize = 16;
/// Bytes of a content key wrapped for a recipient.
pub(crate) const WRAPPED: usize = KEY + 8;
/// Bytes of a coordinate of a public key.
pub(crate) const COORDINATE: usize = 32;

/// A set of algorithms. Its number stands in the protected header, so that a second set can be told apart before
/// anything is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// EdDSA on Curve25519, SHA-256, ECDH-ES+A256KW on P-256, A256GCM: what the common COSE libraries all open.
    Ed25519P256Aes256,
}

/// A key that is used once and wiped on drop.
pub(crate) type Key = Zeroizing<[u8; KEY]>;

/// What a recipient needs beside its own key: the ephemeral public key's coordinates and the wrapped content key.
pub(crate) struct Wrapped {
    pub(crate) x: [u8; COORDINATE],
    pub(crate) y: [u8; COORDINATE],
    pub(crate) key: [u8; WRAPPED],
}

impl Suite {
    /// Label of the suite in the protected header: private use is below -65536 (RFC 9052 §11.1).
    pub const LABEL: i64 = -65537;

    /// The suite that is written.
    pub const CURRENT: Self = Self::Ed25519P256Aes256;

    /// The number in the header.
    pub const fn number(self) -> i64 {
        match self {
            Self::Ed25519P256Aes256 => 1,
        }
    }

    pub(crate) const fn content_algorithm(self) -> iana::Algorithm {
        match self {
            Self::Ed25519P256Aes256 => iana::Algorithm::A256GCM,
        }
    }

    pub(crate) const fn key_algorithm(self) -> iana::Algorithm {
        match self {
            Self::Ed25519P256Aes256 => iana::Algorithm::ECDH_ES_A256KW,
        }
    }

    /// Encrypts `content` in place and gives the tag. `key` must never meet another content.
    pub(crate) fn seal(
        self,
        key: &Key,
        nonce: &[u8; NONCE],
        aad: &[u8],
        content: &mut [u8],
    ) -> Result<[u8; TAG], EnvelopeError> {
        match self {
            Self::Ed25519P256Aes256 => Aes256Gcm::new((&**key).into())
                .encrypt_inout_detached(nonce.into(), aad, content.into())
                .map(Into::into)
                .map_err(|_| EnvelopeError::Crypto),
        }
    }

    /// Decrypts in place and takes the tag off.
    pub(crate) fn open(
        self,
        key: &Key,
        nonce: &[u8; NONCE],
        aad: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<(), EnvelopeError> {
        match self {
            Self::Ed25519P256Aes256 => Aes256Gcm::new((&**key).into())
                .decrypt_in_place(nonce.into(), aad, content)
                .map_err(|_| EnvelopeError::Sealed),
        }
    }

    /// Wraps a content key for a recipient with the ephemeral secret `ephemeral`, which must be fresh.
    pub(crate) fn wrap(
        self,
        content_key: &Key,
        to: &PublicKey,
        ephemeral: &SecretKey,
        protected: &[u8],
    ) -> Result<Wrapped, EnvelopeError> {
        match self {
            Self::Ed25519P256Aes256 => {
                let kek = kek(ephemeral, to, protected)?;
                let mut key = [0; WRAPPED];
                KwAes256::new((&*kek).into())
                    .wrap_key(&**content_key, &mut key)
                    .map_err(|_| EnvelopeError::Crypto)?;
                let (x, y) = coordinates(&ephemeral.public_key()).ok_or(EnvelopeError::Crypto)?;
                Ok(Wrapped { x, y, key })
            }
        }
    }

    /// The content key, with the recipient's secret.
    pub(crate) fn unwrap(
        self,
        wrapped: &Wrapped,
        secret: &SecretKey,
        protected: &[u8],
    ) -> Result<Key, EnvelopeError> {
        match self {
            Self::Ed25519P256Aes256 => {
                // Reading the point checks that it is on the curve.
                let ephemeral = PublicKey::from_sec1_bytes(&sec1(&wrapped.x, &wrapped.y))
                    .map_err(|_| EnvelopeError::Sealed)?;
                let kek = kek(secret, &ephemeral, protected)?;
                let mut key = Key::default();
                KwAes256::new((&*kek).into())
                    .unwrap_key(&wrapped.key, key.as_mut())
                    .map_err(|_| EnvelopeError::Sealed)?;
                Ok(key)
            }
        }
    }
}

/// ECDH, then HKDF-SHA-256 over the context of RFC 9053 §5.2: `[-5, [nil, nil, nil], [nil, nil, nil], [256, protected]]`.
fn kek(secret: &SecretKey, public: &PublicKey, protected: &[u8]) -> Result<Key, EnvelopeError> {
    let mut context = Writer::with_capacity(64 + protected.len());
    context.array(4).int(iana::Algorithm::A256KW as i64);
    context.array(3).null().null().null();
    context.array(3).null().null().null();
    context.array(2).uint(8 * KEY as u64).bytes(protected);
    let shared = secret.diffie_hellman(public);
    let mut kek = Key::default();
    Hkdf::<Sha256>::new(None, shared.raw_secret_bytes())
        .expand(&context.finish(), kek.as_mut())
        .map_err(|_| EnvelopeError::Crypto)?;
    Ok(kek)
}

/// A fresh random key.
pub(crate) fn random_key() -> Result<Key, EnvelopeError> {
    let mut key = Key::default();
    getrandom::fill(key.as_mut()).map_err(|_| EnvelopeError::Crypto)?;
    Ok(key)
}

/// A fresh random nonce.
pub(crate) fn random_nonce() -> Result<[u8; NONCE], EnvelopeError> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| EnvelopeError::Crypto)?;
    Ok(nonce)
}

/// A fresh secret on the curve. Wiped on drop.
pub(crate) fn random_secret() -> Result<SecretKey, EnvelopeError> {
    // Four of 2³² tries miss the curve's order: a second miss is a broken source.
    for _ in 0..8 {
        if let Ok(secret) = SecretKey::from_slice(random_key()?.as_slice()) {
            return Ok(secret);
        }
    }
    Err(EnvelopeError::Crypto)
}

/// The coordinates of a point.
pub(crate) fn coordinates(key: &PublicKey) -> Option<([u8; COORDINATE], [u8; COORDINATE])> {
    let bytes = key.to_sec1_bytes();
    let (4, point) = bytes.split_first().map(|(form, point)| (*form, point))? else { return None };
    let (x, y) = point.split_at_checked(COORDINATE)?;
    Some((x.try_into().ok()?, y.try_into().ok()?))
}

/// The uncompressed form of a point.
pub(crate) fn sec1(x: &[u8; COORDINATE], y: &[u8; COORDINATE]) -> Vec<u8> {
    [&[4][..], x, y].concat()
}
