//! Disks that fail: a small one, one whose system calls fail, one whose bytes change.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::Random;

/// Fails the n-th call of one kind on files below a folder, and bends the clock: for programs that are started with it.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static long calls, looks;

static int fails(const char *call, int fd) {
    const char *wanted = getenv("SHIM_CALL"), *below = getenv("SHIM_BELOW");
    if (!wanted || !below || strcmp(wanted, call)) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (!strstr(path, below)) return 0;
    if (__sync_add_and_fetch(&calls, 1) != atol(getenv("SHIM_AT"))) return 0;
    errno = atoi(getenv("SHIM_ERRNO"));
    return 1;
}
#define REAL(name, ...) ({ static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name); real(__VA_ARGS__); })

int fsync(int fd) { return fails("fsync", fd) ? -1 : REAL(fsync, fd); }
int fdatasync(int fd) { return fails("fdatasync", fd) ? -1 : REAL(fdatasync, fd); }
ssize_t write(int fd, const void *b, size_t n) { return fails("write", fd) ? -1 : REAL(write, fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { return fails("pwrite", fd) ? -1 : REAL(pwrite, fd, b, n, o); }
ssize_t read(int fd, void *b, size_t n) { return fails("read", fd) ? -1 : REAL(read, fd, b, n); }
ssize_t pread64(int fd, void *b, size_t n, off64_t o) { return fails("pread", fd) ? -1 : REAL(pread64, fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { return fails("pwrite", fd) ? -1 : REAL(pwrite64, fd, b, n, o); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int answer = REAL(clock_gettime, clock, now);
    const char *offset = getenv("SHIM_CLOCK");
    if (offset && clock == CLOCK_REALTIME) {
        int jump = getenv("SHIM_JUMP") && (__sync_add_and_fetch(&looks, 1) / 5) % 2;
        if (!jump) now->tv_sec += atol(offset);
        if (now->tv_sec < 0) now->tv_sec = 0;
    }
    return answer;
}
"#;

/// The compiled library.
pub struct Shim(PathBuf);

impl Shim {
    pub fn compile(folder: &Path) -> Result<Self> {
        let (source, library) = (folder.join("shim.c"), folder.join("shim.so"));
        fs::write(&source, SHIM)?;
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-w", "-o"]).arg(&library).arg(&source).arg("-ldl");
        if !cc.status().context("cannot start cc")?.success() {
            bail!("the library that fails system calls does not compile");
        }
        Ok(Self(library))
    }

    fn preload(&self) -> (&'static str, String) {
        ("LD_PRELOAD", self.0.to_string_lossy().into_owned())
    }

    /// Fails the `at`-th `call` on a file whose path contains `below`.
    pub fn failing(&self, call: &str, number: i32, at: u32, below: &str) -> Vec<(&'static str, String)> {
        vec![
            self.preload(),
            ("SHIM_CALL", call.to_owned()),
            ("SHIM_ERRNO", number.to_string()),
            ("SHIM_AT", at.to_string()),
            ("SHIM_BELOW", below.to_owned()),
        ]
    }

    /// Bends the machine's clock by so many seconds, always or in turns.
    pub fn clock(&self, seconds: i64, jumping: bool) -> Vec<(&'static str, String)> {
        let mut environment = vec![self.preload(), ("SHIM_CLOCK", seconds.to_string())];
        if jumping {
            environment.push(("SHIM_JUMP", "1".to_owned()));
        }
        environment
    }
}

/// A small disk in memory.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` when this machine does not let us mount one.
    pub fn mount(dir: &Path, megabytes: u32) -> Result<Option<Self>> {
        fs::create_dir_all(dir)?;
        let size = format!("size={megabytes}m,mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        Ok(mounted.then(|| Self(dir.to_owned())))
    }

    /// Fills it until so many kilobytes are left.
    pub fn leave(&self, kilobytes: u64) -> Result<()> {
        let filler = self.0.join("filler");
        let _ = fs::remove_file(&filler);
        let free = self.free_kilobytes()?;
        if free > kilobytes {
            fs::write(filler, vec![0; usize::try_from((free - kilobytes) * 1024)?])?;
        }
        Ok(())
    }

    fn free_kilobytes(&self) -> Result<u64> {
        let text = crate::process::output_of(Command::new("df").args(["-k", "--output=avail"]).arg(&self.0))?;
        let last = text.lines().last().unwrap_or_default().trim();
        last.parse().with_context(|| format!("df says {text:?}"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Flips bytes of a file of the store, or cuts its end off; says which, or `None` when there is nothing to change.
///
/// The sealed files of a request are spared: of them there is one copy only, and a damaged one is held and said.
pub fn damage(store: &Path, random: &mut Random) -> Result<Option<String>> {
    let mut files = vec![store.join("outbox.sqlite"), store.join("outbox.sqlite-wal")];
    for file in fs::read_dir(store.join("entries"))? {
        files.push(file?.path());
    }
    files.retain(|file| fs::metadata(file).is_ok_and(|found| found.size() > 0));
    if files.is_empty() {
        return Ok(None);
    }
    let at = usize::try_from(random.below(files.len() as u64))?;
    let Some(file) = files.get(at) else { return Ok(None) };
    let mut bytes = fs::read(file)?;
    let place = usize::try_from(random.below(bytes.len() as u64))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if random.below(3) == 0 {
        bytes.truncate(place);
        fs::write(file, bytes)?;
        return Ok(Some(format!("{name} cut off at {place}")));
    }
    let length = 1 + usize::try_from(random.below(64))?;
    for byte in bytes.iter_mut().skip(place).take(length) {
        *byte ^= 0x55;
    }
    fs::write(file, bytes)?;
    Ok(Some(format!("{name}: {length} bytes flipped at {place}")))
}

/// Flips a bit in a cell of an index of the closed database, where SQLite still reads everything and its quick check finds
/// nothing; `None` when there is no such cell.
pub fn damage_an_index(store: &Path, random: &mut Random) -> Result<Option<String>> {
    const PAGE: usize = 4096;
    let file = store.join("outbox.sqlite");
    let mut bytes = fs::read(&file)?;
    let byte = |at: usize| bytes.get(at).map_or(0, |byte| usize::from(*byte));
    let mut cells = Vec::new();
    // Leaves of indexes and of the table without row ids (SQLite, "B-tree Pages"); the first page is the schema's.
    for page in (PAGE..bytes.len()).step_by(PAGE).filter(|page| byte(*page) == 0x0a) {
        for cell in 0..byte(page + 3) * 256 + byte(page + 4) {
            let pointer = page + 8 + 2 * cell;
            let at = page + byte(pointer) * 256 + byte(pointer + 1);
            cells.push(at + byte(at));
        }
    }
    let at = usize::try_from(random.below(cells.len() as u64))?;
    let Some(at) = cells.get(at) else { return Ok(None) };
    let Some(flipped) = bytes.get_mut(*at) else { return Ok(None) };
    *flipped ^= 1;
    fs::write(&file, bytes)?;
    Ok(Some(format!("an index's cell that ends at {at}")))
}
