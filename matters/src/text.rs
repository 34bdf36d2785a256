//! Words in every language of the kiosk.

use toml_span::de_helpers::TableHelper;
use toml_span::{DeserError, Deserialize, Value};

/// A language that every page, matter and receipt exists in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// 简体中文
    #[default]
    ZhHans,
    /// English
    En,
}

impl Language {
    /// All languages, in the order in which the language button walks through them.
    pub const ALL: [Language; Language::COUNT] = [Language::ZhHans, Language::En];

    /// How many languages there are: the width of every table of words.
    pub const COUNT: usize = 2;

    /// The BCP 47 tag, which also names the translation file of the screens.
    pub const fn tag(self) -> &'static str {
        self.of(&["zh-Hans", "en"])
    }

    /// The language that comes after this one, round and round.
    pub fn following(self) -> Language {
        let at = (self as usize + 1) % Language::COUNT;
        Language::ALL.get(at).copied().unwrap_or_default()
    }

    /// This language's column of a row of words, in the order of [`Language::ALL`].
    pub const fn of<T: Copy>(self, row: &[T; Language::COUNT]) -> T {
        let [zh_hans, en] = row;
        match self {
            Language::ZhHans => *zh_hans,
            Language::En => *en,
        }
    }
}

/// One text of the catalogue in all languages. A missing or empty language is a mistake found on load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text([String; Language::COUNT]);

impl Text {
    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        language.of(&self.0.each_ref().map(String::as_str))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let text = Language::ALL.map(|language| words(&mut table, language));
        table.finalize(None)?;
        Ok(Text(text))
    }
}

fn words(table: &mut TableHelper<'_>, language: Language) -> String {
    // The error is kept in the table until `finalize`, so the empty text never gets out.
    let Ok(words) = table.required_s::<String>(language.tag()) else { return String::new() };
    if words.value.trim().is_empty() {
        table.errors.push(crate::problem::custom("expected words, found nothing", words.span));
    }
    words.value
}
