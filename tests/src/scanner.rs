//! The document scanner of a hall: SANE's own virtual scanners behind the real helper process.
//!
//! The kiosk's configuration names a small program that lets the real helper work with this hall's SANE configuration; or
//! it misbehaves as no scanner of SANE's does.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;

use crate::programs::program;

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

/// The real helper, and the name of the small program.
pub(crate) const HELPER: &str = "kiosk-scan";

/// The paper, drawn once a process: it takes a second.
static PAPER: OnceLock<Vec<u8>> = OnceLock::new();

/// Puts the helper into `folder`, with SANE's configuration and what lies on the glass. May be called while a kiosk runs:
/// the helper is started anew for each scan.
pub(crate) fn set_up(folder: &Path, glass: Glass) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("dll.conf"), "test\npnm\n").unwrap();
    let page = folder.join("page.ppm");
    std::fs::write(&page, on_the_glass(glass)).unwrap();
    let sane = |device: &str, option: &str, value: &str| {
        format!(
            "export SANE_CONFIG_DIR='{}'\n\
             sed -u -e 's|\"device\":\"[^\"]*\"|\"device\":\"{device}\"|' \\\n\
             -e 's|\"options\":\\[\\]|\"options\":[[\"{option}\",\"{value}\"]]|' | '{}'\n",
            folder.display(),
            program(HELPER).display(),
        )
    };
    let script = match glass {
        Glass::Paper | Glass::Nothing => sane("pnm:0", "filename", &page.display().to_string()),
        Glass::Fails(status) => sane("test:0", "read-return-value", status),
        Glass::Feeder(sheets) => format!(
            "read -r request\n\
             echo '{{\"opened\":{{\"contract\":1,\"model\":\"a feeder\"}}}}'\n\
             for sheet in $(seq {sheets}); do\n\
             echo '{{\"page\":{{\"width\":850,\"height\":1170,\"channels\":1,\"dpi\":100}}}}'\n\
             tail -c {bytes} '{page}' || exit 0\n\
             done\n\
             echo '{{\"finished\":{{\"pages\":{sheets}}}}}'\n",
            bytes = 850 * 1170,
            page = page.display(),
        ),
        Glass::HangsInOpen => "exec sleep 3600\n".to_owned(),
    };
    // A helper that is being started must be the old one or the new one.
    let new = folder.join("new");
    std::fs::write(&new, format!("#!/bin/sh\n{script}")).unwrap();
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::rename(&new, folder.join(HELPER)).unwrap();
}

fn on_the_glass(glass: Glass) -> Vec<u8> {
    let grey = |pixels: Vec<u8>| [b"P5\n850 1170\n255\n".to_vec(), pixels].concat();
    let paper = || PAPER.get_or_init(|| simulators::document::lease().ppm());
    match glass {
        Glass::Paper => paper().clone(),
        // Half as fine and grey, as a fast feeder scans.
        Glass::Feeder(_) => {
            let colours = &paper()[paper().len() - 3 * 1700 * 2340..];
            let at = |x: usize, y: usize| colours[3 * (2 * y * 1700 + 2 * x) + 1];
            grey((0..1170).flat_map(|y| (0..850).map(move |x| at(x, y))).collect())
        }
        Glass::Nothing | Glass::Fails(_) | Glass::HangsInOpen => grey(vec![250; 850 * 1170]),
    }
}
