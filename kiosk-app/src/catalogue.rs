//! Where the catalogue comes from, and how a newer one is installed.
//!
//! | the configuration has | the catalogue is                                                        |
//! |------------------------|-------------------------------------------------------------------------|
//! | `[matters] path`       | that folder, and nothing else                                           |
//! | `[platform]`           | the newest that the platform signed and this kiosk took; before, the one built in |
//! | neither                | the one built in                                                        |
//!
//! What the platform signed is kept as it came, `catalogue.cose` in the state folder, and verified each time it is read: a
//! changed file is refused, and the kiosk would rather be closed than name another region's fees.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use durable::Readers;
use faults::Fault;
use matters::{BUILT_IN, Catalogue, Problem};
use outbox::forward::{ClientError, receipt_key};
use protocol::catalogue::{self, Files, MAX_CATALOGUE};
use protocol::envelope::EnvelopeError;
use thiserror::Error;

use crate::config::{Config, listed};
use crate::private_file;

/// Name of the installed catalogue in the state folder.
const FILE: &str = "catalogue.cose";

/// Why there is no catalogue, or no newer one.
#[derive(Debug, Error)]
pub enum CatalogueError {
    /// The folder or one of its files.
    #[error("{path} cannot be read", path = path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Every mistake with its file and line.
    #[error("{} mistakes in the catalogue: {}", .0.len(), listed(.0))]
    Invalid(Vec<Problem>),
    /// It is not what the platform signed.
    #[error("the catalogue is not one that the platform signed")]
    Unsigned(#[from] EnvelopeError),
    /// The one that is installed is newer.
    #[error("catalogue {number} is older than catalogue {installed}, which is installed")]
    Older {
        /// The number of the one that was offered.
        number: u64,
        /// The number of the one that is installed.
        installed: u64,
    },
    /// The key that it is verified with.
    #[error(transparent)]
    Key(#[from] ClientError),
    /// The state folder.
    #[error("{path} cannot be written", path = path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl CatalogueError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            CatalogueError::Unreadable { .. } | CatalogueError::Invalid(_) => Fault::CatalogueInvalid,
            CatalogueError::Unsigned(_) | CatalogueError::Older { .. } => Fault::CatalogueRefused,
            CatalogueError::Key(error) => error.fault(),
            CatalogueError::Unwritable { .. } => Fault::StoreWriteFailed,
        }
    }
}

/// Where this kiosk's catalogue comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    source: Source,
    region: Option<String>,
}

#[derive(Clone, Debug, Default)]
enum Source {
    Folder(PathBuf),
    Platform {
        /// The installed catalogue, once there is one.
        file: PathBuf,
        receipt_key: PathBuf,
    },
    #[default]
    BuiltIn,
}

/// The files of a catalogue, and its number if the platform gave it one.
#[derive(Default)]
pub struct Found {
    /// What it consists of.
    pub files: Files,
    /// Its number.
    pub number: Option<u64>,
}

/// A catalogue that can be served with.
#[derive(Default)]
pub struct Loaded {
    /// Its matters.
    pub catalogue: Catalogue,
    /// Tells it from any other.
    pub hash: [u8; 32],
}

impl Origin {
    /// As the configuration says.
    pub fn of(config: &Config) -> Origin {
        let source = match (&config.matters.path, &config.platform) {
            (Some(path), _) => Source::Folder(path.clone()),
            (None, Some(platform)) => {
                let (file, receipt_key) = (config.kiosk.state.join(FILE), platform.receipt_key.clone());
                Source::Platform { file, receipt_key }
            }
            (None, None) => Source::BuiltIn,
        };
        Origin { source, region: config.matters.region.clone() }
    }

    /// A folder, whatever a configuration says.
    pub fn folder(path: &Path) -> Origin {
        Origin { source: Source::Folder(path.to_owned()), region: None }
    }

    /// Whether newer catalogues are taken from the platform.
    pub fn is_platform(&self) -> bool {
        matches!(self.source, Source::Platform { .. })
    }

    /// Loads the catalogue with the region's files over it.
    pub fn load(&self) -> Result<Loaded, CatalogueError> {
        let Found { files, .. } = self.find()?;
        Ok(Loaded { catalogue: self.parse(&files)?, hash: files.hash() })
    }

    /// The files as they lie there, of all regions.
    pub fn find(&self) -> Result<Found, CatalogueError> {
        match &self.source {
            Source::Folder(path) => {
                let unreadable = |source| CatalogueError::Unreadable { path: path.clone(), source };
                Ok(Found { files: Files::read(path).map_err(unreadable)?, number: None })
            }
            Source::Platform { file, receipt_key } => match private_file::read(file, MAX_CATALOGUE as u64) {
                Ok(bytes) => {
                    let opened = open(&bytes, receipt_key)?;
                    Ok(Found { files: opened.files, number: Some(opened.number) })
                }
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(built_in()),
                Err(source) => Err(CatalogueError::Unreadable { path: file.clone(), source }),
            },
            Source::BuiltIn => Ok(built_in()),
        }
    }

    /// Checks what the platform gave and puts it in place of the one before; gives its number. It is in force with the
    /// next [`load`](Origin::load).
    ///
    /// # Errors
    /// [`CatalogueError`]; then the one before stays.
    pub fn install(&self, bytes: &[u8]) -> Result<u64, CatalogueError> {
        let Source::Platform { file, receipt_key } = &self.source else { return Ok(0) };
        let catalogue::Catalogue { number, files, .. } = open(bytes, receipt_key)?;
        // One that is damaged is no reason to refuse a whole one.
        let installed = self.find().ok().and_then(|found| found.number);
        if let Some(installed) = installed.filter(|installed| *installed > number) {
            return Err(CatalogueError::Older { number, installed });
        }
        self.parse(&files)?;
        durable::write(file, bytes, Readers::Owner)
            .map_err(|source| CatalogueError::Unwritable { path: file.clone(), source })?;
        Ok(number)
    }

    fn parse(&self, files: &Files) -> Result<Catalogue, CatalogueError> {
        Catalogue::parse_for_region(files.iter(), self.region.as_deref()).map_err(CatalogueError::Invalid)
    }
}

fn open(bytes: &[u8], key: &Path) -> Result<catalogue::Catalogue, CatalogueError> {
    Ok(catalogue::open(bytes, &receipt_key(key)?)?)
}

fn built_in() -> Found {
    Found { files: BUILT_IN.iter().copied().collect(), number: None }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn of_platform(dir: &Path) -> Origin {
        let receipt_key = dir.join("receipt.pub");
        std::fs::write(&receipt_key, hex::encode(key(7).verifying_key().as_bytes())).unwrap();
        Origin {
            source: Source::Platform { file: dir.join(FILE), receipt_key },
            region: Some("coastal".into()),
        }
    }

    fn signed(files: &Files, number: u64, seed: u8) -> Vec<u8> {
        catalogue::sign(files, number, 1_800_000_000, &key(seed)).unwrap()
    }

    /// The one built in, where nothing is free.
    fn dearer() -> Files {
        BUILT_IN
            .iter()
            .map(|(path, text)| (*path, text.replacen("fee_yuan = 0", "fee_yuan = 7", 1)))
            .collect()
    }

    fn fee(origin: &Origin) -> u32 {
        origin.load().unwrap_or_default().catalogue.matter("household-certificate").unwrap().fee_yuan
    }

    #[test]
    fn a_newer_one_of_the_platform_is_in_force_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let origin = of_platform(dir.path());
        assert_eq!(fee(&origin), 0, "the one built in");
        assert_eq!(origin.install(&signed(&dearer(), 3, 7)).unwrap(), 3);
        assert_eq!(fee(&of_platform(dir.path())), 7);
        assert_eq!(origin.find().unwrap().number, Some(3));
        assert_eq!(origin.install(&signed(&dearer(), 3, 7)).unwrap(), 3, "once more is no harm");
    }

    #[test]
    fn another_key_an_older_one_and_mistakes_are_refused_and_the_one_before_stays() {
        let dir = tempfile::tempdir().unwrap();
        let origin = of_platform(dir.path());
        origin.install(&signed(&dearer(), 3, 7)).unwrap();
        let refused = |bytes: &[u8]| origin.install(bytes).unwrap_err().fault();
        let now = built_in().files;
        assert_eq!(refused(&signed(&now, 4, 8)), Fault::CatalogueRefused, "another key");
        assert_eq!(refused(&signed(&now, 2, 7)), Fault::CatalogueRefused, "older");
        assert_eq!(refused(b"nonsense"), Fault::CatalogueRefused);
        let broken = [("a.toml", "id = 5")].into_iter().collect();
        assert_eq!(refused(&signed(&broken, 4, 7)), Fault::CatalogueInvalid);
        let elsewhere = BUILT_IN.iter().copied().filter(|(path, _)| !path.contains("coastal")).collect();
        assert_eq!(refused(&signed(&elsewhere, 4, 7)), Fault::CatalogueInvalid, "nothing for this region");
        assert_eq!(fee(&origin), 7);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "and nothing is left over");
    }

    #[test]
    fn a_changed_file_is_not_served_with_and_a_whole_one_heals_it() {
        let dir = tempfile::tempdir().unwrap();
        let origin = of_platform(dir.path());
        let bytes = signed(&dearer(), 3, 7);
        let mut changed = bytes.clone();
        let at = bytes.windows(12).position(|text| text == b"fee_yuan = 7").unwrap();
        changed[at + 11] = b'9';
        std::fs::write(dir.path().join(FILE), changed).unwrap();
        assert_eq!(origin.load().err().unwrap().fault(), Fault::CatalogueRefused);
        origin.install(&bytes).unwrap();
        assert_eq!(fee(&origin), 7);
    }
}
