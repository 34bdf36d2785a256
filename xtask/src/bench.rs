//! `cargo xtask bench`: the budgets of the house, measured on this machine and compared with a floor of the same run.
//!
//! The floor is the least that the same machine needs at the same moment (the bare exchange of bytes, a process that
//! only starts), so that a slow or busy machine does not look like a slow kiosk.

mod card;
mod outbox;
mod proc;
mod screens;
mod table;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use self::proc::{Memory, cpu_time};
use self::table::Table;
use crate::process::{self, Interrupt, Kept};
use crate::robot::{Matter, Robot};
use crate::stage::{Build, Folder, Screen, Stage};

/// Card noticed → decoded, against the bare exchange of its bytes (ours: requirement 4).
const CARD_RATIO: f64 = 1.15;

/// Card noticed → details on the screen (ours: requirement 4 counts from the placing; the reader's own 0.2–0.5 s
/// until it notices are not the kiosk's).
const CARD_DETAILS_MS: f64 = 2000.0;

/// Start → first frame (ours).
const FIRST_FRAME_MS: f64 = 500.0;

/// One core's share on the attract page (ours: nothing moves there but the clock, once a minute).
const IDLE_PERCENT: f64 = 0.5;

/// Resident memory (ours: a board with 512 MB runs nothing else of size).
const MEMORY_MB: f64 = 80.0;

/// How long the idle kiosk is watched.
const WATCH: Duration = Duration::from_secs(10);

/// How long the kiosk may take to say that its first frame is drawn.
const FRAME_LIMIT: Duration = Duration::from_secs(30);

/// How long the kiosk may take to come to rest after its first page (guess: fonts and devices are loaded by then).
const REST_LIMIT: Duration = Duration::from_secs(30);

/// `cargo xtask bench`
#[derive(clap::Args)]
pub struct Arguments {
    /// How often each short measure is repeated; its median counts
    #[arg(long, value_name = "N", default_value_t = 11)]
    runs: usize,
    /// The matter that leads to a question page
    #[arg(long, value_name = "ID", default_value = "household-certificate")]
    matter: String,
    /// The simulated card
    #[arg(long, value_name = "NAME", default_value = "zhang")]
    card: String,
    /// Only the outbox and the way to the platform: needs no display and no card
    #[arg(long)]
    outbox: bool,
}

/// Measures everything and prints a Markdown table on stdout.
///
/// # Errors
/// When a budget is missed, or when something cannot be measured.
pub fn run(arguments: &Arguments, interrupt: &Interrupt) -> Result<()> {
    if arguments.runs == 0 {
        bail!("a measure needs at least one run");
    }
    let mut table = Table::default();
    eprintln!("· outbox");
    outbox::measure(&mut table, interrupt).context("step outbox")?;
    if arguments.outbox {
        return judge(&table);
    }
    let folder = Folder::make(None)?;
    let mut stage = Stage::set(&folder, Build::Release, Screen::Private, interrupt)?;

    eprintln!("· card");
    card::measure(&mut stage, &mut table, arguments, interrupt).context("step card")?;
    eprintln!("· screens");
    screens::measure(&mut table, interrupt).context("step screens")?;
    eprintln!("· start");
    measure_start(&stage, &mut table, arguments.runs, interrupt).context("step start")?;
    eprintln!("· rest and memory");
    measure_rest(&mut stage, &mut table, arguments, interrupt).context("step rest and memory")?;

    judge(&table)
}

/// Prints the table; a missed budget is an error.
fn judge(table: &Table) -> Result<()> {
    print!("{table}");
    let missed = table.missed();
    if !missed.is_empty() {
        bail!("missed: {}", missed.join(", "));
    }
    Ok(())
}

/// Kiosk start → first frame, by the kiosk's own clock; the floor is the same binary that only prints its version.
fn measure_start(stage: &Stage, table: &mut Table, runs: usize, interrupt: &Interrupt) -> Result<()> {
    let (mut frames, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let begin = Instant::now();
        process::output_of(Command::new(stage.binary("kiosk")).arg("--version"))?;
        floors.push(begin.elapsed().as_secs_f64() * 1000.0);
        let mut kiosk = stage.start_kiosk()?;
        frames.push(first_frame(&mut kiosk, interrupt)?);
    }
    table.at_most("kiosk start → first frame", "ms", median(&frames), Some(median(&floors)), FIRST_FRAME_MS);
    Ok(())
}

/// Waits for the line in which the kiosk says when its first frame was drawn.
fn first_frame(kiosk: &mut Kept, interrupt: &Interrupt) -> Result<f64> {
    let log = kiosk.log().to_path_buf();
    interrupt.wait_for("the first frame", FRAME_LIMIT, || {
        kiosk.must_run()?;
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        Ok(number_after(&text, "first_frame_ms="))
    })
}

/// The number that follows a mark in a log; `None` while its line is still being written.
fn number_after(text: &str, mark: &str) -> Option<f64> {
    let (_, rest) = text.split_once(mark)?;
    let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    rest.get(..end)?.parse().ok()
}

/// CPU and memory on the attract page, then memory on a question page.
fn measure_rest(
    stage: &mut Stage,
    table: &mut Table,
    arguments: &Arguments,
    interrupt: &Interrupt,
) -> Result<()> {
    let matter = Matter::read(&crate::root().join("matters/catalogue"), &arguments.matter)?;
    let display = stage.display.as_ref().context("the bench needs a private display")?;
    let mut kiosk = stage.start_kiosk()?;
    {
        // The robot's questions cost the kiosk time, so this one leaves before the watch begins.
        let mut robot = Robot::new(display, &stage.hall.folder.screens(), interrupt)?;
        robot.first_page(&mut kiosk)?;
    }
    wait_for_rest(&mut kiosk, interrupt)?;
    let (before, begin) = (cpu_time(kiosk.id())?, Instant::now());
    interrupt.wait_for("ten seconds of rest", WATCH * 2, || {
        kiosk.must_run()?;
        Ok((begin.elapsed() >= WATCH).then_some(()))
    })?;
    let used = (cpu_time(kiosk.id())? - before).as_secs_f64() / begin.elapsed().as_secs_f64() * 100.0;
    table.at_most("idle CPU on the attract page", "%", used, None, IDLE_PERCENT);
    memory_row(table, "attract page", &kiosk)?;

    let mut robot = Robot::new(display, &stage.hall.folder.screens(), interrupt)?;
    let details = robot.walk_to_first_question(&mut kiosk, &matter, &arguments.card, &mut stage.control)?;
    memory_row(table, "question page", &kiosk)?;
    let details = details.as_secs_f64() * 1000.0;
    table.at_most("card noticed → details on the screen", "ms", details, None, CARD_DETAILS_MS);
    stage.control.send("card remove")?;
    Ok(())
}

/// Waits until the kiosk has used no CPU for a second.
fn wait_for_rest(kiosk: &mut Kept, interrupt: &Interrupt) -> Result<()> {
    let mut last = (cpu_time(kiosk.id())?, Instant::now());
    interrupt.wait_for("the kiosk's rest", REST_LIMIT, || {
        let now = cpu_time(kiosk.id())?;
        if now != last.0 {
            last = (now, Instant::now());
        }
        Ok((last.1.elapsed() >= Duration::from_secs(1)).then_some(()))
    })
}

fn memory_row(table: &mut Table, page: &str, kiosk: &Kept) -> Result<()> {
    let memory = Memory::of(kiosk.id())?;
    table.at_most(&format!("resident memory, {page}"), "MB", memory.resident_mb, None, MEMORY_MB);
    table.note(&format!("of it anonymous, {page}"), "MB", memory.anonymous_mb);
    Ok(())
}

/// The middle one; of an even number the mean of the middle two; of none, nothing that passes.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::INFINITY);
    if sorted.len() % 2 == 1 {
        return upper;
    }
    let lower =
        (sorted.len() / 2).checked_sub(1).and_then(|at| sorted.get(at)).copied().unwrap_or(f64::INFINITY);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_infinite());
    }

    #[test]
    fn a_number_counts_once_its_line_goes_on() {
        assert_eq!(number_after("INFO first_frame_ms=213 page=attract", "first_frame_ms="), Some(213.0));
        assert_eq!(number_after("first_frame_ms=21", "first_frame_ms="), None);
        assert_eq!(number_after("starting\n", "first_frame_ms="), None);
    }
}
