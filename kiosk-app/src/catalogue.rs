//! Where the catalogue comes from: the folder of the configuration, or the one built in.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use faults::Fault;
use matters::{BUILT_IN, BUILT_IN_REGIONS, Catalogue, Problem};
use thiserror::Error;

use crate::config::listed;

/// Why there is no catalogue.
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
}

impl CatalogueError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            CatalogueError::Unreadable { .. } | CatalogueError::Invalid(_) => Fault::CatalogueInvalid,
        }
    }
}

/// The files of a catalogue and of its region, by name.
struct Sources {
    files: Vec<(String, String)>,
    overlays: Vec<(String, String)>,
}

/// Loads all `*.toml` of a folder in the order of their names, and the region's over them; or the built-in catalogue.
pub fn load(folder: Option<&Path>, region: Option<&str>) -> Result<Catalogue, CatalogueError> {
    let Sources { files, overlays } = sources(folder, region)?;
    Catalogue::parse_for_region(pairs(&files), pairs(&overlays)).map_err(CatalogueError::Invalid)
}

/// What a catalogue consists of, as one text: its hash tells it from any other.
pub fn bytes(folder: Option<&Path>, region: Option<&str>) -> Result<Vec<u8>, CatalogueError> {
    let Sources { files, overlays } = sources(folder, region)?;
    Ok(files.into_iter().chain(overlays).flat_map(|(_, text)| text.into_bytes()).collect())
}

fn sources(folder: Option<&Path>, region: Option<&str>) -> Result<Sources, CatalogueError> {
    let Some(folder) = folder else { return built_in(region) };
    let overlays = match region {
        Some(region) => folder_files(&folder.join("regions").join(region))?,
        None => Vec::new(),
    };
    Ok(Sources { files: folder_files(folder)?, overlays })
}

fn built_in(region: Option<&str>) -> Result<Sources, CatalogueError> {
    let owned = |files: &[(&str, &str)]| {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>()
    };
    let overlays = match region {
        Some(region) => {
            let found = BUILT_IN_REGIONS.iter().find(|(name, _)| *name == region);
            let unknown = || {
                let known: Vec<&str> = BUILT_IN_REGIONS.iter().map(|(name, _)| *name).collect();
                let text = format!("no region is called `{region}`; there are: {}", known.join(", "));
                CatalogueError::Invalid(vec![Problem { file: "regions".to_owned(), line: 1, text }])
            };
            owned(found.ok_or_else(unknown)?.1)
        }
        None => Vec::new(),
    };
    Ok(Sources { files: owned(BUILT_IN), overlays })
}

/// The regions that a catalogue has files for, in the order of their names.
pub fn regions(folder: Option<&Path>) -> Result<Vec<String>, CatalogueError> {
    let Some(folder) = folder else {
        return Ok(BUILT_IN_REGIONS.iter().map(|(name, _)| (*name).to_owned()).collect());
    };
    let path = folder.join("regions");
    let list = || -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&path)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    };
    match list() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(CatalogueError::Unreadable { path, source }),
        Ok(names) => Ok(names),
    }
}

fn pairs(files: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}

fn folder_files(folder: &Path) -> Result<Vec<(String, String)>, CatalogueError> {
    read(folder).map_err(|source| CatalogueError::Unreadable { path: folder.to_owned(), source })
}

/// Largest file of a catalogue. A guess: thirty times the largest of ours.
const MAX_FILE: u64 = 256 * 1024;

fn read(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            let mut text = String::new();
            let length = File::open(&path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
            if length as u64 > MAX_FILE {
                return Err(std::io::Error::new(
                    std::io::ErrorKind::FileTooLarge,
                    format!("{} has more than {MAX_FILE} bytes", path.display()),
                ));
            }
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}
