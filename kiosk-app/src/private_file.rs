//! Files that somebody gave, read with limits.

use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

use zeroize::Zeroizing;

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
    use super::*;

    #[test]
    fn what_is_too_large_or_no_plain_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        std::fs::write(&file, b"1234").unwrap();
        for path in [file.as_path(), dir.path(), Path::new("/dev/zero")] {
            assert_eq!(read(path, 3).unwrap_err().kind(), ErrorKind::InvalidData);
        }
    }
}
