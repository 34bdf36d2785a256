//! The catalogue that kiosks fetch: checked as a kiosk checks it, then signed with the receipt key, which every kiosk has.

use std::path::Path;

use matters::Catalogue;
use protocol::catalogue::{self, Files};

use crate::ca;
use crate::error::PlatformError;
use crate::store::Store;

/// Signs the files of a folder and makes them the newest catalogue; gives its number, which only grows.
///
/// # Errors
/// [`PlatformError::Catalogue`] lists every mistake of every region: what no kiosk could use is not offered to any.
/// [`PlatformError::CatalogueUnfit`]; [`PlatformError`] when a file, the key or the database fails.
pub fn put(state: &Path, folder: &Path) -> Result<u64, PlatformError> {
    let failed = |source| PlatformError::File { path: folder.to_owned(), source };
    let files = Files::read(folder).map_err(failed)?;
    Catalogue::parse_for_all_regions(files.iter()).map_err(PlatformError::Catalogue)?;
    let key = ca::receipt_key(state)?;
    let sign = move |number, time| catalogue::sign(&files, number, time, &key);
    Store::open(state)?.put_catalogue(sign)?.ok_or(PlatformError::CatalogueUnfit)
}

/// The matters of the newest catalogue, as they are everywhere. There is none when it was changed in the database, or put
/// here by a release that reads more than this one: whoever asks for a matter's words then has only its id.
pub(crate) fn newest(store: &Store) -> Result<Catalogue, PlatformError> {
    let key = ca::receipt_key(store.folder())?.verifying_key();
    let signed = store.newest_catalogue()?;
    let opened = signed.and_then(|signed| catalogue::open(&signed, &key).ok());
    Ok(opened.and_then(|opened| Catalogue::parse(opened.files.iter()).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use protocol::catalogue::open;

    use super::*;

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../matters/catalogue")
    }

    #[test]
    fn a_catalogue_is_signed_and_its_number_grows() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("platform");
        ca::init(&state, &["127.0.0.1".to_owned()]).unwrap();
        for number in 1..3 {
            assert_eq!(put(&state, &folder()).unwrap(), number);
            let store = Store::open(&state).unwrap();
            let bytes = store.newest_catalogue().unwrap().unwrap();
            let opened = open(&bytes, &ca::receipt_key(&state).unwrap().verifying_key()).unwrap();
            assert_eq!(opened.number, number);
            assert_eq!(opened.files, Files::read(&folder()).unwrap());
        }
    }

    #[test]
    fn mistakes_are_listed_and_nothing_is_offered() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("platform");
        ca::init(&state, &["127.0.0.1".to_owned()]).unwrap();
        let bad = dir.path().join("bad");
        std::fs::create_dir_all(bad.join("regions/north")).unwrap();
        std::fs::write(bad.join("a.toml"), "id = 5").unwrap();
        std::fs::write(bad.join("regions/north/b.toml"), "").unwrap();
        let Err(PlatformError::Catalogue(mistakes)) = put(&state, &bad) else { panic!("it has mistakes") };
        assert!(mistakes.iter().any(|mistake| mistake.file == "a.toml"));
        assert!(mistakes.iter().any(|mistake| mistake.file == "regions/north/b.toml"));
        assert!(Store::open(&state).unwrap().newest_catalogue().unwrap().is_none());
    }
}
