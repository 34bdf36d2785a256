//! Files that are whole and on disk: a power cut leaves the one before or the new one, never half of one. What fails is the disk.
//!
//! `tempfile` and `atomic-write-file` come near it: the first syncs nothing, the second brings two crates of its own, and neither
//! lets a test stop between the steps.

pub mod secret_file;

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Ending of a file that is not whole yet.
const DRAFT: &str = "part";

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone: mode 0600.
    Owner,
    /// Whom the process lets read its files: what its umask says.
    Anybody,
}

/// Writes a file whole and durably. A link that stands there is replaced and never followed.
///
/// # Errors
/// The disk's: then the file before is there still, or the new one, which may not be durable.
pub fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut draft = Draft::begin(path, readers)?;
    draft.append(bytes)?;
    draft.sync()?;
    draft.put()?;
    sync_folder(path)
}

/// Gives a whole file another name, durably.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(to)
}

/// Makes the names in the folder of this file durable.
pub fn sync_folder(of: &Path) -> io::Result<()> {
    File::open(folder(of))?.sync_all()
}

fn folder(of: &Path) -> &Path {
    of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file on its way to its place, for who does something between the steps of [`write()`]. Dropped before it is there, it goes.
#[derive(Debug)]
pub struct Draft {
    file: File,
    at: PathBuf,
    place: PathBuf,
    there: bool,
}

impl Draft {
    /// Begins an empty file beside `place`; several may be on their way to one place.
    ///
    /// # Errors
    /// The disk's; [`io::ErrorKind::InvalidInput`] for a path without a name.
    pub fn begin(place: &Path, readers: Readers) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "it is no name of a file");
        let mut name = place.file_name().ok_or_else(no_name)?.to_owned();
        name.push(format!(".{}-{}.{DRAFT}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let at = place.with_file_name(name);
        // One that a process with our number left behind.
        let _ = fs::remove_file(&at);
        let mode = match readers {
            Readers::Owner => 0o600,
            Readers::Anybody => 0o666,
        };
        let file = OpenOptions::new().append(true).create_new(true).mode(mode).open(&at)?;
        let draft = Self { file, at, place: place.to_owned(), there: false };
        if readers == Readers::Owner {
            // The mode of `open` is cut by the umask; say it again.
            draft.file.set_permissions(Permissions::from_mode(mode))?;
        }
        Ok(draft)
    }

    /// Adds bytes.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Makes the bytes durable.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Puts the file in its place, in that of another; durable after [`sync_folder`]. The file appends wherever its end is.
    pub fn put(mut self) -> io::Result<File> {
        fs::rename(&self.at, &self.place)?;
        self.there = true;
        self.file.try_clone()
    }

    /// Puts the file in its place unless another is there.
    ///
    /// # Errors
    /// The disk's; [`io::ErrorKind::AlreadyExists`].
    pub fn put_first(self) -> io::Result<()> {
        // A hard link, unlike a rename, fails when another process was first.
        fs::hard_link(&self.at, &self.place)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.there {
            // What is left of a file that is not in its place is nobody's.
            let _ = fs::remove_file(&self.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_file_is_replaced_whole_and_a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("a.jpg"), dir.path().join("b.jpg"));
        write(&file, b"one", Readers::Owner).unwrap();
        assert_eq!(mode(&file), 0o600);
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, b"two", Readers::Anybody).unwrap();
        assert_eq!((fs::read(&file).unwrap(), fs::read(&link).unwrap()), (b"one".to_vec(), b"two".to_vec()));
        assert!(
            write(dir.path(), b"x", Readers::Owner).is_err()
                && write(Path::new("/"), b"x", Readers::Owner).is_err()
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no draft stays behind");
    }

    #[test]
    fn a_draft_that_is_not_put_goes_and_the_first_of_two_stays() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("a");
        let drafts = [b"1", b"2", b"3"].map(|bytes| {
            let mut draft = Draft::begin(&place, Readers::Owner).unwrap();
            draft.append(bytes).unwrap();
            draft
        });
        let [first, second, third] = drafts;
        first.put_first().unwrap();
        assert_eq!(second.put_first().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        drop(third);
        assert_eq!(fs::read(&place).unwrap(), b"1");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
