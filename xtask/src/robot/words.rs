//! The words the robot looks for, in both languages: those of the screens, and those of a matter's own file.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use toml::{Table, Value};

/// A language of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 简体中文
    Chinese,
    /// English
    English,
}

impl Language {
    /// What the button that switches to it says.
    pub const fn own_name(self) -> &'static str {
        match self {
            Language::Chinese => "中文",
            Language::English => "English",
        }
    }

    /// The tag that the catalogue uses.
    const fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-Hans",
            Language::English => "en",
        }
    }
}

/// The same words in both languages, as the screens say them.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    zh: &'static str,
    en: &'static str,
}

impl Words {
    /// The words in a language.
    pub const fn get(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

/// Words of the screens.
pub mod word {
    use super::Words;

    macro_rules! words {
        ($($(#[$doc:meta])+ $name:ident = $zh:literal, $en:literal;)+) => {
            $($(#[$doc])+ pub const $name: Words = Words { zh: $zh, en: $en };)+

            /// All of them, for the comparison with the screens' own list.
            #[cfg(test)]
            pub const ALL: &[Words] = &[$($name,)+];
        };
    }

    words! {
        /// Heads the attract page.
        APPLY_HERE = "自助办理，从这里开始", "Apply here yourself";
        /// Leaves the attract page.
        BEGIN = "开始办理", "Begin";
        /// Heads the home page.
        WHAT_TO_DO = "您要办什么？", "What would you like to do?";
        /// Heads the notice.
        BEFORE_YOU_BEGIN = "办理须知", "Before you begin";
        /// Accepts the notice.
        AGREE = "同意并继续", "Agree and continue";
        /// Asks for the card.
        PLACE_CARD = "请把身份证放在读卡区", "Place your identity card on the reader";
        /// Asks whether the card is the visitor's.
        IS_THIS_YOU = "这是您本人吗？", "Is this you?";
        /// Confirms it.
        YES_CONTINUE = "是我，继续", "Yes, continue";
        /// Goes on with the next question.
        CONTINUE = "继续", "Continue";
        /// Heads the review page.
        CHECK_ANSWERS = "请核对，然后提交", "Is everything right?";
        /// Submits.
        SUBMIT = "提交", "Submit";
        /// On disk, not yet with the platform.
        REGISTERED = "已登记，待送达", "Registered, to be delivered";
        /// With the platform.
        ACCEPTED = "已受理", "Accepted";
        /// The paper is out, and the card still lies on the reader.
        TAKE_BOTH = "请取走身份证和回执", "Take your identity card and your receipt";
        /// The paper is out, and the card is gone.
        TAKE_RECEIPT = "请取走回执", "Take your receipt";
        /// Ends the visit.
        FINISH = "完成并退出", "Finish and leave";
        /// Everything about the visitor is wiped.
        ERASED = "您的信息已从本机清除", "Your details are erased from this machine";
    }
}

/// A matter's own words.
pub struct Matter {
    file: Table,
}

impl Matter {
    /// Reads a matter from the catalogue.
    pub fn read(catalogue: &Path, id: &str) -> Result<Matter> {
        let path = catalogue.join(format!("{id}.toml"));
        let text = fs::read_to_string(&path).with_context(|| format!("no matter `{id}`"))?;
        let file = text.parse().with_context(|| format!("{} is no TOML", path.display()))?;
        Ok(Matter { file })
    }

    /// The title, which its tile on the home page bears.
    pub fn title(&self, language: Language) -> Result<&str> {
        words_in(self.file.get("title"), language).context("the matter has no title")
    }

    /// The words that head each of its questions.
    pub fn prompts(&self, language: Language) -> Vec<&str> {
        let questions =
            self.file.get("question").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        questions.iter().filter_map(|question| words_in(question.get("prompt"), language)).collect()
    }
}

fn words_in(text: Option<&Value>, language: Language) -> Option<&str> {
    text?.get(language.tag())?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The screens' own translations.
    const SCREENS: &str = include_str!("../../../ui/ui/lang/zh-Hans/LC_MESSAGES/ui.po");

    #[test]
    fn every_word_stands_on_the_screens() {
        // Counted words have their singular under `msgid` and their one Chinese form under `msgstr[0]`.
        let texts = |keys: [&str; 2]| -> Vec<&str> {
            let text =
                |line: &'static str| keys.iter().find_map(|key| line.strip_prefix(key)?.strip_prefix('"'));
            SCREENS.lines().filter_map(text).collect()
        };
        let pairs: Vec<_> =
            texts(["msgid ", "msgid "]).into_iter().zip(texts(["msgstr ", "msgstr[0] "])).collect();
        for words in word::ALL {
            assert!(
                pairs.iter().any(|(en, zh)| en.starts_with(words.en) && zh.starts_with(words.zh)),
                "the screens no longer say {words:?}"
            );
        }
    }

    #[test]
    fn a_matter_gives_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[title]\nzh-Hans = \"证明\"\nen = \"Certificate\"\n\
            [[question]]\nid = \"a\"\nprompt.zh-Hans = \"甲？\"\nprompt.en = \"A?\"\n\
            [[question]]\nid = \"b\"\nprompt.zh-Hans = \"乙？\"\nprompt.en = \"B?\"\n";
        fs::write(folder.path().join("thing.toml"), text).unwrap();
        let matter = Matter::read(folder.path(), "thing").unwrap();
        assert_eq!(matter.title(Language::Chinese).unwrap(), "证明");
        assert_eq!(matter.prompts(Language::English), ["A?", "B?"]);
        assert!(Matter::read(folder.path(), "nothing").is_err());
    }
}
