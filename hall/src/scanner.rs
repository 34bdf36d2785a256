//! The document scanner of a hall: SANE's own virtual scanners behind the real helper process.
//!
//! The kiosk's configuration names a small program that lets the real helper work with this hall's SANE configuration; or
//! it misbehaves as no scanner of SANE's does.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use crate::process;

/// What the scanner does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glass {
    /// A paper lies on the glass.
    Paper,
    /// Nothing lies on it: the lid is white.
    Nothing,
    /// Reading fails with this status of SANE, such as `SANE_STATUS_JAMMED`.
    Fails(&'static str),
    /// A feeder with so many sheets.
    Feeder(u32),
    /// Opening it never ends.
    HangsInOpen,
}

/// The scanner's SANE name, as the kiosk's configuration has it.
pub(crate) const DEVICE: &str = "pnm:0";

/// The name of the real helper, and of the small program.
const HELPER: &str = "kiosk-scan";

/// The drawn paper's pixels, 200 dots an inch.
const PAPER: (usize, usize) = (1700, 2340);

/// Where the small program is.
pub(crate) fn helper(folder: &Path) -> PathBuf {
    folder.join(HELPER)
}

/// Puts the helper into `folder`, with SANE's configuration and what lies on the glass. May be called while a kiosk runs:
/// the helper is started anew for each scan. No path may have anything in it that a shell or sed would take for a command.
pub(crate) fn set_up(folder: &Path, programs: &Path, glass: Glass) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("dll.conf"), "test\npnm\n")?;
    let page = folder.join("page.ppm");
    fs::write(&page, on_the_glass(programs, glass)?)?;
    let sane = |device: &str, option: &str, value: &str| {
        format!(
            "export SANE_CONFIG_DIR='{}'\n\
             sed -u -e 's|\"device\":\"[^\"]*\"|\"device\":\"{device}\"|' \\\n\
             -e 's|\"options\":\\[\\]|\"options\":[[\"{option}\",\"{value}\"]]|' | '{}'\n",
            folder.display(),
            programs.join(HELPER).display(),
        )
    };
    let script = match glass {
        Glass::Paper | Glass::Nothing => sane(DEVICE, "filename", &page.display().to_string()),
        Glass::Fails(status) => sane("test:0", "read-return-value", status),
        Glass::Feeder(sheets) => format!(
            "read -r request\n\
             echo '{{\"opened\":{{\"contract\":1,\"model\":\"a feeder\"}}}}'\n\
             for sheet in $(seq {sheets}); do\n\
             echo '{{\"page\":{{\"width\":850,\"height\":1170,\"channels\":1,\"dpi\":100}}}}'\n\
             tail -c {bytes} '{page}' || exit 0\n\
             done\n\
             echo '{{\"finished\":{{\"pages\":{sheets}}}}}'\n",
            bytes = PAPER.0 / 2 * PAPER.1 / 2,
            page = page.display(),
        ),
        Glass::HangsInOpen => "exec sleep 3600\n".to_owned(),
    };
    // A helper that is being started must be the old one or the new one.
    let new = folder.join("new");
    fs::write(&new, format!("#!/bin/sh\n{script}"))?;
    fs::set_permissions(&new, Permissions::from_mode(0o755))?;
    Ok(fs::rename(&new, helper(folder))?)
}

fn on_the_glass(programs: &Path, glass: Glass) -> Result<Vec<u8>> {
    let (width, height) = (PAPER.0 / 2, PAPER.1 / 2);
    let grey = |pixels: Vec<u8>| [format!("P5\n{width} {height}\n255\n").into_bytes(), pixels].concat();
    match glass {
        Glass::Paper => paper(programs),
        // Half as fine and grey, as a fast feeder scans.
        Glass::Feeder(_) => {
            let paper = paper(programs)?;
            let pixels = paper.len().checked_sub(3 * PAPER.0 * PAPER.1).context("no paper")?;
            let green = |x, y| paper.get(pixels + 3 * (2 * y * PAPER.0 + 2 * x) + 1).copied().unwrap_or(0);
            Ok(grey((0..height).flat_map(|y| (0..width).map(move |x| green(x, y))).collect()))
        }
        Glass::Nothing | Glass::Fails(_) | Glass::HangsInOpen => Ok(grey(vec![250; width * height])),
    }
}

/// The paper, drawn once a process: it takes a second.
fn paper(programs: &Path) -> Result<Vec<u8>> {
    static DRAWN: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    if drawn.is_empty() {
        let file = tempfile::NamedTempFile::new()?;
        let mut bench = Command::new(programs.join("kiosk-bench"));
        process::output_of(bench.args(["page", "--out"]).arg(file.path()))?;
        *drawn = fs::read(file.path())?;
    }
    Ok(drawn.clone())
}
