//! Where the catalogue comes from: the folder of the configuration, or the one built in.

use std::path::{Path, PathBuf};

use faults::Fault;
use matters::{BUILT_IN, Catalogue, Problem};
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

/// Loads all `*.toml` of a folder in the order of their names, and the region's over them; or the built-in catalogue.
pub fn load(folder: Option<&Path>, region: Option<&str>) -> Result<Catalogue, CatalogueError> {
    let Some(folder) = folder else {
        return Catalogue::parse(BUILT_IN.iter().copied()).map_err(CatalogueError::Invalid);
    };
    let overlays = match region {
        Some(region) => folder_files(&folder.join("regions").join(region))?,
        None => Vec::new(),
    };
    let files = folder_files(folder)?;
    Catalogue::parse_for_region(pairs(&files), pairs(&overlays)).map_err(CatalogueError::Invalid)
}

fn pairs(files: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}

fn folder_files(folder: &Path) -> Result<Vec<(String, String)>, CatalogueError> {
    read(folder).map_err(|source| CatalogueError::Unreadable { path: folder.to_owned(), source })
}

fn read(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}
