//! What the outbox costs, beside the least that this machine can do at the same moment: for `cargo xtask bench`.
//!
//! Each command prints one JSON object. Times are in milliseconds, rates in requests a second; ours and floors are
//! measured in turns, and medians of the turns are given.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use clap::{Parser, Subcommand};
use ed25519_dalek::SigningKey;
use jiff::civil::date;
use outbox::forward::{PlatformClient, PlatformConfig, forward_once};
use outbox::{Draft, Keys, Outbox, identity};
use protocol::envelope::{self, ContentKey, OpeningKey};
use protocol::envelope::{Attachment, SealingKeys};
use serde_json::json;
use sha2::{Digest, Sha256};

use outbox::made_up;
use protocol::made_up::manifest;

const KIOSK: &str = "110101-0007";
const MEGABYTE: usize = 1024 * 1024;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sign, seal, sign.
    Seal,
    /// Requests made durable, by one client and by sixteen.
    Durable {
        #[arg(long)]
        dir: PathBuf,
    },
    /// A file of one megabyte.
    Attachment {
        #[arg(long)]
        dir: PathBuf,
    },
    /// Queues requests.
    Fill {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        count: usize,
    },
    /// Opens a full queue and serves.
    Reopen {
        #[arg(long)]
        dir: PathBuf,
    },
    /// Makes a kiosk's keys for a platform.
    Keys {
        #[arg(long)]
        state: PathBuf,
    },
    /// Queues requests, then sends them all.
    Drain {
        #[arg(long)]
        state: PathBuf,
        #[arg(long)]
        url: String,
        #[arg(long)]
        count: usize,
    },
}

type Outcome = Result<serde_json::Value, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    let answer = match Arguments::parse().command {
        Command::Seal => seal(),
        Command::Durable { dir } => durable(&dir),
        Command::Attachment { dir } => attachment(&dir),
        Command::Fill { dir, count } => fill(&open(&dir)?, count),
        Command::Reopen { dir } => reopen(&dir),
        Command::Keys { state } => keys(&state),
        Command::Drain { state, url, count } => drain(&state, &url, count),
    }?;
    println!("{answer}");
    Ok(())
}

fn sealing(recipients: u8) -> Result<SealingKeys, Box<dyn Error>> {
    let keys = (1..=recipients).filter_map(|byte| OpeningKey::from_bytes(&[byte; 32]));
    SealingKeys::new(1, keys.map(|key| key.public()).collect()).ok_or_else(|| "no sealing keys".into())
}

fn open(dir: &Path) -> Result<Outbox, Box<dyn Error>> {
    let keys = Keys::load_or_create(&dir.join("keys"))?;
    Ok(Outbox::open_sealing(&dir.join("outbox"), KIOSK, keys, sealing(1)?)?)
}

fn draft(file: Option<Vec<u8>>) -> Draft {
    let attachment = |content| Attachment { name: "paper".into(), media_type: "image/jpeg".into(), content };
    let mut draft = made_up::draft();
    draft.attachments.extend(file.map(attachment));
    draft
}

fn save(outbox: &Outbox, draft: Draft) -> Result<(), Box<dyn Error>> {
    let (answer, saved) = mpsc::channel();
    outbox.submit(draft, date(2026, 11, 21), move |result| drop(answer.send(result)));
    saved.recv()??;
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::INFINITY)
}

fn milliseconds(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1000.0
}

/// Saves a request that is as good as sealed: its content key was made before.
fn save_under(outbox: &Outbox, key: ContentKey, draft: Draft) -> Result<(), Box<dyn Error>> {
    let (answer, saved) = mpsc::channel();
    outbox.submit_under(key, draft, date(2026, 11, 21), move |result| drop(answer.send(result)));
    saved.recv()??;
    Ok(())
}

fn ahead(outbox: &Outbox, count: usize) -> Result<Vec<(ContentKey, Draft)>, Box<dyn Error>> {
    (0..count).map(|_| Ok((outbox.content_key()?, draft(None)))).collect()
}

fn sealed_ms(recipients: u8) -> Result<f64, Box<dyn Error>> {
    let (key, keys) = (SigningKey::from_bytes(&[7; 32]), sealing(recipients)?);
    let mut times = Vec::new();
    for _ in 0..400 {
        let mut manifest = manifest();
        let begin = Instant::now();
        let sealed = envelope::seal(&mut manifest, &key, &keys)?;
        times.push(milliseconds(begin));
        std::hint::black_box(sealed.id);
    }
    Ok(median(times))
}

/// What is left of sealing when the content key was made ahead: two signatures and a cipher, on the writer's thread.
fn sealing_left_ms(outbox: &Outbox) -> Result<f64, Box<dyn Error>> {
    let key = SigningKey::from_bytes(&[7; 32]);
    let mut times = Vec::new();
    for _ in 0..50 {
        let (mut manifest, content_key) = (manifest(), outbox.content_key()?);
        let begin = Instant::now();
        let sealed = envelope::seal_with(&mut manifest, &key, content_key)?;
        times.push(milliseconds(begin));
        std::hint::black_box(sealed.id);
    }
    Ok(median(times))
}

fn seal() -> Outcome {
    Ok(json!({ "one_recipient_ms": sealed_ms(1)?, "two_recipients_ms": sealed_ms(2)? }))
}

/// A thread that does nothing but write the bytes and wait for the disk, behind the same kind of channel.
struct Floor {
    sender: Option<mpsc::Sender<(Vec<u8>, mpsc::Sender<()>)>>,
    thread: Option<std::thread::JoinHandle<std::io::Result<()>>>,
}

impl Floor {
    fn start(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        // Written once, so that no sync has to find room: what SQLite's log does too.
        let room = 4 * MEGABYTE as u64;
        file.write_all_at(&vec![1; room as usize], 0)?;
        file.sync_all()?;
        let (sender, jobs) = mpsc::channel::<(Vec<u8>, mpsc::Sender<()>)>();
        let thread = std::thread::spawn(move || {
            let mut at = 0;
            while let Ok((bytes, answer)) = jobs.recv() {
                if at + bytes.len() as u64 > room {
                    at = 0;
                }
                file.write_all_at(&bytes, at)?;
                at += bytes.len() as u64;
                file.sync_data()?;
                let _ = answer.send(());
            }
            Ok(())
        });
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    fn put(&self, bytes: Vec<u8>) -> Result<(), Box<dyn Error>> {
        let (answer, done) = mpsc::channel();
        self.sender.as_ref().ok_or("ended")?.send((bytes, answer)).map_err(|_| "ended")?;
        Ok(done.recv()?)
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn durable(dir: &Path) -> Outcome {
    const EACH: usize = 200;
    std::fs::create_dir_all(dir)?;
    let outbox = open(dir)?;
    outbox.report();
    save(&outbox, draft(None))?;
    let entry = outbox.next_unsent(0)?.ok_or("nothing was saved")?.body;
    let floor = Floor::start(&dir.join("floor"))?;
    let bare = rusqlite::Connection::open(dir.join("bare.sqlite"))?;
    bare.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE q (b BLOB NOT NULL)",
    )?;
    let rate = |begin: Instant, count: usize| count as f64 / begin.elapsed().as_secs_f64();
    let (mut floors, mut bares, mut ones, mut sixteens, mut whole) = (vec![], vec![], vec![], vec![], vec![]);
    let mut lefts = vec![];
    for _ in 0..9 {
        let left_ms = sealing_left_ms(&outbox)?;
        lefts.push(left_ms);
        let stored = |begin: Instant, count: usize| {
            count as f64 / (begin.elapsed().as_secs_f64() - count as f64 * left_ms / 1000.0)
        };
        let begin = Instant::now();
        for _ in 0..EACH {
            floor.put(entry.clone())?;
        }
        floors.push(rate(begin, EACH));
        let requests = ahead(&outbox, EACH)?;
        let begin = Instant::now();
        for (key, draft) in requests {
            save_under(&outbox, key, draft)?;
        }
        ones.push(stored(begin, EACH));
        let begin = Instant::now();
        for _ in 0..EACH {
            save(&outbox, draft(None))?;
        }
        whole.push(rate(begin, EACH));
        let begin = Instant::now();
        for _ in 0..EACH {
            bare.execute("INSERT INTO q (b) VALUES (?1)", [&entry])?;
        }
        bares.push(rate(begin, EACH));
        let requests: Vec<_> = (0..16).map(|_| ahead(&outbox, EACH / 4)).collect::<Result<_, _>>()?;
        let begin = Instant::now();
        std::thread::scope(|scope| {
            let save_all = |requests: Vec<(ContentKey, Draft)>| {
                requests.into_iter().try_for_each(|(key, draft)| {
                    save_under(&outbox, key, draft).map_err(|error| error.to_string())
                })
            };
            let clients: Vec<_> =
                requests.into_iter().map(|mine| scope.spawn(move || save_all(mine))).collect();
            clients.into_iter().try_for_each(|client| client.join().unwrap_or_else(|_| Err("died".into())))
        })?;
        sixteens.push(stored(begin, 4 * EACH));
    }
    Ok(json!({
        "entry_bytes": entry.len(), "floor_rate": median(floors), "one_client_rate": median(ones),
        "sixteen_clients_rate": median(sixteens), "sealing_included_rate": median(whole),
        "bare_sqlite_rate": median(bares), "sealing_left_ms": median(lefts),
    }))
}

fn attachment(dir: &Path) -> Outcome {
    std::fs::create_dir_all(dir)?;
    let outbox = open(dir)?;
    outbox.report();
    let content: Vec<u8> = (0..MEGABYTE).map(|at| (at * 31 % 251) as u8).collect();
    let (mut with, mut without, mut floors) = (vec![], vec![], vec![]);
    for _ in 0..31 {
        let (one, other) = (draft(Some(content.clone())), draft(None));
        let begin = Instant::now();
        save(&outbox, one)?;
        with.push(milliseconds(begin));
        let begin = Instant::now();
        save(&outbox, other)?;
        without.push(milliseconds(begin));
        let mut bytes = content.clone();
        bytes.reserve(16);
        let begin = Instant::now();
        Aes256Gcm::new(&[7; 32].into())
            .encrypt_in_place(&[1; 12].into(), b"", &mut bytes)
            .map_err(|_| "cipher")?;
        std::hint::black_box(Sha256::digest(&bytes));
        let (part, path) = (dir.join("file.part"), dir.join("file"));
        let mut file = File::create(&part)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, &path)?;
        File::open(dir)?.sync_all()?;
        floors.push(milliseconds(begin));
    }
    let (with, without) = (median(with), median(without));
    Ok(
        json!({ "with_ms": with, "without_ms": without, "file_ms": with - without, "floor_ms": median(floors) }),
    )
}

fn fill(outbox: &Outbox, count: usize) -> Outcome {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..32)
            .map(|client| {
                let mine = count / 32 + usize::from(client < count % 32);
                scope.spawn(move || {
                    (0..mine).try_for_each(|_| save(outbox, draft(None)).map_err(|e| e.to_string()))
                })
            })
            .collect();
        clients.into_iter().try_for_each(|client| client.join().unwrap_or_else(|_| Err("died".into())))
    })?;
    Ok(json!({ "queued": outbox.waiting()?, "rate": count as f64 / begin.elapsed().as_secs_f64() }))
}

/// Kilobytes from /proc/self/status, in MB.
fn memory_mb(field: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

fn reopen(dir: &Path) -> Outcome {
    let begin = Instant::now();
    let full = open(dir)?;
    save(&full, draft(None))?;
    let serving = milliseconds(begin);
    let report = full.report();
    let checked = milliseconds(begin);
    let peak_start = memory_mb("VmHWM");
    let empty_dir = dir.join("empty");
    let empty = open(&empty_dir)?;
    empty.report();
    let (mut fulls, mut empties) = (vec![], vec![]);
    for _ in 0..300 {
        let begin = Instant::now();
        save(&full, draft(None))?;
        fulls.push(milliseconds(begin));
        let begin = Instant::now();
        save(&empty, draft(None))?;
        empties.push(milliseconds(begin));
    }
    Ok(json!({
        "queued": full.waiting()?, "serving_ms": serving, "checked_ms": checked, "intact": report.is_intact(),
        "repaired": report.repaired.len(), "enqueue_full_ms": median(fulls), "enqueue_empty_ms": median(empties),
        "resident_mb": memory_mb("VmRSS"), "peak_mb": memory_mb("VmHWM"), "peak_after_check_mb": peak_start,
    }))
}

fn keys(state: &Path) -> Outcome {
    let folder = state.join("keys");
    let keys = Keys::load_or_create(&folder)?;
    let identity = identity::load_or_create_tls_key_and_csr(&folder, KIOSK)?;
    let csr = folder.join("tls.csr");
    std::fs::write(&csr, identity.csr_pem)?;
    Ok(json!({ "signing_key": keys.public_hex(), "csr": csr }))
}

fn drain(state: &Path, url: &str, count: usize) -> Outcome {
    let keys = Keys::load_or_create(&state.join("keys"))?;
    // What the enrolment gave lies beside the kiosk's folder.
    let platform = state.with_file_name("enrol");
    let sealing = outbox::sealing_keys::load(&platform.join("sealing.pub"))?;
    let outbox = Outbox::open_sealing(&state.join("outbox"), KIOSK, keys, sealing)?;
    outbox.report();
    fill(&outbox, count)?;
    let client = PlatformClient::new(PlatformConfig {
        url: url.to_owned(),
        ca: platform.join("ca.pem"),
        receipt_key: platform.join("receipt.pub"),
        client_cert: platform.join("client.pem"),
        client_key: state.join("keys").join(identity::KEY_FILE),
        timeout: Duration::from_secs(20),
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let begin = Instant::now();
    let summary = runtime.block_on(forward_once(&outbox, &client));
    let seconds = begin.elapsed().as_secs_f64();
    Ok(json!({
        "sent": summary.sent, "waiting": summary.waiting, "last_fault": summary.last_fault.map(|f| f.code()),
        "rate": summary.sent as f64 / seconds,
    }))
}
