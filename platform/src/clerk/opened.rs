//! A request with its content: opened for one page, and forgotten with it.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use matters::Catalogue;
use protocol::envelope::{Described, Manifest, OpeningKey, open_attachment};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::desk::Inner;
use super::refused::Refused;
use crate::report::{self, Listed};
use crate::store::listing::RequestRow;
use crate::{attachments, ca};

/// The media type that is shown as a picture. Anything else could hold a script.
const JPEG: &str = "image/jpeg";

/// Everything of a request that a page may need.
pub(super) struct Opened {
    pub(super) row: RequestRow,
    pub(super) listed: Listed,
    /// `None` when the stored bytes no longer are what the kiosk signed.
    pub(super) manifest: Option<Manifest>,
    /// Whose words it is shown in.
    pub(super) catalogue: Arc<Catalogue>,
}

#[derive(Deserialize, Default)]
pub(super) struct Asking {
    /// Numbers in full instead of masked: asked for, and journalled, on its own.
    pub(super) full: Option<String>,
}

/// A request with its content, by its acceptance number.
pub(super) fn open(inner: &Inner, number: &str) -> Result<Opened, Refused> {
    let catalogue = inner.catalogue()?;
    let store = &inner.store;
    let row = store.listed_request(number)?.ok_or(Refused::NotFound)?;
    let stored = store.find_request(number)?.ok_or(Refused::NotFound)?;
    // Read for each page: the keys lie in no longer-lived memory than the content they open.
    let keys: Vec<OpeningKey> = ca::opening_keys(store.folder())?;
    let manifest = report::verified(store, &stored, &keys)?;
    let listed = report::line(store, &stored, manifest.is_some())?;
    Ok(Opened { row, listed, manifest, catalogue })
}

/// The content of a file; `None` when it is missing or no longer what the kiosk sealed.
pub(super) fn read(inner: &Inner, described: &Described) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = attachments::read(inner.store.folder(), &described.hash)?;
    open_attachment(&sealed, described).ok()
}

/// A picture for this browser and no cache.
pub(super) fn jpeg(picture: &[u8]) -> Response {
    let headers = [(header::CONTENT_TYPE, JPEG), (header::CACHE_CONTROL, "no-store")];
    (headers, picture.to_vec()).into_response()
}

pub(super) fn is_picture(file: &Described) -> bool {
    file.media_type == JPEG
}

pub(super) fn portrait(manifest: &Manifest) -> Option<&Described> {
    manifest.attachments.iter().find(|file| file.name == "portrait" && is_picture(file))
}
