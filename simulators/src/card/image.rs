//! The image of a virtual card: what a reader with a security module would show of it.
//!
//! Written from the standards (GA/T 490, GA/T 467, PC/SC part 3) and on purpose without any code of the drivers, so
//! that a mistake in one shows against the other.

use std::collections::BTreeMap;

use jiff::{ToSpan, Zoned};
use serde::Deserialize;

/// Why a description makes no card.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// No built-in card has this name, and no file either.
    #[error("no card and no file is called {0}")]
    Unknown(String),
    /// The file cannot be read.
    #[error("the card's file cannot be read")]
    File(#[source] std::io::Error),
    /// The file is no description.
    #[error("the card's description is wrong")]
    Toml(#[source] toml::de::Error),
    /// A type of card without a layout.
    #[error("the type {0} is unknown")]
    Type(String),
    /// A field that the layout does not have.
    #[error("the field {0} is not in the layout of this type")]
    Field(String),
    /// A text longer than its field.
    #[error("the field {0} is too long")]
    TooLong(String),
    /// Not pairs of hexadecimal digits.
    #[error("{0} is not hexadecimal")]
    Hex(String),
    /// A patch beyond the end.
    #[error("the patch at {0} lies beyond the end")]
    Patch(usize),
}

/// A virtual card.
#[derive(Debug)]
pub struct Image {
    /// Its answer to reset.
    pub atr: Vec<u8>,
    /// The file that READ BINARY shows.
    pub file: Vec<u8>,
    /// The status word for every command, when it refuses all.
    pub refuse: Option<Vec<u8>>,
    /// Never answers to reset.
    pub mute: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    r#type: String,
    #[serde(default)]
    text: BTreeMap<String, String>,
    /// A card that ends so many days after today, whenever that is; it began twenty years before.
    ends_in_days: Option<i64>,
    #[serde(default)]
    quirk: Quirk,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Quirk {
    atr: Option<String>,
    refuse: Option<String>,
    mute: bool,
    patch: Vec<(usize, String)>,
}

/// PC/SC part 3 storage card whose name `90 00` marks a decoded identity card; the check byte is computed.
const ATR: [u8; 19] =
    [0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0, 0, 0x03, 0x06, 0x00, 0x90, 0x00, 0, 0, 0, 0];

/// A field: name, offset and length in bytes.
type Field = (&'static str, usize, usize);

const CITIZEN: &[Field] = &[
    ("name", 0, 30),
    ("sex", 30, 2),
    ("ethnicity", 32, 4),
    ("birth", 36, 16),
    ("address", 52, 70),
    ("number", 122, 36),
    ("issuer", 158, 30),
    ("valid_from", 188, 16),
    ("valid_to", 204, 16),
];

const HMT: &[Field] = &[
    ("name", 0, 30),
    ("sex", 30, 2),
    ("birth", 36, 16),
    ("address", 52, 70),
    ("number", 122, 36),
    ("issuer", 158, 30),
    ("valid_from", 188, 16),
    ("valid_to", 204, 16),
    ("travel_permit", 220, 18),
    ("issue_count", 238, 4),
];

const PR2023: &[Field] = &[
    ("chinese_name", 0, 30),
    ("sex", 30, 2),
    ("renewal_count", 32, 4),
    ("birth", 36, 16),
    ("english_name", 52, 70),
    ("number", 122, 36),
    ("valid_from", 188, 16),
    ("valid_to", 204, 16),
    ("english_name_rest", 220, 22),
    ("nationality", 242, 6),
    ("old_number_link", 250, 6),
];

const PR2017: &[Field] = &[
    ("english_name", 0, 120),
    ("sex", 120, 2),
    ("number", 122, 30),
    ("nationality", 152, 6),
    ("chinese_name", 158, 30),
    ("valid_from", 188, 16),
    ("valid_to", 204, 16),
    ("birth", 220, 16),
    ("version", 236, 4),
    ("authority", 240, 8),
];

/// Characters of an English name that fit the first of its two fields on the form of 2023.
const ENGLISH_FIRST: usize = 35;

impl Image {
    /// Builds a card from its description.
    ///
    /// # Errors
    /// Any [`CardError`] but the two about files.
    pub fn parse(description: &str) -> Result<Self, CardError> {
        let Description { r#type, mut text, ends_in_days, quirk } =
            toml::from_str(description).map_err(CardError::Toml)?;
        if let Some(days) = ends_in_days {
            let ends = Zoned::now().date().saturating_add(days.days());
            text.insert("valid_from".into(), ends.saturating_sub(20.years()).strftime("%Y%m%d").to_string());
            text.insert("valid_to".into(), ends.strftime("%Y%m%d").to_string());
        }
        let mut file = match r#type.as_str() {
            "citizen" => record(' ', CITIZEN, text)?,
            "hmt" => record('J', HMT, text)?,
            "pr2023" => record('Y', PR2023, split_english(text))?,
            "pr2017" => record('I', PR2017, text)?,
            "none" => Vec::new(),
            other => return Err(CardError::Type(other.to_owned())),
        };
        for (offset, bytes) in quirk.patch {
            let bytes = hex(&bytes)?;
            let end = offset.saturating_add(bytes.len());
            file.get_mut(offset..end).ok_or(CardError::Patch(offset))?.copy_from_slice(&bytes);
        }
        let mut marked = ATR.to_vec();
        marked.push(ATR.iter().skip(1).fold(0, |check, byte| check ^ byte));
        Ok(Self {
            atr: quirk.atr.as_deref().map_or(Ok(marked), hex)?,
            file,
            refuse: quirk.refuse.as_deref().map(hex).transpose()?,
            mute: quirk.mute,
        })
    }

    /// Answers a command as the reader does: READ BINARY only.
    pub fn answer(&self, command: &[u8]) -> Vec<u8> {
        if let Some(refusal) = &self.refuse {
            return refusal.clone();
        }
        let &[0xFF, 0xB0, p1, p2, le] = command else { return vec![0x6D, 0x00] };
        let offset = usize::from(u16::from_be_bytes([p1, p2]));
        let length = if le == 0 { 256 } else { usize::from(le) };
        let end = self.file.len().min(offset + length);
        match self.file.get(offset..end) {
            Some(bytes) if !bytes.is_empty() => [bytes, &[0x90, 0x00]].concat(),
            Some(_) | None => vec![0x6B, 0x00],
        }
    }
}

fn split_english(mut text: BTreeMap<String, String>) -> BTreeMap<String, String> {
    if let Some(name) = text.remove("english_name") {
        text.insert("english_name".into(), name.chars().take(ENGLISH_FIRST).collect());
        text.insert("english_name_rest".into(), name.chars().skip(ENGLISH_FIRST).collect());
    }
    text
}

fn record(kind: char, layout: &[Field], text: BTreeMap<String, String>) -> Result<Vec<u8>, CardError> {
    let mut bytes = [0x20, 0x00].repeat(128);
    let mut put = |name: &str, offset: usize, length: usize, value: &str| {
        let coded: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let place = bytes.get_mut(offset..offset + length).and_then(|field| field.get_mut(..coded.len()));
        place.ok_or_else(|| CardError::TooLong(name.to_owned())).map(|place| place.copy_from_slice(&coded))
    };
    put("type", 248, 2, kind.encode_utf8(&mut [0; 4]))?;
    for (name, value) in text {
        let field = layout.iter().find(|(known, ..)| *known == name);
        let (_, offset, length) = *field.ok_or_else(|| CardError::Field(name.clone()))?;
        put(&name, offset, length, &value)?;
    }
    let mut file = vec![0x01, 0x00, 0x04, 0x00];
    file.extend(bytes);
    file.extend(photo());
    Ok(file)
}

/// The header that every photo has, and then a pattern: never a portrait.
fn photo() -> impl Iterator<Item = u8> {
    let header = [
        0x57, 0x4C, 0x66, 0x00, 0x7E, 0x00, 0x32, 0x00, 0x00, 0xFF, 0x85, 0x00, 0x51, 0x51, 0x51, 0x3E, 0x71,
    ];
    header.into_iter().chain((0..=255).cycle()).take(1024)
}

fn hex(digits: &str) -> Result<Vec<u8>, CardError> {
    let pairs = digits.split_whitespace().map(|pair| u8::from_str_radix(pair, 16));
    pairs.collect::<Result<_, _>>().map_err(|_| CardError::Hex(digits.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citizen_has_the_layout_of_the_standard() {
        let image = Image::parse(super::super::builtin("zhang").unwrap()).unwrap();
        assert_eq!(image.file.len(), 1284);
        assert_eq!(&image.file[..8], [0x01, 0x00, 0x04, 0x00, 0x20, 0x5F, 0x1F, 0x4F]);
        assert_eq!(&image.file[4 + 248..4 + 250], [0x20, 0x00]);
        assert_eq!(&image.atr[13..15], [0x90, 0x00]);
        assert_eq!(image.atr.iter().skip(1).fold(0, |check, byte| check ^ byte), 0);
        assert_eq!(&image.file[260..264], [0x57, 0x4C, 0x66, 0x00]);
    }

    #[test]
    fn blocks_end_where_the_file_ends() {
        let image = Image::parse(super::super::builtin("zhang").unwrap()).unwrap();
        assert_eq!(image.answer(&[0xFF, 0xB0, 0x00, 0x00, 0x00]).len(), 258);
        assert_eq!(image.answer(&[0xFF, 0xB0, 0x05, 0x00, 0x00]).len(), 6);
        assert_eq!(image.answer(&[0xFF, 0xB0, 0x05, 0x04, 0x00]), [0x6B, 0x00]);
        assert_eq!(image.answer(&[0x00, 0xA4, 0x04, 0x00]), [0x6D, 0x00]);
    }

    #[test]
    fn every_built_in_card_is_a_card() {
        for (name, description) in super::super::BUILT_IN {
            assert!(Image::parse(description).is_ok(), "{name}: {:?}", Image::parse(description).err());
        }
        let foreign = Image::parse(super::super::builtin("bank-card").unwrap()).unwrap();
        assert_eq!(foreign.answer(&[0xFF, 0xB0, 0, 0, 0]), [0x6A, 0x82]);
    }

    #[test]
    fn a_card_that_ends_soon_ends_soon_whatever_the_day() {
        let image = Image::parse("type = \"citizen\"\nends_in_days = 30").unwrap();
        let units = image.file[4 + 204..4 + 220].chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        let ends: String = char::decode_utf16(units).map(Result::unwrap).collect();
        let days = jiff::civil::Date::strptime("%Y%m%d", ends).unwrap() - Zoned::now().date();
        assert!((29..=30).contains(&days.get_days()), "midnight may have passed meanwhile");
    }

    #[test]
    fn mistakes_are_told() {
        assert!(matches!(Image::parse("type = \"x\""), Err(CardError::Type(_))));
        assert!(matches!(Image::parse("type = \"hmt\"\n[text]\nfoo = \"\""), Err(CardError::Field(_))));
        assert!(matches!(Image::parse("type = \"hmt\"\n[text]\nsex = \"12\""), Err(CardError::TooLong(_))));
        assert!(matches!(
            Image::parse("type = \"none\"\n[quirk]\natr = \"3\u{4e00}\""),
            Err(CardError::Hex(_))
        ));
        assert!(matches!(
            Image::parse("type = \"none\"\n[quirk]\npatch = [[9, \"00\"]]"),
            Err(CardError::Patch(9))
        ));
    }
}
