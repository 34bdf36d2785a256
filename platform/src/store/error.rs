//! Why the database does not answer, in words that name no database.

use std::sync::Arc;

/// Why the database does not answer: what any method of the stores may give instead.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// It failed; of a change nothing stays.
    #[error(transparent)]
    Failed(#[from] Cause),
    /// Too many changes wait.
    #[error("too many changes wait for the database")]
    Busy,
    /// The thread that writes has ended.
    #[error("the database's writer has ended")]
    Ended,
}

/// What the database said. Every change of a group fails with the same.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Cause(Arc<rusqlite::Error>);

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(Cause(Arc::new(error)))
    }
}
