//! Builds the house, then starts everything around a kiosk: card reader, bench, platform, display, and the kiosk.

mod bench;
mod control;
mod display;
mod folder;
mod kiosk_toml;
mod platform;
mod reader;
mod scanner;

use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

pub use control::Control;
pub use display::Display;
pub use folder::Folder;
use platform::Platform;
pub use reader::READER;
use reader::{Service, Turn};

use crate::packages;
use crate::process::{self, Interrupt, Kept, Owner, Sweep};

/// Where the kiosk's id stands in for a real hall's.
pub const KIOSK_ID: &str = "110101-0007";

/// The hall's name on the demo's screens.
const HALL: &str = "演示派出所";

/// How long a service of ours may take until it says where it listens (measured 0.1 s; the rest is for a loaded machine).
const START: Duration = Duration::from_secs(20);

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
    /// Builds what a stage runs.
    pub fn make(self, interrupt: &Interrupt) -> Result<()> {
        let mut cargo = cargo();
        cargo.args(["build", "--locked"]).args(PROGRAMS.map(|program| format!("--bin={program}")));
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
        let profile = match self {
            Build::Debug => "debug",
            Build::Release => "release",
        };
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| crate::root().join("target"), PathBuf::from);
        target.join(profile).join(name)
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
/// first, and the folder goes after everyone who writes into it.
pub struct Stage<'f> {
    /// The bench's control line: cards, paper, camera and lamp.
    pub control: Control,
    /// The private display, if there is one.
    pub display: Option<Display>,
    /// The platform.
    pub platform: Kept,
    /// The address of the platform's pages for people: clerks, and who pays.
    pub pages: String,
    build: Build,
    _bench: Kept,
    _reader: Service,
    _sweep: Sweep,
    _turn: Turn,
    /// The work folder.
    pub folder: &'f Folder,
}

impl<'f> Stage<'f> {
    /// Installs packages, builds and starts everything but the kiosk itself, which is configured and enrolled.
    pub fn set(folder: &'f Folder, build: Build, screen: Screen, interrupt: &Interrupt) -> Result<Stage<'f>> {
        packages::install(interrupt).context("step packages")?;
        build.make(interrupt).context("step build")?;
        let logs = folder.logs();

        say("card reader");
        let turn = Turn::take(interrupt).context("step card reader")?;
        let sweep = Sweep::begin()?;
        let reader = Service::ensure(&logs, interrupt).context("step card reader")?;

        say("scanner with a paper");
        scanner::install(build, folder).context("step scanner")?;

        say("bench: virtual card, printer, camera and lamp");
        let (bench, control, addresses) = bench::start(build, folder, interrupt).context("step bench")?;

        say("platform");
        let Platform { serving, pages } =
            platform::start(build, folder, &addresses, interrupt).context("step platform")?;

        let display = if screen == Screen::Private || std::env::var_os("DISPLAY").is_none() {
            say("display");
            Some(Display::start(&logs, folder.runtime(), interrupt).context("step display")?)
        } else {
            None
        };
        Ok(Stage {
            control,
            display,
            build,
            platform: serving,
            pages,
            _bench: bench,
            _reader: reader,
            _sweep: sweep,
            _turn: turn,
            folder,
        })
    }

    /// A binary of the stage's build.
    pub fn binary(&self, name: &str) -> PathBuf {
        self.build.binary(name)
    }

    /// Starts the kiosk in its window.
    pub fn start_kiosk(&self) -> Result<Kept> {
        say("kiosk");
        Kept::start("kiosk", &self.folder.installed_kiosk(), &self.folder.logs(), Owner::Us, |command| {
            command.arg("--config").arg(self.folder.config()).env("GLIBC_TUNABLES", TUNABLES);
            command.env("TZ", TIME_ZONE);
            if let Some(display) = &self.display {
                display.dress(command);
            }
        })
    }

    /// Runs a service command of the kiosk and gives its JSON object.
    pub fn kiosk_command(&self, arguments: &[&str]) -> Result<Value> {
        let mut kiosk = Command::new(self.folder.installed_kiosk());
        kiosk.arg("--config").arg(self.folder.config()).args(arguments).arg("--json");
        last_json(&process::output_of(&mut kiosk)?)
    }

    /// Opens the page that a payment code leads to and pays, as a citizen's phone does.
    pub fn pay(&self, url: &str) -> Result<()> {
        let mut phone = Command::new(self.build.binary("kiosk-bench"));
        phone.args(["pay", url, "--ca"]).arg(self.folder.enrol().join("ca.pem"));
        process::output_of(&mut phone).map(drop)
    }

    /// Runs a command of the platform on its state and gives its JSON object.
    pub fn platform_command(&self, arguments: &[&str]) -> Result<Value> {
        let mut platform = platform::command(self.build, self.folder);
        platform.args(arguments).arg("--json");
        last_json(&process::output_of(&mut platform)?)
    }
}

fn say(what: &str) {
    eprintln!("· {what}");
}

/// The JSON object on the last line of a command's output.
fn last_json(output: &str) -> Result<Value> {
    let last = output.trim_end().as_bytes().lines().last().context("it printed nothing")??;
    serde_json::from_str(&last).with_context(|| format!("its last line is no JSON: {last}"))
}

/// A text field of a JSON object.
pub fn text_of<'a>(object: &'a Value, field: &str) -> Result<&'a str> {
    object.get(field).and_then(Value::as_str).with_context(|| format!("no text `{field}` in {object}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_the_answer() {
        let answer = last_json("warming up\n{\"listening\": \"127.0.0.1:1\"}\n").unwrap();
        assert_eq!(text_of(&answer, "listening").unwrap(), "127.0.0.1:1");
        assert!(text_of(&answer, "control").is_err());
        assert!(last_json("").is_err() && last_json("ready\n").is_err());
    }
}
