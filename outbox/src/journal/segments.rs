//! The journal's files: finding the end, putting it right, and following the whole chain.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{JournalError, Place, RecordHash, Repair, VERSION};
use crate::fault_points::reach;
use protocol::envelope::cbor;
use protocol::frame;
use protocol::journal::Record;

const ENDING: &str = "cborseq";
/// Largest file that is read: none of ours grows past a segment and one record.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: RecordHash,
    /// When it was written: Unix seconds of the machine's clock, which may have been wrong.
    pub time: i64,
    /// What it says; `None` for a kind of a newer release.
    pub record: Option<Record>,
    prev: RecordHash,
}

/// What following the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Where the chain stands, as far as it could be followed.
    pub place: Place,
    /// The first place where it does not hold.
    pub broken: Option<Broken>,
}

/// Where a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The record that should stand there.
    pub seq: u64,
    /// The file.
    pub file: PathBuf,
    /// Bytes before it in the file.
    pub at: u64,
}

/// Where the next record goes.
#[derive(Clone)]
pub(super) struct End {
    pub(super) place: Place,
    /// The newest file; `None` before the first.
    pub(super) path: Option<PathBuf>,
    pub(super) length: u64,
}

pub(super) struct Segments {
    dir: PathBuf,
}

pub(super) fn hash(payload: &[u8]) -> RecordHash {
    Sha256::digest(payload).into()
}

impl Segments {
    pub(super) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether nobody wrote since.
    pub(super) fn is_end(&self, end: &End) -> bool {
        let Some(path) = &end.path else { return false };
        let next = self.path(end.place.seq + 1);
        let grown = next != *path && next.exists();
        !grown && fs::metadata(path).is_ok_and(|found| found.len() == end.length)
    }

    /// Finds the end; an unfinished record there is cut off. The caller has its turn.
    pub(super) fn mend(&self) -> Result<(End, Option<Repair>), JournalError> {
        let mut repair = None;
        let mut files =
            self.list().map_err(|source| JournalError::File { path: self.dir.clone(), source })?;
        while let Some((_, path)) = files.pop() {
            let failed = |source| JournalError::File { path: path.clone(), source };
            let bytes = read(&path).map_err(failed)?;
            let found = follow(&bytes);
            if found.lost > 0 {
                let bytes_lost = if found.behind { 0 } else { found.lost };
                let known = repair.unwrap_or(Repair { bytes: 0, damaged: false });
                repair =
                    Some(Repair { bytes: known.bytes + bytes_lost, damaged: known.damaged || found.behind });
            }
            let Some(place) = found.place else {
                // Nothing of it can be read, such as a file that was begun when the power went.
                if found.lost > 0 {
                    fs::rename(&path, path.with_extension("unreadable")).map_err(failed)?;
                } else {
                    fs::remove_file(&path).map_err(failed)?;
                }
                continue;
            };
            if found.behind {
                // Evidence stays as it is: the chain goes on in a new file.
                return Ok((self.begin(place)?, repair));
            }
            let length = bytes.len() as u64 - found.lost;
            if found.lost > 0 {
                cut(&path, length).map_err(failed)?;
            }
            return Ok((End { place, path: Some(path), length }, repair));
        }
        Ok((End { place: Place::default(), path: None, length: 0 }, repair))
    }

    /// Begins the file of the record after this place.
    pub(super) fn begin(&self, place: Place) -> Result<End, JournalError> {
        let path = self.path(place.seq + 1);
        let begun = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .and_then(|_| File::open(&self.dir)?.sync_all());
        begun.map_err(|source| JournalError::File { path: path.clone(), source })?;
        reach("journal-begun");
        Ok(End { place, path: Some(path), length: 0 })
    }

    fn path(&self, first: u64) -> PathBuf {
        self.dir.join(format!("{first:010}.{ENDING}"))
    }

    /// All files with the number of their first record, oldest first.
    fn list(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut found = Vec::new();
        for file in fs::read_dir(&self.dir)? {
            let path = file?.path();
            let ours = path.extension().is_some_and(|ending| ending == ENDING);
            let first = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
            if let Some(first) = first.filter(|_| ours) {
                found.push((first, path));
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Follows the whole chain of the journal in `dir`, without changing anything.
///
/// # Errors
/// [`JournalError::File`] when a file cannot be read. A journal that does not hold is no error: see
/// [`Verified::broken`].
pub fn verify(dir: &Path) -> Result<Verified, JournalError> {
    each(dir, |_| {})
}

/// Follows the whole chain and gives each record to `take`, oldest first, up to the first that does not match.
///
/// # Errors
/// [`JournalError::File`].
pub fn each(dir: &Path, mut take: impl FnMut(Entry)) -> Result<Verified, JournalError> {
    // While a kiosk appends, its newest record must not look like a torn one. A copy of a journal may have no lock.
    let lock = File::open(dir.join(super::LOCK)).ok();
    let _turn = lock.as_ref().filter(|lock| lock.lock_shared().is_ok()).map(super::Turn);
    let segments = Segments::of(dir);
    let files = segments.list().map_err(|source| JournalError::File { path: dir.to_owned(), source })?;
    let mut place = Place::default();
    for (_, path) in files {
        let bytes = read(&path).map_err(|source| JournalError::File { path: path.clone(), source })?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let found = frame::unframe(rest).and_then(|(payload, after)| Some((decode(payload)?, after)));
            match found {
                Some((entry, after)) if entry.seq == place.seq + 1 && entry.prev == place.hash => {
                    place = Place { seq: entry.seq, hash: entry.hash };
                    take(entry);
                    rest = after;
                }
                _ => {
                    let at = (bytes.len() - rest.len()) as u64;
                    let broken = Broken { seq: place.seq + 1, file: path, at };
                    return Ok(Verified { place, broken: Some(broken) });
                }
            }
        }
    }
    Ok(Verified { place, broken: None })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > MAX_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    fs::read(path)
}

fn cut(path: &Path, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(length)?;
    file.sync_all()
}

/// What one file holds.
#[derive(Default)]
struct Followed {
    /// After its newest readable record.
    place: Option<Place>,
    /// Bytes that are no record.
    lost: u64,
    /// Whether there are records behind lost bytes.
    behind: bool,
}

fn follow(mut rest: &[u8]) -> Followed {
    let mut found = Followed::default();
    while !rest.is_empty() {
        if let Some((payload, after)) = frame::unframe(rest)
            && let Some(entry) = decode(payload)
        {
            found.behind = found.lost > 0;
            found.place = Some(Place { seq: entry.seq, hash: entry.hash });
            rest = after;
        } else {
            let next = frame::next_mark(rest);
            found.lost += (rest.len() - next.len()) as u64;
            rest = next;
        }
    }
    found
}

fn decode(payload: &[u8]) -> Option<Entry> {
    let mut fields = cbor::parse(payload).ok()?.into_fields().ok()?;
    if fields.next(1).ok()?.int::<u64>().ok()? != VERSION {
        return None;
    }
    let seq = fields.next(2).ok()?.int().ok()?;
    let prev = fields.next(3).ok()?.hash().ok()?;
    let time = fields.next(4).ok()?.int().ok()?;
    let kind = fields.next(5).ok()?.int().ok()?;
    let parts = fields.next(6).ok()?.items().ok()?;
    fields.end().ok()?;
    let record = Record::decode(kind, parts);
    Some(Entry { seq, hash: hash(payload), time, record, prev })
}
