//! The platform: made, the kiosk enrolled with it, and serving.

use std::process::Command;

use anyhow::Result;

use super::bench::Addresses;
use super::kiosk_toml::KioskToml;
use super::{Build, Folder, HALL, KIOSK_ID, START, last_json, text_of};
use crate::process::{self, Interrupt, Kept, Owner};

/// The running platform.
pub struct Platform {
    /// Its process.
    pub serving: Kept,
    /// The address of its pages for people.
    pub pages: String,
}

/// Sets the platform up, enrols the kiosk with it, writes kiosk.toml and starts serving.
pub fn start(
    build: Build,
    folder: &Folder,
    addresses: &Addresses,
    interrupt: &Interrupt,
) -> Result<Platform> {
    let enrol = folder.enrol();
    process::output_of(command(build, folder).args(["init", "--name", "127.0.0.1"]))?;

    // The intake's port is not known yet, and making keys does not need it.
    let mut toml = KioskToml {
        id: KIOSK_ID,
        hall: HALL,
        folder,
        matters: crate::root().join("matters/catalogue"),
        addresses,
        platform: "127.0.0.1:8443",
    };
    toml.write()?;
    let identity = process::output_of(
        Command::new(build.binary("kiosk"))
            .arg("--config")
            .arg(folder.config())
            .args(["identity", "--json", "--out"])
            .arg(&enrol),
    )?;
    let identity = last_json(&identity)?;
    process::output_of(
        command(build, folder)
            .args(["enrol", "--kiosk", text_of(&identity, "kiosk")?])
            .args(["--signing-key", text_of(&identity, "signing_key")?, "--csr"])
            .arg(enrol.join("tls.csr"))
            .arg("--out")
            .arg(&enrol),
    )?;

    let program = build.binary("kiosk-platform");
    let mut serving = Kept::start("platform", &program, &folder.logs(), Owner::Us, |command| {
        command.arg("--state").arg(folder.platform()).arg("serve");
        command.args(["--listen", "127.0.0.1:0", "--public", "127.0.0.1:0"]);
    })?;
    let ready = last_json(&serving.first_line(START, interrupt)?)?;
    toml.platform = text_of(&ready, "listening")?;
    toml.write()?;
    let pages = text_of(&ready, "public")?.to_owned();
    Ok(Platform { serving, pages })
}

/// `kiosk-platform` on the work folder's state.
pub fn command(build: Build, folder: &Folder) -> Command {
    let mut command = Command::new(build.binary("kiosk-platform"));
    command.arg("--state").arg(folder.platform());
    command
}
