//! Readers of single keys: a text that stands for nothing is a mistake, which stays in the table until `finalize`.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use matters::problem::custom;
use toml_span::de_helpers::TableHelper;
use toml_span::value::ValueInner;

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

/// A table of texts such as `{ swdeskew = "yes" }`, in the order of its names, that may be left out.
pub(super) fn texts(t: &mut TableHelper<'_>, key: &'static str) -> Vec<(String, String)> {
    let Some((_, mut value)) = t.take(key) else { return Vec::new() };
    let mut mistake = |span| {
        t.errors.push(custom(
            format!("`{key}`: expected a table of texts such as {{ swdeskew = \"yes\" }}"),
            span,
        ));
    };
    let ValueInner::Table(table) = value.take() else {
        mistake(value.span);
        return Vec::new();
    };
    let mut texts = Vec::new();
    for (name, mut value) in table {
        match value.take() {
            ValueInner::String(text) => texts.push((name.name.into_owned(), text.into_owned())),
            ValueInner::Integer(_)
            | ValueInner::Float(_)
            | ValueInner::Boolean(_)
            | ValueInner::Array(_)
            | ValueInner::Table(_) => mistake(value.span),
        }
    }
    texts
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
