//! What a command answers, and how it is printed.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use faults::Fault;
use jiff::Timestamp;
use matters::Problem;
use serde_json::{Value, json};

use crate::catalogue::CatalogueError;
use crate::config::ConfigError;
use faults::chain;

/// The fields of answers that are Unix seconds.
const TIMES: [&str; 5] = ["created", "attempted", "changed", "acknowledged", "erased"];

/// What a command answers.
pub struct Report {
    json: Value,
    text: String,
}

impl Report {
    /// Nothing to say.
    pub fn empty() -> Report {
        Report { json: json!({}), text: String::new() }
    }

    pub(super) fn new(json: Value, text: impl Into<String>) -> Report {
        Report { json, text: text.into() }
    }

    /// An object, for people with a field a line.
    pub(super) fn lines(json: Value) -> Report {
        let value = |key: &str, value: &Value| match value {
            Value::Null => "–".to_owned(),
            Value::String(text) => text.clone(),
            Value::Number(number) if TIMES.contains(&key) => number
                .as_i64()
                .and_then(|second| Timestamp::from_second(second).ok())
                .map_or_else(String::new, |time| time.to_string()),
            Value::Number(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
        };
        let fields = json.as_object().into_iter().flatten();
        let text = fields.map(|(key, v)| format!("{key:<18} {}\n", value(key, v))).collect();
        Report { json, text }
    }
}

/// Why a command failed.
pub struct Failure {
    fault: Fault,
    text: String,
    cause: Option<String>,
    /// Each mistake by itself, where several can be made at once.
    mistakes: Vec<String>,
}

impl Failure {
    /// From an error and its code. The chain of sources becomes the cause.
    pub fn new(fault: Fault, error: &dyn std::error::Error) -> Failure {
        let cause = error.source().map(chain);
        Failure { fault, text: error.to_string(), cause, mistakes: Vec::new() }
    }

    /// Without an error type: a finding of the command itself.
    pub fn plain(fault: Fault, text: impl Into<String>) -> Failure {
        Failure { fault, text: text.into(), cause: None, mistakes: Vec::new() }
    }

    /// Several mistakes at once, with their number in front.
    pub(super) fn mistakes(fault: Fault, what: &str, mistakes: Vec<String>) -> Failure {
        let count = match mistakes.len() {
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        let text = format!("{count} in {what}: {}", mistakes.join("; "));
        Failure { fault, text, cause: None, mistakes }
    }

    /// A file of the caller that cannot be read or written.
    pub(super) fn file(path: &Path, error: &std::io::Error) -> Failure {
        let cause = Some(error.to_string());
        Failure { cause, ..Failure::plain(Fault::FileUnusable, format!("{} cannot be used", path.display())) }
    }

    pub(super) fn config(error: &ConfigError) -> Failure {
        match error {
            ConfigError::Invalid(problems) => Failure::problems(error.fault(), "the configuration", problems),
            ConfigError::Unreadable { .. } => Failure::new(error.fault(), error),
        }
    }

    pub(super) fn catalogue(error: &CatalogueError) -> Failure {
        match error {
            CatalogueError::Invalid(problems) => Failure::problems(error.fault(), "the catalogue", problems),
            CatalogueError::Unreadable { .. }
            | CatalogueError::Unsigned(_)
            | CatalogueError::Older { .. }
            | CatalogueError::Key(_)
            | CatalogueError::Unwritable { .. } => Failure::new(error.fault(), error),
        }
    }

    fn problems(fault: Fault, what: &str, problems: &[Problem]) -> Failure {
        Failure::mistakes(fault, what, problems.iter().map(ToString::to_string).collect())
    }

    pub(super) fn absent(table: &str) -> Failure {
        let text = format!("`[{table}]` is absent from the configuration");
        Failure::plain(Fault::NoDevice, text)
    }
}

/// Prints the answer and says how the program ends. Whoever was to read it may have gone: that changes nothing.
pub fn print(answer: Result<Report, Failure>, as_json: bool) -> ExitCode {
    let mut out = std::io::stdout();
    match answer {
        Ok(report) if as_json => drop(writeln!(out, "{}", report.json)),
        Ok(report) if report.text.is_empty() => {}
        Ok(report) => drop(writeln!(out, "{}", report.text.trim_end())),
        Err(failure) => {
            if as_json {
                drop(writeln!(out, "{}", failure.json()));
            } else {
                failure.tell();
            }
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

impl Failure {
    /// `{"error": {"code", "text", "cause"}}`, and `"mistakes"` where there is a list of them.
    fn json(&self) -> Value {
        let mut error = json!({"code": self.fault.code(), "text": self.text, "cause": self.cause});
        if let (Value::Object(error), false) = (&mut error, self.mistakes.is_empty()) {
            error.insert("mistakes".to_owned(), json!(self.mistakes));
        }
        json!({"error": error})
    }

    /// A line each on stderr, and what can be done.
    fn tell(&self) {
        let code = self.fault.code();
        if self.mistakes.is_empty() {
            eprintln!("{code}: {}", self.text);
        }
        for mistake in &self.mistakes {
            eprintln!("{code}: {mistake}");
        }
        if let Some(cause) = &self.cause {
            eprintln!("because: {cause}");
        }
        eprintln!("{}", self.fault.remedy());
    }
}
