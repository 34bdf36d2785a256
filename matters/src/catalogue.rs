//! All matters of one kiosk.

use std::sync::Arc;

use jiff::civil::Date;
use toml_span::{DeserError, Deserialize};

use crate::matter::{Matter, twice};
use crate::overlay::Overlay;
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
        Catalogue::parse_for_region(files, [])
    }

    /// Reads the files, and over each the region's file of the same name where there is one.
    ///
    /// # Errors
    /// Every mistake of every file, with its line; a region's file for a matter that does not exist is one.
    pub fn parse_for_region<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        region: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Catalogue, Vec<Problem>> {
        let mut matters = Vec::new();
        let mut mistakes = Vec::new();
        let mut overlays = std::collections::BTreeMap::new();
        for (file, source) in region {
            match Overlay::read(source) {
                Ok(overlay) => drop(overlays.insert(stem(file), (file, overlay))),
                Err(error) => mistakes.extend(problems(file, source, error)),
            }
        }
        for (file, source) in files {
            let overlay = overlays.remove(stem(file)).map(|(_, overlay)| overlay).unwrap_or_default();
            match read(file, source, &overlay) {
                Ok(matter) => matters.push(Arc::new(matter)),
                Err(error) => mistakes.extend(problems(file, source, error)),
            }
        }
        for (file, _) in overlays.into_values() {
            let text = "the catalogue has no matter of this name".to_owned();
            mistakes.push(Problem { file: file.to_owned(), line: 1, text });
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
fn read(file: &str, source: &str, overlay: &Overlay) -> Result<Matter, DeserError> {
    let mut value = toml_span::parse(source).map_err(DeserError::from)?;
    let span = value.span;
    overlay.fill(&mut value)?;
    let mut matter = Matter::deserialize(&mut value)?;
    overlay.apply(&mut matter);
    let mut errors = Vec::new();
    if stem(file) != matter.id {
        errors.push(custom(format!("`id` must equal the file's name, found `{}`", matter.id), span));
    }
    twice(matter.questions.iter().map(|q| q.id.as_str()), span, &mut errors);
    twice(matter.papers.iter().map(|p| p.id.as_str()), span, &mut errors);
    let conditions = matter.rules.iter().map(|rule| &rule.when);
    let conditions = conditions.chain(matter.questions.iter().filter_map(|q| q.when.as_ref()));
    let conditions = conditions.chain(matter.papers.iter().filter_map(|p| p.when.as_ref()));
    for name in conditions.flat_map(|condition| &condition.needs) {
        if !is_name(name, matter.questions.iter().map(|q| &q.id)) {
            errors.push(custom(format!("a condition refers to `{name}`, which nothing answers"), span));
        }
    }
    if matter.commitment.is_some() && !matter.papers.iter().any(|paper| paper.waivable) {
        errors.push(custom("a commitment stands for no paper: none is `waivable`", span));
    }
    if errors.is_empty() { Ok(matter) } else { Err(DeserError { errors }) }
}

/// The name of a file without its folder and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

#[cfg(test)]
mod tests;
