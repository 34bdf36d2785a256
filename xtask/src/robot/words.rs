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

/// Words of the screens, with which a text on them begins. Chinese is what a screen in a police hall is written in
/// first; the other language stands beside it in the screens' own translations.
#[derive(Clone, Copy, Debug)]
pub struct Words(&'static str);

impl Words {
    /// The words in a language.
    ///
    /// # Errors
    /// When the screens have no such words: they were reworded, and the table below must follow.
    pub fn get(self, language: Language) -> Result<&'static str> {
        let (english, chinese) = translations()
            .find(|(_, chinese)| *chinese == self.0)
            .or_else(|| translations().find(|(_, chinese)| chinese.starts_with(self.0)))
            .with_context(|| format!("the screens no longer say \"{}\"", self.0))?;
        Ok(match language {
            Language::Chinese => self.0,
            // Where the table has only the beginning, a number follows in both languages.
            Language::English if chinese != self.0 => english.split(" ({").next().unwrap_or(english),
            Language::English => english,
        })
    }
}

/// The screens' translations.
const SCREENS: &str = include_str!("../../../ui/ui/lang/zh-Hans/LC_MESSAGES/screens.po");

/// Every text of the screens: English, Chinese.
fn translations() -> impl Iterator<Item = (&'static str, &'static str)> {
    // Counted words have their singular under `msgid` and their one Chinese form under `msgstr[0]`.
    let texts = |keys: [&'static str; 2]| {
        SCREENS.lines().filter_map(move |line| {
            let text = keys.iter().find_map(|key| line.strip_prefix(key))?;
            text.strip_prefix('"')?.strip_suffix('"')
        })
    };
    texts(["msgid ", "msgid "]).zip(texts(["msgstr ", "msgstr[0] "]))
}

/// Words of the screens.
pub mod word {
    use super::Words;

    macro_rules! words {
        ($($(#[$doc:meta])+ $name:ident = $words:literal;)+) => {
            $($(#[$doc])+ pub const $name: Words = Words($words);)+

            /// All of them, for the comparison with the screens' own list.
            #[cfg(test)]
            pub const ALL: &[Words] = &[$($name,)+];
        };
    }

    words! {
        /// Heads the attract page.
        APPLY_HERE = "自助办理，从这里开始";
        /// Leaves the attract page.
        BEGIN = "开始办理";
        /// Heads the home page.
        WHAT_TO_DO = "您要办什么？";
        /// Heads the notice.
        BEFORE_YOU_BEGIN = "办理须知";
        /// Accepts the notice.
        AGREE = "同意并继续";
        /// Asks for the card.
        PLACE_CARD = "请把身份证放在读卡区";
        /// Asks whether the card is the visitor's.
        IS_THIS_YOU = "这是您本人吗？";
        /// Confirms it.
        YES_CONTINUE = "是我，继续";
        /// Goes on with the next question.
        CONTINUE = "继续";
        /// Turns to the next sheet of a page that has several.
        NEXT_SHEET = "下一页（";
        /// Takes over what is known already.
        TAKE_OVER = "直接用这一项";
        /// Heads the portrait page.
        PORTRAIT = "请摘下帽子和眼镜，正对镜头。";
        /// Takes a picture.
        SHOOT = "拍照（还可拍";
        /// Accepts the chosen portrait.
        USE_PORTRAIT = "用这张相片";
        /// Chooses one of the portraits.
        SHOT = "相片 ";
        /// Heads the choice between commitment and papers.
        COMMIT_OR_PAPERS = "书面承诺，还是交材料？";
        /// Commits.
        COMMIT = "我书面承诺";
        /// Brings papers.
        SHOW_PAPERS = "我提交材料";
        /// Scans.
        SCAN = "扫描";
        /// Changes a row of the review.
        CHANGE = "修改";
        /// Leads from the review to the signature.
        TO_SIGN = "继续，去签名";
        /// The empty pad.
        EMPTY_PAD = "签名区，还没有签名";
        /// The code of the payment.
        PAY_CODE = "缴费二维码";
        /// Said of a payment that the platform confirmed.
        PAID = "平台已确认收款。";
        /// Best of the five grades.
        VERY_GOOD = "非常满意";
        /// Heads the review page.
        CHECK_ANSWERS = "请核对，然后提交";
        /// Submits.
        SUBMIT = "提交";
        /// On disk, not yet with the platform.
        REGISTERED = "已登记，待送达";
        /// With the platform.
        ACCEPTED = "已受理";
        /// The paper is out, and the card still lies on the reader.
        TAKE_BOTH = "请取走身份证和回执";
        /// The paper is out, and the card is gone.
        TAKE_RECEIPT = "请取走回执";
        /// Ends the visit.
        FINISH = "完成并退出";
        /// Everything about the visitor is wiped.
        ERASED = "您的信息已从本机清除";
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
        self.rows("question")
            .iter()
            .filter_map(|question| words_in(question.get("prompt"), language))
            .collect()
    }

    /// The names of the papers it wants, each with its title.
    pub fn papers(&self, language: Language) -> Vec<&str> {
        self.rows("paper").iter().filter_map(|paper| words_in(paper.get("title"), language)).collect()
    }

    /// What is typed in answer to the question with this prompt; `None` for a choice.
    pub fn typed(&self, prompt: &str) -> Option<&'static str> {
        let has = |question: &&Value| {
            question
                .get("prompt")
                .and_then(Value::as_table)
                .is_some_and(|prompts| prompts.values().any(|words| words.as_str() == Some(prompt)))
        };
        let format = self.rows("question").iter().find(has)?.get("typed")?.get("format")?.as_str()?;
        Some(match format {
            "digits" => "13800138000",
            "date" => "20260101",
            "id-number" => "110105198805170023",
            _ => "TEST 1",
        })
    }

    /// The beginnings of the names of the files that come with a request when papers are scanned.
    pub fn files(&self) -> Vec<&str> {
        let portrait = self.file.contains_key("portrait").then_some("portrait");
        let signature = self.file.get("signature").and_then(Value::as_bool).unwrap_or(false);
        let papers = self.rows("paper").iter().filter_map(|paper| paper.get("id")?.as_str());
        portrait.into_iter().chain(papers).chain(signature.then_some("signature")).collect()
    }

    /// The fee in yuan; 0 is free.
    pub fn fee_yuan(&self) -> i64 {
        self.file.get("fee_yuan").and_then(Value::as_integer).unwrap_or(0)
    }

    fn rows(&self, name: &str) -> &[Value] {
        self.file.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

fn words_in(text: Option<&Value>, language: Language) -> Option<&str> {
    text?.get(language.tag())?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_on_the_screens_in_both_languages() {
        for words in word::ALL {
            let english = words.get(Language::English).unwrap();
            assert!(english.is_ascii() && !english.is_empty(), "{words:?} is \"{english}\"");
        }
        assert_eq!(word::SUBMIT.get(Language::English).unwrap(), "Submit");
        assert_eq!(word::FINISH.get(Language::English).unwrap(), "Finish and leave");
    }

    #[test]
    fn the_renewal_wants_typed_answers_files_and_a_fee() {
        let matter = Matter::read(&crate::root().join("matters/catalogue"), "id-card-renewal").unwrap();
        assert_eq!(matter.files(), ["portrait", "residence", "signature"]);
        assert_eq!(matter.fee_yuan(), 20);
        let prompts = matter.prompts(Language::Chinese);
        assert!(prompts.iter().any(|prompt| matter.typed(prompt) == Some("13800138000")));
        assert_eq!(matter.papers(Language::Chinese), ["居住证明"]);
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
        assert!(matter.files().is_empty() && matter.typed("甲？").is_none() && matter.fee_yuan() == 0);
        assert!(Matter::read(folder.path(), "nothing").is_err());
    }
}
