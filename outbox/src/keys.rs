//! The kiosk's signing key: made on the device, never leaves it.

use std::path::Path;

use ed25519_dalek::{SigningKey, VerifyingKey};
use faults::Fault;
use zeroize::Zeroizing;

use crate::secret_file::{self, SecretFileError};

/// Name of the seed's file in the folder of keys: 32 raw bytes.
pub const FILE: &str = "sign.key";

/// The Ed25519 key that signs every envelope. Wiped on drop.
pub struct Keys {
    signing: SigningKey,
}

/// Why the signing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be used.
    #[error("the signing key's file cannot be used")]
    File(#[from] SecretFileError),
    /// The file has another length than a seed.
    #[error("the signing key's file has {0} bytes instead of 32")]
    Length(usize),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

impl KeyError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::File(_) | Self::Length(_) | Self::Random(_) => Fault::KeyUnavailable,
        }
    }
}

impl Keys {
    /// Reads `dir/sign.key`, or makes it (mode 0600) on the first start.
    ///
    /// # Errors
    /// [`KeyError`] when the file is readable by others, is no seed, or cannot be made. It is never replaced: a new
    /// key means a new enrolment.
    pub fn load_or_create(dir: &Path) -> Result<Self, KeyError> {
        let seed = secret_file::load_or_create(&dir.join(FILE), || {
            let mut seed = Zeroizing::new(vec![0u8; 32]);
            getrandom::fill(&mut seed).map_err(KeyError::Random)?;
            Ok::<_, KeyError>(seed)
        })?;
        let length = seed.len();
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| KeyError::Length(length))?;
        Ok(Self { signing: SigningKey::from_bytes(seed) })
    }

    /// Makes a new key for a new enrolment; the old one stays beside it as `sign.key.1`, `sign.key.2`, …
    ///
    /// Until the kiosk is enrolled with it, the store does not open.
    ///
    /// # Errors
    /// [`KeyError`]; the old key is then still in its place.
    pub fn renew(dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join(FILE);
        let failed = |source| KeyError::File(SecretFileError::Io { path: path.clone(), source });
        let mut place = 1u32;
        while dir.join(format!("{FILE}.{place}")).exists() {
            place += 1;
        }
        match std::fs::rename(&path, dir.join(format!("{FILE}.{place}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        Self::load_or_create(dir)
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.signing.verifying_key()
    }

    /// The public half, 64 hex digits: what enrolment is given.
    pub fn public_hex(&self) -> String {
        hex::encode(self.verifying_key().as_bytes())
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load_or_create(dir.path()).unwrap().public_hex();
        assert_eq!(Keys::load_or_create(dir.path()).unwrap().public_hex(), first);
        assert_eq!(first.len(), 64);
    }

    #[test]
    fn a_short_file_is_no_key_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        secret_file::load_or_create(&dir.path().join(FILE), || {
            Ok::<_, SecretFileError>(Zeroizing::new(vec![1; 31]))
        })
        .unwrap();
        let error = Keys::load_or_create(dir.path()).err().unwrap();
        assert!(matches!(error, KeyError::Length(31)));
        assert_eq!(error.fault(), Fault::KeyUnavailable);
        assert_eq!(std::fs::read(dir.path().join(FILE)).unwrap(), vec![1; 31]);
    }
}
