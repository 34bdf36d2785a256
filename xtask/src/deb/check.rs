//! The package on a clean machine: judged, installed, looked at, started, removed, purged.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::tree::{ENTRANCE, Tree};
use super::{NAME, PROGRAMS, folder, must};
use crate::process::{self, Interrupt, Kept, Owner, Sweep};
use crate::robot::Camera;
use crate::stage::Display;

/// What is where, with which permissions, and whose.
const FILES: [(&str, u32, &str); 14] = [
    ("usr/bin/kiosk", 0o755, "root:root"),
    ("usr/bin/kiosk-scan", 0o755, "root:root"),
    ("etc/kiosk/kiosk.toml", 0o644, "root:root"),
    ("usr/share/kiosk/matters/household-certificate.toml", 0o644, "root:root"),
    ("lib/systemd/system/kiosk.service", 0o644, "root:root"),
    ("lib/udev/rules.d/60-bianmin-kiosk.rules", 0o644, "root:root"),
    ("usr/lib/sysusers.d/bianmin-kiosk.conf", 0o644, "root:root"),
    ("usr/lib/tmpfiles.d/bianmin-kiosk.conf", 0o644, "root:root"),
    ("usr/lib/systemd/logind.conf.d/kiosk.conf", 0o644, "root:root"),
    ("usr/lib/systemd/system.conf.d/kiosk.conf", 0o644, "root:root"),
    ("usr/lib/sysctl.d/50-kiosk.conf", 0o644, "root:root"),
    ("usr/share/doc/bianmin-kiosk/copyright", 0o644, "root:root"),
    ("usr/share/doc/bianmin-kiosk/setting-up.md", 0o644, "root:root"),
    ("var/lib/kiosk", 0o700, "kiosk:kiosk"),
];

/// The groups that the kiosk's devices belong to.
const GROUPS: [&str; 8] = ["kiosk", "video", "render", "input", "audio", "scanner", "lp", "dialout"];

/// The most that systemd may hold against the unit, of 100 (measured 17: the network, the devices, and that it shares the
/// machine's users).
const EXPOSURE: &str = "20";

/// How long the kiosk may take from its start to its first frame here (measured 0.2 s; the rest is for a loaded machine
/// and a debug build).
const START: Duration = Duration::from_secs(30);

/// Tries the package; see the module.
///
/// # Errors
/// At the first thing that is not as it should be.
pub fn check(package: &Path, interrupt: &Interrupt) -> Result<()> {
    ensure!(process::is_root(), "installing in a clean tree needs root");
    say("lintian");
    let mut lintian = Command::new("lintian");
    lintian.args(["--allow-root", "--fail-on", "error,warning"]).arg(package);
    must(&mut lintian, interrupt)?;

    say("clean tree");
    let tree = Tree::ensure(&folder(), interrupt)?;
    // A run that was broken off may have left its package.
    tree.run(&["dpkg", "--purge", NAME])?;
    super::remove(&tree.path("var/lib/kiosk"))?;
    tree.install_what_it_needs(package, interrupt)?;
    let clean = tree.listing()?;

    say("install");
    install(&tree, package, interrupt)?;
    files(&tree)?;
    programs(&tree)?;
    unit(&tree)?;
    starts(&tree, interrupt)?;

    say("remove, purge");
    tree.run(&["dpkg", "--remove", NAME])?;
    for program in PROGRAMS {
        ensure!(!tree.path("usr/bin").join(program).exists(), "{program} is left after removal");
    }
    ensure!(tree.path("etc/kiosk/kiosk.toml").exists(), "removal took the configuration along");
    let request = tree.path("var/lib/kiosk/outbox/outbox.db");
    fs::create_dir_all(request.parent().unwrap_or(&request))?;
    fs::write(&request, "a citizen's request")?;
    tree.run(&["dpkg", "--purge", NAME])?;
    ensure!(request.exists(), "purging erased a request that nobody else has");
    super::remove(&tree.path("var/lib/kiosk"))?;

    install(&tree, package, interrupt)?;
    tree.run(&["dpkg", "--purge", NAME])?;
    let left = tree.listing()?;
    let differs: Vec<_> = left
        .iter()
        .filter(|(path, found)| clean.get(*path) != Some(found))
        .chain(clean.iter().filter(|(path, _)| !left.contains_key(*path)))
        .map(|(path, _)| path.as_str())
        .collect();
    ensure!(differs.is_empty(), "after purging these are not as before: {}", differs.join(", "));
    // Debian leaves users in place: a file of theirs that lies elsewhere must not become somebody else's.
    ensure!(tree.run(&["id", "kiosk"]).is_ok(), "purging took the user along");
    Ok(())
}

fn install(tree: &Tree, package: &Path, interrupt: &Interrupt) -> Result<()> {
    let inside = format!("/tmp/{NAME}.deb");
    fs::copy(package, tree.path(&inside))?;
    must(tree.command("dpkg").args(["--install", &inside]), interrupt)?;
    fs::remove_file(tree.path(&inside))?;
    Ok(())
}

/// Files, modes, owners; the user and its groups.
fn files(tree: &Tree) -> Result<()> {
    for (path, mode, owner) in FILES {
        let found = tree.run(&["stat", "--format=%a %U:%G", &format!("/{path}")])?;
        let wanted = format!("{mode:o} {owner}");
        ensure!(found.trim() == wanted, "{path} is {}, not {wanted}", found.trim());
    }
    let groups = tree.run(&["id", "--name", "--groups", "kiosk"])?;
    let groups: Vec<&str> = groups.split_whitespace().collect();
    for group in GROUPS {
        ensure!(groups.contains(&group), "the user kiosk is not in the group {group}");
    }
    let user = tree.run(&["getent", "passwd", "kiosk"])?;
    ensure!(user.trim().ends_with("/nologin"), "the user kiosk may log in: {user}");
    let conffiles = tree.run(&["dpkg-query", "--show", "--showformat=${Conffiles}", NAME])?;
    ensure!(conffiles.contains("/etc/kiosk/kiosk.toml"), "an upgrade would overwrite the configuration");
    Ok(())
}

/// The programs find their libraries, and accept what came with them.
fn programs(tree: &Tree) -> Result<()> {
    for program in PROGRAMS {
        let linked = tree.run(&["ldd", &format!("/usr/bin/{program}")])?;
        ensure!(!linked.contains("not found"), "{program} misses a library:\n{linked}");
    }
    tree.run(&["runuser", "-u", "kiosk", "--", "kiosk", "config", "check", "--json"])?;
    tree.run(&["runuser", "-u", "kiosk", "--", "kiosk", "catalogue", "check", "--json"])?;
    Ok(())
}

/// systemd understands the unit, and has little to say against it; Ctrl+Alt+Del restarts nothing.
fn unit(tree: &Tree) -> Result<()> {
    let mask = fs::read_link(tree.path("etc/systemd/system/ctrl-alt-del.target")).unwrap_or_default();
    ensure!(mask == Path::new("/dev/null"), "Ctrl+Alt+Del restarts the machine");
    let analyze = |words: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        command.arg(format!("--root={}", tree.path("").display())).args(words);
        command
    };
    // Whatever it says is a mistake, also where it ends well: a misspelt key is only a remark to it.
    let output = analyze(&["verify", "--man=no", "--recursive-errors=no", "kiosk.service"]).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && said.trim().is_empty(), "systemd does not like the unit: {said}");
    let threshold = format!("--threshold={EXPOSURE}");
    let judged =
        process::output_of(&mut analyze(&["--offline=true", &threshold, "security", "kiosk.service"]))?;
    eprintln!("{}", judged.trim_end().lines().last().unwrap_or_default());
    Ok(())
}

/// The kiosk draws its first page and tells systemd so, as the user and in the environment of the unit, but in a window.
fn starts(tree: &Tree, interrupt: &Interrupt) -> Result<()> {
    say("start");
    let logs = folder().join("logs");
    // Sockets have short names.
    let runtime = tempfile::tempdir()?;
    let _sweep = Sweep::begin()?;
    let display = Display::start(&logs, runtime.path(), interrupt)?;
    let socket = "/run/kiosk-check.notify";
    let _gone = fs::remove_file(tree.path(socket));
    let service_manager = UnixDatagram::bind(tree.path(socket))?;
    fs::set_permissions(tree.path(socket), fs::Permissions::from_mode(0o777))?;
    service_manager.set_nonblocking(true)?;

    // Without a window manager nobody makes a window as large as the screen.
    let config = "/run/kiosk-check.toml";
    let installed = fs::read_to_string(tree.path("etc/kiosk/kiosk.toml"))?;
    fs::write(tree.path(config), installed + "\n[screen]\nfullscreen = false\n")?;

    let mut kiosk = Kept::start("kiosk-in-tree", Path::new(ENTRANCE), &logs, Owner::Us, |command| {
        tree.enter(command, "kiosk", "/usr/bin/kiosk");
        command.args(["--config", config]);
        // The unit's own environment, but for the screen.
        for (name, value) in environment(&tree.path("lib/systemd/system/kiosk.service")) {
            command.env(name, value);
        }
        command.env("SLINT_BACKEND", "winit-software").env("DISPLAY", &display.name);
        command.env("SLINT_SCALE_FACTOR", "1").env("HOME", "/var/lib/kiosk");
        command.env("NOTIFY_SOCKET", socket).env("WATCHDOG_USEC", "2000000");
    })?;
    let mut ready = false;
    let mut fed = false;
    interrupt.wait_for("the kiosk's word to systemd that it is ready and draws", START, || {
        kiosk.must_run()?;
        let mut word = [0; 512];
        while let Ok(length) = service_manager.recv(&mut word) {
            let said = String::from_utf8_lossy(word.get(..length).unwrap_or_default()).into_owned();
            ready |= said.contains("READY=1");
            fed |= said.contains("WATCHDOG=1");
        }
        Ok((ready && fed).then_some(()))
    })?;
    let picture = Camera::open(&display.name)?.settled(interrupt)?;
    let file = folder().join("first-page.png");
    picture.write(&file)?;
    ensure!(picture.shows_something(), "the kiosk's window is empty: {}", file.display());
    eprintln!("· its first page: {}", file.display());
    kiosk.must_run()?;
    fs::remove_file(tree.path(socket))?;
    fs::remove_file(tree.path(config))?;
    Ok(())
}

/// The words behind `Environment=` in a unit.
fn environment(unit: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(unit).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.strip_prefix("Environment="))
        .flat_map(str::split_whitespace)
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn say(what: &str) {
    eprintln!("· {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_environment_wipes_freed_memory() {
        let unit = crate::root().join("packaging/debian/bianmin-kiosk.kiosk.service");
        let found = environment(&unit);
        let tunables = found.iter().find(|(name, _)| name == "GLIBC_TUNABLES").unwrap();
        assert_eq!(tunables.1, "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0");
    }
}
