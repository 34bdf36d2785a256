//! Files that hold a secret: made on this machine, mode 0600, written whole or not at all.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::{Draft, Readers, folder, sync_folder};

/// Largest secret file read: a PEM key is below 1 KB.
const MAX_BYTES: u64 = 64 * 1024;

/// Why a secret file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file or its folder cannot be read or written.
    #[error("{path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Others than its owner may read or write the file.
    #[error("{path} has mode {mode:04o}; it must be 0600")]
    LooseMode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is a link, a folder or a device.
    #[error("{path} is not a plain file")]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the secret at `path`, or makes it with `make` when there is none yet.
///
/// Missing parent folders are made with mode 0700. Of two processes that make the secret at once, one wins and both
/// use its file.
///
/// # Errors
/// [`SecretFileError`]; a file that exists is never overwritten and never repaired.
pub fn load_or_create<E: From<SecretFileError>>(
    path: &Path,
    make: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, E>,
) -> Result<Zeroizing<Vec<u8>>, E> {
    if let Some(found) = load(path)? {
        return Ok(found);
    }
    create(path, &make()?)?;
    load(path)?.ok_or_else(|| {
        SecretFileError::Io { path: path.to_owned(), source: io::ErrorKind::NotFound.into() }.into()
    })
}

/// Reads the secret at `path`; `None` when there is no such file.
///
/// # Errors
/// [`SecretFileError`] when the mode lets others in, or when it cannot be read.
pub fn load(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, SecretFileError> {
    let failed = |source| SecretFileError::Io { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => return Err(SecretFileError::NotAFile { path: path.to_owned() }),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let file = File::open(path).map_err(failed)?;
    // The opened file is judged, not the name: a name can be swapped between two looks.
    let mode = file.metadata().map_err(failed)?.mode() & 0o7777;
    if mode & 0o177 != 0 {
        return Err(SecretFileError::LooseMode { path: path.to_owned(), mode });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

/// Makes `dir` and its missing parents with mode 0700; an existing folder is left as it is.
///
/// # Errors
/// [`SecretFileError::Io`] when it cannot be made.
pub fn private_dir(dir: &Path) -> Result<(), SecretFileError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|source| SecretFileError::Io { path: dir.to_owned(), source })
}

fn create(path: &Path, bytes: &[u8]) -> Result<(), SecretFileError> {
    let failed = |source| SecretFileError::Io { path: path.to_owned(), source };
    private_dir(folder(path))?;
    let written = (|| {
        let mut draft = Draft::begin(path, Readers::Owner)?;
        draft.append(bytes)?;
        draft.sync()?;
        match draft.put_first() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    })();
    written.and_then(|()| sync_folder(path)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn make(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretFileError> {
        Ok(Zeroizing::new(bytes.to_vec()))
    }

    #[test]
    fn is_made_once_with_a_tight_mode() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/one.key");
        assert_eq!(*load_or_create(&path, || make(b"first")).unwrap(), b"first");
        assert_eq!(*load_or_create(&path, || make(b"second")).unwrap(), b"first");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o7777, 0o700);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn looser_modes_and_links_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("one.key");
        load_or_create(&path, || make(b"x")).unwrap();
        for mode in [0o640, 0o604, 0o700, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(load(&path), Err(SecretFileError::LooseMode { .. })), "{mode:o}");
        }
        let link = dir.path().join("link.key");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(load(&link), Err(SecretFileError::NotAFile { .. })));
    }
}
