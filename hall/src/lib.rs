//! A kiosk with everything around it, for the demo, the tests and the measurements. Never linked into a kiosk.
//!
//! | module    | what it does                                                                            |
//! |-----------|------------------------------------------------------------------------------------------|
//! | `process` | children that never outlive their owner                                                  |
//! | `folder`  | where all of it writes                                                                   |
//! | `reader`  | the smart card service with the virtual reader, shared by everybody on the machine       |
//! | `scanner` | SANE's virtual scanners, and what lies on their glass                                    |
//!
//! A [`Hall`] runs the real programs. The virtual devices belong to `simulators`: the demo runs them as a program of their
//! own, the journeys inside the test.

pub mod folder;
pub mod process;
pub mod reader;
mod scanner;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

pub use folder::Folder;
pub use scanner::Glass;

use crate::process::{Interrupt, Kept, Owner};

/// The kiosk of every hall.
pub const KIOSK: &str = "110101-0007";

/// Who stands before the camera: see the README beside it.
const PORTRAIT: &str = "imaging/tests/data/astronaut.jpg";

/// How long a service of ours may take until it says where it listens (measured 0.1 s; the rest is for a loaded machine).
pub const START: Duration = Duration::from_secs(20);

/// Where the virtual devices are.
#[derive(Clone, Debug)]
pub struct Devices {
    /// The name of the card reader, where there is one.
    pub reader: Option<String>,
    /// The printer, host and port.
    pub printer: String,
    /// The camera's stream.
    pub camera: String,
    /// The attendant's lamp, host and port.
    pub lamp: String,
}

/// One kiosk, enrolled with its platform, and their programs. Everything ends with it.
pub struct Hall {
    /// Where everything is written.
    pub folder: Folder,
    /// The address of the platform's pages for people: clerks, and who pays.
    pub pages: String,
    programs: PathBuf,
    config: Value,
    platform: Option<Kept>,
}

impl Hall {
    /// A kiosk without devices and a platform that is off. `programs` is the folder of the house's programs.
    ///
    /// # Errors
    /// What the program said that failed, here and below.
    pub fn new(folder: Folder, programs: &Path) -> Result<Hall> {
        let hall = Hall::of_strangers(folder, programs)?;
        hall.enrol(&["identity"], &["enrol"])?;
        Ok(hall)
    }

    /// The same with a platform that has not heard of the kiosk.
    pub fn of_strangers(folder: Folder, programs: &Path) -> Result<Hall> {
        let enrol = folder.enrol();
        let config = json!({
            "kiosk": { "id": KIOSK, "hall": "演示派出所", "state": folder.kiosk() },
            "platform": {
                // Its port is not known yet: nobody listens here.
                "url": "https://127.0.0.1:1",
                "ca": enrol.join("ca.pem"),
                "receipt_key": enrol.join("receipt.pub"),
                "sealing_keys": enrol.join("sealing.pub"),
                "client_cert": enrol.join("client.pem"),
                "client_key": folder.kiosk().join("keys/tls.key"),
            },
            "screen": { "fullscreen": false },
            "matters": { "path": root().join("matters/catalogue") },
        });
        let (programs, pages) = (programs.to_owned(), String::new());
        let hall = Hall { folder, pages, programs, config, platform: None };
        hall.write_config()?;
        hall.platform_command(&["init", "--name", "127.0.0.1"])?;
        Ok(hall)
    }

    /// The kiosk gets a new signing key and is enrolled with it; gives the platform's answer.
    pub fn enrol_again(&self) -> Result<Value> {
        self.enrol(&["identity", "--new-key"], &["enrol", "--again"])
    }

    fn enrol(&self, identity: &[&str], enrol: &[&str]) -> Result<Value> {
        let out = self.folder.enrol();
        let out = out.to_str().context("a path that is no text")?;
        let identity = self.command(&[identity, &["--out", out]].concat())?.good()?;
        self.enrol_as(&identity, enrol)
    }

    /// The platform takes a kiosk with this `signing_key` and this request for a certificate, `csr`.
    pub fn enrol_as(&self, identity: &Value, enrol: &[&str]) -> Result<Value> {
        let out = self.folder.enrol();
        let out = out.to_str().context("a path that is no text")?;
        let (key, csr) = (text_of(identity, "signing_key")?, text_of(identity, "csr")?);
        let who = ["--kiosk", KIOSK, "--signing-key", key, "--csr", csr, "--out", out];
        self.platform_command(&[enrol, &who].concat())
    }

    /// Sets a table of kiosk.toml.
    pub fn configure(&mut self, table: &str, keys: Value) -> Result<()> {
        self.config.as_object_mut().context("no tables")?.insert(table.to_owned(), keys);
        self.write_config()
    }

    /// Points the kiosk at a platform.
    pub fn use_platform(&mut self, url: &str) -> Result<()> {
        let platform = self.config.get_mut("platform").and_then(Value::as_object_mut);
        platform.context("a kiosk without a platform")?.insert("url".to_owned(), url.into());
        self.write_config()
    }

    /// Gives the kiosk its devices, with a paper on the scanner.
    pub fn equip(&mut self, devices: &Devices) -> Result<()> {
        self.scanner(Glass::Paper)?;
        // ALSA's own recorder: what would have sounded is in a file, on machines without a loudspeaker too.
        let sound = format!("file:'|cat >>\"{}\" || cat >/dev/null',raw", self.folder.sound().display());
        let (printer, camera) = (&devices.printer, &devices.camera);
        let helper = scanner::helper(&self.folder.sane());
        if let Some(reader) = &devices.reader {
            let keys = json!({ "transport": "pcsc", "reader": reader, "profile": "storage-card" });
            self.configure("id_card", keys)?;
        }
        for (table, keys) in [
            ("receipt_printer", json!({ "transport": "tcp", "address": printer, "profile": "generic" })),
            ("camera", json!({ "transport": "mjpeg", "url": camera })),
            ("document_scanner", json!({ "transport": "sane", "device": scanner::DEVICE, "helper": helper })),
            ("sound", json!({ "device": sound })),
            ("attendant_call", json!({ "address": devices.lamp })),
        ] {
            self.configure(table, keys)?;
        }
        Ok(())
    }

    fn write_config(&self) -> Result<()> {
        let file = self.folder.config();
        std::fs::write(&file, toml::to_string(&self.config)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// Changes what the scanner does.
    pub fn scanner(&self, glass: Glass) -> Result<()> {
        scanner::set_up(&self.folder.sane(), &self.programs, glass)
    }

    /// Starts the platform; a kiosk started later knows its address.
    pub fn switch_platform_on(&mut self, interrupt: &Interrupt) -> Result<()> {
        let program = self.programs.join("kiosk-platform");
        let mut platform = Kept::start("platform", &program, &self.folder.logs(), Owner::Us, |command| {
            command.arg("--state").arg(self.folder.platform()).arg("serve");
            command.args(["--listen", "127.0.0.1:0", "--public", "127.0.0.1:0"]);
        })?;
        let ready = last_json(&platform.next_line(START, interrupt)?)?;
        self.platform = Some(platform);
        text_of(&ready, "public")?.clone_into(&mut self.pages);
        self.use_platform(&format!("https://{}", text_of(&ready, "listening")?))
    }

    /// Switches the platform off, as a power cut there would.
    pub fn switch_platform_off(&mut self) {
        if let Some(platform) = self.platform.take() {
            platform.kill();
        }
    }

    /// The running platform.
    pub fn platform(&mut self) -> Result<&mut Kept> {
        self.platform.as_mut().context("the platform is off")
    }

    /// Where the kiosk looks for its platform.
    pub fn url(&self) -> &str {
        self.config.pointer("/platform/url").and_then(Value::as_str).unwrap_or_default()
    }

    /// Starts the kiosk; `dress` adds arguments and environment.
    pub fn start_kiosk(&self, dress: impl FnOnce(&mut Command)) -> Result<Kept> {
        let program = self.programs.join("kiosk");
        Kept::start("kiosk", &program, &self.folder.logs(), Owner::Us, |command| {
            command.arg("--config").arg(self.folder.config());
            dress(command);
        })
    }

    /// Runs a service command of the kiosk.
    pub fn command(&self, words: &[&str]) -> Result<Answer> {
        let mut kiosk = Command::new(self.programs.join("kiosk"));
        Answer::of(kiosk.arg("--config").arg(self.folder.config()).arg("--json").args(words))
    }

    /// Runs a command of the platform and gives its JSON object.
    pub fn platform_command(&self, words: &[&str]) -> Result<Value> {
        self.command_of(&self.folder.platform(), words)
    }

    /// The same for the platform of another folder.
    pub fn command_of(&self, state: &Path, words: &[&str]) -> Result<Value> {
        let mut platform = Command::new(self.programs.join("kiosk-platform"));
        Answer::of(platform.arg("--state").arg(state).arg("--json").args(words))?.good()
    }
}

/// How a command ended.
pub struct Answer {
    /// The exit status was 0.
    pub success: bool,
    /// The JSON object on the last line of its standard output.
    pub json: Value,
    said: String,
}

impl Answer {
    /// Runs a command to its end.
    ///
    /// # Errors
    /// When it cannot be started, or ends without a JSON object.
    pub fn of(command: &mut Command) -> Result<Answer> {
        let name = command.get_program().to_string_lossy().into_owned();
        let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
        let said = format!("{command:?} ({}): {}", output.status, String::from_utf8_lossy(&output.stderr));
        let json = last_json(&String::from_utf8_lossy(&output.stdout)).with_context(|| said.clone())?;
        Ok(Answer { success: output.status.success(), json, said })
    }

    /// What it answers.
    ///
    /// # Errors
    /// When it failed.
    pub fn good(self) -> Result<Value> {
        if !self.success {
            bail!("{}{}", self.said, self.json);
        }
        Ok(self.json)
    }
}

/// The root of the checkout.
///
/// Cargo tells it at run time, so a moved checkout is still found; the path at compile time is for a bare start of a
/// program.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A JPEG of who stands before the camera.
pub fn portrait() -> PathBuf {
    root().join(PORTRAIT)
}

/// The JSON object on the last line of a command's output.
pub fn last_json(output: &str) -> Result<Value> {
    let last = output.trim_end().lines().last().context("it printed nothing")?;
    serde_json::from_str(last).with_context(|| format!("its last line is no JSON: {last}"))
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
