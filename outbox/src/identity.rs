//! The kiosk's TLS identity: a P-256 key made on the device and the request for its certificate.
//!
//! The key never leaves the kiosk: only the request does, and what comes back is a certificate.

use std::path::{Path, PathBuf};

use faults::Fault;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType};
use zeroize::Zeroizing;

use durable::secret_file::{self, SecretFileError};
use protocol::kiosk_id;

/// Name of the TLS key's file in the folder of keys: PKCS #8, PEM.
pub const KEY_FILE: &str = "tls.key";

/// A kiosk's TLS key and the request for its certificate.
pub struct TlsIdentity {
    /// Where the key lies: `[platform] client_key`.
    pub key_path: PathBuf,
    /// PKCS #10, PEM; subject and alternative name are the kiosk's id. Holds no secret.
    pub csr_pem: String,
}

/// Why there is no TLS identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file cannot be used.
    #[error("the TLS key's file cannot be used")]
    File(#[from] SecretFileError),
    /// The file holds no such key.
    #[error("the TLS key's file holds no P-256 key")]
    NotAKey,
    /// The id cannot stand in a certificate.
    #[error("{0:?} cannot be a kiosk's id")]
    KioskId(String),
    /// The request cannot be made.
    #[error("the certificate request cannot be made")]
    Request(#[source] rcgen::Error),
}

impl IdentityError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::File(_) | Self::NotAKey | Self::Request(_) => Fault::KeyUnavailable,
            Self::KioskId(_) => Fault::ConfigInvalid,
        }
    }
}

/// Reads `dir/tls.key`, or makes it (P-256, mode 0600), and makes the request for a certificate of `kiosk`.
///
/// # Errors
/// [`IdentityError`]; an existing key is never replaced.
pub fn load_or_create_tls_key_and_csr(dir: &Path, kiosk: &str) -> Result<TlsIdentity, IdentityError> {
    if !kiosk_id::is_valid(kiosk) {
        return Err(IdentityError::KioskId(kiosk.to_owned()));
    }
    let key_path = dir.join(KEY_FILE);
    let pem = secret_file::load_or_create(&key_path, || {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(IdentityError::Request)?;
        Ok::<_, IdentityError>(Zeroizing::new(pair.serialize_pem().into_bytes()))
    })?;
    let text = std::str::from_utf8(&pem).map_err(|_| IdentityError::NotAKey)?;
    let pair = KeyPair::from_pkcs8_pem_and_sign_algo(text, &rcgen::PKCS_ECDSA_P256_SHA256)
        .map_err(|_| IdentityError::NotAKey)?;

    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, kiosk);
    let name = kiosk.try_into().map_err(IdentityError::Request)?;
    params.subject_alt_names = vec![SanType::DnsName(name)];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let request = params.serialize_request(&pair).map_err(IdentityError::Request)?;
    let csr_pem = request.pem().map_err(IdentityError::Request)?;
    Ok(TlsIdentity { key_path, csr_pem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_names_the_kiosk_and_the_key_stays_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let first = load_or_create_tls_key_and_csr(dir.path(), "110101-0007").unwrap();
        assert!(first.csr_pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
        assert!(!first.csr_pem.contains("PRIVATE"));
        let key = std::fs::read(&first.key_path).unwrap();
        load_or_create_tls_key_and_csr(dir.path(), "110101-0007").unwrap();
        assert_eq!(std::fs::read(&first.key_path).unwrap(), key);
    }

    #[test]
    fn an_impossible_id_makes_no_key() {
        let dir = tempfile::tempdir().unwrap();
        assert!(load_or_create_tls_key_and_csr(dir.path(), "no digits").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
