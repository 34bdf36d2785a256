//! Who has the store open: the kiosk and a service command may share it, but only one that is alone may put a database
//! aside or sweep files.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Name of the file in the outbox's folder. It stays empty.
const FILE: &str = "lock";

/// A lock on the store, shared except while alone. Ends with the process, however that ends.
pub(crate) struct Turn {
    file: File,
    alone: bool,
}

impl Turn {
    /// Takes part; alone, if nobody else does.
    pub(crate) fn take(store: &Path) -> io::Result<Self> {
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(store.join(FILE))?;
        let mut turn = Self { file, alone: false };
        if !turn.take_alone() {
            turn.file.lock_shared()?;
        }
        Ok(turn)
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.alone
    }

    /// Tries to be alone.
    pub(crate) fn take_alone(&mut self) -> bool {
        if !self.alone {
            match self.file.try_lock() {
                Ok(()) => self.alone = true,
                Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {
                    // A failed change of a lock may have lost the shared one (flock(2)).
                    let _ = self.file.try_lock_shared();
                }
            }
        }
        self.alone
    }

    /// Lets others in again.
    pub(crate) fn share(&mut self) -> io::Result<()> {
        self.alone = false;
        self.file.lock_shared()
    }
}
