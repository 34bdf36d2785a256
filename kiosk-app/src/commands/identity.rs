//! `identity`: what the platform needs to enrol this kiosk.

use std::path::Path;

use outbox::Keys;
use outbox::identity::load_or_create_tls_key_and_csr;
use serde_json::json;

use super::{Failure, Report};
use crate::config::{Config, keys_folder};

/// Makes the keys on first use and writes the certificate signing request. Only public things leave the kiosk.
pub fn write(config: &Config, out: &Path) -> Result<Report, Failure> {
    let folder = keys_folder(&config.kiosk.state);
    let keys = Keys::load_or_create(&folder).map_err(|error| Failure::new(error.fault(), &error))?;
    let tls = load_or_create_tls_key_and_csr(&folder, &config.kiosk.id)
        .map_err(|error| Failure::new(error.fault(), &error))?;
    let file = out.join("tls.csr");
    std::fs::create_dir_all(out)
        .and_then(|()| std::fs::write(&file, tls.csr_pem))
        .map_err(|error| Failure::new(faults::Fault::KeyUnavailable, &error))?;
    let signing_key = keys.public_hex();
    let text = format!(
        "kiosk        {}\nsigning key  {signing_key}\nrequest      {}",
        config.kiosk.id,
        file.display()
    );
    Ok(Report::new(json!({"kiosk": config.kiosk.id, "signing_key": signing_key, "csr": file}), text))
}
