//! A catalogue for kiosks, signed: a `COSE_Sign1` by the receipt key, which every kiosk has, under a content type of its
//! own. Byte by byte: `docs/platform-api.md`.

use std::path::Path;

use ciborium::Value;
use ed25519_dalek::SigningKey;

use crate::error::PlatformError;
use crate::store::Store;
use crate::{ca, signed};

/// The content type in the protected header.
pub const CONTENT_TYPE: &str = "application/vnd.bianmin.catalogue+cbor";

/// Largest file: a hundred matters in three languages have 2 MB.
pub const MAX_CATALOGUE: usize = 8 * 1024 * 1024;

/// The version of the payload.
const VERSION: i64 = 1;

/// Signs a file and makes it the newest catalogue; gives its number, which only grows.
///
/// # Errors
/// [`PlatformError::CatalogueTooLarge`]; [`PlatformError`] when the file, the key or the database fails.
pub fn put(state: &Path, file: &Path) -> Result<u64, PlatformError> {
    let failed = |source| PlatformError::File { path: file.to_owned(), source };
    let length = std::fs::metadata(file).map_err(failed)?.len();
    if length > MAX_CATALOGUE as u64 {
        return Err(PlatformError::CatalogueTooLarge(length));
    }
    let content = std::fs::read(file).map_err(failed)?;
    let key = ca::receipt_key(state)?;
    let number = Store::open(state)?.put_catalogue(|number, time| sign(&content, number, time, &key))?;
    number.ok_or(PlatformError::CatalogueTooLarge(length))
}

/// `None` when CBOR cannot hold it.
fn sign(content: &[u8], number: u64, time: i64, key: &SigningKey) -> Option<Vec<u8>> {
    let payload = Value::Map(vec![
        (1.into(), VERSION.into()),
        (2.into(), number.into()),
        (3.into(), time.into()),
        (4.into(), Value::Bytes(content.to_vec())),
    ]);
    signed::sign(CONTENT_TYPE, &payload, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalogue_is_signed_and_its_number_grows() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("platform");
        ca::init(&state, &["127.0.0.1".to_owned()]).unwrap();
        let file = dir.path().join("catalogue");
        for number in 1..3 {
            std::fs::write(&file, format!("content {number}")).unwrap();
            assert_eq!(put(&state, &file).unwrap(), number);
            let store = Store::open(&state).unwrap();
            let bytes = crate::store::catalogues::newest(store.reading()).unwrap().unwrap();
            let key = ca::receipt_key(&state).unwrap().verifying_key();
            let payload = signed::open(CONTENT_TYPE, &bytes, &key).unwrap();
            let fields = payload.as_map().unwrap();
            assert_eq!(fields[1].1, number.into());
            assert_eq!(fields[3].1, Value::Bytes(format!("content {number}").into_bytes()));
        }
        std::fs::write(&file, vec![0; MAX_CATALOGUE + 1]).unwrap();
        assert!(matches!(put(&state, &file), Err(PlatformError::CatalogueTooLarge(_))));
    }
}
