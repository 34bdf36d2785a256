//! Virtual devices around the kiosk.

use anyhow::Result;

use super::reader::VIRTUAL_READER;
use super::{Build, Control, Folder, START, last_json, text_of};
use crate::process::{Interrupt, Kept, Owner};

/// Who stands before the camera: see the README beside it.
const PORTRAIT: &str = "imaging/tests/data/astronaut.jpg";

/// Where the devices are reached.
pub struct Addresses {
    /// The printer, host and port.
    pub printer: String,
    /// The camera's stream.
    pub camera: String,
    /// The attendant's lamp, host and port.
    pub lamp: String,
}

/// Starts `kiosk-bench`.
pub fn start(build: Build, folder: &Folder, interrupt: &Interrupt) -> Result<(Kept, Control, Addresses)> {
    let bench = build.binary("kiosk-bench");
    let mut running = Kept::start("bench", &bench, &folder.logs(), Owner::Us, |command| {
        command.args(["run", "--pcd", VIRTUAL_READER, "--paper"]).arg(folder.screens());
        command.arg("--portrait").arg(crate::root().join(PORTRAIT));
    })?;
    let ready = last_json(&running.first_line(START, interrupt)?)?;
    let control = Control::connect(text_of(&ready, "control")?)?;
    let text = |field| text_of(&ready, field).map(str::to_owned);
    let addresses = Addresses { printer: text("printer")?, camera: text("camera")?, lamp: text("lamp")? };
    Ok((running, control, addresses))
}
