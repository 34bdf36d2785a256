//! The scanner of a demo: SANE's own virtual one, `pnm`, with a drawn paper on its glass.
//!
//! The kiosk looks for its scanning helper beside its own program, where the installation puts both. The demo has such a
//! place of its own: the kiosk, linked, and a small program in the helper's name that lets the real one work with the
//! demo's scanner instead of the machine's.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Build, Folder};
use crate::process;

/// The helper's name, which the kiosk knows.
const HELPER: &str = "kiosk-scan";

/// The scanner's SANE name.
pub const DEVICE: &str = "pnm:0";

/// Installs the kiosk into the work folder, with a paper on the scanner.
pub fn install(build: Build, folder: &Folder) -> Result<()> {
    let (bin, sane) = (folder.bin(), folder.sane());
    for made in [&bin, &sane] {
        fs::create_dir_all(made).with_context(|| format!("cannot make {}", made.display()))?;
    }
    let kiosk = build.binary("kiosk");
    // A symbolic link would lead the kiosk back to where it was built.
    fs::hard_link(&kiosk, folder.installed_kiosk())
        .or_else(|_| fs::copy(&kiosk, folder.installed_kiosk()).map(drop))
        .context("cannot install the kiosk")?;

    let page = sane.join("page.ppm");
    process::output_of(Command::new(build.binary("kiosk-bench")).args(["page", "--out"]).arg(&page))?;
    fs::write(sane.join("dll.conf"), "pnm\n")?;
    let script = format!(
        "#!/bin/sh\nexport SANE_CONFIG_DIR='{}'\n\
         sed -u 's|\"options\":\\[\\]|\"options\":[[\"filename\",\"{}\"]]|' | '{}'\n",
        sane.display(),
        page.display(),
        build.binary(HELPER).display()
    );
    let helper = bin.join(HELPER);
    fs::write(&helper, script)?;
    fs::set_permissions(&helper, Permissions::from_mode(0o755))?;
    Ok(())
}
