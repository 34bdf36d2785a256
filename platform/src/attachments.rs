//! Sealed files of requests, named by the hash of their bytes, taken in pieces.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use durable::secret_file;
use protocol::envelope::attachment::{AttachmentHash, attachment_hash};
use rustix::fs::statvfs;

use crate::error::PlatformError;
use crate::problem::Problem;

const FOLDER: &str = "attachments";

/// How long a file stays that no request names, and a part that does not grow: longer than a kiosk is out of order over
/// a holiday. A kiosk keeps its files until it has the receipt, so one that was swept too early is sent again. A guess.
pub(crate) const UNCLAIMED: Duration = Duration::from_secs(30 * 24 * 3600);

/// How much of a file is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// All of it, checked against its name: so many bytes.
    Whole(u64),
    /// So many bytes from its start.
    Part(u64),
}

/// Where a piece belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: u64,
    pub(crate) total: u64,
}

impl Piece {
    /// Reads `Content-Range: bytes FROM-LAST/TOTAL` for a body of `length`; without the header the body is the file.
    pub(crate) fn read(range: Option<&str>, length: u64) -> Option<Self> {
        let Some(range) = range else { return (length > 0).then_some(Self { from: 0, total: length }) };
        let (range, total) = range.strip_prefix("bytes ")?.split_once('/')?;
        let (from, last) = range.split_once('-')?;
        let (from, last, total): (u64, u64, u64) =
            (from.parse().ok()?, last.parse().ok()?, total.parse().ok()?);
        (last < total && from <= last && last - from + 1 == length).then_some(Self { from, total })
    }
}

/// The folder.
pub(crate) struct Attachments {
    dir: PathBuf,
    /// Bytes of its disk that stay free.
    keep_free: u64,
    /// One piece at a time: two connections of one kiosk may send the same file.
    turn: Mutex<()>,
}

impl Attachments {
    pub(crate) fn open(state: &Path, keep_free: u64) -> Result<Self, PlatformError> {
        let dir = folder(state);
        secret_file::private_dir(&dir)?;
        Ok(Self { dir, keep_free, turn: Mutex::new(()) })
    }

    /// Whether the disk has room for what kiosks send.
    ///
    /// # Errors
    /// [`Problem::StorageLow`]. A disk that does not say is tried.
    pub(crate) fn room(&self) -> Result<(), Problem> {
        let free = statvfs(&self.dir).map_or(u64::MAX, |found| found.f_bavail.saturating_mul(found.f_frsize));
        if free >= self.keep_free { Ok(()) } else { Err(Problem::StorageLow) }
    }

    /// Whether a file is whole. One that is will not be swept for [`UNCLAIMED`]: a request that names it is on its way into the
    /// database.
    pub(crate) fn claim(&self, hash: &AttachmentHash) -> bool {
        let _turn = self.turn();
        match File::open(self.path(hash)).and_then(|file| file.set_modified(SystemTime::now())) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => {
                tracing::error!(%error, "an attachment cannot be claimed");
                false
            }
        }
    }

    /// Removes files that no request names and parts that nobody goes on with, when they have not been touched for
    /// [`UNCLAIMED`]; says how many. `named` says whether a request names a file.
    ///
    /// # Errors
    /// The disk's, or `named`'s: then the file stays.
    pub(crate) fn sweep(
        &self,
        now: SystemTime,
        named: impl Fn(&AttachmentHash) -> io::Result<bool>,
    ) -> io::Result<usize> {
        let mut swept = 0;
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let (hash, is_part) = match name.strip_suffix(".part") {
                Some(part) => (part.split('.').next().unwrap_or_default(), true),
                None => (name, false),
            };
            let Some(hash) = file_hash(hash) else { continue };
            // Nobody appends to it, makes it whole or claims it between the look and the removal.
            let _turn = self.turn();
            let touched = match fs::metadata(&path) {
                Ok(found) => found.modified()?,
                // A part that has just become whole.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            // A clock that went back makes a file young, which keeps it.
            let old = now.duration_since(touched).is_ok_and(|age| age >= UNCLAIMED);
            if old && (is_part || !named(&hash)?) {
                fs::remove_file(&path)?;
                swept += 1;
            }
        }
        Ok(swept)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn held(&self, kiosk: &str, hash: &AttachmentHash) -> Held {
        let length = |path: PathBuf| fs::metadata(path).map(|found| found.len()).ok();
        match length(self.path(hash)) {
            Some(bytes) => Held::Whole(bytes),
            None => Held::Part(length(self.part(kiosk, hash)).unwrap_or(0)),
        }
    }

    /// Appends a piece; the last one makes the file whole. True when this piece did.
    pub(crate) fn put(
        &self,
        kiosk: &str,
        hash: &AttachmentHash,
        piece: Piece,
        bytes: &[u8],
    ) -> Result<(Held, bool), Problem> {
        let _turn = self.turn();
        let there = match self.held(kiosk, hash) {
            whole @ Held::Whole(_) => return Ok((whole, false)),
            Held::Part(there) => there,
        };
        self.room()?;
        // A sender that begins again may: what was there may have been another's mistake.
        if piece.from != there && piece.from != 0 {
            return Err(Problem::WrongOffset(there));
        }
        let part = self.part(kiosk, hash);
        let written = piece.from + bytes.len() as u64;
        append(&part, piece.from == 0, bytes).map_err(disk)?;
        if written < piece.total {
            return Ok((Held::Part(written), false));
        }
        let all = fs::read(&part).map_err(disk)?;
        if attachment_hash(&all) != *hash {
            fs::remove_file(&part).map_err(disk)?;
            return Err(Problem::WrongHash);
        }
        durable::rename(&part, &self.path(hash)).map_err(disk)?;
        Ok((Held::Whole(written), true))
    }

    fn path(&self, hash: &AttachmentHash) -> PathBuf {
        self.dir.join(hex::encode(hash))
    }

    /// Each kiosk has parts of its own: none can spoil another's.
    fn part(&self, kiosk: &str, hash: &AttachmentHash) -> PathBuf {
        self.dir.join(format!("{}.{kiosk}.part", hex::encode(hash)))
    }
}

/// Reads a file's name: 64 small hex digits.
pub(crate) fn file_hash(name: &str) -> Option<AttachmentHash> {
    let bytes = hex::decode(name).ok().filter(|bytes| hex::encode(bytes) == name)?;
    bytes.try_into().ok()
}

/// The sealed bytes of a file that came, for reports.
pub(crate) fn read(state: &Path, hash: &AttachmentHash) -> Option<Vec<u8>> {
    fs::read(folder(state).join(hex::encode(hash))).ok()
}

fn folder(state: &Path) -> PathBuf {
    state.join(FOLDER)
}

fn append(path: &Path, anew: bool, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    let mut file = if anew { options.write(true).truncate(true) } else { options.append(true) }.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn disk(error: io::Error) -> Problem {
    tracing::error!(%error, "an attachment cannot be kept");
    Problem::Failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_say_where_they_belong() {
        assert_eq!(Piece::read(None, 7), Some(Piece { from: 0, total: 7 }));
        assert_eq!(Piece::read(Some("bytes 2-4/9"), 3), Some(Piece { from: 2, total: 9 }));
        for (range, length) in [
            (None, 0),
            (Some("bytes 2-4/9"), 4),
            (Some("bytes 4-2/9"), 3),
            (Some("bytes 7-9/9"), 3),
            (Some("bytes */9"), 0),
            (Some("bytes 0-18446744073709551615/18446744073709551615"), 0),
            (Some("items 2-4/9"), 3),
            (Some(""), 0),
        ] {
            assert_eq!(Piece::read(range, length), None, "{range:?}");
        }
    }

    #[test]
    fn a_file_is_whole_only_with_the_bytes_of_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let files = Attachments::open(dir.path(), 0).unwrap();
        let (bytes, hash) = (b"nine bytes", attachment_hash(b"nine bytes"));
        let total = bytes.len() as u64;
        let put = |from: u64, bytes: &[u8]| files.put("k1", &hash, Piece { from, total }, bytes);
        assert_eq!(put(0, &bytes[..4]), Ok((Held::Part(4), false)));
        assert_eq!(put(6, &bytes[6..]), Err(Problem::WrongOffset(4)));
        assert_eq!(files.held("k2", &hash), Held::Part(0), "another kiosk's part is its own");
        assert_eq!(put(4, b"wrong!"), Err(Problem::WrongHash));
        assert_eq!(files.held("k1", &hash), Held::Part(0));
        assert!(!files.claim(&hash));
        assert_eq!(put(0, &bytes[..4]), Ok((Held::Part(4), false)));
        assert_eq!(put(4, &bytes[4..]), Ok((Held::Whole(total), true)));
        assert_eq!(put(0, b"x"), Ok((Held::Whole(total), false)), "what is whole stays");
        assert!(files.claim(&hash));
    }

    #[test]
    fn only_what_nobody_needs_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let files = Attachments::open(dir.path(), 0).unwrap();
        let hashes = [b"named", b"loose", b"young", b"parts"].map(|bytes| attachment_hash(bytes));
        let [named, loose, young, part] = hashes;
        for bytes in [b"named", b"loose", b"young"] {
            files.put("k1", &attachment_hash(bytes), Piece { from: 0, total: 5 }, bytes).unwrap();
        }
        let begin = |from: u64, bytes: &[u8]| files.put("k1", &part, Piece { from, total: 5 }, bytes);
        begin(0, b"pa").unwrap();
        fs::write(files.dir.join("README"), "not ours").unwrap();
        let now = SystemTime::now();
        let age = |path: PathBuf, by: Duration| File::open(path).unwrap().set_modified(now - by).unwrap();
        let moment = Duration::from_secs(1);
        for path in [files.path(&named), files.path(&loose), files.dir.join("README")] {
            age(path, UNCLAIMED);
        }
        age(files.path(&young), UNCLAIMED - moment);
        age(files.part("k1", &part), UNCLAIMED - moment);
        let sweep = |now| files.sweep(now, |hash| Ok(*hash == named)).unwrap();
        assert_eq!(sweep(now), 1);
        assert!(files.claim(&named) && !files.claim(&loose) && files.claim(&young));
        assert!(files.dir.join("README").exists(), "what is not ours stays");

        // A slow upload keeps its part young, and a claim its file.
        begin(2, b"r").unwrap();
        age(files.path(&named), UNCLAIMED);
        let later = now + moment;
        assert_eq!(sweep(later), 0);
        assert_eq!(begin(3, b"ts"), Ok((Held::Whole(5), true)));
        assert_eq!(sweep(now + UNCLAIMED + 60 * moment), 2, "what nobody came back for");
        assert!(files.claim(&named) && !files.claim(&young) && !files.claim(&part));

        begin(0, b"pa").unwrap();
        age(files.part("k1", &part), UNCLAIMED);
        assert_eq!(sweep(now), 1, "a part that nobody goes on with");
        assert_eq!(files.held("k1", &part), Held::Part(0));
        let stays = files.sweep(now + 2 * UNCLAIMED, |_| Err(io::Error::other("the database failed")));
        assert!(stays.is_err() && files.claim(&named), "what cannot be looked up stays");
    }
}
