//! `queue list`, `queue show`, `queue retry`, `forward --once`. No personal data: nobody here could read it.

use std::fmt::Write;

use faults::Fault;
use outbox::forward::{PlatformClient, send_one};
use outbox::{Outbox, QueueError, QueueRow, QueueState, RequestDetail};
use protocol::envelope::RequestId;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{Failure, Report};
use crate::config::{self, Config};
use crate::{platform, store};

fn open(config: &Config) -> Result<Outbox, Failure> {
    store::open_for_staff(config).map_err(|error| Failure::new(error.fault(), &error))
}

/// The requests on this kiosk, oldest first.
pub fn list(config: &Config) -> Result<Report, Failure> {
    let rows = open(config)?.list().map_err(|error| Failure::new(error.fault(), &error))?;
    let mut text = String::new();
    for row in &rows {
        let (state, error) = (row.state.word(), row.last_code.as_deref().unwrap_or_default());
        let _ = writeln!(
            text,
            "{:>6} {} {state:<12} {:>3} tries {error}",
            row.seq, row.case_number, row.attempts
        );
    }
    Ok(Report::new(json!({"requests": rows.iter().map(fields).collect::<Vec<_>>()}), text))
}

/// One request, as close as anybody here can look.
pub fn show(config: &Config, id: &str) -> Result<Report, Failure> {
    let detail = find(&open(config)?, id)?;
    let mut json = fields(&detail.row);
    if let Value::Object(fields) = &mut json {
        let file = |(hash, bytes): &(String, u64)| json!({"hash": hash, "bytes": bytes});
        fields.insert("prev".to_owned(), json!(detail.prev));
        fields.insert("sealed_bytes".to_owned(), json!(detail.bytes));
        fields.insert("files".to_owned(), json!(detail.files.iter().map(file).collect::<Vec<_>>()));
    }
    Ok(Report::lines(json))
}

/// Sends one request now. Without a platform in the configuration, or when it does not take it, it waits in the queue.
pub fn retry(config: &Config, id: &str) -> Result<Report, Failure> {
    let outbox = open(config)?;
    let row = find(&outbox, id)?.row;
    if row.state == QueueState::Acknowledged {
        let text = format!("{} is with the platform already", row.case_number);
        return Err(Failure::plain(Fault::RequestUnknown, text));
    }
    let name = request_id(&row)?;
    let queue_failed = |error: QueueError| Failure::new(error.fault(), &error);
    let fault = match &config.platform {
        Some(table) => {
            let (client, runtime) = line(table)?;
            runtime.block_on(send_one(&outbox, &client, name)).map_err(queue_failed)?.last_fault
        }
        None => {
            outbox.release(name).map_err(queue_failed)?;
            None
        }
    };
    let row = find(&outbox, &row.id)?.row;
    let (state, code) = (row.state.word(), fault.map(Fault::code));
    let text = format!("{} {state} {}", row.case_number, code.unwrap_or_default());
    Ok(Report::new(
        json!({"id": row.id, "case_number": row.case_number, "state": state, "last_fault": code}),
        text,
    ))
}

/// Tries each waiting request once.
pub fn forward_once(config: &Config) -> Result<Report, Failure> {
    let table = config.platform.as_ref().ok_or_else(|| Failure::absent("platform"))?;
    let outbox = open(config)?;
    let (client, runtime) = line(table)?;
    let summary = runtime.block_on(outbox::forward::forward_once(&outbox, &client));
    let code = summary.last_fault.map(Fault::code);
    let text = format!("{} sent, {} waiting {}", summary.sent, summary.waiting, code.unwrap_or_default());
    Ok(Report::new(json!({"sent": summary.sent, "waiting": summary.waiting, "last_fault": code}), text))
}

/// The way to the platform.
pub(super) fn line(table: &config::Platform) -> Result<(PlatformClient, Runtime), Failure> {
    platform::client(table)
        .and_then(|client| Ok((client, platform::runtime()?)))
        .map_err(|error| Failure::new(error.fault(), &error))
}

/// The request that is meant.
fn find(outbox: &Outbox, wanted: &str) -> Result<RequestDetail, Failure> {
    let found = outbox.request(wanted).map_err(|error| Failure::new(error.fault(), &error))?;
    found
        .ok_or_else(|| Failure::plain(Fault::RequestUnknown, format!("this kiosk has no request {wanted:?}")))
}

fn request_id(row: &QueueRow) -> Result<RequestId, Failure> {
    let bytes = hex::decode(&row.id).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Failure::plain(Fault::StoreDamaged, "the request's id is none"))
}

fn fields(row: &QueueRow) -> Value {
    json!({
        "id": row.id,
        "epoch": row.epoch,
        "seq": row.seq,
        "case_number": row.case_number,
        "state": row.state.word(),
        "created": row.created,
        "attempts": row.attempts,
        "last_error": row.last_code,
        "last_problem": row.last_problem,
        "acceptance_number": row.acceptance_number,
        "attempted": row.attempted,
        "changed": row.changed,
        "acknowledged": row.acknowledged,
        "erased": row.erased,
    })
}
