//! A platform and a kiosk in one folder, what the kiosk promised, and what became of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Field;
use super::disk::Shim;
use crate::process;

const KIOSK: &str = "110101-0007";
/// Longest wait for a line of a program (guess: none needs a second).
const LINE: Duration = Duration::from_secs(60);

/// The programs under test.
pub struct Programs {
    pub kiosk: PathBuf,
    pub platform: PathBuf,
    pub shim: Shim,
}

/// What became of the promises.
#[derive(Default)]
pub struct Judgement {
    pub promised: usize,
    pub delivered: usize,
    pub queued: usize,
    /// Kept for staff, and said so: a place that the platform gave to another, a file that the disk changed.
    pub held: usize,
    pub losses: Vec<String>,
}

impl Judgement {
    pub fn add(&mut self, other: &Judgement) {
        self.promised += other.promised;
        self.delivered += other.delivered;
        self.queued += other.queued;
        self.held += other.held;
        self.losses.extend(other.losses.iter().cloned());
    }
}

/// How a run of the kiosk ended.
pub struct Ended {
    pub killed: bool,
    pub opened: bool,
    pub finished: bool,
    pub refused: u32,
}

/// A running kiosk.
pub struct Running {
    child: Guarded,
    lines: Receiver<String>,
}

/// A child that does not outlive its owner.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A platform that misbehaves.
pub struct Odd {
    pub url: String,
    _child: Guarded,
}

/// The hall.
pub struct Hall {
    kiosk: PathBuf,
    platform_program: PathBuf,
    folder: PathBuf,
    platform: Option<Guarded>,
    url: String,
    promised: BTreeSet<String>,
    /// Runs that ended without an answer to what was asked last: that request may be there or not.
    unanswered: usize,
    /// What the platform refused: it waits for staff.
    refused: BTreeSet<String>,
    losses: Vec<String>,
}

impl Hall {
    pub fn new(field: &Field<'_>) -> Result<Self> {
        Self::in_folder(field, field.folder)
    }

    pub fn in_folder(field: &Field<'_>, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mut hall = Self {
            kiosk: field.programs.kiosk.clone(),
            platform_program: field.programs.platform.clone(),
            folder: folder.to_owned(),
            platform: None,
            url: String::new(),
            promised: BTreeSet::new(),
            unanswered: 0,
            refused: BTreeSet::new(),
            losses: Vec::new(),
        };
        process::output_of(hall.platform_command().args(["init", "--name", "127.0.0.1"]))?;
        let key = process::output_of(hall.kiosk_command("keys").arg("--state").arg(hall.state()))?;
        process::output_of(
            hall.platform_command()
                .args(["enrol", "--kiosk", KIOSK, "--signing-key", key.trim(), "--csr"])
                .arg(hall.state().join("keys/tls.csr"))
                .arg("--out")
                .arg(hall.state().join("platform")),
        )?;
        hall.start_platform()?;
        Ok(hall)
    }

    /// The kiosk's folder.
    pub fn state(&self) -> PathBuf {
        self.folder.join("kiosk")
    }

    fn platform_state(&self) -> PathBuf {
        self.folder.join("platform")
    }

    fn platform_command(&self) -> Command {
        let mut command = Command::new(&self.platform_program);
        command.arg("--state").arg(self.platform_state()).arg("--json").env("RUST_LOG", "error");
        command
    }

    fn kiosk_command(&self, what: &str) -> Command {
        let mut command = Command::new(&self.kiosk);
        command.arg(what);
        command
    }

    pub fn start_platform(&mut self) -> Result<()> {
        let mut command = self.platform_command();
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        let (child, lines) = spawn(command, &self.folder.join("platform.log"))?;
        let line = lines.recv_timeout(LINE).context("the platform does not start")?;
        let told: Value = serde_json::from_str(&line)?;
        let address = told.get("listening").and_then(Value::as_str).context("no address")?;
        self.url = format!("https://{address}");
        self.platform = Some(child);
        Ok(())
    }

    /// SIGKILL.
    pub fn kill_platform(&mut self) -> Result<()> {
        self.platform = None;
        Ok(())
    }

    pub fn start_odd(&self, how: &str) -> Result<Odd> {
        self.start_odd_at(how, None)
    }

    /// Misbehaves only at the first `only` requests; the others get a receipt and are nowhere.
    pub fn start_odd_at(&self, how: &str, only: Option<u32>) -> Result<Odd> {
        let mut command = self.kiosk_command("odd");
        command.arg("--platform").arg(self.platform_state()).args(["--how", how]);
        if let Some(only) = only {
            command.args(["--only", &only.to_string()]);
        }
        let (child, lines) = spawn(command, &self.folder.join("odd.log"))?;
        let url = lines.recv_timeout(LINE).context("the odd platform does not start")?;
        Ok(Odd { url, _child: child })
    }

    /// Starts a kiosk that saves `count` requests and sends them.
    pub fn start(&self, count: u32, environment: &[(&str, &str)]) -> Result<Running> {
        self.start_at(count, Some(&self.url), environment)
    }

    fn start_at(&self, count: u32, url: Option<&str>, environment: &[(&str, &str)]) -> Result<Running> {
        let mut command = self.kiosk_command("run");
        command.arg("--state").arg(self.state()).args(["--count", &count.to_string()]);
        if let Some(url) = url {
            command.args(["--url", url]);
        }
        command.envs(environment.iter().copied());
        let (child, lines) = spawn(command, &self.folder.join("kiosk.log"))?;
        Ok(Running { child, lines })
    }

    /// Runs a kiosk to its end, or kills it `after` a time.
    pub fn run(
        &mut self,
        count: u32,
        environment: &[(&str, &str)],
        after: Option<Duration>,
    ) -> Result<Ended> {
        let running = self.start(count, environment)?;
        self.listen(running, after)
    }

    /// Without a platform, until a request is refused: then the power goes. Everything asked was answered.
    pub fn run_until_refused(&mut self, count: u32, environment: &[(&str, &str)]) -> Result<Ended> {
        let mut command = self.kiosk_command("run");
        command.arg("--state").arg(self.state()).args(["--until-refused", "--count", &count.to_string()]);
        command.envs(environment.iter().copied());
        let (child, lines) = spawn(command, &self.folder.join("kiosk.log"))?;
        let before = self.unanswered;
        let ended = self.listen(Running { child, lines }, None)?;
        if ended.refused > 0 {
            self.unanswered = before;
        }
        Ok(ended)
    }

    /// Without a platform.
    pub fn run_offline(&mut self, count: u32, after: Option<Duration>) -> Result<Ended> {
        let running = self.start_at(count, None, &[])?;
        self.listen(running, after)
    }

    /// Saves requests and sends none.
    pub fn save_only(&mut self, count: u32) -> Result<()> {
        let ended = self.run_offline(count, None)?;
        if !ended.finished || ended.refused > 0 {
            self.losses.push(format!("a healthy kiosk refused {} requests", ended.refused));
        }
        Ok(())
    }

    /// Kills a kiosk and hears what it promised before.
    pub fn end(&mut self, running: Running) -> Result<Ended> {
        self.listen(running, Some(Duration::ZERO))
    }

    fn listen(&mut self, mut running: Running, after: Option<Duration>) -> Result<Ended> {
        let kill_at = after.map(|after| Instant::now() + after);
        let deadline = Instant::now() + LINE;
        let mut ended = Ended { killed: false, opened: false, finished: false, refused: 0 };
        loop {
            let until = kill_at.filter(|_| !ended.killed).unwrap_or(deadline);
            match running.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => self.heard(&line, &mut ended),
                // The pipe is read to its end also after the kill: what was said was promised.
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if !ended.killed => {
                    running.child.0.kill()?;
                    ended.killed = true;
                }
                Err(RecvTimeoutError::Timeout) => bail!("a killed kiosk still speaks"),
            }
        }
        let status = running.child.0.wait()?;
        ended.killed = status.signal() == Some(9);
        self.unanswered += usize::from(ended.opened && !ended.finished);
        Ok(ended)
    }

    fn heard(&mut self, line: &str, ended: &mut Ended) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["promised", _, id] => drop(self.promised.insert((*id).to_owned())),
            ["refused", _] => ended.refused += 1,
            ["open"] => ended.opened = true,
            ["done"] => ended.finished = true,
            _ => {}
        }
    }

    /// Looks at the disk and the platform: nothing may be missing now.
    pub fn look(&mut self, when: &str) -> Result<()> {
        let found = self.found()?;
        for id in &self.promised {
            if self.refused.contains(id) {
                if !found.held.contains(id) {
                    self.losses.push(format!("{when}: {id} was held for staff and is no more"));
                }
            } else if let Some(loss) = found.loss(id) {
                self.losses.push(format!("{when}: {loss}"));
            }
        }
        // What the citizen was told was not taken must not turn up, unless staff alone see it.
        let here: BTreeSet<_> =
            found.platform.keys().chain(&found.queued).chain(&found.acknowledged).collect();
        let strangers = here.iter().filter(|id| !self.promised.contains(**id)).count();
        if strangers > self.unanswered {
            let unanswered = self.unanswered;
            self.losses.push(format!(
                "{when}: {strangers} requests that nobody was promised; {unanswered} went without an answer"
            ));
        }
        Ok(())
    }

    /// What waits for staff now stays with them.
    pub fn expect_held(&mut self) -> Result<usize> {
        self.refused = self.found()?.held;
        Ok(self.refused.len())
    }

    /// Opens the store on a disk or in a process that fails; true when it did.
    pub fn opens_badly(&self, environment: &[(&str, &str)]) -> Result<bool> {
        let mut command = self.kiosk_command("look");
        command.arg("--state").arg(self.state()).envs(environment.iter().copied());
        Ok(!command.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success())
    }

    /// Sends all that waits: afterwards everything promised is on the platform, or held for staff.
    pub fn settle(&mut self, when: &str) -> Result<()> {
        let drained = self.drain()?;
        if drained.get("waiting") != Some(&json!(0)) {
            self.losses.push(format!("{when}: what waited was not sent: {drained}"));
        }
        self.look(when)
    }

    pub fn drain(&self) -> Result<Value> {
        self.drain_at(&self.url, 20_000)
    }

    pub fn drain_at(&self, url: &str, timeout_ms: u32) -> Result<Value> {
        let mut command = self.kiosk_command("drain");
        command.arg("--state").arg(self.state()).args(["--url", url]);
        command.args(["--timeout-ms", &timeout_ms.to_string()]);
        last_json(&process::output_of(&mut command)?)
    }

    /// Notes something that must not be.
    pub fn broken(&mut self, loss: String) {
        self.losses.push(loss);
    }

    /// Keeps a copy of the whole disk.
    pub fn copy_away(&self) -> Result<()> {
        super::disk::copy(&self.state(), &self.folder.join("old"))
    }

    /// Puts the copy back.
    pub fn put_back(&self) -> Result<()> {
        fs::remove_dir_all(self.state())?;
        fs::rename(self.folder.join("old"), self.state())?;
        Ok(())
    }

    /// Whether the platform has ever stored a head.
    pub fn platform_knows_heads(&self) -> Result<bool> {
        let text = process::output_of(self.platform_command().arg("--help"))?;
        Ok(text.contains("alarms") || text.contains("heads") || text.contains("verify"))
    }

    fn found(&self) -> Result<Found> {
        let look = process::output_of(self.kiosk_command("look").arg("--state").arg(self.state()))?;
        let look = last_json(&look)?;
        let listed = last_json(&process::output_of(self.platform_command().arg("list"))?)?;
        let mut platform = BTreeMap::new();
        for request in listed.get("requests").and_then(Value::as_array).into_iter().flatten() {
            let id = request.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            let verified = request.get("signature").and_then(Value::as_str) == Some("verified");
            let entry = platform.entry(id).or_insert((0u32, true));
            entry.0 += 1;
            entry.1 &= verified;
        }
        let ids = |name: &str| -> BTreeSet<String> {
            let list = look.get(name).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let broken = look.pointer("/journal/broken").cloned().unwrap_or_default();
        Ok(Found {
            platform,
            queued: ids("queued"),
            held: ids("held"),
            acknowledged: ids("acknowledged"),
            journal_holds: broken.is_null(),
        })
    }

    pub fn judge(&mut self) -> Result<Judgement> {
        let found = self.found()?;
        let mut judged = Judgement { promised: self.promised.len(), ..Judgement::default() };
        for id in &self.promised {
            if found.platform.contains_key(id) {
                judged.delivered += 1;
            } else if found.queued.contains(id) {
                judged.queued += 1;
            } else if found.held.contains(id) {
                judged.held += 1;
            }
        }
        if !found.journal_holds {
            self.losses.push("the audit journal does not hold".to_owned());
        }
        judged.losses.append(&mut self.losses);
        Ok(judged)
    }
}

/// What is where.
struct Found {
    platform: BTreeMap<String, (u32, bool)>,
    queued: BTreeSet<String>,
    held: BTreeSet<String>,
    acknowledged: BTreeSet<String>,
    journal_holds: bool,
}

impl Found {
    fn loss(&self, id: &str) -> Option<String> {
        match self.platform.get(id) {
            Some((1, true)) => None,
            Some((1, false)) => Some(format!("{id} does not verify on the platform")),
            Some((times, _)) => Some(format!("{id} is on the platform {times} times")),
            None if self.acknowledged.contains(id) => {
                Some(format!("{id} is acknowledged here and not on the platform"))
            }
            None if self.queued.contains(id) => None,
            // Staff see it, but whole it is not: nothing that these campaigns do may end so.
            None if self.held.contains(id) => Some(format!("{id} is held as damaged")),
            None => Some(format!("{id} is nowhere")),
        }
    }
}

fn spawn(mut command: Command, log: &Path) -> Result<(Guarded, Receiver<String>)> {
    let log = fs::OpenOptions::new().create(true).append(true).open(log)?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let out = child.stdout.take().context("no standard output")?;
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    Ok((Guarded(child), lines))
}

fn last_json(text: &str) -> Result<Value> {
    // A pretty answer has many lines: from the last line that begins an object on.
    let start = if text.starts_with('{') { Some(0) } else { text.rfind("\n{").map(|at| at + 1) };
    let json = start.and_then(|start| text.get(start..)).unwrap_or_default();
    serde_json::from_str(json).with_context(|| format!("no answer in {text:?}"))
}
