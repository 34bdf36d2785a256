//! `cargo xtask deb`: the Debian package `bianmin-kiosk`, and a clean tree in which it is installed, started and purged.
//!
//! Debian's own debhelper makes the package from `packaging/debian`: it writes the maintainer scripts, strips, and finds
//! the libraries the programs need. Cargo builds the programs before that, and the tree comes from debootstrap.

mod check;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::packages::{self, Package};
use crate::process::{self, Interrupt};
use crate::stage::{Build, cargo};

/// The package's name.
const NAME: &str = "bianmin-kiosk";

/// The programs in it.
const PROGRAMS: [&str; 2] = ["kiosk", "kiosk-scan"];

/// What making and checking a package needs besides what the house needs.
const PACKAGES: &[Package] = &[
    Package { name: "debhelper", why: "makes the Debian package" },
    Package { name: "lintian", why: "judges the Debian package" },
    Package { name: "debootstrap", why: "makes the clean tree in which the package is tried" },
];

/// What the kiosk's console variant is linked with.
const CONSOLE: &[Package] = &[
    Package { name: "libinput-dev", why: "touch and keys without a desktop, linked by the screens" },
    Package { name: "libudev-dev", why: "finds touch screens and keys, linked by the screens" },
    Package { name: "libxkbcommon-dev", why: "keyboard layout without a desktop, linked by the screens" },
];

/// `cargo xtask deb`
#[derive(clap::Args)]
pub struct Arguments {
    /// Installs the package in a clean Debian, starts the kiosk there, removes and purges it; needs root
    #[arg(long)]
    check: bool,
    /// Takes the programs of the last debug build instead of a release build for the console
    #[arg(long)]
    debug: bool,
}

/// Makes the package; with `--check` also tries it.
///
/// # Errors
/// At the first step that fails.
pub fn run(arguments: &Arguments, interrupt: &Interrupt) -> Result<()> {
    packages::install_these(PACKAGES, interrupt)?;
    let build = if arguments.debug { Build::Debug } else { Build::Release };
    if build == Build::Release {
        packages::install_these(CONSOLE, interrupt)?;
        build_for_the_console(interrupt)?;
    }
    let file = make(build, interrupt)?;
    if arguments.check {
        check::check(&file, interrupt)?;
    }
    println!("{}", file.display());
    Ok(())
}

/// The step of `cargo xtask test`: the programs that were just built, packed and tried. Nothing is compiled.
///
/// # Errors
/// At the first thing that is not as it should be.
pub fn test(interrupt: &Interrupt) -> Result<()> {
    if !process::is_root() {
        println!("skipped: installing in a clean tree needs root");
        return Ok(());
    }
    if process::output_of(Command::new("unshare").args(["--mount", "true"])).is_err() {
        println!("skipped: root may not mount here, and a clean tree needs /proc");
        return Ok(());
    }
    run(&Arguments { check: true, debug: true }, interrupt)
}

/// Builds the programs so that they draw on a bare console; the window of the desktop stays in, for the check.
fn build_for_the_console(interrupt: &Interrupt) -> Result<()> {
    let mut cargo = cargo();
    cargo.args(["build", "--release", "--locked", "-p", "kiosk-app", "-p", "drivers"]);
    cargo.args(["--features", "kiosk-app/device", "--bin", "kiosk", "--bin", "kiosk-scan"]);
    must(&mut cargo, interrupt)
}

/// Packs the programs of a build; gives the package's path.
fn make(build: Build, interrupt: &Interrupt) -> Result<PathBuf> {
    let folder = folder();
    let source = folder.join("source");
    remove(&source)?;
    stage(build, &source).with_context(|| format!("cannot fill {}", source.display()))?;
    let mut dpkg = Command::new("dpkg-buildpackage");
    dpkg.current_dir(&source).args(["--build=binary", "--no-sign"]);
    // The programs bring their line tables along in a debug build; the package is about files, not speed.
    dpkg.env("DEB_BUILD_OPTIONS", "nocheck");
    must(&mut dpkg, interrupt)?;
    let architecture = process::output_of(Command::new("dpkg").arg("--print-architecture"))?;
    let file = folder.join(format!("{NAME}_{}_{}.deb", version()?, architecture.trim()));
    if !file.is_file() {
        bail!("{} was not made: is packaging/debian/changelog of another version?", file.display());
    }
    Ok(file)
}

/// Puts everything where `packaging/debian` expects it.
fn stage(build: Build, source: &Path) -> Result<()> {
    let root = crate::root();
    copy_tree(&root.join("packaging"), source)?;
    let bin = source.join("bin");
    fs::create_dir_all(&bin)?;
    for program in PROGRAMS {
        fs::copy(build.binary(program), bin.join(program))
            .with_context(|| format!("{} has not been built", build.binary(program).display()))?;
    }
    copy_tree(&root.join("matters/catalogue"), &source.join("matters"))?;
    // What is not in effect yet does not go to a hall.
    remove(&source.join("matters/drafts"))?;
    let doc = source.join("doc");
    fs::create_dir_all(&doc)?;
    fs::copy(root.join("docs/failures.md"), doc.join("failures.md"))?;
    fs::copy(root.join("kiosk-app/kiosk.toml"), doc.join("kiosk.toml"))?;
    Ok(())
}

/// Where packages, their staging and the clean tree lie.
fn folder() -> PathBuf {
    crate::root().join("target/deb")
}

/// The workspace's version, which `packaging/debian/changelog` must name too.
fn version() -> Result<String> {
    let text = fs::read_to_string(crate::root().join("Cargo.toml"))?;
    let manifest: toml::Table = text.parse()?;
    let version = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("package")?.get("version")?.as_str())
        .context("Cargo.toml names no version")?;
    Ok(version.to_owned())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Runs a command of the foreground; what it says goes to stderr, because stdout belongs to the package's name.
fn must(command: &mut Command, interrupt: &Interrupt) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = process::run_to_end(command.stdout(std::io::stderr()), interrupt)?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_changelog_is_of_this_version() {
        let text = fs::read_to_string(crate::root().join("packaging/debian/changelog")).unwrap();
        let (_, rest) = text.split_once('(').unwrap();
        assert_eq!(rest.split_once(')').unwrap().0, version().unwrap());
    }
}
