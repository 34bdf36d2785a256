//! All matters of one kiosk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use toml_span::{DeserError, Deserialize};

use crate::matter::Matter;
use crate::overlay::Overlay;
use crate::problem::{Problem, problems};
use crate::whole;

/// The files of the catalogue this version was built with, of all regions; a machine without one of its own uses it.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("household-certificate.toml", include_str!("../catalogue/household-certificate.toml")),
    ("id-card-renewal.toml", include_str!("../catalogue/id-card-renewal.toml")),
    (
        "regions/coastal/id-card-renewal.toml",
        include_str!("../catalogue/regions/coastal/id-card-renewal.toml"),
    ),
    ("regions/inland/id-card-renewal.toml", include_str!("../catalogue/regions/inland/id-card-renewal.toml")),
];

/// The matters, in the order in which the home page shows them.
#[derive(Debug, Default)]
pub struct Catalogue {
    matters: Vec<Arc<Matter>>,
}

impl Catalogue {
    /// Reads the files, each given by its path and text, in the order of the home page; those of regions are left out.
    ///
    /// # Errors
    /// Every mistake of every file, with its line.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Catalogue, Vec<Problem>> {
        Catalogue::parse_for_region(files, None)
    }

    /// Reads the files, and over each the region's file of the same name where there is one.
    ///
    /// # Errors
    /// Every mistake of every file, with its line; a region without files, and a region's file for a matter that does
    /// not exist, are some.
    pub fn parse_for_region<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        region: Option<&str>,
    ) -> Result<Catalogue, Vec<Problem>> {
        let mut matters = Vec::new();
        let mut mistakes = Vec::new();
        let mut overlays = BTreeMap::new();
        let (regional, everywhere): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(file, _)| region_of(file).is_some());
        let known = regions(regional.iter().copied());
        if let Some(region) = region.filter(|region| !known.contains(region)) {
            let known = known.into_iter().collect::<Vec<_>>().join(", ");
            let text = format!("no region is called `{region}`; there are: {known}");
            return Err(vec![Problem { file: "regions".to_owned(), line: 1, text }]);
        }
        for (file, source) in regional.into_iter().filter(|(file, _)| region_of(file) == region) {
            match Overlay::read(source) {
                Ok(overlay) => drop(overlays.insert(stem(file), Region { file, source, overlay })),
                Err(error) => mistakes.extend(problems(file, source, error)),
            }
        }
        for (file, source) in everywhere {
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

    /// Reads the files as [`parse`](Catalogue::parse) does, and looks at each region's over them too.
    ///
    /// # Errors
    /// Every mistake of every region, each once, though one of a matter's own file is found again under each region.
    pub fn parse_for_all_regions<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Catalogue, Vec<Problem>> {
        let files: Vec<_> = files.into_iter().collect();
        let parse = |region| Catalogue::parse_for_region(files.iter().copied(), region);
        let regions = regions(files.iter().copied()).into_iter().map(Some);
        let mistakes: BTreeSet<Problem> =
            regions.chain([None]).filter_map(|region| parse(region).err()).flatten().collect();
        if mistakes.is_empty() { parse(None) } else { Err(mistakes.into_iter().collect()) }
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

/// The regions that there are files for, in the order of their names.
pub fn regions<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeSet<&'a str> {
    files.into_iter().filter_map(|(file, _)| region_of(file)).collect()
}

/// The region whose file this is: `regions/coastal/id-card-renewal.toml` lies over `id-card-renewal.toml` there.
fn region_of(file: &str) -> Option<&str> {
    file.strip_prefix("regions/")?.split_once('/').map(|(region, _)| region)
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
