//! All matters of one kiosk.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use toml_span::{DeserError, Deserialize};

use crate::matter::Matter;
use crate::overlay::Overlay;
use crate::problem::{Problem, problems};
use crate::whole;

/// The catalogue this version was built with, in the order of the home page; a machine without one of its own uses it.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("household-certificate.toml", include_str!("../catalogue/household-certificate.toml")),
    ("id-card-renewal.toml", include_str!("../catalogue/id-card-renewal.toml")),
];

/// The regions this version was built with: the region's name with its files.
pub const BUILT_IN_REGIONS: &[(&str, &[(&str, &str)])] = &[
    (
        "coastal",
        &[("id-card-renewal.toml", include_str!("../catalogue/regions/coastal/id-card-renewal.toml"))],
    ),
    ("inland", &[("id-card-renewal.toml", include_str!("../catalogue/regions/inland/id-card-renewal.toml"))]),
];

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
        let mut overlays = BTreeMap::new();
        for (file, source) in region {
            match Overlay::read(source) {
                Ok(overlay) => drop(overlays.insert(stem(file), Region { file, source, overlay })),
                Err(error) => mistakes.extend(problems(file, source, error)),
            }
        }
        for (file, source) in files {
            match read(file, source, overlays.remove(stem(file))) {
                Ok(matter) => matters.push(Arc::new(matter)),
                Err(problems) => mistakes.extend(problems),
            }
        }
        for Region { file, .. } in overlays.into_values() {
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

/// A region's file over a matter's.
struct Region<'a> {
    file: &'a str,
    source: &'a str,
    overlay: Overlay,
}

/// Reads one file with the region's over it.
fn read(file: &str, source: &str, region: Option<Region<'_>>) -> Result<Matter, Vec<Problem>> {
    let region = region.unwrap_or_else(|| Region { file: "", source: "", overlay: Overlay::default() });
    let mut value =
        toml_span::parse(source).map_err(|error| problems(file, source, DeserError::from(error)))?;
    let (mut mistakes, mut regional) = (Vec::new(), Vec::new());
    region.overlay.fill(&mut value, &mut mistakes, &mut regional);
    whole::check(stem(file), &value, &mut mistakes);
    let matter = Matter::deserialize(&mut value).map_err(|error| mistakes.extend(error.errors));
    match matter {
        Ok(mut matter) if mistakes.is_empty() && regional.is_empty() => {
            region.overlay.apply(&mut matter);
            Ok(matter)
        }
        Ok(_) | Err(()) => {
            let mut list = problems(file, source, DeserError { errors: mistakes });
            list.extend(problems(region.file, region.source, DeserError { errors: regional }));
            Err(list)
        }
    }
}

/// The name of a file without its folder and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

#[cfg(test)]
mod tests;
