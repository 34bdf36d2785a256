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
    pub const ALL: [Language; 2] = [Language::ZhHans, Language::En];

    /// The BCP 47 tag, which also names the translation file of the screens.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::ZhHans => "zh-Hans",
            Language::En => "en",
        }
    }

    /// The language that comes after this one, round and round.
    pub const fn following(self) -> Language {
        match self {
            Language::ZhHans => Language::En,
            Language::En => Language::ZhHans,
        }
    }
}

/// One text of the catalogue in all languages. A missing or empty language is a mistake found on load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    zh_hans: String,
    en: String,
}

impl Text {
    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::ZhHans => &self.zh_hans,
            Language::En => &self.en,
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let zh_hans = words(&mut table, Language::ZhHans);
        let en = words(&mut table, Language::En);
        table.finalize(None)?;
        Ok(Text { zh_hans, en })
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
