//! All matters of one kiosk.

use std::sync::Arc;

use jiff::civil::Date;
use toml_span::{DeserError, Deserialize};

use crate::matter::{Matter, twice};
use crate::problem::{Problem, custom, problems};
use crate::rules::is_name;

/// The catalogue this version was built with, in the order of the home page; a machine without one of its own uses it.
pub const BUILT_IN: &[(&str, &str)] =
    &[("household-certificate.toml", include_str!("../catalogue/household-certificate.toml"))];

/// The matters, in the order in which the home page shows them.
#[derive(Debug, Default)]
pub struct Catalogue {
    matters: Vec<Arc<Matter>>,
}

impl Catalogue {
    /// Reads the files, each given by its name and text, in the order of the home page.
    ///
    /// # Errors
    /// Every mistake of every file, with its line.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Catalogue, Vec<Problem>> {
        let mut matters = Vec::new();
        let mut mistakes = Vec::new();
        for (file, source) in files {
            match read(file, source) {
                Ok(matter) => matters.push(Arc::new(matter)),
                Err(error) => mistakes.extend(problems(file, source, error)),
            }
        }
        if matters.is_empty() && mistakes.is_empty() {
            let text = "the catalogue has no matter".to_owned();
            mistakes.push(Problem { file: "catalogue".to_owned(), line: 1, text });
        }
        if mistakes.is_empty() { Ok(Catalogue { matters }) } else { Err(mistakes) }
    }

    /// The matters that are in effect on a day.
    pub fn on(&self, day: Date) -> impl Iterator<Item = &Arc<Matter>> {
        self.matters.iter().filter(move |m| m.effective_from <= day)
    }

    /// The matter with this id.
    pub fn matter(&self, id: &str) -> Option<&Arc<Matter>> {
        self.matters.iter().find(|m| m.id == id)
    }
}

/// Reads one file and checks what only the whole of it can tell.
fn read(file: &str, source: &str) -> Result<Matter, DeserError> {
    let mut value = toml_span::parse(source).map_err(DeserError::from)?;
    let span = value.span;
    let matter = Matter::deserialize(&mut value)?;
    let mut errors = Vec::new();
    let stem = file.rsplit('/').next().and_then(|name| name.strip_suffix(".toml"));
    if stem != Some(&matter.id) {
        errors.push(custom(format!("`id` must equal the file's name, found `{}`", matter.id), span));
    }
    twice(matter.questions.iter().map(|q| q.id.as_str()), span, &mut errors);
    for name in matter.rules.iter().flat_map(|rule| &rule.needs) {
        if !is_name(name, matter.questions.iter().map(|q| &q.id)) {
            errors.push(custom(format!("a rule refers to `{name}`, which nothing answers"), span));
        }
    }
    if errors.is_empty() { Ok(matter) } else { Err(DeserError { errors }) }
}

#[cfg(test)]
mod tests;
