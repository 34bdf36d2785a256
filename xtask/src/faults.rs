//! `cargo xtask faults`: real processes, killed and deceived. After each fault, every request that was promised is on the
//! platform exactly once, or still on the kiosk and whole.
//!
//! | module     | holds                                                         |
//! |------------|----------------------------------------------------------------|
//! | `watched`  | a kiosk that is killed and deceived, with its platform         |
//! | `promises` | what it promised, and what became of it                        |
//! | `disk`     | a small disk, a library that fails system calls, changed bytes |

mod disk;
mod promises;
mod watched;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use self::disk::SmallDisk;
use self::promises::Judgement;
use self::watched::{Programs, Watched};
use crate::packages;
use crate::process::Interrupt;

/// Every place where the outbox's `fault-points` can kill it.
const PLACES: [&str; 15] = [
    "attachment-written",
    "attachment-synced",
    "attachment-renamed",
    "attachments-done",
    "segment-begun",
    "entry-appended",
    "before-commit",
    "committed",
    "piece-sent",
    "receipt-verified",
    "before-erase",
    "erased",
    "journal-begun",
    "journal-written",
    "journal-synced",
];

/// Every such place in a rebuild.
const REBUILDING: [&str; 4] = ["marked", "put-aside", "rebuilt", "rebuilt-named"];

/// Ways in which a platform misbehaves, and the code that the kiosk then gives.
const ODD: [(&str, &str); 13] = [
    ("500", "PLT-04"),
    ("503", "PLT-04"),
    ("416", "PLT-04"),
    ("429", "PLT-04"),
    ("silent", "PLT-03"),
    ("reset", "PLT-01"),
    ("half-answer", "PLT-01"),
    ("twice", "PLT-06"),
    ("wrong-key", "PLT-06"),
    ("wrong-request", "PLT-06"),
    ("wrong-kiosk", "PLT-06"),
    ("expired", "PLT-02"),
    ("stranger", "PLT-02"),
];

/// `cargo xtask faults`
#[derive(clap::Args)]
pub struct Arguments {
    /// How often each blind campaign strikes
    #[arg(long, value_name = "N", default_value_t = 25)]
    strikes: u32,
    /// Begins the same random choices again; the report names it
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only campaigns whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Keep the folders here
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// One line of the report.
struct Line {
    campaign: &'static str,
    faults: u32,
    judged: Judgement,
    seconds: f64,
}

/// What a campaign works with.
struct Field<'a> {
    programs: &'a Programs,
    folder: &'a std::path::Path,
    strikes: u32,
    random: Random,
    interrupt: &'a Interrupt,
}

/// A campaign: how many faults it made, and what became of the promises.
type Campaign = fn(&mut Field<'_>) -> Result<(u32, Judgement)>;

const CAMPAIGNS: [(&str, Campaign); 14] = [
    ("killed at each boundary", killed_at_each_boundary),
    ("killed blindly", killed_blindly),
    ("platform killed", platform_killed),
    ("disk full at each step", disk_full),
    ("fsync fails with EIO", sync_fails),
    ("write fails with ENOSPC or EIO", write_fails),
    ("bytes flipped or torn off", bytes_changed),
    ("killed in a rebuild", killed_in_a_rebuild),
    ("disk fails in a rebuild", disk_fails_in_a_rebuild),
    ("held through a rebuild", held_through_a_rebuild),
    ("old copy of the disk put back", old_copy),
    ("clock years off and jumping", clock),
    ("platform misbehaves", platform_misbehaves),
    ("poisoned requests", poisoned_requests),
];

/// Runs the campaigns, prints a table and, last on stdout, one JSON object.
///
/// # Errors
/// When a promise was broken, or when a campaign cannot be run.
pub fn run(arguments: &Arguments, interrupt: &Interrupt) -> Result<()> {
    packages::install(interrupt)?;
    let temporary = tempfile::tempdir().context("cannot make a folder")?;
    let root = arguments.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&root).with_context(|| format!("cannot make {}", root.display()))?;
    let programs = Programs::build(&root, interrupt)?;
    let seed = arguments.seed.unwrap_or_else(Random::seed);
    let mut lines = Vec::new();
    for (number, (name, campaign)) in CAMPAIGNS.iter().enumerate() {
        if arguments.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        eprintln!("· {name}");
        let folder = root.join(format!("{number:02}"));
        let random = Random(seed.wrapping_add(number as u64).max(1));
        let strikes = arguments.strikes;
        let mut field = Field { programs: &programs, folder: &folder, strikes, random, interrupt };
        let begin = Instant::now();
        let (faults, judged) = campaign(&mut field).with_context(|| format!("campaign {name:?}"))?;
        lines.push(Line { campaign: name, faults, judged, seconds: begin.elapsed().as_secs_f64() });
    }
    report(&lines, seed)
}

fn report(lines: &[Line], seed: u64) -> Result<()> {
    println!(
        "| campaign | faults | promised | on the platform once | whole on the kiosk | held and said | lost | s |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut rows = Vec::new();
    let mut total = Judgement::default();
    for Line { campaign, faults, judged, seconds } in lines {
        let Judgement { promised, delivered, queued, held, .. } = judged;
        let lost = judged.losses.len();
        println!(
            "| {campaign} | {faults} | {promised} | {delivered} | {queued} | {held} | {lost} | {seconds:.0} |"
        );
        rows.push(json!({
            "campaign": campaign, "faults": faults, "promised": promised, "delivered": delivered,
            "queued": queued, "held": held, "losses": judged.losses,
        }));
        total.add(judged);
    }
    for loss in &total.losses {
        eprintln!("LOST: {loss}");
    }
    let answer = json!({
        "seed": seed, "promised": total.promised, "lost": total.losses.len(), "campaigns": rows,
    });
    println!("{answer}");
    if !total.losses.is_empty() {
        bail!("{} promises were broken; seed {seed}", total.losses.len());
    }
    Ok(())
}

/// SIGKILL at each place where something is written, renamed, synced, committed or sent, early and later.
fn killed_at_each_boundary(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let mut faults = 0;
    for place in PLACES {
        for times in [1, 3] {
            field.interrupt.check()?;
            let end = hall.run_with_files(8, &[("OUTBOX_DIE_AT", &format!("{place}:{times}"))])?;
            // A place that is reached once a megabyte is not reached each time.
            faults += u32::from(end.killed);
            hall.look(&format!("{place}:{times}"))?;
        }
    }
    hall.settle("at the end")?;
    Ok((faults, hall.judge()?))
}

/// SIGKILL at random moments.
fn killed_blindly(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let mut faults = 0;
    for strike in 0..field.strikes {
        field.interrupt.check()?;
        let after = Duration::from_millis(field.random.below(600));
        let mut kiosk = hall.start(12, &[])?;
        // Now and then it still opens its store.
        if field.random.below(4) > 0 {
            hall.wait_until_open(&mut kiosk);
        }
        std::thread::sleep(after);
        faults += u32::from(hall.end(kiosk)?.killed);
        hall.look(&format!("strike {strike}"))?;
    }
    hall.settle("at the end")?;
    Ok((faults, hall.judge()?))
}

/// The platform itself is killed while requests come in.
fn platform_killed(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let strikes = field.strikes.div_ceil(3);
    for strike in 0..strikes {
        field.interrupt.check()?;
        let mut kiosk = hall.start(12, &[])?;
        hall.wait_until_open(&mut kiosk);
        std::thread::sleep(Duration::from_millis(100 + field.random.below(500)));
        hall.kill_platform();
        // Both have lost the other half way; the kiosk goes on alone, and then goes too.
        std::thread::sleep(Duration::from_millis(field.random.below(200)));
        hall.end(kiosk)?;
        hall.start_platform(field.interrupt)?;
        hall.look(&format!("strike {strike}"))?;
    }
    hall.settle("at the end")?;
    Ok((strikes, hall.judge()?))
}

/// A disk of its own for the store, filled a little more each time.
fn disk_full(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let Some(disk) = SmallDisk::mount(&hall.store(), 104)? else {
        eprintln!("  not run: mounting a small disk needs root");
        return Ok((0, Judgement::default()));
    };
    let mut faults = 0;
    for left in
        [56_000, 50_200, 49_800, 49_400, 49_100, 4_000, 1_200, 800, 400, 200, 100, 60, 40, 20, 12, 8, 4, 0]
    {
        field.interrupt.check()?;
        disk.leave(left)?;
        // What is refused is told; what is promised must be there, and sent, on the full disk too.
        faults += hall.run(6, &[], Some(Duration::from_secs(20)))?.refused;
        // With not one page left and the ballast given up, nothing can even be opened: somebody has made room.
        disk.leave(u64::MAX)?;
        hall.look(&format!("{left} KB left"))?;
    }
    hall.settle("with room again")?;
    let judged = hall.judge()?;
    drop(hall);
    Ok((faults, judged))
}

fn sync_fails(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    system_calls_fail(field, &[("fsync", 5), ("fdatasync", 5)], 14)
}

fn write_fails(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    system_calls_fail(field, &[("write", 28), ("pwrite", 28), ("write", 5), ("pwrite", 5)], 10)
}

/// The n-th call on a file of the store fails, for each n.
fn system_calls_fail(field: &mut Field<'_>, calls: &[(&str, i32)], most: u32) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let mut faults = 0;
    for (call, number) in calls {
        for at in 1..=most {
            field.interrupt.check()?;
            let shim = field.programs.shim.failing(call, *number, at, "/outbox/");
            let end = hall.run(5, &shim.iter().map(|(k, v)| (*k, v.as_str())).collect::<Vec<_>>(), None)?;
            faults += u32::from(end.refused > 0 || !end.finished);
            hall.look(&format!("{call} {at} fails with {number}"))?;
            // And the power goes before anything is written over what the failed call left behind.
            let shim: Vec<_> = shim.iter().map(|(k, v)| (*k, v.as_str())).collect();
            faults += hall.run_until_refused(5, &shim)?.refused;
            hall.look(&format!("{call} {at} fails with {number}, then the power"))?;
        }
    }
    hall.settle("on a good disk")?;
    Ok((faults, hall.judge()?))
}

/// The kiosk was killed; then bytes of its database, log and second copy change or are missing.
fn bytes_changed(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let mut faults = 0;
    for strike in 0..field.strikes {
        field.interrupt.check()?;
        // Without a platform everything waits, and is at stake.
        hall.save_only(4)?;
        let after = Duration::from_millis(field.random.below(300));
        let kiosk = hall.start_offline(6)?;
        hall.kill_after(kiosk, after)?;
        let store = hall.store();
        let what = if strike % 3 == 2 {
            // Opened and closed: everything is in the database, and its indexes are there to be hit.
            hall.look("before an index is hit")?;
            disk::damage_an_index(&store, &mut field.random)?
        } else {
            disk::damage(&store, &mut field.random)?
        };
        faults += u32::from(what.is_some());
        hall.look(&format!("strike {strike}: {}", what.unwrap_or_default()))?;
        if strike % 5 == 4 {
            hall.settle(&format!("after strike {strike}"))?;
        }
    }
    hall.settle("at the end")?;
    Ok((faults, hall.judge()?))
}

/// SIGKILL at each step of a rebuild.
fn killed_in_a_rebuild(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let mut faults = 0;
    for place in REBUILDING {
        for times in [1, 2] {
            field.interrupt.check()?;
            hall.save_only(3)?;
            disk::damage_an_index(&hall.store(), &mut field.random)?;
            faults += u32::from(hall.opens_badly(&[("OUTBOX_DIE_AT", &format!("{place}:{times}"))])?);
            hall.look(&format!("{place}:{times}"))?;
        }
    }
    hall.settle("at the end")?;
    Ok((faults, hall.judge()?))
}

/// Reading, writing or syncing fails once, somewhere in a rebuild.
fn disk_fails_in_a_rebuild(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let mut faults = 0;
    for (call, number) in [
        ("read", 5),
        ("pread", 5),
        ("write", 28),
        ("write", 5),
        ("pwrite", 28),
        ("pwrite", 5),
        ("fsync", 5),
        ("fdatasync", 5),
    ] {
        for at in [1, 2, 3, 4, 6, 9, 14, 20, 30, 45] {
            field.interrupt.check()?;
            hall.save_only(2)?;
            disk::damage_an_index(&hall.store(), &mut field.random)?;
            let shim = field.programs.shim.failing(call, number, at, "/outbox/");
            let shim: Vec<_> = shim.iter().map(|(k, v)| (*k, v.as_str())).collect();
            faults += u32::from(hall.opens_badly(&shim)?);
            hall.look(&format!("{call} {at} fails with {number} in a rebuild"))?;
        }
    }
    hall.settle("on a good disk")?;
    Ok((faults, hall.judge()?))
}

/// What the platform refused waits for staff, whatever happens to the database.
fn held_through_a_rebuild(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    hall.save_only(3)?;
    hall.drain_at(&hall.start_odd("422", None)?)?;
    let held = hall.expect_held()?;
    if held != 3 {
        hall.broken(format!("{held} of three refused requests are held"));
    }
    for _ in 0..3 {
        field.interrupt.check()?;
        hall.save_only(2)?;
        disk::damage_an_index(&hall.store(), &mut field.random)?;
        hall.look("after a rebuild")?;
    }
    hall.settle("at the end")?;
    Ok((3, hall.judge()?))
}

/// The platform fails at some requests only: all others go through. This platform keeps nothing, so nothing is judged
/// but that.
fn poisoned_requests(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut judged = Judgement::default();
    let mut faults = 0;
    for (how, only) in
        [("500", 3), ("503", 1), ("429", 1), ("reset", 1), ("silent", 1), ("wrong-key", 3), ("422", 3)]
    {
        field.interrupt.check()?;
        let mut hall = Watched::in_folder(field, &field.folder.join(how))?;
        hall.save_only(5)?;
        let odd = hall.start_odd(how, Some(only))?;
        let wanted = (6 - only, if how == "422" { 0 } else { only });
        let found = hall.serve_at(&odd, wanted, field.interrupt)?;
        if found != wanted {
            let (sent, waiting) = found;
            judged.losses.push(format!(
                "{only} poisoned with {how:?} keep others back: {sent} are sent, {waiting} wait"
            ));
        }
        faults += 1;
    }
    Ok((faults, judged))
}

/// The disk of some days ago: what went to the platform since stays there once, and the kiosk stops.
fn old_copy(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut judged = Judgement::default();
    for with_new_request in [false, true] {
        let folder = field.folder.join(if with_new_request { "conflict" } else { "head" });
        let mut hall = Watched::in_folder(field, &folder)?;
        hall.run(5, &[], None)?;
        hall.copy_away()?;
        hall.run(5, &[], None)?;
        hall.settle("before the old disk")?;
        hall.put_back()?;
        if with_new_request {
            // It takes the place of another one: the citizen holds a number, so it must be kept, and staff must see it.
            hall.save_only(2)?;
        }
        let drained = hall.drain()?;
        if drained.get("last_fault") != Some(&json!("OBX-06")) {
            judged.losses.push(format!("an old disk was not noticed: {drained}"));
        }
        judged.add(&hall.judge()?);
    }
    Ok((2, judged))
}

/// Decades ahead, half a century back, and jumping between.
fn clock(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let year = 365 * 86_400i64;
    let mut faults = 0;
    for (offset, jumping) in [(-50, false), (-5, false), (5, false), (30, false), (30, true), (-30, true)] {
        field.interrupt.check()?;
        let shim = field.programs.shim.clock(offset * year, jumping);
        let shim: Vec<_> = shim.iter().map(|(k, v)| (*k, v.as_str())).collect();
        // Far in the future every certificate has expired: then requests wait, and nothing else happens.
        hall.run(6, &shim, Some(Duration::from_secs(6)))?;
        faults += 1;
        hall.look(&format!("{offset} years, jumping {jumping}"))?;
    }
    hall.settle("with a clock that is right")?;
    Ok((faults, hall.judge()?))
}

/// Off, slow, resetting, lying, expired.
fn platform_misbehaves(field: &mut Field<'_>) -> Result<(u32, Judgement)> {
    let mut hall = Watched::new(field)?;
    let mut expected = BTreeMap::new();
    let mut faults = 0;
    for (how, code) in ODD {
        field.interrupt.check()?;
        hall.save_only(3)?;
        let odd = hall.start_odd(how, None)?;
        let drained = hall.drain_at(&odd)?;
        let found = drained.get("last_fault").and_then(Value::as_str).unwrap_or("none").to_owned();
        if found != code || drained.get("sent") != Some(&json!(0)) {
            hall.broken(format!("a platform that does {how:?} was met with {drained}, not {code}"));
        }
        expected.insert(how, found);
        faults += 1;
        drop(odd);
        hall.look(how)?;
    }
    // Off altogether.
    hall.save_only(1)?;
    hall.kill_platform();
    hall.drain()?;
    hall.start_platform(field.interrupt)?;
    hall.settle("with a good platform")?;
    Ok((faults + 1, hall.judge()?))
}

/// A small generator (xorshift64*): the same seed gives the same campaign.
struct Random(u64);

impl Random {
    fn seed() -> u64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(1, |now| now.subsec_nanos().into())
    }

    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end.max(1)
    }
}
