//! Mistakes in a TOML file, each with its place and what was expected.

use std::fmt;

use toml_span::{DeserError, Error, ErrorKind, Span};

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as it was named by the caller.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// Lists every mistake of one parse, one for each unknown key, in the order of their lines.
pub fn problems(file: &str, source: &str, error: DeserError) -> Vec<Problem> {
    let mut list: Vec<Problem> = error.errors.iter().flat_map(|e| one(file, source, e)).collect();
    list.sort();
    list.dedup();
    list
}

/// A mistake that the reader of a value found itself.
pub fn custom(text: impl Into<String>, span: Span) -> Error {
    Error { kind: ErrorKind::Custom(text.into().into()), span, line_info: None }
}

fn one(file: &str, source: &str, error: &Error) -> Vec<Problem> {
    let at = |span: Span, text: String| Problem { file: file.to_owned(), line: line(source, span), text };
    if let ErrorKind::UnexpectedKeys { keys, expected } = &error.kind {
        let expected = expected.join(", ");
        return keys
            .iter()
            .map(|(key, span)| at(*span, format!("unknown key `{key}`; expected one of: {expected}")))
            .collect();
    }
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the parser's own list; its words are good as they are"
    )]
    let text = match &error.kind {
        ErrorKind::MissingField(name) => format!("`{name}` is missing here"),
        ErrorKind::Wanted { expected, found } => format!("expected {expected}, found {found}"),
        ErrorKind::Custom(text) => text.to_string(),
        other => other.to_string(),
    };
    vec![at(error.span, text)]
}

fn line(source: &str, span: Span) -> usize {
    source.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1
}
