//! Which sealed files requests name: from then on they are not swept.

use protocol::envelope::Sealed;
use protocol::envelope::attachment::AttachmentHash;
use rusqlite::Connection;

use super::rows::value;

/// Writes down which sealed files a request names.
pub(super) fn keep_files<'a>(
    connection: &Connection,
    request: i64,
    files: impl Iterator<Item = &'a AttachmentHash>,
) -> rusqlite::Result<()> {
    let mut keep = connection
        .prepare_cached("INSERT INTO files (hash, request) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for hash in files {
        keep.execute((hash, request))?;
    }
    Ok(())
}

/// The same for the requests of older versions, from their entries.
pub(super) fn fill_files(connection: &Connection) -> rusqlite::Result<()> {
    let mut requests = connection.prepare("SELECT number, entry FROM requests")?;
    let mut rows = requests.query([])?;
    while let Some(row) = rows.next()? {
        let (number, entry): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        // The signature was checked when it was taken; an entry that no longer reads names no file that could be shown.
        if let Ok(outer) = Sealed::split(&entry).and_then(|sealed| sealed.claimed()) {
            keep_files(connection, number, outer.attachments.iter())?;
        }
    }
    Ok(())
}

/// Whether a request, or any when `request` is `None`, names this sealed file.
pub(super) fn names_file(
    connection: &Connection,
    hash: &AttachmentHash,
    request: Option<i64>,
) -> rusqlite::Result<bool> {
    value(
        connection,
        "SELECT EXISTS (SELECT 1 FROM files WHERE hash = ?1 AND (?2 IS NULL OR request = ?2))",
        (hash, request),
    )
}
