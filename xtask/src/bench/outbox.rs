//! The outbox: what it costs to make a request durable and to send it, beside the least that this machine can do.
//!
//! `outbox/examples/store_cost.rs` measures ours and the floors in turns, in one process; here are the budgets.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use hall::{Folder, Hall};
use serde_json::Value;

use super::table::Table;
use crate::process::{self, Interrupt};
use crate::stage::{self, Build};

/// One client against a thread that only writes the same bytes and waits for the disk (ours).
const ONE_CLIENT: f64 = 0.9;
/// Sixteen clients against the same thread (ours: commits are shared).
const SIXTEEN_CLIENTS: f64 = 2.0;
/// Sign, seal, sign (ours).
const SEAL_MS: f64 = 0.5;
/// The same for two recipients (ours).
const SEAL_TWO_MS: f64 = 0.8;
/// A file of 1 MB against writing, syncing, naming, ciphering and hashing it (ours).
const ATTACHMENT: f64 = 1.2;
/// Requests that wait (ours: days without a platform in a busy hall).
const QUEUED: &str = "100000";
/// Start → the first request is durable, with that queue (ours).
const SERVING_MS: f64 = 1000.0;
/// Enqueueing into that queue against an empty one (ours).
const ENQUEUE: f64 = 1.1;
/// Memory with that queue (ours).
const MEMORY_MB: f64 = 64.0;
/// Requests a second to the platform and back, with receipts (ours).
const DRAIN: f64 = 1000.0;
/// How many are drained.
const DRAINED: &str = "5000";
/// What others use for a queue on disk.
const PERSIST_QUEUE: &str = "persist-queue==1.1.0";
const PYTHON: &str = r#"
import os, sys, tempfile, time, persistqueue
with tempfile.TemporaryDirectory(dir=sys.argv[1]) as folder:
    queue = persistqueue.SQLiteQueue(folder, auto_commit=True)
    entry, rates = os.urandom(2057), []
    for _ in range(5):
        begin = time.perf_counter()
        for _ in range(100):
            queue.put(entry)
        rates.append(100 / (time.perf_counter() - begin))
    print(sorted(rates)[2])
"#;

/// Measures all of it into the table.
///
/// # Errors
/// When something cannot be measured.
pub fn measure(table: &mut Table, interrupt: &Interrupt) -> Result<()> {
    build(interrupt)?;
    // On the disk of the checkout: a folder for temporary files may lie in memory.
    let target = crate::root().join("target");
    let folder = tempfile::tempdir_in(&target).context("cannot make a folder")?;
    let folder = folder.path();

    let seal = ours(&["seal"], None)?;
    table.at_most("sign, seal, sign, one recipient", "ms", number(&seal, "one_recipient_ms")?, None, SEAL_MS);
    table.at_most(
        "sign, seal, sign, two recipients",
        "ms",
        number(&seal, "two_recipients_ms")?,
        None,
        SEAL_TWO_MS,
    );

    let durable = ours(&["durable", "--dir"], Some(&folder.join("durable")))?;
    let floor = number(&durable, "floor_rate")?;
    // The floor's bytes are sealed already. Ours have their content key; the rest of sealing, done by the writer, is taken off.
    table.at_least(
        "sealed request → durable, one client",
        "/s",
        number(&durable, "one_client_rate")?,
        floor,
        ONE_CLIENT,
    );
    table.at_least(
        "sealed request → durable, sixteen clients",
        "/s",
        number(&durable, "sixteen_clients_rate")?,
        floor,
        SIXTEEN_CLIENTS,
    );
    table.note("one client, sealing included", "/s", number(&durable, "sealing_included_rate")?);
    table.note("beside it: a bare insert into SQLite", "/s", number(&durable, "bare_sqlite_rate")?);
    match persist_queue(&target, folder) {
        Ok(rate) => table.note("beside it: python persist-queue", "/s", rate),
        Err(error) => eprintln!("  persist-queue is not measured: {error:#}"),
    }

    let file = ours(&["attachment", "--dir"], Some(&folder.join("file")))?;
    table.ratio(
        "a file of 1 MB, sealed and durable",
        "ms",
        number(&file, "file_ms")?,
        number(&file, "floor_ms")?,
        ATTACHMENT,
    );

    let full = folder.join("full");
    ours(&["fill", "--count", QUEUED, "--dir"], Some(&full))?;
    let reopened = ours(&["reopen", "--dir"], Some(&full))?;
    table.at_most(
        "start → first request, 100,000 queued",
        "ms",
        number(&reopened, "serving_ms")?,
        None,
        SERVING_MS,
    );
    let (into_full, into_empty) =
        (number(&reopened, "enqueue_full_ms")?, number(&reopened, "enqueue_empty_ms")?);
    table.ratio("request → durable, 100,000 queued", "ms", into_full, into_empty, ENQUEUE);
    table.at_most("peak memory, 100,000 queued", "MB", number(&reopened, "peak_mb")?, None, MEMORY_MB);
    table.note("its check behind the start", "ms", number(&reopened, "checked_ms")?);

    let drained = drain(folder, interrupt)?;
    table.at_least("requests to the platform and back", "/s", number(&drained, "rate")?, DRAIN, 1.0);
    Ok(())
}

fn build(interrupt: &Interrupt) -> Result<()> {
    let mut cargo = stage::cargo();
    cargo
        .args(["build", "--release", "--example=store_cost", "--bin=kiosk-platform"])
        .stdout(std::io::stderr());
    let status = process::run_to_end(&mut cargo, interrupt)?;
    if !status.success() {
        bail!("cargo build failed ({status})");
    }
    Ok(())
}

fn ours(arguments: &[&str], folder: Option<&Path>) -> Result<Value> {
    let mut command = Command::new(Build::Release.binary("examples/store_cost"));
    command.args(arguments).args(folder).env("RUST_LOG", "off");
    let text = process::output_of(&mut command)?;
    serde_json::from_str(text.trim()).with_context(|| format!("no answer in {text:?}"))
}

fn number(answer: &Value, name: &str) -> Result<f64> {
    answer.get(name).and_then(Value::as_f64).with_context(|| format!("{name} is missing in {answer}"))
}

/// A platform of its own, a kiosk enrolled with it, and a queue that runs empty.
fn drain(folder: &Path, interrupt: &Interrupt) -> Result<Value> {
    let mut hall = Hall::of_strangers(Folder::make(Some(&folder.join("hall")))?, &Build::Release.folder())?;
    let state = hall.folder.kiosk();
    hall.enrol_as(&ours(&["keys", "--state"], Some(&state))?, &["enrol"])?;
    hall.switch_platform_on(interrupt)?;
    ours(&["drain", "--url", hall.url(), "--count", DRAINED, "--state"], Some(&state))
}

fn persist_queue(target: &Path, folder: &Path) -> Result<f64> {
    let venv = target.join("bench-venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        process::output_of(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    process::output_of(Command::new(&python).args(["-m", "pip", "install", "--quiet", PERSIST_QUEUE]))?;
    let rate = process::output_of(Command::new(&python).args(["-c", PYTHON]).arg(folder))?;
    rate.trim().parse().with_context(|| format!("persist-queue says {rate:?}"))
}
