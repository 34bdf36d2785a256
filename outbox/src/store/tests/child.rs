//! A process of its own that works in a bench's folder, so that it can die there.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::*;

/// Where a child finds its bench.
const FOLDER: &str = "OUTBOX_CHILD_DIR";

impl Bench {
    /// Runs one of the store's tests alone in a process of its own, with these variables; gives how it ended.
    pub(super) fn child(&self, test: &str, variables: &[(&str, &str)]) -> ExitStatus {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("store::tests::{test}")])
            .env(FOLDER, self.dir.path())
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
    }
}

/// The bench's folder in such a process; `None` where all tests run, and there is nobody to die.
pub(super) fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Opens the outbox of a bench's folder.
pub(super) fn open(folder: &Path) -> Outbox {
    let keys = Keys::load_or_create(&folder.join("keys")).unwrap();
    Outbox::open_sealing(&folder.join("outbox"), KIOSK, keys, sealing(1)).unwrap()
}
