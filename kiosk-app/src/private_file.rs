//! Files that belong to a person: readable by the kiosk's user only, and read with limits.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use zeroize::Zeroizing;

/// Writes a file whole, mode 0600. It is made beside its place and put there: a link that stands there is replaced and
/// never followed, and nobody sees half of it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = OsString::from(".");
    name.push(
        path.file_name().ok_or_else(|| Error::new(ErrorKind::InvalidInput, "it is no name of a file"))?,
    );
    name.push(format!(".{}", std::process::id()));
    let part = path.with_file_name(name);
    let written = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    // What is left of a file that could not be written is nobody's.
    written().inspect_err(|_| drop(std::fs::remove_file(&part)))
}

/// Reads a file that somebody gave: a plain file with at most `most` bytes, so that neither a device, a pipe nor
/// something endless is read.
pub fn read(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>> {
    let wrong = |text: String| Error::new(ErrorKind::InvalidData, text);
    // Opening a pipe would wait for its writer: it is looked at first.
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(wrong("it is no plain file".to_owned()));
    }
    let too_large = |length: u64| wrong(format!("it has {length} bytes; at most {most} are read"));
    if about.len() > most {
        return Err(too_large(about.len()));
    }
    let capacity = usize::try_from(about.len()).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_private_and_a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("a.jpg"), dir.path().join("b.jpg"));
        write(&file, b"one").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, b"two").unwrap();
        assert_eq!(
            (read(&file, 3).unwrap().as_slice(), read(&link, 3).unwrap().as_slice()),
            (&b"one"[..], &b"two"[..])
        );
        assert!(write(dir.path(), b"x").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_too_large_or_no_plain_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        write(&file, b"1234").unwrap();
        for path in [file.as_path(), dir.path(), Path::new("/dev/zero")] {
            assert_eq!(read(path, 3).unwrap_err().kind(), ErrorKind::InvalidData);
        }
    }
}
