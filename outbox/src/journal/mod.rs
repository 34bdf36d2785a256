//! The audit journal: what the machine did, in a chain of hashes, without personal data.
//!
//! A folder of files `0000000001.cborseq`, each named by its first record, that only grow. A record is a frame (see
//! `docs/envelope.md`) around
//!
//! ```text
//! { 1: 1, 2: seq, 3: hash of the record before, 4: time, 5: kind, 6: [ fields ] }      hash = SHA-256 of these bytes
//! ```
//!
//! Its newest hash stands in the signed head that the platform gets, so a journal that was cut off or written anew
//! shows. Appending is durable when it returns. An unfinished record at the end, from a power cut, is cut off when the
//! journal is opened, and the journal says so in a record of its own. Several programs may append at once.

mod segments;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use faults::Fault;
use jiff::Timestamp;

use crate::fault_points::reach;
use durable::secret_file;
use protocol::envelope::cbor::Writer;
use protocol::frame;
use protocol::journal::Record;
pub use segments::{Broken, Entry, Verified, each, verify};
use segments::{End, Segments};

/// The version that is written and read.
const VERSION: u64 = 1;
/// A file that has grown to this size is followed by a new one: what opening reads. A guess: some ten thousand records.
const SEGMENT: u64 = 1024 * 1024;
/// Who appends; the file stays empty.
const LOCK: &str = "lock";

/// The hash of a record.
pub type RecordHash = [u8; 32];

/// Where the chain of a journal stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// How many records there are.
    pub seq: u64,
    /// The hash of the newest; zeros for none.
    pub hash: RecordHash,
}

/// What was put right when a journal was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair {
    /// Bytes of an unfinished record that were cut off its end.
    pub bytes: u64,
    /// Whether records in its middle are damaged: [`verify`] names the first.
    pub damaged: bool,
}

/// Why the journal cannot be read or written. What was in it is still there.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder cannot be made.
    #[error("the folder of the journal cannot be made")]
    Folder(#[from] secret_file::SecretFileError),
    /// A file cannot be read, written or synced. After a failed append, the record may be there or not.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl JournalError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            Self::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => Fault::StoreFull,
            Self::File { .. } => Fault::StoreWriteFailed,
            Self::Folder(_) => Fault::StoreUnavailable,
        }
    }
}

/// The handle of a journal. Clones share it.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    segments: Segments,
    lock: File,
    repair: Option<Repair>,
    /// `None` after a failure: the folder is read again before the next append.
    end: Mutex<Option<End>>,
}

impl Journal {
    /// Opens the journal in `dir` (made with mode 0700 on the first start), and puts its end right.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        secret_file::private_dir(dir)?;
        let path = dir.join(LOCK);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let lock = lock.map_err(|source| JournalError::File { path, source })?;
        let mut inner = Inner { segments: Segments::of(dir), lock, repair: None, end: Mutex::new(None) };
        inner.repair = {
            let _turn = inner.turn()?;
            let (end, repair) = inner.segments.mend()?;
            *inner.end() = Some(end);
            repair
        };
        let repair = inner.repair;
        let journal = Self { inner: Arc::new(inner) };
        if let Some(Repair { bytes, damaged }) = repair {
            tracing::error!(bytes, damaged, code = Fault::JournalDamaged.code(), "the journal was put right");
            journal.append(&Record::Repaired { bytes, damaged })?;
        }
        Ok(journal)
    }

    /// What was put right when it was opened.
    pub fn repaired(&self) -> Option<Repair> {
        self.inner.repair
    }

    /// Appends a record with the machine's time; it is durable when this returns.
    ///
    /// # Errors
    /// [`JournalError::File`]: the record may be there or not. A failed sync is not tried again: the next append reads
    /// the end of the journal anew.
    pub fn append(&self, record: &Record) -> Result<(), JournalError> {
        self.append_at(record, Timestamp::now().as_second())
    }

    fn append_at(&self, record: &Record, time: i64) -> Result<(), JournalError> {
        let mut known = self.inner.end();
        let _turn = self.inner.turn()?;
        // Another program may have appended since, and after a failure nothing is known.
        let end = match known.take() {
            Some(end) if self.inner.segments.is_end(&end) => end,
            _ => self.inner.segments.mend()?.0,
        };
        let payload = encode(end.place, time, record);
        let end = if end.path.is_none() || end.length >= SEGMENT {
            self.inner.segments.begin(end.place)?
        } else {
            end
        };
        let path = end.path.clone().unwrap_or_default();
        let framed = frame::frame(&payload);
        write(&path, end.length, &framed)
            .map_err(|source| JournalError::File { path: path.clone(), source })?;
        let place = Place { seq: end.place.seq + 1, hash: segments::hash(&payload) };
        *known = Some(End { place, path: Some(path), length: end.length + framed.len() as u64 });
        Ok(())
    }

    /// Where its chain stands now, for the signed head.
    ///
    /// # Errors
    /// [`JournalError::File`].
    pub fn place(&self) -> Result<Place, JournalError> {
        let mut known = self.inner.end();
        let _turn = self.inner.turn()?;
        let end = match known.take() {
            Some(end) if self.inner.segments.is_end(&end) => end,
            _ => self.inner.segments.mend()?.0,
        };
        let place = end.place;
        *known = Some(end);
        Ok(place)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.inner.segments.dir()
    }
}

impl Inner {
    /// Waits until no other program appends; ends when dropped. Only for a holder of [`Inner::end`]: the lock belongs to the
    /// open file, which all threads share.
    fn turn(&self) -> Result<Turn<'_>, JournalError> {
        self.lock
            .lock()
            .map_err(|source| JournalError::File { path: self.segments.dir().join(LOCK), source })?;
        Ok(Turn(&self.lock))
    }

    fn end(&self) -> std::sync::MutexGuard<'_, Option<End>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Turn<'a>(&'a File);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

fn encode(after: Place, time: i64, record: &Record) -> Vec<u8> {
    let mut out = Writer::with_capacity(256);
    out.map(6).int(1).uint(VERSION).int(2).uint(after.seq + 1).int(3).bytes(&after.hash).int(4).int(time);
    record.encode(&mut out, [5, 6]);
    out.finish().to_vec()
}

/// Appends whole or not at all, as far as the disk lets us.
fn write(path: &Path, length: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    if let Err(error) = file.write_all(bytes) {
        let _ = file.set_len(length);
        return Err(error);
    }
    reach("journal-written");
    file.sync_data()?;
    reach("journal-synced");
    Ok(())
}

#[cfg(test)]
mod tests;
