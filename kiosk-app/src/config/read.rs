//! Readers of single keys: a text that stands for nothing is a mistake, which stays in the table until `finalize`.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use matters::problem::custom;
use toml_span::de_helpers::TableHelper;

/// Reads a text and turns it into what it stands for; a text that stands for nothing is a mistake.
pub(super) fn checked<T>(
    t: &mut TableHelper<'_>,
    key: &'static str,
    expected: &str,
    check: impl FnOnce(&str) -> Option<T>,
) -> Result<T, toml_span::Error> {
    let found = t.required_s::<String>(key)?;
    check(&found.value).ok_or_else(|| {
        let error = custom(format!("`{key}`: expected {expected}, found \"{}\"", found.value), found.span);
        t.errors.push(error.clone());
        error
    })
}

/// A key that has one possible value in this version, and says so.
pub(super) fn only(t: &mut TableHelper<'_>, key: &'static str, value: &str) {
    // The mistake stays in the table until `finalize`.
    let _ = checked(t, key, &format!("\"{value}\""), |found| (found == value).then_some(()));
}

pub(super) fn path(t: &mut TableHelper<'_>, key: &'static str) -> Option<PathBuf> {
    t.contains(key).then(|| checked(t, key, "an absolute path", absolute).ok()).flatten()
}

pub(super) fn absolute(path: &str) -> Option<PathBuf> {
    Path::new(path).is_absolute().then(|| PathBuf::from(path))
}

/// Host and port such as `127.0.0.1:9100`.
pub(super) fn host_and_port(t: &mut TableHelper<'_>, key: &'static str) -> Result<String, toml_span::Error> {
    checked(t, key, "host and port such as \"127.0.0.1:9100\"", |address| {
        let (host, port) = address.rsplit_once(':')?;
        (!host.is_empty() && port.parse::<u16>().is_ok()).then(|| address.to_owned())
    })
}

/// A whole number that may be left out.
pub(super) fn number(t: &mut TableHelper<'_>, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
    let found = t.optional_s::<u32>(key)?;
    if !range.contains(&found.value) {
        let (low, high) = (range.start(), range.end());
        let text = format!("`{key}` must be between {low} and {high}, found {}", found.value);
        t.errors.push(custom(text, found.span));
    }
    Some(found.value)
}
