//! Builds the house, then starts everything around a kiosk: card reader, bench, platform, display, and the kiosk.

mod control;
mod display;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use hall::reader::Reader;
use hall::{Devices, Hall, START, last_json};

pub use control::Control;
pub use display::Display;
pub use hall::{Folder, text_of};

use crate::packages;
use crate::process::{self, Interrupt, Kept, Owner, Sweep};

/// The hall's time: one in the whole country, eight hours before UTC (POSIX counts the other way), whatever this
/// machine's is.
const TIME_ZONE: &str = "CST-8";

/// The toolkit and C libraries free memory without wiping it: this makes the allocator overwrite what is freed.
const TUNABLES: &str = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0";

/// What a stage runs. Named without their packages: cargo then chooses features for the house as a whole, as it does for
/// its tests and for this program, and compiles nothing a second time with others.
const PROGRAMS: [&str; 4] = ["kiosk", "kiosk-scan", "kiosk-platform", "kiosk-bench"];

/// Which build of the house is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// Quick to make: for the demo.
    Debug,
    /// Optimised: for measurements.
    Release,
}

impl Build {
    /// Builds what a stage runs, with `more` arguments for cargo.
    pub fn make(self, more: &[&str], interrupt: &Interrupt) -> Result<()> {
        let mut cargo = cargo();
        cargo.args(["build", "--locked"]).args(more).args(PROGRAMS.map(|program| format!("--bin={program}")));
        if self == Build::Release {
            cargo.arg("--release");
        }
        // stdout belongs to the one JSON line at the end.
        cargo.stdout(std::io::stderr());
        let status = process::run_to_end(&mut cargo, interrupt)?;
        if !status.success() {
            bail!("cargo build failed ({status})");
        }
        Ok(())
    }

    /// A binary or `examples/NAME` of this build.
    pub fn binary(self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The folder of this build's binaries.
    pub fn folder(self) -> PathBuf {
        let profile = match self {
            Build::Debug => "debug",
            Build::Release => "release",
        };
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| crate::root().join("target"), PathBuf::from);
        target.join(profile)
    }
}

/// Cargo, run at the root of the checkout as if from a shell.
///
/// The cargo that started this program told it which package it is. Build scripts of some crates (ring) watch those
/// variables, so passing them on would compile half the house again each time.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::root());
    for (name, _) in std::env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
                .iter()
                .any(|p| name.starts_with(p))
        });
        if told {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Whether a stage needs a display of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// The user's display, or a private one when there is none.
    Users,
    /// Always a private one, of the kiosk's size, with an accessibility bus.
    Private,
}

/// Everything around a kiosk, running. It all ends on drop: fields drop from the top, so what was started last ends
/// first.
pub struct Stage {
    /// The bench's control line: cards, paper, camera and lamp.
    pub control: Control,
    /// The private display, if there is one.
    pub display: Option<Display>,
    /// Kiosk and platform.
    pub hall: Hall,
    build: Build,
    _bench: Kept,
    /// The card reader.
    pub reader: Reader,
    _sweep: Sweep,
}

impl Stage {
    /// Installs packages, builds and starts everything but the kiosk itself, which is configured and enrolled.
    pub fn set(folder: &Folder, build: Build, screen: Screen, interrupt: &Interrupt) -> Result<Stage> {
        packages::install(interrupt).context("step packages")?;
        build.make(&[], interrupt).context("step build")?;
        let logs = folder.logs();

        say("card reader");
        let sweep = Sweep::begin()?;
        let reader = Reader::take(true, &logs, interrupt).context("step card reader")?;

        say("bench: virtual card, printer, camera, lamp, and a scanner with a paper");
        let (bench, control, devices) = bench(build, folder, &reader, interrupt).context("step bench")?;

        say("platform");
        let mut hall = Hall::new(folder.clone(), &build.folder()).context("step platform")?;
        hall.equip(&devices)?;
        hall.switch_platform_on(interrupt).context("step platform")?;

        let display = if screen == Screen::Private || std::env::var_os("DISPLAY").is_none() {
            say("display");
            Some(Display::start(&logs, folder.runtime(), interrupt).context("step display")?)
        } else {
            None
        };
        Ok(Stage { control, display, hall, build, _bench: bench, reader, _sweep: sweep })
    }

    /// A binary of the stage's build.
    pub fn binary(&self, name: &str) -> PathBuf {
        self.build.binary(name)
    }

    /// Starts the kiosk in its window.
    pub fn start_kiosk(&self) -> Result<Kept> {
        say("kiosk");
        self.hall.start_kiosk(|command| {
            command.env("GLIBC_TUNABLES", TUNABLES).env("TZ", TIME_ZONE);
            if let Some(display) = &self.display {
                display.dress(command);
            }
        })
    }

    /// Opens the page that a payment code leads to and pays, as a citizen's phone does.
    pub fn pay(&self, url: &str) -> Result<()> {
        let mut phone = Command::new(self.build.binary("kiosk-bench"));
        phone.args(["pay", url, "--ca"]).arg(self.hall.folder.enrol().join("ca.pem"));
        process::output_of(&mut phone).map(drop)
    }
}

/// Starts the virtual devices.
fn bench(
    build: Build,
    folder: &Folder,
    reader: &Reader,
    interrupt: &Interrupt,
) -> Result<(Kept, Control, Devices)> {
    let bench = build.binary("kiosk-bench");
    let mut running = Kept::start("bench", &bench, &folder.logs(), Owner::Us, |command| {
        command.args(["run", "--pcd", &reader.address(), "--paper"]).arg(folder.screens());
        command.arg("--portrait").arg(hall::portrait());
    })?;
    let ready = last_json(&running.next_line(START, interrupt)?)?;
    let text = |field| text_of(&ready, field).map(str::to_owned);
    let (printer, camera, lamp) = (text("printer")?, text("camera")?, text("lamp")?);
    let control = Control::connect(text_of(&ready, "control")?)?;
    Ok((running, control, Devices { reader: Some(reader.name()), printer, camera, lamp }))
}

fn say(what: &str) {
    eprintln!("· {what}");
}
