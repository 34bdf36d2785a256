//! The kiosk's signing key: made on the device, never leaves it.

use std::path::{Path, PathBuf};

use ed25519_dalek::{SigningKey, VerifyingKey};
use faults::Fault;
use zeroize::Zeroizing;

use durable::secret_file::{self, SecretFileError};

/// Name of the seed's file in the folder of keys: 32 raw bytes.
pub const FILE: &str = "sign.key";

/// The Ed25519 key that signs every envelope. Wiped on drop.
pub struct Keys {
    signing: SigningKey,
    source: KeySource,
}

/// Where the seed came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// systemd's credentials: the seed lies on the disk only encrypted, to the machine's TPM if it has one.
    Credential,
    /// A file with mode 0600: whoever takes the disk can sign as this kiosk until it is revoked.
    File,
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
    /// The key is systemd's to change: make a new credential.
    #[error("the signing key is a credential of the service; it cannot be renewed here")]
    Credential,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

impl KeyError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::File(_) | Self::Length(_) | Self::Credential | Self::Random(_) => Fault::KeyUnavailable,
        }
    }
}

impl Keys {
    /// Reads the seed from systemd's credentials (`LoadCredentialEncrypted=sign.key:…`, 32 raw bytes), or else from
    /// `dir/sign.key`, which is made (mode 0600) on the first start, with a warning in the log.
    ///
    /// # Errors
    /// [`KeyError`] when it is readable by others, is no seed, or cannot be made. It is never replaced: a new key means a
    /// new enrolment. A credential that cannot be used is an error too, and the file is not tried.
    pub fn load_or_create(dir: &Path) -> Result<Self, KeyError> {
        Self::load(credential().as_deref(), dir)
    }

    fn load(credential: Option<&Path>, dir: &Path) -> Result<Self, KeyError> {
        let found = credential.map(secret_file::load).transpose()?.flatten();
        let (seed, source) = match found {
            Some(seed) => (seed, KeySource::Credential),
            None => {
                let path = dir.join(FILE);
                tracing::warn!(
                    code = Fault::KeyUnavailable.code(),
                    path = %path.display(),
                    "THE SIGNING KEY LIES IN A PLAIN FILE: give it to the service as a credential (sign.key)"
                );
                let seed = secret_file::load_or_create(&path, || {
                    let mut seed = Zeroizing::new(vec![0u8; 32]);
                    getrandom::fill(&mut seed).map_err(KeyError::Random)?;
                    Ok::<_, KeyError>(seed)
                })?;
                (seed, KeySource::File)
            }
        };
        let length = seed.len();
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| KeyError::Length(length))?;
        Ok(Self { signing: SigningKey::from_bytes(seed), source })
    }

    /// Makes a new key for a new enrolment; the old one stays beside it as `sign.key.1`, `sign.key.2`, …
    ///
    /// Until the kiosk is enrolled with it, the store does not open.
    ///
    /// # Errors
    /// [`KeyError`]; the old key is then still in its place. A key that is a credential is not ours to renew.
    pub fn renew(dir: &Path) -> Result<Self, KeyError> {
        if credential().is_some_and(|path| path.exists()) {
            return Err(KeyError::Credential);
        }
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

    /// Where the seed came from.
    pub fn source(&self) -> KeySource {
        self.source
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.signing.verifying_key()
    }

    /// The public half, 64 hex digits: what enrolment is given.
    pub fn public_hex(&self) -> String {
        hex::encode(self.verifying_key().as_bytes())
    }

    /// The secret half, for what the protocol signs.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }
}

/// The credential's file (systemd.exec(5), "Credentials").
fn credential() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(|dir| PathBuf::from(dir).join(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_comes_before_the_file_and_a_bad_one_is_no_reason_to_take_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let plain = Keys::load(None, dir.path()).unwrap();
        assert_eq!(plain.source(), KeySource::File);
        let path = dir.path().join("credential");
        let absent = Keys::load(Some(&path), dir.path()).unwrap();
        assert_eq!((absent.source(), absent.public_hex()), (KeySource::File, plain.public_hex()));
        std::fs::write(&path, [9; 32]).unwrap();
        let read_only = std::fs::Permissions::from_mode(0o400);
        std::fs::set_permissions(&path, read_only).unwrap();
        let keys = Keys::load(Some(&path), dir.path()).unwrap();
        assert_eq!(keys.source(), KeySource::Credential);
        assert_ne!(keys.public_hex(), plain.public_hex());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(Keys::load(Some(&path), dir.path()), Err(KeyError::File(_))));
    }

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
