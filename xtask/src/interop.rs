//! Programs that are not ours against what is ours: two COSE libraries against the envelope, and a tester of HTTP
//! interfaces against the platform. They come from PyPI, pinned with their hashes in `tests/interop/requirements.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use hall::{Folder, Hall};

use crate::packages::{self, Package};
use crate::process::{self, Interrupt};
use crate::stage::Build;

const PACKAGES: &[Package] = &[Package {
    name: "python3-venv",
    why: "a folder of its own for the COSE libraries of the interoperability tests",
}];

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
    let mut hall = Hall::new(Folder::make(None)?, &Build::Debug.folder())?;
    hall.switch_platform_on(interrupt)?;
    let enrol = hall.folder.enrol();

    let mut tester = Command::new(python.join("schemathesis"));
    tester.current_dir(hall.folder.path()).env("PYTHONPATH", self::folder());
    tester.arg("--config-file").arg(self::folder().join("schemathesis.toml"));
    tester.args(["run", &format!("{}/openapi.json", hall.url()), "--max-time", FUZZING]);
    tester.arg("--tls-verify").arg(enrol.join("ca.pem"));
    tester.arg("--request-cert").arg(enrol.join("client.pem"));
    tester.arg("--request-cert-key").arg(hall.folder.kiosk().join("keys/tls.key"));
    must(&mut tester, interrupt)?;
    hall.platform()?.must_run()
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
