//! Programs that are not ours against what is ours: two COSE libraries against the envelope, and a tester of HTTP
//! interfaces against the platform. They come from PyPI, pinned with their hashes in `tests/interop/requirements.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::packages::{self, Package};
use crate::process::{self, Interrupt, Kept, Owner};
use crate::stage::{Build, KIOSK_ID, text_of};

const PACKAGES: &[Package] = &[Package {
    name: "python3-venv",
    why: "a folder of its own for the COSE libraries of the interoperability tests",
}];

/// How long the platform may take until it says where it listens (measured 0.1 s; the rest is for a loaded machine).
const START: Duration = Duration::from_secs(20);

/// How long the interface is tested, in seconds.
const FUZZING: &str = "40";

/// Runs them all with the programs of the last debug build.
///
/// # Errors
/// When one of them cannot read what is ours, accepts what it should refuse, or finds the platform contradicting its
/// own description.
pub fn run(interrupt: &Interrupt) -> Result<()> {
    packages::install_these(PACKAGES, interrupt)?;
    let python = environment(interrupt)?;
    for script in ["open_vectors.py", "refuse_mutations.py"] {
        must(Command::new(python.join("python")).arg(folder().join(script)), interrupt)?;
    }
    platform(&python, interrupt)
}

/// The Python environment, made anew when the pinned versions change; gives its folder of programs.
fn environment(interrupt: &Interrupt) -> Result<PathBuf> {
    let requirements = folder().join("requirements.txt");
    let wanted = fs::read(&requirements).context("the pinned versions")?;
    let venv = crate::root().join("target/interop");
    let made_of = venv.join("requirements.txt");
    if fs::read(&made_of).ok().as_ref() != Some(&wanted) {
        must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv), interrupt)?;
        let mut pip = Command::new(venv.join("bin/pip"));
        pip.args(["install", "--quiet", "--require-hashes", "--only-binary=:all:", "--requirement"]);
        must(pip.arg(&requirements), interrupt)?;
        fs::write(&made_of, wanted)?;
    }
    Ok(venv.join("bin"))
}

/// A platform with one enrolled kiosk, whose interface is asked everything its own description allows and forbids.
fn platform(python: &Path, interrupt: &Interrupt) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let state = folder.path().join("platform");
    let enrol = folder.path().join("enrol");
    let command = || {
        let mut command = Command::new(Build::Debug.binary("kiosk-platform"));
        command.arg("--state").arg(&state);
        command
    };
    process::output_of(command().args(["init", "--name", "127.0.0.1"]))?;
    let key = enrol_kiosk(folder.path(), &enrol, command)?;

    let logs = folder.path().join("logs");
    let program = Build::Debug.binary("kiosk-platform");
    let mut serving = Kept::start("platform", &program, &logs, Owner::Us, |command| {
        command.arg("--state").arg(&state).args(["serve", "--listen", "127.0.0.1:0"]);
        command.args(["--public", "127.0.0.1:0"]);
    })?;
    let ready: Value = serde_json::from_str(&serving.first_line(START, interrupt)?)?;
    let address = format!("https://{}", text_of(&ready, "listening")?);

    let mut tester = Command::new(python.join("schemathesis"));
    tester.current_dir(folder.path()).env("PYTHONPATH", self::folder());
    tester.arg("--config-file").arg(self::folder().join("schemathesis.toml"));
    tester.args(["run", &format!("{address}/openapi.json"), "--max-time", FUZZING]);
    tester.arg("--tls-verify").arg(enrol.join("ca.pem"));
    tester.arg("--request-cert").arg(enrol.join("client.pem")).arg("--request-cert-key").arg(key);
    must(&mut tester, interrupt)?;
    serving.must_run()
}

/// Makes a kiosk's keys and enrols it; gives the file of its TLS key.
fn enrol_kiosk(folder: &Path, enrol: &Path, platform: impl Fn() -> Command) -> Result<PathBuf> {
    let state = folder.join("kiosk");
    let config = folder.join("kiosk.toml");
    fs::write(&config, format!("[kiosk]\nid = \"{KIOSK_ID}\"\nstate = \"{}\"\n", state.display()))?;
    let mut kiosk = Command::new(Build::Debug.binary("kiosk"));
    kiosk.arg("--config").arg(&config).args(["identity", "--json", "--out"]).arg(enrol);
    let said = process::output_of(&mut kiosk)?;
    let identity: Value = serde_json::from_str(said.lines().last().unwrap_or_default())?;
    let mut command = platform();
    command.args(["enrol", "--kiosk", KIOSK_ID, "--signing-key", text_of(&identity, "signing_key")?]);
    process::output_of(command.arg("--csr").arg(enrol.join("tls.csr")).arg("--out").arg(enrol))?;
    Ok(state.join("keys/tls.key"))
}

/// Where the scripts and the pinned versions are.
fn folder() -> PathBuf {
    crate::root().join("tests/interop")
}

fn must(command: &mut Command, interrupt: &Interrupt) -> Result<()> {
    // Nothing is left beside the scripts.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let name =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let status = process::run_to_end(command, interrupt)?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}
