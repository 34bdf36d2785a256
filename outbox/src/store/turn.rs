//! Who has the store open: the kiosk and a service command may share it, but only one that is alone may put a database
//! aside or sweep files.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Names of the files in the outbox's folder. They stay empty.
const FILE: &str = "lock";
const DOOR: &str = "lock.alone";

/// A lock on the store, shared except while alone. Ends with the process, however that ends.
///
/// The system drops a shared lock before it tries to make it an exclusive one, and a try that fails has dropped it
/// (flock(2)). So there are two files: whoever wants to be alone holds the door first, and while nobody else can come
/// through it, a lock that was dropped for a moment lets nobody be alone.
pub(crate) struct Turn {
    file: File,
    door: File,
    alone: bool,
}

impl Turn {
    /// Takes part; alone, if nobody else does.
    pub(crate) fn take(store: &Path) -> io::Result<Self> {
        let open = |name| {
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(store.join(name))
        };
        let mut turn = Self { file: open(FILE)?, door: open(DOOR)?, alone: false };
        if !turn.take_alone()? {
            turn.file.lock_shared()?;
        }
        Ok(turn)
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.alone
    }

    /// Tries to be alone.
    ///
    /// # Errors
    /// When the lock that was held before is lost: nothing may be written any more.
    pub(crate) fn take_alone(&mut self) -> io::Result<bool> {
        if !self.alone && self.door.try_lock().is_ok() {
            if self.file.try_lock().is_ok() {
                self.alone = true;
            } else {
                self.file.lock_shared()?;
                self.door.unlock()?;
            }
        }
        Ok(self.alone)
    }

    /// Lets others in again.
    pub(crate) fn share(&mut self) -> io::Result<()> {
        if self.alone {
            self.alone = false;
            self.file.lock_shared()?;
            self.door.unlock()?;
        }
        Ok(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing is not enough: a program that is just being started from another thread holds a copy of every open file
        // until its own begins.
        let _ = self.file.unlock();
        let _ = self.door.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_to_be_alone_that_fails_keeps_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let take = || Turn::take(dir.path()).unwrap();
        let mut first = take();
        assert!(first.is_alone());
        first.share().unwrap();
        let (mut second, mut third) = (take(), take());
        assert!(!second.is_alone());
        drop(third);
        assert!(!second.take_alone().unwrap(), "the first one is here");
        assert!(!first.take_alone().unwrap(), "the second one still has its place");
        drop(first);
        assert!(second.take_alone().unwrap());
        second.share().unwrap();
        third = take();
        assert!(!second.take_alone().unwrap());
        drop(second);
        assert!(third.take_alone().unwrap());
    }

    #[test]
    fn of_two_that_try_at_once_nobody_loses_its_place_to_the_other() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = Turn::take(dir.path()).unwrap();
        first.share().unwrap();
        let mut second = Turn::take(dir.path()).unwrap();
        // The moment between the system's drop of the shared lock and the new one, held still.
        first.door.lock().unwrap();
        first.file.unlock().unwrap();
        assert!(!second.take_alone().unwrap(), "it would have been alone beside one that writes");
        first.file.lock_shared().unwrap();
    }
}
