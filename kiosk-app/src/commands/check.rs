//! `check`, `catalogue check`.

use std::fmt::Write;

use jiff::Zoned;
use matters::Catalogue;
use outbox::KeySource;
use serde_json::json;

use super::{Failure, Report};
use crate::catalogue::{CatalogueError, Found, Origin};
use crate::config::Config;
use crate::{devices, store};

/// One look at the signing key and at every device: its state in XFS4IoT's words, with the raw error beside it.
pub fn devices(config: &Config) -> Report {
    let key = signing_key(config);
    let mut text = format!("{:<16} {}\n", "signing_key", key.unwrap_or("none here"));
    let mut list = Vec::new();
    for (device, health) in devices::probe(config) {
        let name = device.name();
        let status = health.status.as_str();
        let code = health.fault.map(faults::Fault::code);
        let model = health.model.as_deref().unwrap_or("–");
        let _ = writeln!(text, "{name:<16} {status:<14} {model} {}", code.unwrap_or_default());
        if let Some(raw) = &health.raw {
            let _ = writeln!(text, "{:<16} {raw}", "");
        }
        let last_fault = code.map(|code| json!({"code": code, "raw": health.raw}));
        list.push(json!({"name": name, "status": status, "model": health.model, "last_fault": last_fault}));
    }
    Report::new(json!({"devices": list, "signing_key": key}), text)
}

/// Where the signing key lies, or why it cannot be used. One that was not made yet is not made by looking.
fn signing_key(config: &Config) -> Option<&'static str> {
    match store::found_keys(config) {
        Ok(keys) => keys.map(|keys| match keys.source() {
            KeySource::Credential => "credential",
            KeySource::File => "file",
        }),
        Err(error) => Some(error.fault().code()),
    }
}

/// Reads the catalogue, alone and with each of its regions over it, and names its matters.
pub fn catalogue(origin: &Origin) -> Result<Report, Failure> {
    let Found { files, number } = origin.find().map_err(|error| Failure::catalogue(&error))?;
    let catalogue = Catalogue::parse_for_all_regions(files.iter())
        .map_err(|mistakes| Failure::catalogue(&CatalogueError::Invalid(mistakes)))?;
    let matters: Vec<_> = catalogue.on(Zoned::now().date()).map(|m| m.id.as_str()).collect();
    let regions = matters::regions(files.iter());
    let text = format!("no mistakes; in effect today: {}", matters.join(", "));
    let json = json!({"valid": true, "matters": matters, "regions": regions, "number": number});
    Ok(Report::new(json, text))
}
