//! `check`, `catalogue check`.

use std::fmt::Write;
use std::path::Path;

use jiff::Zoned;
use serde_json::json;

use super::{Failure, Report};
use crate::config::Config;
use crate::{catalogue, devices};

/// One look at every device: its state in XFS4IoT's words, with the raw error beside it.
pub fn devices(config: &Config) -> Report {
    let mut text = String::new();
    let mut list = Vec::new();
    for (name, health) in devices::probe(config) {
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
    Report::new(json!({"devices": list}), text)
}

/// Loads the catalogue and names its matters.
pub fn catalogue(folder: Option<&Path>, region: Option<&str>) -> Result<Report, Failure> {
    let catalogue = catalogue::load(folder, region).map_err(|error| Failure::new(error.fault(), &error))?;
    let matters: Vec<&str> = catalogue.on(Zoned::now().date()).map(|m| m.id.as_str()).collect();
    let text = format!("no mistakes; in effect today: {}", matters.join(", "));
    Ok(Report::new(json!({"valid": true, "matters": matters}), text))
}
