//! The victim of `cargo xtask faults`: a kiosk's outbox as a program of its own, and a platform that misbehaves.
//!
//! ```text
//! campaign keys  --state K                       make the keys; prints the public signing key, writes K/keys/tls.csr
//! campaign run   --state K --url U --count 20    save and send until all is sent; a line for each promise
//! campaign look  --state K                       what is on this disk, checked; one JSON object
//! campaign drain --state K --url U               send what waits; one JSON object
//! campaign odd   --platform P --how 500          listen as the platform and misbehave; prints the address
//! ```
//!
//! Synthetic requests only.

// The other example uses more of it.
#[allow(dead_code)]
mod odd;

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use jiff::civil::date;
use outbox::forward::{ForwardEvent, PlatformClient, PlatformConfig, forward_once};
use outbox::made_up;
use outbox::{Draft, Journal, Keys, Outbox, QueueState, identity, journal};
use protocol::envelope::Attachment;
use protocol::envelope::{Sealed, attachment_hash};
use serde_json::{Value, json};

const KIOSK: &str = "110101-0007";

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the keys.
    Keys {
        #[arg(long)]
        state: PathBuf,
    },
    /// Save requests and send them.
    Run {
        #[arg(long)]
        state: PathBuf,
        /// Without it nothing is sent.
        #[arg(long)]
        url: Option<String>,
        #[arg(long, default_value_t = 20)]
        count: u32,
        /// The power goes as soon as a request was refused.
        #[arg(long)]
        until_refused: bool,
    },
    /// Look at the store.
    Look {
        #[arg(long)]
        state: PathBuf,
    },
    /// Send what waits.
    Drain {
        #[arg(long)]
        state: PathBuf,
        #[arg(long)]
        url: String,
        /// Longest wait for an answer.
        #[arg(long, default_value_t = 20_000)]
        timeout_ms: u64,
    },
    /// Misbehave.
    Odd {
        #[arg(long)]
        platform: PathBuf,
        #[arg(long)]
        how: odd::How,
        /// Only at so many requests; the others get receipts.
        #[arg(long)]
        only: Option<usize>,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    match Arguments::parse().command {
        Command::Keys { state } => keys(&state),
        Command::Run { state, url, count, until_refused } => {
            run(&state, url.as_deref(), count, until_refused)
        }
        Command::Look { state } => look(&state),
        Command::Drain { state, url, timeout_ms } => drain(&state, &url, Duration::from_millis(timeout_ms)),
        Command::Odd { platform, how, only } => odd::serve(&platform, how, only),
    }
}

fn keys(state: &Path) -> Result<(), Box<dyn Error>> {
    let folder = state.join("keys");
    let keys = Keys::load_or_create(&folder)?;
    let identity = identity::load_or_create_tls_key_and_csr(&folder, KIOSK)?;
    std::fs::write(folder.join("tls.csr"), identity.csr_pem)?;
    say(&keys.public_hex())
}

fn open(state: &Path) -> Result<Outbox, Box<dyn Error>> {
    let keys = Keys::load_or_create(&state.join("keys"))?;
    let sealing = outbox::sealing_keys::load(&state.join("platform/sealing.pub"))?;
    let outbox = Outbox::open_sealing(&state.join("outbox"), KIOSK, keys, sealing)?;
    outbox.attach_journal(Journal::open(&state.join("journal"))?);
    Ok(outbox)
}

fn client(state: &Path, url: &str, timeout: Duration) -> Result<PlatformClient, Box<dyn Error>> {
    let platform = state.join("platform");
    Ok(PlatformClient::new(PlatformConfig {
        url: url.to_owned(),
        ca: platform.join("ca.pem"),
        receipt_key: platform.join("receipt.pub"),
        client_cert: platform.join("client.pem"),
        client_key: state.join("keys").join(identity::KEY_FILE),
        timeout,
    })?)
}

/// A line that has left this process when this returns: a kill must not take it back.
fn say(line: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()?;
    Ok(())
}

fn run(state: &Path, url: Option<&str>, count: u32, until_refused: bool) -> Result<(), Box<dyn Error>> {
    let outbox = open(state)?;
    say("open")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (sender, events) = mpsc::channel();
    if let Some(url) = url {
        let client = client(state, url, Duration::from_secs(20))?;
        let sink = move |event| drop(sender.send(event));
        runtime.spawn(outbox::forward::run(outbox.clone(), client, sink));
    }
    for at in 0..count {
        let (answer, saved) = mpsc::channel();
        outbox.submit(draft(at), date(2026, 11, 21), move |result| drop(answer.send(result)));
        match saved.recv()? {
            Ok(saved) => say(&format!("promised {} {}", saved.seq, hex::encode(saved.id)))?,
            Err(error) => {
                say(&format!("refused {}", error.fault().code()))?;
                if until_refused {
                    std::process::abort();
                }
            }
        }
    }
    if url.is_some() {
        // Each event may be the last one that was waited for.
        while outbox.figures()?.queued > 0 {
            if let Ok(ForwardEvent::Trouble(fault)) = events.recv_timeout(Duration::from_secs(30)) {
                say(&format!("trouble {}", fault.code()))?;
                if fault == faults::Fault::StoreFrozen {
                    break;
                }
            }
        }
    }
    runtime.shutdown_background();
    say("done")
}

fn draft(at: u32) -> Draft {
    let mut draft = made_up::draft();
    // Two of three have files: one below a piece, one of two pieces.
    for (place, length) in [3_000, 700_000].iter().enumerate().take(at as usize % 3) {
        draft.attachments.push(Attachment {
            name: format!("paper-{place}"),
            media_type: "image/jpeg".into(),
            content: vec![at as u8; *length],
        });
    }
    draft
}

fn look(state: &Path) -> Result<(), Box<dyn Error>> {
    let key = Keys::load_or_create(&state.join("keys"))?.verifying_key();
    let outbox = open(state)?;
    let report = outbox.report();
    let (mut whole, mut broken, mut after) = (Vec::new(), Vec::new(), 0);
    while let Some(entry) = outbox.next_unsent(after)? {
        after = entry.number;
        let sound = Sealed::split(&entry.body).and_then(|sealed| sealed.check(&key)).is_ok();
        let files = entry
            .attachments
            .iter()
            .all(|file| std::fs::read(&file.path).is_ok_and(|bytes| attachment_hash(&bytes) == file.hash));
        if sound && files { &mut whole } else { &mut broken }.push(hex::encode(entry.id));
    }
    let rows = outbox.list()?;
    let ids = |state: QueueState| {
        rows.iter().filter(|row| row.state == state).map(|row| row.id.clone()).collect::<Vec<_>>()
    };
    let verified = journal::verify(&state.join("journal"))?;
    say(&json!({
        "damaged": report.damaged, "broken_links": report.broken_links, "repaired": report.repaired,
        "rebuilt": report.rebuilt.as_ref().map(|rebuilt| json!({
            "restored": rebuilt.restored, "missing": rebuilt.missing,
        })),
        "queued": whole, "queued_broken": broken,
        "held": ids(QueueState::Held), "acknowledged": ids(QueueState::Acknowledged),
        "frozen": outbox.is_frozen(),
        "journal": { "records": verified.place.seq, "broken": verified.broken.map(|broken| broken.seq) },
    })
    .to_string())
}

fn drain(state: &Path, url: &str, timeout: Duration) -> Result<(), Box<dyn Error>> {
    let outbox = open(state)?;
    outbox.report();
    let client = client(state, url, timeout)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let begin = Instant::now();
    let (mut sent, mut idle) = (0, 0);
    let summary = loop {
        let summary = runtime.block_on(forward_once(&outbox, &client));
        sent += summary.sent;
        idle = if summary.sent == 0 { idle + 1 } else { 0 };
        if summary.waiting == 0 || idle == 2 {
            break summary;
        }
    };
    let fault: Value = summary.last_fault.map_or(Value::Null, |fault| fault.code().into());
    say(&json!({
        "sent": sent, "waiting": summary.waiting, "last_fault": fault, "frozen": outbox.is_frozen(),
        "ms": begin.elapsed().as_millis() as u64,
    })
    .to_string())
}
