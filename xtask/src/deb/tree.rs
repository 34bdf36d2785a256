//! A clean Debian in a folder, in which packages are installed as on a new machine.
//!
//! Everything comes through this machine's own apt: its mirror, its keys and its proxy. The tree is kept between runs;
//! what is tried in it is purged again, so it stays clean.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::must;
use crate::process::{self, Interrupt};

/// The program that leads into the tree.
pub const ENTRANCE: &str = "unshare";

/// What every kiosk has before the package comes.
const BASE: &str = "systemd,systemd-sysv,udev";

/// What the check needs in the tree although a kiosk does not: the libraries that the window of the desktop opens.
const WINDOW: [&str; 5] = ["libx11-6", "libx11-xcb1", "libxcursor1", "libxi6", "libxkbcommon-x11-0"];

/// What changes without belonging to anybody: logs, caches, dpkg's own notes, the list of users (looked at by itself).
const NOISE: [&str; 11] = [
    "dev",
    "proc",
    "run",
    "sys",
    "tmp",
    "var/cache",
    "var/lib/dpkg",
    "var/log",
    "etc/.pwd.lock",
    "etc/ld.so.cache",
    "var/lib/systemd/catalog",
];

/// The files with the list of users and groups; a copy of the state before ends in `-`.
const USERS: [&str; 4] = ["etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"];

/// A Debian in a folder.
pub struct Tree {
    root: PathBuf,
}

/// Everything in a tree: kind and permissions, owner, group.
pub type Listing = BTreeMap<String, (u32, u32, u32)>;

impl Tree {
    /// The tree in `folder`, made when it is not there yet.
    pub fn ensure(folder: &Path, interrupt: &Interrupt) -> Result<Tree> {
        let root = folder.join("tree");
        let whole = folder.join("tree.whole");
        if !whole.exists() {
            super::remove(&root)?;
            let (mirror, suite) = archive()?;
            let mut debootstrap = Command::new("debootstrap");
            debootstrap
                .args(["--variant=minbase", &format!("--include={BASE}"), &suite])
                .arg(&root)
                .arg(&mirror);
            must(&mut debootstrap, interrupt).context("the clean tree was not made")?;
            // A package may start its service where it is installed; in a folder there is nobody to serve.
            let policy = root.join("usr/sbin/policy-rc.d");
            fs::write(&policy, "#!/bin/sh\nexit 101\n")?;
            fs::set_permissions(&policy, fs::Permissions::from_mode(0o755))?;
            for file in packages_in(&cache(&root))? {
                fs::remove_file(file)?;
            }
            fs::write(&whole, "")?;
        }
        Ok(Tree { root })
    }

    /// A path in the tree, seen from outside.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside.trim_start_matches('/'))
    }

    /// A command that runs in the tree as root.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(ENTRANCE);
        self.enter(&mut command, "root", program);
        command
    }

    /// Makes [`ENTRANCE`] run `program` in the tree as `user`, with all the groups of that user.
    pub fn enter(&self, command: &mut Command, user: &str, program: &str) {
        // Maintainer scripts read /proc. It is mounted where only this command sees it, and goes with it.
        command.args(["--mount", "sh", "-ec", "mount -t proc proc \"$2/proc\"; exec chroot \"$@\"", "sh"]);
        command.arg(format!("--userspec={user}")).arg(&self.root).arg(program);
        dress(command);
    }

    /// Runs a command in the tree; gives what it printed.
    pub fn run(&self, words: &[&str]) -> Result<String> {
        let (program, arguments) = words.split_first().context("no command")?;
        process::output_of(self.command(program).args(arguments))
    }

    /// Installs what `package` depends on, and what the check needs.
    pub fn install_what_it_needs(&self, package: &Path, interrupt: &Interrupt) -> Result<()> {
        // Nothing is taken from the machine's own packages: apt believes the tree's list of what is there.
        let cache = cache(&self.root);
        let mut apt = Command::new("apt-get");
        apt.args(["install", "--download-only", "--no-install-recommends", "-q", "-y"]);
        apt.arg("-o").arg(format!("Dir::State::status={}", self.path("var/lib/dpkg/status").display()));
        apt.arg("-o").arg(format!("Dir::Cache::archives={}", cache.display()));
        apt.arg(package).args(WINDOW);
        must(&mut apt, interrupt)?;
        let found = packages_in(&cache)?;
        if found.is_empty() {
            return Ok(());
        }
        let mut install = self.command("dpkg");
        install.arg("--install");
        for file in &found {
            install.arg(Path::new("/").join(file.strip_prefix(&self.root)?));
        }
        must(&mut install, interrupt)?;
        for file in found {
            fs::remove_file(file)?;
        }
        Ok(())
    }

    /// Everything in the tree but what changes by itself.
    pub fn listing(&self) -> Result<Listing> {
        let mut all = Listing::new();
        self.list("", &mut all)?;
        Ok(all)
    }

    fn list(&self, inside: &str, all: &mut Listing) -> Result<()> {
        for entry in fs::read_dir(self.path(inside))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = format!("{inside}/{}", name.to_string_lossy());
            let path = path.trim_start_matches('/');
            if NOISE.contains(&path) || USERS.contains(&path.trim_end_matches('-')) {
                continue;
            }
            let found = entry.metadata()?;
            all.insert(path.to_owned(), (found.mode(), found.uid(), found.gid()));
            if found.is_dir() {
                self.list(path, all)?;
            }
        }
        Ok(())
    }
}

/// Where packages lie on their way into a tree.
fn cache(root: &Path) -> PathBuf {
    root.join("var/cache/apt/archives")
}

fn packages_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "deb") {
            found.push(path);
        }
    }
    Ok(found)
}

/// A clean environment, as a shell of root has it.
fn dress(command: &mut Command) {
    command.env_clear();
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("LC_ALL", "C.UTF-8").env("DEBIAN_FRONTEND", "noninteractive");
}

/// Where this machine gets its own release from: address and suite, as apt knows them.
fn archive() -> Result<(String, String)> {
    let release = fs::read_to_string("/etc/os-release").context("this is no Debian")?;
    let suite = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .context("/etc/os-release names no release")?;
    let targets = process::output_of(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(REPO_URI) $(RELEASE) $(COMPONENT)",
        "Created-By: Packages",
    ]))?;
    match mirror(&targets, suite) {
        Some(mirror) => Ok((mirror.to_owned(), suite.to_owned())),
        None => bail!("apt on this machine has no source for {suite}/main"),
    }
}

/// The address in apt's list that carries the release itself.
fn mirror<'t>(targets: &'t str, suite: &str) -> Option<&'t str> {
    targets.lines().find_map(|line| {
        let mut words = line.split(' ');
        let address = words.next()?;
        (words.next() == Some(suite) && words.next() == Some("main")).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_the_one_of_the_release_itself() {
        let targets = "http://a.example/security/ bookworm-security main\nhttp://b.example/other/ stable main\n\
            http://c.example/debian/ bookworm contrib\nhttp://c.example/debian/ bookworm main\n";
        assert_eq!(mirror(targets, "bookworm"), Some("http://c.example/debian/"));
        assert_eq!(mirror(targets, "trixie"), None);
    }
}
