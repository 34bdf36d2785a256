//! Asking for rows.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::database::Store;
use super::error::StoreError;

/// At most one row.
pub(super) fn one<T>(
    connection: &Connection,
    query: &str,
    of: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    connection.prepare_cached(query)?.query_row(of, read).optional()
}

/// All rows.
pub(super) fn all<T>(
    connection: &Connection,
    query: &str,
    of: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(query)?.query_map(of, read)?.collect()
}

/// The one value of the one row that there always is.
pub(super) fn value<T: FromSql>(
    connection: &Connection,
    query: &str,
    of: impl Params,
) -> rusqlite::Result<T> {
    connection.prepare_cached(query)?.query_row(of, first)
}

/// The first value of a row.
pub(super) fn first<T: FromSql>(row: &Row<'_>) -> rusqlite::Result<T> {
    row.get(0)
}

impl Store {
    /// Looks up at most one row.
    pub(super) fn one<T>(
        &self,
        query: &str,
        of: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.read(|connection| one(connection, query, of, read))
    }

    /// Looks up all rows.
    pub(super) fn all<T>(
        &self,
        query: &str,
        of: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.read(|connection| all(connection, query, of, read))
    }
}
