//! The catalogue on its way to the kiosk: its files, and how the platform signs them.
//!
//! ```text
//! catalogue = [ signed, files ]                two byte strings
//!   signed  = COSE_Sign1( [version, number, time, hash of files] )     by the receipt key
//!   files   = [* [path, text] ]                ascending by path
//! ```
//!
//! The signature covers the hash, so that the files are read once and copied once. Paths are names of files in a folder as
//! an author of matters has it: `id-card-renewal.toml`, and `regions/coastal/id-card-renewal.toml` over it. Nothing is ever
//! written under them. Byte by byte: `docs/platform-api.md`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::envelope::cbor::{self, Writer};
use crate::envelope::{EnvelopeError, join, receipt, sign1};

/// Largest signed catalogue: a hundred matters in three languages have 2 MB.
pub const MAX_CATALOGUE: usize = 4 * 1024 * 1024;

/// Largest file of a catalogue. A guess: thirty times the largest of ours.
pub const MAX_FILE: usize = 256 * 1024;

/// The content type in the protected header: a receipt, signed with the same key, never passes for a catalogue.
pub const CONTENT_TYPE: &str = "application/vnd.bianmin.catalogue+cbor";

/// The version that is written and read.
const VERSION: u64 = 1;

/// Begins the path of a region's file.
const REGIONS: &str = "regions/";

/// The files of a catalogue by their paths: texts that nobody has looked into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

/// A catalogue whose signature was checked: there is no other way to make one.
#[derive(Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Its number; a newer one has a larger one.
    pub number: u64,
    /// When it was signed: Unix seconds of the platform's clock.
    pub time: i64,
    /// What it consists of.
    pub files: Files,
}

impl Files {
    /// Reads all `*.toml` of a folder, and of each folder in its `regions`.
    ///
    /// # Errors
    /// The system's; `FileTooLarge` above [`MAX_FILE`], `InvalidData` for what is no UTF-8.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        files.add(folder, "")?;
        let regions = match fs::read_dir(folder.join(REGIONS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
            regions => regions?,
        };
        for region in regions {
            let region = region?;
            if region.file_type()?.is_dir() {
                files.add(&region.path(), &format!("{REGIONS}{}/", region.file_name().to_string_lossy()))?;
            }
        }
        Ok(files)
    }

    fn add(&mut self, folder: &Path, before: &str) -> io::Result<()> {
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            if path.extension().is_none_or(|ending| ending != "toml") {
                continue;
            }
            let mut text = String::new();
            let length = File::open(&path)?.take(MAX_FILE as u64 + 1).read_to_string(&mut text)?;
            if length > MAX_FILE {
                let text = format!("{} has more than {MAX_FILE} bytes", path.display());
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.0.insert(format!("{before}{name}"), text);
        }
        Ok(())
    }

    /// Each file's path and text, in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Tells these files from any others.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }

    fn encode(&self) -> Vec<u8> {
        let size = self.0.iter().map(|(path, text)| path.len() + text.len() + 16).sum::<usize>();
        let mut out = Writer::with_capacity(size + 16);
        out.array(self.0.len());
        for (path, text) in &self.0 {
            out.array(2).text(path).text(text);
        }
        out.finish_public()
    }

    fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let mut files = BTreeMap::new();
        let mut last = String::new();
        for file in cbor::parse(bytes)?.into_items().ok_or(EnvelopeError::Malformed)? {
            let [path, text] = <[_; 2]>::try_from(file.items()?).map_err(|_| EnvelopeError::Malformed)?;
            let (path, text) = (path.text()?, text.text()?);
            if path <= last || !is_path(&path) || text.len() > MAX_FILE {
                return Err(EnvelopeError::Mismatch("names of files"));
            }
            last.clone_from(&path);
            files.insert(path, text);
        }
        Ok(Self(files))
    }
}

impl<P: Into<String>, T: Into<String>> FromIterator<(P, T)> for Files {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.into(), text.into())).collect())
    }
}

/// `NAME.toml` or `regions/NAME/NAME.toml`: what may stand in a log.
fn is_path(path: &str) -> bool {
    let name = path.strip_prefix(REGIONS).map_or(Some(path), |path| {
        path.split_once('/').filter(|(region, _)| is_name(region)).map(|(_, name)| name)
    });
    name.is_some_and(|name| is_name(name) && name.ends_with(".toml"))
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(fits)
}

/// Signs a catalogue: the platform's part. `None` when a kiosk would not take it: it is too large, or a file has a strange
/// name.
pub fn sign(files: &Files, number: u64, time: i64, key: &SigningKey) -> Option<Vec<u8>> {
    let catalogue = sign_encoded(&files.encode(), number, time, key);
    open(&catalogue, &key.verifying_key()).is_ok().then_some(catalogue)
}

pub(crate) fn sign_encoded(files: &[u8], number: u64, time: i64, key: &SigningKey) -> Vec<u8> {
    let mut out = Writer::with_capacity(64);
    out.map(4);
    out.int(1).uint(VERSION);
    out.int(2).uint(number);
    out.int(3).int(time);
    out.int(4).bytes(&Sha256::digest(files));
    let signed = sign1::sign(CONTENT_TYPE, &receipt::key_id(&key.verifying_key()), &out.finish(), key);
    join(&signed, files)
}

/// Checks a catalogue with the platform's receipt key: the kiosk's part.
///
/// # Errors
/// [`EnvelopeError`] when any byte is not as [`sign`] with this key would have written it.
pub fn open(bytes: &[u8], key: &VerifyingKey) -> Result<Catalogue, EnvelopeError> {
    if bytes.len() > MAX_CATALOGUE {
        return Err(EnvelopeError::TooLarge { bytes: bytes.len() });
    }
    let [signed, files] = cbor::parse(bytes)?.into_byte_strings()?;
    let opened = sign1::open(&signed, CONTENT_TYPE, key)?;
    if opened.key_id != receipt::key_id(key) {
        return Err(EnvelopeError::Header("key id"));
    }
    let mut fields = cbor::parse(&opened.payload)?.into_fields()?;
    let version = fields.next(1)?.int()?;
    if version != VERSION {
        return Err(EnvelopeError::Version(version));
    }
    let (number, time) = (fields.next(2)?.int()?, fields.next(3)?.int()?);
    if fields.next(4)?.hash()? != <[u8; 32]>::from(Sha256::digest(&files)) {
        return Err(EnvelopeError::Mismatch("hash of the files"));
    }
    fields.end()?;
    Ok(Catalogue { number, time, files: Files::decode(&files)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let files = [
            ("b.toml", "two"),
            ("a.toml", "one"),
            ("regions/north/a.toml", "cold"),
            ("regions/north/b.toml", "colder"),
            ("regions/south/a.toml", "warm"),
        ];
        files.into_iter().collect()
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    #[test]
    fn a_folder_is_signed_and_arrives_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in &files().0 {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::write(dir.path().join("notes.txt"), "not of the catalogue").unwrap();
        let read = Files::read(dir.path()).unwrap();
        assert_eq!(read, files());
        let bytes = sign(&read, 7, 1_800_000_000, &key(7)).unwrap();
        let opened = open(&bytes, &key(7).verifying_key()).unwrap();
        assert_eq!((opened.number, opened.time), (7, 1_800_000_000));
        assert_eq!(opened.files, files());
        assert_ne!(opened.files.hash(), Files::default().hash());
    }

    #[test]
    fn any_other_byte_and_any_other_key_is_refused() {
        let bytes = sign(&files(), 7, 1_800_000_000, &key(7)).unwrap();
        assert_eq!(open(&bytes, &key(8).verifying_key()).unwrap_err(), EnvelopeError::Signature);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << bit;
                assert!(open(&bytes, &key(7).verifying_key()).is_err(), "byte {at}, bit {bit}");
            }
        }
        for length in 0..bytes.len() {
            assert!(open(&bytes[..length], &key(7).verifying_key()).is_err());
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(open(&longer, &key(7).verifying_key()).is_err());
    }

    #[test]
    fn what_a_kiosk_would_not_take_is_not_signed() {
        let signed = |path: &str, text: &str| sign(&[(path, text)].into_iter().collect(), 1, 0, &key(7));
        assert!(signed("a.toml", "").is_some() && signed("regions/r/a.toml", "").is_some());
        let strange = ["", "a", "../a.toml", "/a.toml", "a/b.toml", "regions/a.toml", "regions/../a.toml"];
        for path in strange.into_iter().chain(["regions/r/s/a.toml", ".toml", "a\n.toml", "表.toml"]) {
            assert!(signed(path, "").is_none(), "{path:?}");
        }
        assert!(signed("a.toml", &"x".repeat(MAX_FILE + 1)).is_none());
        let many = (0..20).map(|at| (format!("{at}.toml"), "x".repeat(MAX_FILE))).collect();
        assert!(sign(&many, 1, 0, &key(7)).is_none(), "more than a kiosk reads");
    }
}
