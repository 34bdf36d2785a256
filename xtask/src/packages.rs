//! The Debian packages the house needs to be built, tested and shown, in one place.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::process::{self, Interrupt};

/// A package and why it is here.
pub struct Package {
    /// Debian's name of it.
    pub name: &'static str,
    /// What it is for.
    pub why: &'static str,
}

const PACKAGES: &[Package] = &[
    // To build.
    Package {
        name: "build-essential",
        why: "links every binary; compiles the bundled SQLite and the ring library",
    },
    Package { name: "pkg-config", why: "tells the pcsc crate where the system's libpcsclite is" },
    Package {
        name: "libpcsclite-dev",
        why: "the smart card service's client library, linked by the drivers",
    },
    Package {
        name: "libsane-dev",
        why: "scanner backends, linked by the helper kiosk-scan; brings SANE's virtual scanners for the tests",
    },
    Package { name: "libasound2-dev", why: "sound, linked by the drivers" },
    Package {
        name: "libfontconfig-dev",
        why: "finds the installed fonts, linked by the screens' text layout",
    },
    // The virtual card reader.
    Package { name: "pcscd", why: "the smart card service the kiosk reads identity cards through" },
    Package { name: "vsmartcard-vpcd", why: "the virtual reader behind which the simulated card lies" },
    // The display.
    Package { name: "xvfb", why: "a private display of the kiosk's size for the robot and the tests" },
    Package { name: "libxkbcommon-x11-0", why: "opened by the window toolkit at run time: keyboard layout" },
    Package { name: "libx11-xcb1", why: "opened by the window toolkit at run time: X11 over XCB" },
    Package { name: "libxcursor1", why: "opened by the window toolkit at run time: pointer" },
    Package { name: "libxi6", why: "opened by the window toolkit at run time: touch and pointer events" },
    Package { name: "fonts-noto-cjk", why: "the typeface of the screens and of the drawn receipts" },
    // The clerks' browser.
    Package { name: "chromium", why: "a real browser for the tests of the platform's pages" },
    Package { name: "chromium-driver", why: "drives that browser" },
    // The robot's eyes.
    Package { name: "dbus", why: "a private session bus under the accessibility bus" },
    Package { name: "at-spi2-core", why: "the accessibility bus over which the robot finds what it touches" },
];

/// Installs what is missing, and says which and why. Does nothing, quickly, when everything is there.
///
/// # Errors
/// When dpkg or apt-get cannot be run or fails: not a Debian, or no right to install.
pub fn install(interrupt: &Interrupt) -> Result<()> {
    install_these(PACKAGES, interrupt)
}

/// As [`install`], for what only one task needs.
///
/// # Errors
/// As [`install`].
pub fn install_these(packages: &[Package], interrupt: &Interrupt) -> Result<()> {
    let installed = installed(packages)?;
    let missing: Vec<&Package> =
        packages.iter().filter(|package| !installed.contains(package.name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("Installing {} Debian packages:", missing.len());
    for package in &missing {
        eprintln!("  {:<20} {}", package.name, package.why);
    }
    apt_get(&["update", "-q"], &[], interrupt)?;
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    apt_get(&["install", "-q", "-y", "--no-install-recommends"], &names, interrupt)
}

/// The names among these that are fully installed.
fn installed(packages: &[Package]) -> Result<BTreeSet<String>> {
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(packages.iter().map(|package| package.name))
        // It complains about each package it does not know, which is the answer looked for.
        .stderr(Stdio::null())
        .output()
        .context("dpkg-query cannot be run: this task installs Debian packages and needs a Debian")?;
    Ok(parse_installed(&String::from_utf8_lossy(&output.stdout)))
}

/// Reads lines of `name status`.
fn parse_installed(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, status)| *status == "installed")
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn apt_get(verb: &[&str], names: &[&str], interrupt: &Interrupt) -> Result<()> {
    let mut command = if process::is_root() {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    } else {
        let mut command = Command::new("sudo");
        // sudo clears the environment: the variable is set behind it.
        command.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    };
    command.args(verb).args(names).stdin(Stdio::null());
    // What it says belongs to people, not to the JSON line or the test results on stdout.
    command.stdout(std::io::stderr());
    let status = process::run_to_end(&mut command, interrupt).context("apt-get cannot be run")?;
    if !status.success() {
        bail!("apt-get {} failed ({status})", verb.join(" "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fully_installed_packages_count() {
        let found =
            parse_installed("pcscd installed\nxvfb config-files\nlibxi6 half-installed\ndbus installed\n");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["dbus", "pcscd"]);
    }

    #[test]
    fn every_package_stands_once_with_a_reason() {
        let names: BTreeSet<&str> = PACKAGES.iter().map(|package| package.name).collect();
        assert_eq!(names.len(), PACKAGES.len());
        assert!(PACKAGES.iter().all(|package| !package.why.is_empty()));
    }
}
