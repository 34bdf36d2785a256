//! `queue list`, `forward --once`.

use std::fmt::Write;

use faults::Fault;
use outbox::{Keys, Outbox};
use serde_json::json;

use super::{Failure, Report};
use crate::config::{Config, keys_folder};
use crate::forwarder;

fn open(config: &Config) -> Result<Outbox, Failure> {
    let keys = Keys::load_or_create(&keys_folder(&config.kiosk.state))
        .map_err(|error| Failure::new(error.fault(), &error))?;
    Outbox::open(&config.kiosk.state.join("outbox"), &config.kiosk.id, keys)
        .map_err(|error| Failure::new(error.fault(), &error))
}

/// The requests on this kiosk, oldest first.
pub fn list(config: &Config) -> Result<Report, Failure> {
    let rows = open(config)?.list().map_err(|error| Failure::new(error.fault(), &error))?;
    let mut text = String::new();
    let mut requests = Vec::new();
    for row in rows {
        let (state, error) = (row.state.word(), row.last_code.as_deref().unwrap_or_default());
        let _ = writeln!(
            text,
            "{:>6} {} {state:<12} {:>3} tries {error}",
            row.seq, row.case_number, row.attempts
        );
        requests.push(json!({
            "id": row.id,
            "seq": row.seq,
            "case_number": row.case_number,
            "state": state,
            "created": row.created,
            "attempts": row.attempts,
            "last_error": row.last_code,
            "last_problem": row.last_problem,
            "acceptance_number": row.acceptance_number,
        }));
    }
    Ok(Report::new(json!({"requests": requests}), text))
}

/// Tries each waiting request once.
pub fn forward_once(config: &Config) -> Result<Report, Failure> {
    let platform = config.platform.as_ref().ok_or_else(|| Failure::absent("platform"))?;
    let outbox = open(config)?;
    let prepared = forwarder::client(platform).and_then(|client| Ok((client, forwarder::runtime()?)));
    let (client, runtime) = prepared.map_err(|error| Failure::new(error.fault(), &error))?;
    let summary = runtime.block_on(outbox::forward::forward_once(&outbox, &client));
    let code = summary.last_fault.map(Fault::code);
    let text = format!("{} sent, {} waiting {}", summary.sent, summary.waiting, code.unwrap_or_default());
    Ok(Report::new(json!({"sent": summary.sent, "waiting": summary.waiting, "last_fault": code}), text))
}
