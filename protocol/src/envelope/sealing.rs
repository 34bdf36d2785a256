//! The platform's sealing keys: public halves on every kiosk, secret halves only with the platform.
//!
//! A kiosk holds one text file, written at its enrolment:
//!
//! ```text
//! epoch 1
//! key a1b2c3d4e5f60718 04…            key id, uncompressed point, both in hex
//! key 18076f5e4d3c2b1a 04…            every request is sealed to each key: keys overlap while one is replaced
//! ```

use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::EnvelopeError;
use super::suite::{self, Suite};

/// Bytes of a key id.
pub const KEY_ID: usize = 8;

/// Most keys at once: the old one, the new one, and one for an emergency. A guess.
pub const MAX_KEYS: usize = 4;

/// Largest file of sealing keys that is read.
const MAX_FILE: usize = 4096;

/// Which key: the first 8 bytes of the SHA-256 of its uncompressed point.
pub type KeyId = [u8; KEY_ID];

/// A public key that requests are sealed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealingKey {
    pub(crate) id: KeyId,
    pub(crate) point: PublicKey,
}

impl SealingKey {
    fn new(point: PublicKey) -> Self {
        let id = Sha256::digest(point.to_sec1_bytes());
        let id = id.first_chunk().copied().unwrap_or_default();
        Self { id, point }
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }
}

/// What an enrolment gave the kiosk: its epoch and the keys to seal to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealingKeys {
    epoch: u32,
    keys: Vec<SealingKey>,
}

impl SealingKeys {
    /// Keys for an epoch; `None` without keys or with too many.
    pub fn new(epoch: u32, keys: Vec<SealingKey>) -> Option<Self> {
        ((1..=MAX_KEYS).contains(&keys.len()) && epoch > 0).then_some(Self { epoch, keys })
    }

    /// Reads the text of the kiosk's file, as [`Self::text`] writes it.
    ///
    /// # Errors
    /// The number of the first line that is wrong; 0 for the whole text.
    pub fn parse(text: &str) -> Result<Self, usize> {
        if text.len() > MAX_FILE {
            return Err(0);
        }
        let (mut epoch, mut keys) = (None, Vec::new());
        for (at, line) in text.lines().enumerate() {
            let wrong = at + 1;
            match line.split_ascii_whitespace().collect::<Vec<_>>().as_slice() {
                [] => {}
                ["epoch", number] if epoch.is_none() => {
                    epoch = Some(number.parse::<u32>().map_err(|_| wrong)?);
                }
                ["key", id, point] => {
                    let point = hex::decode(point).ok().filter(|point| point.len() == 65).ok_or(wrong)?;
                    let key = SealingKey::new(PublicKey::from_sec1_bytes(&point).map_err(|_| wrong)?);
                    if hex::encode(key.id) != *id || keys.contains(&key) {
                        return Err(wrong);
                    }
                    keys.push(key);
                }
                _ => return Err(wrong),
            }
        }
        Self::new(epoch.ok_or(0usize)?, keys).ok_or(0)
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut text = format!("epoch {}\n", self.epoch);
        for key in &self.keys {
            text += &format!("key {} {}\n", hex::encode(key.id), hex::encode(key.point.to_sec1_bytes()));
        }
        text
    }

    /// How often the kiosk was enrolled with a new signing key.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The keys.
    pub fn keys(&self) -> &[SealingKey] {
        &self.keys
    }
}

/// The secret half of a sealing key: only the platform has one. Wiped on drop.
pub struct OpeningKey {
    id: KeyId,
    secret: SecretKey,
}

impl OpeningKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`EnvelopeError::Crypto`] without random numbers.
    pub fn generate() -> Result<Self, EnvelopeError> {
        Ok(Self::new(suite::random_secret()?))
    }

    /// Reads a key from its 32 bytes; `None` when they are no key.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        Some(Self::new(SecretKey::from_slice(bytes).ok()?))
    }

    fn new(secret: SecretKey) -> Self {
        Self { id: SealingKey::new(secret.public_key()).id, secret }
    }

    /// Its 32 bytes.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let bytes = Zeroizing::new(self.secret.to_bytes());
        Zeroizing::new(bytes.to_vec())
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The public half.
    pub fn public(&self) -> SealingKey {
        SealingKey::new(self.secret.public_key())
    }

    pub(crate) fn unwrap(
        &self,
        wrapped: &suite::Wrapped,
        protected: &[u8],
    ) -> Result<suite::Key, EnvelopeError> {
        Suite::CURRENT.unwrap(wrapped, &self.secret, protected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_back_and_anything_else_is_refused() {
        let keys = vec![OpeningKey::generate().unwrap().public(), OpeningKey::generate().unwrap().public()];
        let keys = SealingKeys::new(3, keys).unwrap();
        let text = keys.text();
        assert_eq!(SealingKeys::parse(&text), Ok(keys));
        let line = text.lines().nth(1).unwrap();
        for (bad, at) in [
            (String::new(), 0),
            ("epoch 1\n".to_owned(), 0),
            (format!("{line}\n"), 0),
            (format!("epoch 0\n{line}\n"), 0),
            (format!("epoch x\n{line}\n"), 1),
            (format!("epoch 1\n{line}\n{line}\n"), 3),
            (format!("epoch 1\n{}\n", line.replace("04", "05")), 2),
            (format!("epoch 1\n{}0\n", line), 2),
            ("epoch 1\nkey 0000000000000000 00\n".to_owned(), 2),
            (text.repeat(40), 0),
        ] {
            assert_eq!(SealingKeys::parse(&bad), Err(at), "{bad}");
        }
    }

    #[test]
    fn a_secret_comes_back_from_its_bytes() {
        let key = OpeningKey::generate().unwrap();
        assert_eq!(OpeningKey::from_bytes(&key.to_bytes()).unwrap().public(), key.public());
        assert!(OpeningKey::from_bytes(&[0; 32]).is_none());
        assert!(OpeningKey::from_bytes(&[1; 31]).is_none());
    }
}
