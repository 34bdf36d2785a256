//! An error with everything that led to it, for the log and for answers of commands: the text of an error never repeats
//! the one under it.

use std::error::Error;

/// The error and its sources, the outermost first.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut under = error.source();
    while let Some(error) = under {
        text = format!("{text}: {error}");
        under = error.source();
    }
    text
}
