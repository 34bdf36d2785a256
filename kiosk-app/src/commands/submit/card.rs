//! The card of a request that comes from files: typed, then decoded like one that a reader gave.

use drivers::id_card::{CardType, FieldError, Fields, Record, Sex, Text, ValidTo};
use jiff::civil::Date;
use session::Citizen;
use zeroize::Zeroizing;

use super::given::Given;
use crate::convert;

/// What `card read` prints beside the fields.
const BESIDE: [&str; 1] = ["type"];
/// The fields that a card can have here.
const KEYS: [&str; 9] =
    ["name", "sex", "ethnicity", "birth", "address", "number", "issuer", "valid_from", "valid_to"];

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
        let Some(table) = given.card() else {
            list.push("card: missing; write a table [card] or use --card-from-reader".to_owned());
            return None;
        };
        let before = list.len();
        let mut table = Table { table, list };
        let fields = table.fields()?;
        // A card without a photo: no machine has seen it.
        let raw = match fields.encode(&[]) {
            Ok(raw) => raw,
            Err(errors) => {
                list.extend(errors.iter().map(no_room));
                return None;
            }
        };
        if list.len() > before {
            return None;
        }
        match Record::decode(raw) {
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

/// The table `[card]` being read.
struct Table<'a> {
    table: &'a [(String, Zeroizing<String>)],
    list: &'a mut Vec<String>,
}

impl Table<'_> {
    /// The fields, with any value where a mistake went to the list; nothing without a type of card.
    fn fields(&mut self) -> Option<Fields> {
        let types = [CardType::Citizen, CardType::Hmt, CardType::Pr2023, CardType::Pr2017];
        let card_type = types.into_iter().find(|it| self.get("type") == Some(it.as_str()));
        let Some(card_type) = card_type else {
            self.list.push(format!("card.type: expected one of: {}", types.map(CardType::as_str).join(", ")));
            return None;
        };
        let known = |key: &str| BESIDE.contains(&key) || KEYS.contains(&key);
        for (key, _) in self.table.iter().filter(|(key, _)| !known(key)) {
            self.list.push(format!("card.{}: such a card has no such field", super::given::shown(key)));
        }
        let name = self.required("name").map(|name| Text::new(name.to_owned()));
        // The permanent residence cards have a place of its own for a name in Latin letters.
        let latin = match card_type {
            CardType::Citizen | CardType::Hmt => false,
            CardType::Pr2023 | CardType::Pr2017 => name.as_ref().is_some_and(|name| name.is_ascii()),
        };
        let (english_name, chinese_name) = if latin { (name, None) } else { (None, name) };
        Some(Fields {
            card_type,
            chinese_name,
            english_name,
            sex: self.sex(),
            ethnic_code: self.ethnic_code(),
            nationality: None,
            birth: self.day("birth"),
            address: self.text("address"),
            number: Text::new(self.required("number").unwrap_or_default().to_owned()),
            issuer: self.text("issuer"),
            valid_from: self.day("valid_from"),
            valid_to: match self.get("valid_to") {
                Some("long-term") => ValidTo::LongTerm,
                Some(_) | None => ValidTo::Date(self.day("valid_to")),
            },
            travel_permit: None,
            issue_count: None,
            old_number_link: None,
            version: None,
        })
    }

    /// A value that is there and not blank.
    fn get(&self, key: &str) -> Option<&str> {
        let (_, text) = self.table.iter().find(|(name, _)| name == key)?;
        Some(text.as_str()).filter(|text| !text.trim().is_empty())
    }

    fn text(&self, key: &str) -> Option<Text> {
        self.get(key).map(|text| Text::new(text.to_owned()))
    }

    fn required(&mut self, key: &str) -> Option<&str> {
        if self.get(key).is_none() {
            self.list.push(format!("card.{key}: missing"));
        }
        self.get(key)
    }

    fn sex(&mut self) -> Sex {
        let sexes = [Sex::Male, Sex::Female, Sex::Unknown, Sex::Unstated];
        let Some(word) = self.required("sex") else { return Sex::Unstated };
        if let Some(sex) = sexes.into_iter().find(|sex| sex.as_str() == word) {
            return sex;
        }
        self.list.push("card.sex: expected male, female, unknown or unstated".to_owned());
        Sex::Unstated
    }

    fn day(&mut self, key: &str) -> Date {
        let Some(text) = self.required(key) else { return Date::ZERO };
        if let Ok(day) = text.parse() {
            return day;
        }
        self.list.push(format!("card.{key}: expected a date such as \"1988-01-01\""));
        Date::ZERO
    }

    /// The code of an ethnic group, given by its name, or by the code itself as `card read` prints one without a name.
    fn ethnic_code(&mut self) -> Option<Text> {
        let given = self.get("ethnicity")?;
        let is_code = given.len() == 2 && given.bytes().all(|b| b.is_ascii_digit());
        let code = if is_code { Some(given.to_owned()) } else { standards::ethnic::code(given) };
        if code.is_none() {
            let expected = "the name of an ethnic group, such as \"汉\", or its code";
            self.list.push(format!("card.ethnicity: expected {expected}"));
        }
        code.map(Text::new)
    }
}

/// A value that the card has no room for, by the key it was given under.
fn no_room(error: &FieldError) -> String {
    let key = |field: &'static str| match field {
        "chinese_name" | "english_name" => "name",
        other => other,
    };
    match error {
        FieldError::TooLong { field, most } => format!("card.{}: at most {most} characters fit", key(field)),
        FieldError::NotOnCard { field } => format!("card.{}: such a card has no such field", key(field)),
    }
}

#[cfg(test)]
mod tests {
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
            let card = card.unwrap_or_else(|| panic!("{kind}: {list:?}"));
            assert_eq!(card.record.name(), "MARIA EXAMPLE");
            let latin = card.record.english_name().is_some();
            assert_eq!(latin, kind != "hmt", "each name stands where its card has it");
        }
    }

    #[test]
    fn an_ethnic_group_has_a_name_or_a_code() {
        for (given, expected) in [("维吾尔", "维吾尔"), ("05", "维吾尔"), ("97", "其他"), ("77", "77")]
        {
            let (card, list) = card(&ZHANG.replace("满", given));
            let card = card.unwrap_or_else(|| panic!("{given}: {list:?}"));
            assert_eq!(card.record.ethnicity(), Some(expected));
        }
        for wrong in ["汉族", "7", "007", "一"] {
            assert!(
                card(&ZHANG.replace("满", wrong)).1[0].starts_with("card.ethnicity: expected"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_card_has_only_its_own_fields() {
        for (kind, at, absent) in [("hmt", "citizen", "ethnicity"), ("pr2023", "citizen", "address")] {
            let (none, list) = card(&ZHANG.replace(at, kind));
            assert!(none.is_none());
            assert!(list.contains(&format!("card.{absent}: such a card has no such field")), "{list:?}");
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
