//! The folder of sealed attachments: files named by the hash of their bytes.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::fault_points::reach;
use durable::{Draft, Readers, secret_file, sync_folder};
use protocol::envelope::attachment::{AttachmentHash, attachment_hash};

/// Name of the folder in the outbox's folder.
const FOLDER: &str = "attachments";

/// The folder.
#[derive(Clone)]
pub(crate) struct Files {
    dir: PathBuf,
}

impl Files {
    pub(crate) fn of(store: &Path) -> Self {
        Self { dir: store.join(FOLDER) }
    }

    /// Makes the folder.
    pub(crate) fn prepare(&self) -> Result<(), secret_file::SecretFileError> {
        secret_file::private_dir(&self.dir)
    }

    pub(crate) fn path(&self, hash: &AttachmentHash) -> PathBuf {
        self.dir.join(hex::encode(hash))
    }

    /// Writes a file so that it is whole and durable under its name before this returns. After an error it may be
    /// there or not; nobody refers to it, and [`Files::sweep`] takes it away.
    pub(crate) fn write(&self, hash: &AttachmentHash, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(hash);
        let mut draft = Draft::begin(&path, Readers::Owner)?;
        draft.append(bytes)?;
        reach("attachment-written");
        draft.sync()?;
        reach("attachment-synced");
        draft.put()?;
        reach("attachment-renamed");
        sync_folder(&path)
    }

    /// Whether a file is there with the bytes of its name.
    pub(crate) fn is_whole(&self, hash: &AttachmentHash) -> bool {
        fs::read(self.path(hash)).is_ok_and(|bytes| attachment_hash(&bytes) == *hash)
    }

    /// The length of a file; 0 when it is not there.
    pub(crate) fn length(&self, hash: &AttachmentHash) -> u64 {
        fs::metadata(self.path(hash)).map_or(0, |found| found.len())
    }

    /// Takes files away; one that is not there is no trouble, and one that stays is swept later.
    pub(crate) fn remove(&self, hashes: &[AttachmentHash]) {
        for hash in hashes {
            let _ = fs::remove_file(self.path(hash));
        }
    }

    /// Takes away what no request needs: files of requests that were never committed, or were erased before a crash.
    /// Nobody else may be writing.
    pub(crate) fn sweep(&self, needed: &BTreeSet<AttachmentHash>) -> io::Result<u64> {
        let mut swept = 0;
        for file in fs::read_dir(&self.dir)? {
            let file = file?;
            let name = file.file_name();
            let hash = name.to_str().and_then(|name| hex::decode(name).ok());
            let hash = hash.and_then(|hash| AttachmentHash::try_from(hash).ok());
            if hash.is_none_or(|hash| !needed.contains(&hash)) {
                fs::remove_file(file.path())?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}
