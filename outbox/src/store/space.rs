//! Room on the disk: intake closes before it is gone, and a ballast keeps enough of it for erasing.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// Name of the file in the outbox's folder.
const BALLAST: &str = "ballast";

/// Largest request, with its attachments as they are sealed. A guess: eight pages of 3 MB.
pub(crate) const MAX_REQUEST: u64 = 24 * 1024 * 1024;

/// How much room is kept.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of the ballast: more than one request, so that giving it up always lets one transaction through.
    pub(crate) ballast: u64,
    /// Bytes that stay free when a request is taken, beside the ballast: the log may grow to 16 MB, and the journal of
    /// the kiosk goes on. A guess.
    pub(crate) high_water: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { ballast: 32 * 1024 * 1024, high_water: 48 * 1024 * 1024 }
    }
}

/// The room of one folder.
pub(crate) struct Space {
    dir: PathBuf,
    limits: Limits,
}

impl Space {
    pub(crate) fn of(store: &Path, limits: Limits) -> Self {
        Self { dir: store.to_owned(), limits }
    }

    /// Whether a request of so many bytes can be taken without touching what is kept free.
    pub(crate) fn has_room_for(&self, bytes: u64) -> bool {
        // A disk that does not say how full it is will say so when it is written to.
        self.free().is_none_or(|free| free >= self.limits.high_water.saturating_add(bytes))
    }

    /// Puts the ballast back when there is ample room for it.
    pub(crate) fn take_ballast(&self) {
        let path = self.ballast();
        if fs::metadata(&path).is_ok_and(|found| found.len() == self.limits.ballast)
            || !self.has_room_for(self.limits.ballast)
        {
            return;
        }
        if let Err(error) = reserve(&path, self.limits.ballast) {
            tracing::warn!(%error, "no room is kept for a full disk");
            let _ = fs::remove_file(path);
        }
    }

    /// Gives the ballast's room up; true when there was one.
    pub(crate) fn drop_ballast(&self) -> bool {
        fs::remove_file(self.ballast()).is_ok()
    }

    fn ballast(&self) -> PathBuf {
        self.dir.join(BALLAST)
    }

    fn free(&self) -> Option<u64> {
        let found = statvfs(&self.dir).ok()?;
        Some(found.f_bavail.saturating_mul(found.f_frsize))
    }
}

fn reserve(path: &Path, bytes: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // Blocks that are really there, not a hole.
    fallocate(&file, FallocateFlags::empty(), 0, bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ballast_is_real_room_and_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let limits = Limits { ballast: 1 << 20, high_water: 0 };
        let space = Space::of(dir.path(), limits);
        assert!(!space.drop_ballast());
        space.take_ballast();
        use std::os::unix::fs::MetadataExt;
        assert!(fs::metadata(space.ballast()).unwrap().blocks() * 512 >= 1 << 20);
        assert!(space.drop_ballast());
        let greedy = Space::of(dir.path(), Limits { high_water: u64::MAX / 2, ..limits });
        greedy.take_ballast();
        assert!(!greedy.drop_ballast(), "not at the price of intake");
        assert!(!greedy.has_room_for(0));
    }
}
