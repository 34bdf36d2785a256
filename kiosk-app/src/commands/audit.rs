//! `audit verify`: both chains, of the requests and of the journal.

use faults::Fault;
use outbox::journal;
use serde_json::json;

use super::{Failure, Report};
use crate::audit::folder;
use crate::config::Config;
use crate::store;

/// Follows both chains from their beginnings. Changes nothing but what a start would put right too.
pub fn verify(config: &Config) -> Result<Report, Failure> {
    let state = &config.kiosk.state;
    // First, as it lies there: opening the store opens the journal, which cuts an unfinished record off its end.
    let verified =
        journal::verify(&folder(state)).map_err(|error| Failure::new(Fault::JournalDamaged, &error))?;
    if let Some(broken) = verified.broken {
        let (seq, file, at) = (broken.seq, broken.file.display(), broken.at);
        let text = format!("journal: record {seq} does not match, at byte {at} of {file}");
        return Err(Failure::plain(Fault::JournalDamaged, text));
    }
    let outbox = store::open_for_staff(config).map_err(|error| Failure::new(error.fault(), &error))?;
    let report = outbox.report();
    if !report.is_intact() {
        let missing = report.rebuilt.iter().flat_map(|rebuilt| &rebuilt.missing);
        let mut wrong: Vec<u64> =
            report.damaged.iter().chain(&report.broken_links).chain(missing).copied().collect();
        wrong.sort_unstable();
        wrong.dedup();
        let wrong: Vec<String> = wrong.iter().map(u64::to_string).collect();
        let text = format!("requests: these sequences do not match: {}", wrong.join(", "));
        return Err(Failure::plain(Fault::StoreDamaged, text));
    }
    let requests = outbox.list().map_err(|error| Failure::new(error.fault(), &error))?.len();
    let records = verified.place.seq;
    let json = json!({
        "valid": true,
        "journal": {"records": records, "head": hex::encode(verified.place.hash)},
        "requests": {"count": requests, "repaired": report.repaired},
    });
    Ok(Report::new(json, format!("both chains hold: {records} records, {requests} requests")))
}
