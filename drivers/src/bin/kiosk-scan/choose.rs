//! Which values to set, among those a scanner offers. Pure.
//!
//! Option names are SANE's well-known ones (standard 4.5); the words for modes and sources differ by library:
//! "Automatic Document Feeder", "ADF Front", "ADF Duplex", "Flatbed", "FlatBed", "Document Table", "Normal".

use std::ffi::c_int;

use drivers::document_scanner::Source;

/// What type the value of an option has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 0 or 1.
    Bool,
    /// A whole number.
    Int,
    /// A number with 16 bits after the point.
    Fixed,
    /// A text.
    Text,
    /// A button or a heading.
    Other,
}

/// What values an option takes. Numbers are in the option's own type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Anything.
    None,
    /// From the first to the second.
    Range(c_int, c_int),
    /// One of these.
    Words(Vec<c_int>),
    /// One of these.
    Texts(Vec<String>),
}

/// An option that can be set now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its place among the options.
    pub number: c_int,
    /// Its name.
    pub name: String,
    /// The type of its value.
    pub kind: Kind,
    /// Its unit is the pixel; lengths are in millimetres otherwise.
    pub in_pixels: bool,
    /// The bytes of its value.
    pub size: usize,
    /// What it takes.
    pub constraint: Constraint,
}

/// The word for colour, or for grey when there is no colour.
pub fn mode(offered: &[String]) -> Option<&String> {
    let holds = |part: &str| offered.iter().find(|word| word.to_lowercase().contains(part));
    // "Color" itself first: "24bit Color[Fast]" and the like come with quirks.
    let exact = |want: &str| offered.iter().find(|word| word.eq_ignore_ascii_case(want));
    exact("color").or_else(|| holds("color")).or_else(|| exact("gray")).or_else(|| holds("gray"))
}

/// The word for a source; a feeder's front side before both sides, because the other side is mostly blank.
pub fn source(offered: &[String], wanted: Source) -> Option<&String> {
    let lower: Vec<String> = offered.iter().map(|word| word.to_lowercase()).collect();
    let is_feeder = |word: &String| word.contains("adf") || word.contains("feeder");
    let is_both = |word: &String| word.contains("duplex") || word.contains("both");
    let find = |test: &dyn Fn(&String) -> bool| lower.iter().position(test).and_then(|at| offered.get(at));
    match wanted {
        Source::Feeder => find(&|word| is_feeder(word) && !is_both(word) && !word.contains("back"))
            .or_else(|| find(&|word| is_feeder(word))),
        Source::Flatbed => find(&|word| word.contains("flatbed") || word.contains("table"))
            .or_else(|| find(&|word| word.contains("normal"))),
        Source::Auto => None,
    }
}

/// The number nearest to the one wanted that the option takes, in the option's own type.
pub fn nearest(setting: &Setting, wanted: u32) -> c_int {
    let wanted = to_word(setting.kind, f64::from(wanted));
    match &setting.constraint {
        Constraint::Range(min, max) if min <= max => wanted.clamp(*min, *max),
        Constraint::Words(words) => words
            .iter()
            .copied()
            .min_by_key(|word| (i64::from(*word) - i64::from(wanted)).abs())
            .unwrap_or(wanted),
        Constraint::Range(..) | Constraint::Texts(_) | Constraint::None => wanted,
    }
}

/// A number in the option's own type: `SANE_Fixed` has 16 bits after the point.
pub fn to_word(kind: Kind, value: f64) -> c_int {
    let scaled = if kind == Kind::Fixed { value * 65536.0 } else { value };
    // `as` saturates, which is what a bound wants.
    scaled.round() as c_int
}

/// The whole number nearest to a value of the option's type.
pub fn from_word(kind: Kind, word: c_int) -> u32 {
    let value = if kind == Kind::Fixed { (f64::from(word) / 65536.0).round() } else { f64::from(word) };
    value as u32
}

/// A configured text in the option's own type; `None` when it is not of that type.
pub fn parse(kind: Kind, text: &str) -> Option<c_int> {
    match kind {
        Kind::Bool => match text {
            "yes" | "true" | "1" => Some(1),
            "no" | "false" | "0" => Some(0),
            _ => None,
        },
        Kind::Int => text.parse().ok(),
        Kind::Fixed => text.parse().ok().filter(|value: &f64| value.is_finite()).map(|v| to_word(kind, v)),
        Kind::Text | Kind::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn colour_is_found_under_its_names() {
        let pick = |offered: &[&str]| mode(&words(offered)).cloned();
        assert_eq!(pick(&["Lineart", "Gray", "Color"]).unwrap(), "Color");
        assert_eq!(pick(&["Black & White", "True Gray", "24bit Color[Fast]"]).unwrap(), "24bit Color[Fast]");
        assert_eq!(pick(&["Lineart", "Gray"]).unwrap(), "Gray");
        assert_eq!(pick(&["Lineart"]), None);
    }

    #[test]
    fn sources_are_found_under_their_names() {
        let pick = |offered: &[&str], wanted| source(&words(offered), wanted).cloned();
        assert_eq!(pick(&["Flatbed", "ADF", "ADF Duplex"], Source::Feeder).unwrap(), "ADF");
        assert_eq!(
            pick(&["ADF Duplex", "Automatic Document Feeder"], Source::Feeder).unwrap(),
            "Automatic Document Feeder"
        );
        assert_eq!(pick(&["ADF Back", "ADF Duplex"], Source::Feeder).unwrap(), "ADF Back");
        assert_eq!(pick(&["FlatBed", "ADF"], Source::Flatbed).unwrap(), "FlatBed");
        assert_eq!(pick(&["Document Table"], Source::Flatbed).unwrap(), "Document Table");
        assert_eq!(pick(&["Normal", "Transparency"], Source::Flatbed).unwrap(), "Normal");
        assert_eq!(pick(&["Flatbed"], Source::Feeder), None);
    }

    #[test]
    fn numbers_fit_what_the_scanner_takes() {
        assert_eq!(to_word(Kind::Fixed, 1.5), 98304);
        assert_eq!(from_word(Kind::Fixed, 200 << 16), 200);
        assert_eq!(to_word(Kind::Int, 1e12), c_int::MAX);
        assert_eq!(parse(Kind::Bool, "yes"), Some(1));
        assert_eq!(parse(Kind::Int, "many"), None);
        assert_eq!(parse(Kind::Fixed, "NaN"), None);
    }
}
