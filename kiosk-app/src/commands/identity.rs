//! `identity`: what the platform needs to enrol this kiosk.

use std::path::Path;

use durable::Readers;
use outbox::Keys;
use outbox::identity::load_or_create_tls_key_and_csr;
use protocol::journal::{Record, Word};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Failure, Report};
use crate::audit;
use crate::config::{Config, keys_folder};
use crate::store::{self, StoreError};

/// Makes the keys on first use, or a new signing key, and writes the certificate signing request. Only public things
/// leave the kiosk.
pub fn write(config: &Config, out: &Path, new_key: bool) -> Result<Report, Failure> {
    let folder = keys_folder(&config.kiosk.state);
    let keys = if new_key { Keys::renew(&folder).map_err(StoreError::Key) } else { store::keys(config) };
    let keys = keys.map_err(|error| Failure::new(error.fault(), &error))?;
    if new_key {
        note(&config.kiosk.state, &keys);
    }
    let tls = load_or_create_tls_key_and_csr(&folder, &config.kiosk.id)
        .map_err(|error| Failure::new(error.fault(), &error))?;
    let file = out.join("tls.csr");
    std::fs::create_dir_all(out)
        .and_then(|()| durable::write(&file, tls.csr_pem.as_bytes(), Readers::Anybody))
        .map_err(|error| Failure::file(&file, &error))?;
    let signing_key = keys.public_hex();
    let text = format!(
        "kiosk        {}\nsigning key  {signing_key}\nrequest      {}",
        config.kiosk.id,
        file.display()
    );
    Ok(Report::new(json!({"kiosk": config.kiosk.id, "signing_key": signing_key, "csr": file}), text))
}

/// A new key is said in the journal by the hash of its public half.
fn note(state: &Path, keys: &Keys) {
    if let (Some(journal), Some(what)) = (audit::open(state), Word::new("signing-key")) {
        let hash = Sha256::digest(keys.verifying_key().as_bytes()).into();
        audit::write(&journal, &Record::Installed { what, hash });
    }
}
