//! Asking for rows.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Params, Row};

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
