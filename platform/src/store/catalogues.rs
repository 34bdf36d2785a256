//! Signed catalogues that kiosks fetch; the newest counts.

use rusqlite::Connection;

use super::database::Store;
use super::error::StoreError;
use super::journal::Line;
use super::rows::{first, value};
use crate::time::now;

impl Store {
    /// Keeps a new catalogue; `sign` gives the bytes for its number, which is one more than the last, and its time.
    /// `None`, and nothing is kept, when `sign` gives none.
    pub fn put_catalogue(
        &self,
        sign: impl FnOnce(u64, i64) -> Option<Vec<u8>> + Send + 'static,
    ) -> Result<Option<u64>, StoreError> {
        self.write(move |connection| {
            let now = now();
            let number: u64 = connection.query_row(
                "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'catalogues'",
                [],
                |row| row.get(0),
            )?;
            let Some(signed) = sign(number, now) else { return Ok(None) };
            connection.execute(
                "INSERT INTO catalogues (number, put, signed) VALUES (?1, ?2, ?3)",
                (number, now, signed),
            )?;
            Line::of("catalogue-put").subject(&number.to_string()).write(connection, now)?;
            Ok(Some(number))
        })
    }

    /// The newest catalogue, signed.
    pub(crate) fn newest_catalogue(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.one("SELECT signed FROM catalogues ORDER BY number DESC LIMIT 1", [], first)
    }

    /// The number of the newest catalogue.
    pub(crate) fn newest_catalogue_number(&self) -> Result<Option<u64>, StoreError> {
        self.read(newest_number)
    }
}

/// The number of the newest catalogue.
pub(super) fn newest_number(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    value(connection, "SELECT max(number) FROM catalogues", [])
}
