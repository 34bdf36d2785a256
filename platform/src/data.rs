//! What the operator supplies for names and characters: two JSON files in `data/` of the platform's folder, read again
//! when they change. Nothing is answered that does not stand in them.
//!
//! ```json
//! { "as_of": "2026-10-31", "source": "户籍人口库 110101", "counts": { "张伟": 1312 } }
//! { "as_of": "2013-06-05", "source": "通用规范汉字表", "characters": { "便": { "level": 1, "readings": ["biàn", "pián"], "strokes": 9 } } }
//! ```

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// `data/names.json`: how many people of the operator's region bear a name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    pub(crate) as_of: String,
    pub(crate) source: String,
    pub(crate) counts: HashMap<String, u64>,
}

/// `data/characters.json`: the characters that a name may have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Characters {
    pub(crate) as_of: String,
    pub(crate) source: String,
    pub(crate) characters: HashMap<char, Character>,
}

/// One standard character.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Character {
    pub(crate) level: u8,
    #[serde(default)]
    pub(crate) readings: Vec<String>,
    pub(crate) strokes: Option<u8>,
}

/// The operator's files.
pub(crate) struct Data {
    names: Kept<Names>,
    characters: Kept<Characters>,
}

impl Data {
    pub(crate) fn of(state: &Path) -> Self {
        let folder = state.join("data");
        Self {
            names: Kept::new(folder.join("names.json")),
            characters: Kept::new(folder.join("characters.json")),
        }
    }

    /// [`Problem::NoData`] when the operator has put no file there, [`Problem::DataUnusable`] when it cannot be read.
    pub(crate) fn names(&self) -> Result<Arc<Names>, Problem> {
        self.names.get()
    }

    /// As [`Self::names`].
    pub(crate) fn characters(&self) -> Result<Arc<Characters>, Problem> {
        self.characters.get()
    }
}

/// A file's content, kept as long as the file does not change.
struct Kept<T> {
    path: PathBuf,
    read: Mutex<Option<(Stamp, Arc<T>)>>,
}

type Stamp = (SystemTime, u64);

impl<T: DeserializeOwned> Kept<T> {
    fn new(path: PathBuf) -> Self {
        Self { path, read: Mutex::new(None) }
    }

    fn get(&self) -> Result<Arc<T>, Problem> {
        let unusable = |error: io::Error| {
            tracing::error!(path = %self.path.display(), %error, "the operator's data cannot be read");
            Problem::DataUnusable
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = match fs::metadata(&self.path) {
            Ok(found) => (found.modified().map_err(unusable)?, found.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Problem::NoData),
            Err(error) => return Err(unusable(error)),
        };
        if let Some((_, kept)) = read.as_ref().filter(|(of, _)| *of == stamp) {
            return Ok(kept.clone());
        }
        let text = fs::read(&self.path).map_err(unusable)?;
        let new = Arc::new(serde_json::from_slice(&text).map_err(|error| unusable(error.into()))?);
        *read = Some((stamp, Arc::clone(&new)));
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_when_they_come_and_again_when_they_change() {
        let dir = tempfile::tempdir().unwrap();
        let data = Data::of(dir.path());
        assert_eq!(data.names().err(), Some(Problem::NoData));
        fs::create_dir(dir.path().join("data")).unwrap();
        let path = dir.path().join("data/names.json");
        fs::write(&path, r#"{"as_of":"2026-10-31","source":"s","counts":{"张伟":7}}"#).unwrap();
        assert_eq!(data.names().unwrap().counts["张伟"], 7);
        fs::write(&path, r#"{"as_of":"2026-10-31","source":"s","counts":{"张伟":17}}"#).unwrap();
        assert_eq!(data.names().unwrap().counts["张伟"], 17);
        fs::write(&path, r#"{"as_of":"2026-10-31","counts":{}}"#).unwrap();
        assert_eq!(data.names().err(), Some(Problem::DataUnusable), "no source");
    }
}
