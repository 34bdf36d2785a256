//! The card of a request that comes from files: typed, then decoded like one that a reader gave.

use std::fmt::Write;

use drivers::id_card::Record;
use jiff::civil::Date;
use session::Citizen;
use zeroize::Zeroizing;

use super::given::Given;
use crate::convert;

/// A field of the record: the key in `[card]`, its place and its length in bytes, two a character.
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
];
const PR2023: &[Field] = &[
    ("name", 0, 30),
    ("sex", 30, 2),
    ("birth", 36, 16),
    ("number", 122, 36),
    ("valid_from", 188, 16),
    ("valid_to", 204, 16),
];
const PR2017: &[Field] = &[
    ("sex", 120, 2),
    ("number", 122, 30),
    ("name", 158, 30),
    ("valid_from", 188, 16),
    ("valid_to", 204, 16),
    ("birth", 220, 16),
    ("issuer", 240, 8),
];
/// Where a name in Latin letters stands on the two permanent residence cards.
const LATIN_2023: Field = ("name", 52, 70);
const LATIN_2017: Field = ("name", 0, 120);

/// Source of layouts and of the type's character: GA/T 490, as in `drivers::id_card`.
const TEXT: usize = 256;
const TYPE_AT: usize = 248;

/// What may be left out, as on the cards themselves.
const OPTIONAL: [&str; 3] = ["ethnicity", "address", "issuer"];
/// What `card read` prints beside the fields.
const BESIDE: [&str; 1] = ["type"];

/// A record. No `Debug`.
pub struct Card {
    record: Record,
    typed: bool,
}

impl Card {
    /// The card that a reader gave.
    pub fn read(record: Record) -> Card {
        Card { record, typed: false }
    }

    /// The card of the table `[card]`; its mistakes go to `list`.
    pub fn typed(given: &Given, list: &mut Vec<String>) -> Option<Card> {
        let Some(fields) = given.card() else {
            list.push("card: missing; write a table [card] or use --card-from-reader".to_owned());
            return None;
        };
        let before = list.len();
        let get = |key: &str| fields.iter().find(|(name, _)| name == key).map(|(_, text)| text.as_str());
        let (kind, layout) = match get("type") {
            Some("citizen") => (' ', CITIZEN),
            Some("hmt") => ('J', HMT),
            Some("pr2023") => ('Y', PR2023),
            Some("pr2017") => ('I', PR2017),
            Some(_) | None => {
                list.push("card.type: expected one of: citizen, hmt, pr2023, pr2017".to_owned());
                return None;
            }
        };
        let known = |key: &str| BESIDE.contains(&key) || layout.iter().any(|(name, ..)| *name == key);
        for (key, _) in fields.iter().filter(|(key, _)| !known(key)) {
            list.push(format!("card.{}: such a card has no such field", super::given::shown(key)));
        }
        let mut raw = Raw::of(kind);
        for field in layout {
            let latin = field.0 == "name" && get("name").is_some_and(str::is_ascii);
            let (key, at, length) = match kind {
                'Y' if latin => &LATIN_2023,
                'I' if latin => &LATIN_2017,
                _ => field,
            };
            match get(key).filter(|text| !text.trim().is_empty()) {
                Some(text) => match coded(key, text) {
                    Ok(text) if raw.put(*at, *length, &text) => {}
                    Ok(_) => list.push(format!("card.{key}: at most {} characters fit", length / 2)),
                    Err(expected) => list.push(format!("card.{key}: expected {expected}")),
                },
                None if OPTIONAL.contains(key) => {}
                None => list.push(format!("card.{key}: missing")),
            }
        }
        if list.len() > before {
            return None;
        }
        match Record::decode(raw.0) {
            Ok(record) => Some(Card { record, typed: true }),
            Err(error) => {
                list.push(format!("card: {error}"));
                None
            }
        }
    }

    /// True when no machine has read it.
    pub fn is_typed(&self) -> bool {
        self.typed
    }

    /// The person it describes.
    pub fn citizen(&self) -> Citizen {
        convert::citizen(&self.record)
    }
}

/// A record being written.
struct Raw(Zeroizing<Vec<u8>>);

impl Raw {
    /// The lengths of text and photo, and a text of spaces. There is no photo.
    fn of(kind: char) -> Raw {
        let mut bytes = vec![0x01, 0x00, 0x00, 0x00];
        bytes.extend([0x20, 0x00].repeat(TEXT / 2));
        let mut raw = Raw(Zeroizing::new(bytes));
        raw.put(TYPE_AT, 2, kind.encode_utf8(&mut [0; 4]));
        raw
    }

    /// False when the text is longer than its field.
    fn put(&mut self, at: usize, length: usize, text: &str) -> bool {
        let coded = Zeroizing::new(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
        let field = self.0.get_mut(4 + at..4 + at + length).and_then(|field| field.get_mut(..coded.len()));
        field.is_some_and(|field| {
            field.copy_from_slice(&coded);
            true
        })
    }
}

/// A value as the record codes it, or what was expected.
fn coded(key: &str, text: &str) -> Result<Zeroizing<String>, &'static str> {
    let date = |text: &str| {
        let day: Date = text.parse().map_err(|_| "a date such as \"1988-01-01\"")?;
        let mut coded = Zeroizing::new(String::with_capacity(8));
        let _ = write!(coded, "{:04}{:02}{:02}", day.year(), day.month(), day.day());
        Ok(coded)
    };
    match key {
        "sex" => match text {
            "male" => Ok("1"),
            "female" => Ok("2"),
            "unknown" => Ok("0"),
            "unstated" => Ok("9"),
            _ => Err("male, female, unknown or unstated"),
        }
        .map(|code| Zeroizing::new(code.to_owned())),
        "ethnicity" => ethnic_code(text).ok_or("the name of an ethnic group, such as \"汉\", or its code"),
        "valid_to" if text == "long-term" => Ok(Zeroizing::new("长期".to_owned())),
        "birth" | "valid_from" | "valid_to" => date(text),
        _ => Ok(Zeroizing::new(text.to_owned())),
    }
}

/// The code of GB/T 3304: the driver knows each code's name, so the name's code is the one with that name.
fn ethnic_code(name: &str) -> Option<Zeroizing<String>> {
    let codes = (1..=58).chain([97, 98]).map(|code| format!("{code:02}"));
    let mut named = codes.filter(|code| code == name || ethnicity(code).as_deref() == Some(name));
    named.next().map(Zeroizing::new)
}

fn ethnicity(code: &str) -> Option<String> {
    let mut raw = Raw::of(' ');
    for (at, text) in
        [(0, "一"), (30, "1"), (32, code), (36, "19880101"), (122, "1"), (188, "20170305"), (204, "长期")]
    {
        raw.put(at, TEXT - at, text);
    }
    Record::decode(raw.0).ok().and_then(|record| record.ethnicity().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use drivers::id_card::{CardType, Sex};

    use super::*;

    fn card(text: &str) -> (Option<Card>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let (path, mut list) = (dir.path().join("a.toml"), Vec::new());
        std::fs::write(&path, text).unwrap();
        let given = Given::read(&path, &mut list).unwrap();
        (Card::typed(&given, &mut list), list)
    }

    const ZHANG: &str = "[card]\ntype = \"citizen\"\nname = \"张三\"\nsex = \"male\"\nethnicity = \"满\"\nbirth = \"1988-01-01\"\n\
                         address = \"示例路1号\"\nnumber = \"110105198801010022\"\nissuer = \"示例分局\"\n\
                         valid_from = \"2017-03-05\"\nvalid_to = \"2037-03-05\"\n";

    #[test]
    fn a_typed_card_reads_like_a_card() {
        let (card, list) = card(ZHANG);
        let card = card.unwrap_or_else(|| panic!("{list:?}"));
        let record = &card.record;
        assert_eq!((record.name(), record.number()), ("张三", "110105198801010022"));
        assert_eq!((record.card_type(), record.sex()), (CardType::Citizen, Sex::Male));
        assert_eq!((record.ethnicity(), record.address()), (Some("满"), Some("示例路1号")));
        assert!(card.is_typed() && record.number_valid() && record.photo().is_empty());
    }

    #[test]
    fn other_cards_are_cards_too() {
        for kind in ["hmt", "pr2023", "pr2017"] {
            let text = format!(
                "[card]\ntype = \"{kind}\"\nname = \"陈\"\nsex = \"female\"\nbirth = \"1970-05-05\"\nnumber = \"X\"\n\
                 valid_from = \"2020-01-01\"\nvalid_to = \"long-term\"\n"
            );
            let (card, list) = card(&text);
            let card = card.unwrap_or_else(|| panic!("{kind}: {list:?}"));
            assert_eq!(card.record.card_type().as_str(), kind);
            assert_eq!(card.record.name(), "陈");
            let (card, list) = super::tests::card(&text.replace("陈", "MARIA EXAMPLE"));
            assert_eq!(card.unwrap_or_else(|| panic!("{kind}: {list:?}")).record.name(), "MARIA EXAMPLE");
        }
    }

    #[test]
    fn all_mistakes_of_a_card_are_listed() {
        let text = format!(
            "[card]\ntype = \"citizen\"\nname = \"{}\"\nsex = \"m\"\nethnicity = \"?\"\nbirth = \"1988\"\ncolour = \"red\"\n\
             address = \"{}\"\nvalid_from = \"2017-02-30\"\nvalid_to = \"never\"\n",
            "长".repeat(16),
            "a".repeat(10_000)
        );
        let (none, list) = card(&text);
        assert!(none.is_none());
        let all = list.join("\n");
        for place in [
            "name: at most 15",
            "sex:",
            "ethnicity:",
            "birth:",
            "colour:",
            "address: at most 35",
            "number: missing",
            "valid_from:",
            "valid_to:",
        ] {
            assert!(all.contains(&format!("card.{place}")), "{place} is not in\n{all}");
        }
        assert_eq!(list.len(), 9);
        let (none, list) = card(&ZHANG.replace("2037", "2007"));
        assert!(none.is_none() && list == ["card: the field valid_to is no possible date"]);
        assert_eq!(card("").1, ["card: missing; write a table [card] or use --card-from-reader"]);
    }
}
