//! A kiosk that is killed and deceived, with its platform.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use hall::{Folder, Hall, START};
use serde_json::{Value, json};

use super::Field;
use super::disk::Shim;
use super::promises::{Found, Judgement, Promises};
use crate::process::{Interrupt, Kept, Owner};
use crate::stage::Build;

/// Longest wait for a line of a program (guess: none needs a second).
const LINE: Duration = Duration::from_secs(60);

/// How long what a platform does not fail at may take past what it fails at: a request that is never answered is given up
/// after 20 s.
const PAST: Duration = Duration::from_secs(120);

/// Two pieces on the wire.
const LARGE: usize = 700_000;

/// The programs under test, and what they are given.
pub struct Programs {
    folder: PathBuf,
    /// The library that fails system calls.
    pub shim: Shim,
}

impl Programs {
    /// Builds them; the kiosk that can be killed lies in `root` only.
    pub fn build(root: &Path, interrupt: &Interrupt) -> Result<Programs> {
        let folder = root.join("bin");
        fs::create_dir_all(&folder)?;
        Build::Debug.make(&["--features", "kiosk-app/fault-points"], interrupt)?;
        fs::copy(Build::Debug.binary("kiosk"), folder.join("kiosk"))?;
        // And then the usual one again, so that nobody finds the other in its place.
        Build::Debug.make(&["--example=misbehaving"], interrupt)?;
        fs::copy(Build::Debug.binary("kiosk-platform"), folder.join("kiosk-platform"))?;
        fs::copy(Build::Debug.binary("examples/misbehaving"), folder.join("misbehaving"))?;

        // A catalogue that is in effect at every time.
        let matters = folder.join("matters");
        hall::folder::copy(&hall::root().join("matters/catalogue"), &matters)?;
        for matter in ["household-certificate.toml", "id-card-renewal.toml"] {
            let text = fs::read_to_string(matters.join(matter))?;
            let text = text.replace("effective_from = \"2026-01-01\"", "effective_from = \"1900-01-01\"");
            fs::write(matters.join(matter), text.replace("window_days = 90", "window_days = 50000"))?;
        }

        // A portrait as the kiosk takes it; what comes after a picture's end is sent like all of the file.
        let mut hall = Hall::of_strangers(Folder::make(Some(&root.join("camera")))?, &folder)?;
        hall.configure("camera", json!({ "transport": "file", "path": hall::portrait() }))?;
        let portrait = folder.join("portrait.jpg");
        hall.command(&["capture", "--out", portrait.to_str().context("a path that is no text")?])?.good()?;
        let mut bytes = fs::read(&portrait)?;
        bytes.resize(LARGE, 0);
        fs::write(&portrait, bytes)?;
        Ok(Programs { folder, shim: Shim::compile(root)? })
    }
}

/// How a run of the kiosk ended.
#[derive(Default)]
pub struct Ended {
    pub killed: bool,
    pub opened: bool,
    pub finished: bool,
    pub refused: u32,
}

/// A running kiosk, and what it has said.
pub struct Running {
    kiosk: Kept,
    ended: Ended,
}

/// A platform that misbehaves.
pub struct Odd {
    url: String,
    _child: Kept,
}

/// The hall of a campaign.
pub struct Watched {
    hall: Hall,
    programs: PathBuf,
    /// Whether the next run submits renewals, with a file below a piece and one of two, or certificates without any.
    with_files: bool,
    promises: Promises,
}

impl Watched {
    pub fn new(field: &Field<'_>) -> Result<Self> {
        Self::in_folder(field, field.folder)
    }

    pub fn in_folder(field: &Field<'_>, folder: &Path) -> Result<Self> {
        let programs = field.programs.folder.clone();
        let mut hall = Hall::new(Folder::make(Some(folder))?, &programs)?;
        hall.configure("matters", json!({ "path": programs.join("matters") }))?;
        hall.switch_platform_on(field.interrupt)?;
        Ok(Self { hall, programs, with_files: true, promises: Promises::default() })
    }

    /// The kiosk's store.
    pub fn store(&self) -> PathBuf {
        self.hall.folder.kiosk().join("outbox")
    }

    pub fn start_platform(&mut self, interrupt: &Interrupt) -> Result<()> {
        self.hall.switch_platform_on(interrupt)
    }

    /// SIGKILL.
    pub fn kill_platform(&mut self) {
        self.hall.switch_platform_off();
    }

    /// Misbehaves, or only at the first `only` requests: the others get a receipt and are nowhere.
    pub fn start_odd(&self, how: &str, only: Option<usize>) -> Result<Odd> {
        let (program, logs) = (self.programs.join("misbehaving"), self.hall.folder.logs());
        let mut child = Kept::start("odd", &program, &logs, Owner::Us, |command| {
            command.arg("--state").arg(self.hall.folder.platform()).args(["--how", how]);
            command.args(only.map(|only| format!("--only={only}")));
        })?;
        Ok(Odd { url: child.next_line(START, &Interrupt::never())?, _child: child })
    }

    /// Starts a kiosk that saves `count` requests and sends them.
    pub fn start(&mut self, count: u32, environment: &[(&str, &str)]) -> Result<Running> {
        let running = self.submit(count, self.with_files, &["--forward"], environment)?;
        self.with_files = !self.with_files;
        Ok(running)
    }

    /// Starts a kiosk that saves `count` requests, with files, and sends none.
    pub fn start_offline(&self, count: u32) -> Result<Running> {
        self.submit(count, true, &[], &[])
    }

    fn submit(
        &self,
        count: u32,
        files: bool,
        more: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Running> {
        let kiosk = self.hall.start_kiosk(|command| {
            let matter = if files { "id-card-renewal" } else { "household-certificate" };
            let answers = if files { "renewal.toml" } else { "certificate.toml" };
            let answers = hall::root().join("xtask/src/faults/requests").join(answers);
            command.args(["submit", matter, "--repeat", &count.to_string(), "--answers"]).arg(answers);
            let portrait = format!("--attach=portrait={}", self.programs.join("portrait.jpg").display());
            command.args(files.then_some(portrait)).args(more).envs(environment.iter().copied());
        })?;
        Ok(Running { kiosk, ended: Ended::default() })
    }

    /// Runs a kiosk to its end, which is after `limit` at the latest.
    pub fn run(
        &mut self,
        count: u32,
        environment: &[(&str, &str)],
        limit: Option<Duration>,
    ) -> Result<Ended> {
        let running = self.start(count, environment)?;
        self.listen(running, limit)
    }

    /// The same with files, whatever was submitted before.
    pub fn run_with_files(&mut self, count: u32, environment: &[(&str, &str)]) -> Result<Ended> {
        self.with_files = true;
        self.run(count, environment, None)
    }

    /// Without a platform, until a request is refused: then the power goes. Everything asked was answered.
    pub fn run_until_refused(&mut self, count: u32, environment: &[(&str, &str)]) -> Result<Ended> {
        let running = self.submit(count, true, &["--until-refused"], environment)?;
        let before = self.promises.unanswered;
        let ended = self.listen(running, None)?;
        if ended.refused > 0 {
            self.promises.unanswered = before;
        }
        Ok(ended)
    }

    /// Saves requests and sends none.
    pub fn save_only(&mut self, count: u32) -> Result<()> {
        let running = self.start_offline(count)?;
        let ended = self.listen(running, None)?;
        if !ended.finished || ended.refused > 0 {
            self.broken(format!("a healthy kiosk refused {} requests", ended.refused));
        }
        Ok(())
    }

    /// Kills a kiosk so long after it has opened its store, and hears what it promised before.
    pub fn kill_after(&mut self, mut running: Running, time: Duration) -> Result<Ended> {
        self.wait_until_open(&mut running);
        std::thread::sleep(time);
        self.end(running)
    }

    /// Kills a kiosk now.
    pub fn end(&mut self, running: Running) -> Result<Ended> {
        self.listen(running, Some(Duration::ZERO))
    }

    pub fn wait_until_open(&mut self, running: &mut Running) {
        while !running.ended.opened
            && let Ok(line) = running.kiosk.lines().recv_timeout(LINE)
        {
            self.heard(&line, &mut running.ended);
        }
    }

    fn listen(&mut self, running: Running, limit: Option<Duration>) -> Result<Ended> {
        let Running { mut kiosk, mut ended } = running;
        let (begin, kill_at) = (Instant::now(), limit.unwrap_or(LINE));
        loop {
            let until = begin + if ended.killed { kill_at + LINE } else { kill_at };
            match kiosk.lines().recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => self.heard(&line, &mut ended),
                // The pipe is read to its end also after the kill: what was said was promised.
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if !ended.killed => {
                    kiosk.kill();
                    ended.killed = true;
                }
                Err(RecvTimeoutError::Timeout) => bail!("a killed kiosk still speaks"),
            }
        }
        let status = kiosk.wait()?;
        ended.killed = status.signal() == Some(9);
        ended.finished = status.success();
        self.promises.unanswered += usize::from(ended.opened && !ended.finished);
        Ok(ended)
    }

    fn heard(&mut self, line: &str, ended: &mut Ended) {
        let Ok(said) = serde_json::from_str::<Value>(line) else { return };
        ended.opened |= said.get("open").is_some();
        ended.refused += u32::from(said.get("refused").is_some());
        self.promises.made.extend(said.get("id").and_then(Value::as_str).map(str::to_owned));
    }

    /// Looks at the disk and the platform: nothing may be missing now.
    pub fn look(&mut self, when: &str) -> Result<()> {
        self.promises.look(&Found::everywhere(&self.hall)?, when);
        Ok(())
    }

    pub fn judge(&mut self) -> Result<Judgement> {
        Ok(self.promises.judge(&Found::everywhere(&self.hall)?))
    }

    /// Notes something that must not be.
    pub fn broken(&mut self, loss: String) {
        self.promises.losses.push(loss);
    }

    /// What waits for staff now stays with them.
    pub fn expect_held(&mut self) -> Result<usize> {
        self.promises.refused = Found::everywhere(&self.hall)?.held;
        Ok(self.promises.refused.len())
    }

    /// Opens the store on a disk or in a process that fails; true when it did.
    pub fn opens_badly(&self, environment: &[(&str, &str)]) -> Result<bool> {
        let mut kiosk = self.hall.start_kiosk(|command| {
            command.args(["audit", "verify"]).envs(environment.iter().copied());
        })?;
        Ok(!kiosk.wait()?.success())
    }

    /// Sends all that waits: afterwards everything promised is on the platform, or held for staff.
    pub fn settle(&mut self, when: &str) -> Result<()> {
        let drained = self.drain()?;
        if drained.get("waiting") != Some(&json!(0)) {
            self.broken(format!("{when}: what waited was not sent: {drained}"));
        }
        self.look(when)
    }

    /// Tries what waits until nothing does, or nothing gets through any more; gives how many were sent, how many wait, and
    /// the last fault.
    pub fn drain(&self) -> Result<Value> {
        let (mut sent, mut idle) = (0, 0);
        loop {
            let mut summary = self.hall.command(&["forward", "--once"])?.good()?;
            let now =
                summary.get("sent").and_then(Value::as_u64).context("nothing is said of what was sent")?;
            sent += now;
            idle = if now == 0 { idle + 1 } else { 0 };
            if summary.get("waiting") == Some(&json!(0)) || idle == 2 {
                summary.as_object_mut().context("no summary")?.insert("sent".to_owned(), json!(sent));
                return Ok(summary);
            }
        }
    }

    /// The same at a platform that misbehaves.
    pub fn drain_at(&mut self, odd: &Odd) -> Result<Value> {
        let good = self.hall.url().to_owned();
        self.hall.use_platform(&odd.url)?;
        let drained = self.drain();
        self.hall.use_platform(&good)?;
        drained
    }

    /// Lets a kiosk save one more request and send all, until so many are sent and so many wait; gives how many are and do.
    pub fn serve_at(
        &mut self,
        odd: &Odd,
        wanted: (usize, usize),
        interrupt: &Interrupt,
    ) -> Result<(usize, usize)> {
        self.hall.use_platform(&odd.url)?;
        let running = self.start(1, &[])?;
        let end = Instant::now() + PAST;
        let found = interrupt.wait_for("an end", PAST * 2, || {
            let found = Found::on_the_kiosk(&self.hall)?;
            let found = (found.acknowledged.len(), found.queued.len());
            Ok((found == wanted || Instant::now() > end).then_some(found))
        })?;
        self.end(running)?;
        Ok(found)
    }

    /// Keeps a copy of the whole disk.
    pub fn copy_away(&self) -> Result<()> {
        hall::folder::copy(&self.hall.folder.kiosk(), &self.hall.folder.path().join("old"))
    }

    /// Puts the copy back.
    pub fn put_back(&self) -> Result<()> {
        fs::remove_dir_all(self.hall.folder.kiosk())?;
        Ok(fs::rename(self.hall.folder.path().join("old"), self.hall.folder.kiosk())?)
    }
}
