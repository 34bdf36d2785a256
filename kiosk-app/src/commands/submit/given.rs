//! The answers file: TOML or JSON, read into one tree, whose every mistake is listed by its place.

use std::path::Path;

use matters::Language;
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use crate::private_file;

/// The largest answers file: ten times the longest signature.
const MOST: u64 = 1024 * 1024;

/// What can stand in the file.
const KEYS: [&str; 7] = ["language", "notice", "commitment", "portrait", "signature", "answers", "card"];

/// A stroke of the pen: points in thousandths of the pad.
pub type Stroke = Vec<(u16, u16)>;

/// What was given. Wiped on drop; no `Debug`.
pub struct Given {
    pub language: Language,
    pub notice: Option<String>,
    pub commitment: Option<bool>,
    pub portrait_at_counter: bool,
    pub signature: Option<Vec<Stroke>>,
    answers: Vec<(String, Zeroizing<String>)>,
    card: Option<Vec<(String, Zeroizing<String>)>>,
}

impl Given {
    /// Reads a file; its mistakes go to `list`, and a file that is none gives nothing.
    pub fn read(path: &Path, list: &mut Vec<String>) -> Option<Given> {
        let bytes = match private_file::read(path, MOST) {
            Ok(bytes) => bytes,
            Err(error) => {
                list.push(format!("answers file: {error}"));
                return None;
            }
        };
        let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let mut tree = match parse(&bytes, json) {
            Ok(Value::Object(tree)) => tree,
            Ok(_) => {
                list.push("answers file: it is no table".to_owned());
                return None;
            }
            Err(error) => {
                list.push(format!("answers file: {error}"));
                return None;
            }
        };
        let given = Given::of(&tree, list);
        tree.values_mut().for_each(wipe);
        Some(given)
    }

    /// The answer to a question.
    pub fn answer(&self, question: &str) -> Option<&str> {
        self.answers.iter().find(|(id, _)| id == question).map(|(_, answer)| answer.as_str())
    }

    /// The ids that were answered.
    pub fn answered(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().map(|(id, _)| id.as_str())
    }

    /// True when there is a table `[card]`.
    pub fn has_card(&self) -> bool {
        self.card.is_some()
    }

    /// The fields of the table `[card]`.
    pub fn card(&self) -> Option<&[(String, Zeroizing<String>)]> {
        self.card.as_deref()
    }

    fn of(tree: &Map<String, Value>, list: &mut Vec<String>) -> Given {
        for key in tree.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            list.push(format!("{}: unknown; there are: {}", shown(key), KEYS.join(", ")));
        }
        let mut text = |key: &str| match tree.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                list.push(format!("{key}: expected a text"));
                None
            }
        };
        let (language, notice, portrait) = (text("language"), text("notice"), text("portrait"));
        let language = language.and_then(|tag| {
            let found = Language::ALL.into_iter().find(|language| language.tag() == tag);
            if found.is_none() {
                let tags = Language::ALL.map(Language::tag);
                list.push(format!("language: expected one of: {}", tags.join(", ")));
            }
            found
        });
        if portrait.as_ref().is_some_and(|portrait| portrait != "at-counter") {
            list.push("portrait: expected \"at-counter\"; a picture is attached".to_owned());
        }
        let commitment = tree.get("commitment").and_then(|value| {
            if !value.is_boolean() {
                list.push("commitment: expected true or false".to_owned());
            }
            value.as_bool()
        });
        let signature = tree.get("signature").and_then(|value| {
            let strokes = strokes(value);
            if strokes.is_none() {
                list.push(
                    "signature: expected strokes of points, [[[x, y], …], …], each 0 to 1000".to_owned(),
                );
            }
            strokes
        });
        Given {
            language: language.unwrap_or_default(),
            notice,
            commitment,
            portrait_at_counter: portrait.is_some(),
            signature,
            answers: tree.get("answers").map(|value| texts("answers", value, list)).unwrap_or_default(),
            card: tree.get("card").map(|value| texts("card", value, list)),
        }
    }
}

fn parse(bytes: &[u8], json: bool) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".to_owned())?;
    // The parsers' own words would quote what stands there; line and column are enough to find it.
    if json {
        serde_json::from_str(text)
            .map_err(|error| format!("no JSON at line {}, column {}", error.line(), error.column()))
    } else {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            format!("no TOML at line {line}: {}", error.message().lines().next().unwrap_or_default())
        })
    }
}

/// A table of texts. Numbers are no answers: a telephone number would lose its zeros.
fn texts(table: &str, value: &Value, list: &mut Vec<String>) -> Vec<(String, Zeroizing<String>)> {
    let Value::Object(fields) = value else {
        list.push(format!("{table}: expected a table"));
        return Vec::new();
    };
    let mut texts = Vec::new();
    for (key, value) in fields {
        match value {
            Value::String(text) => texts.push((key.clone(), Zeroizing::new(text.clone()))),
            // What `card read` prints for a field that the card does not carry, or beside the card's own.
            Value::Null | Value::Bool(_) | Value::Number(_) if table == "card" => {}
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                list.push(format!("{table}.{}: expected a text in quotes", shown(key)));
            }
        }
    }
    texts
}

/// A key as it may stand in a message: whoever wrote the file may have put anything there.
pub(super) fn shown(key: &str) -> String {
    key.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn strokes(value: &Value) -> Option<Vec<Stroke>> {
    let number = |value: &Value| value.as_u64().filter(|n| *n <= 1000).and_then(|n| u16::try_from(n).ok());
    let point = |value: &Value| match value.as_array()?.as_slice() {
        [x, y] => Some((number(x)?, number(y)?)),
        _ => None,
    };
    let stroke = |value: &Value| value.as_array()?.iter().map(point).collect();
    value.as_array()?.iter().map(stroke).collect()
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> (Option<Given>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let (path, mut list) = (dir.path().join(name), Vec::new());
        std::fs::write(&path, text).unwrap();
        (Given::read(&path, &mut list), list)
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = "language = \"en\"\nnotice = \"1\"\ncommitment = false\nsignature = [[[0, 1000]]]\n\
                    [answers]\nphone = \"013\"\n[card]\nname = \"A\"\n";
        let json = r#"{"language": "en", "notice": "1", "commitment": false, "signature": [[[0, 1000]]],
                      "answers": {"phone": "013"}, "card": {"name": "A", "photo_bytes": 1024, "issuer": null}}"#;
        for (name, text) in [("a.toml", toml), ("a.json", json)] {
            let (given, list) = read(name, text);
            let given = given.unwrap();
            assert!(list.is_empty(), "{list:?}");
            assert_eq!(given.answer("phone"), Some("013"));
            assert_eq!((given.language, given.commitment), (Language::En, Some(false)));
            assert_eq!(given.signature.as_ref().unwrap()[0], [(0, 1000)]);
            assert_eq!(given.card().unwrap().len(), 1);
        }
    }

    #[test]
    fn every_mistake_is_listed_and_no_content() {
        let text = "language = \"fr\"\nnotice = 1\ncommitment = \"yes\"\nportrait = \"later\"\nsecret = 1\n\
                    signature = [[[0, 1001]]]\n[answers]\nphone = 13912345678\n";
        let (_, list) = read("a.toml", text);
        let all = list.join("\n");
        for place in
            ["language:", "notice:", "commitment:", "portrait:", "secret:", "signature:", "answers.phone:"]
        {
            assert!(all.contains(place), "{place} is not in\n{all}");
        }
        assert_eq!(list.len(), 7);
        assert!(!all.contains("139"));
    }

    #[test]
    fn hostile_files_are_one_mistake() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let large = format!("a = \"{}\"", "x".repeat(2_000_000));
        for (name, text) in [
            ("a.json", deep.as_str()),
            ("a.toml", &large),
            ("a.json", "[]"),
            ("a.toml", "a = 张三"),
            ("a.json", "{\"a\""),
        ] {
            let (given, list) = read(name, text);
            assert!(given.is_none() && list.len() == 1, "{list:?}");
            assert!(!list[0].contains('张'));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_harmless(text in "(?s).{0,400}", json: bool) {
            read(if json { "a.json" } else { "a.toml" }, &text);
        }
    }
}
