//! Where the lines of a text may break: between words, and never so that a line holds a single character. Pure.

use std::ops::Range;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

/// Stands between two characters that stay together. It has no width.
pub const JOINER: char = '\u{2060}';

/// Stands for a space between two words that stay together. U+00A0 would not do: where it would itself run over the
/// edge the toolkit hangs it there and breaks behind it, as behind any space. Our faces draw this one as a space.
pub const HARD_SPACE: char = '\u{202f}';

/// Longer words, such as the names of prefectures, may break.
const WORD: usize = 4;

/// What stands in brackets at the end of a text stays together up to this many half ems.
const BRACKETS: usize = 24;

/// Two words of this many characters are left to break: large text on a button has room for no more, a longer text
/// stands on no button.
const LAST_WORDS: usize = 16;
const LAST_WORDS_OF_MORE: usize = 20;
const MORE: usize = 40;

/// So many Chinese characters stand on the last line at least.
const LAST_CHARACTERS: usize = 3;

/// Words of one character that belong to the one before.
const PARTICLES: &str = "的了吗呢吧们";

/// Words of one character that belong to the one behind.
const PREFIXES: &str = "这那每各本此不未";

/// What stays with a number that is written out.
const NUMERALS: &str = "一二三四五六七八九十百";
const UNITS: &str = "号栋幢层室组元年月日";

/// Words of these pages that the dictionary does not know, or takes apart beside some others.
#[rustfmt::skip]
const TERMS: &[&str] = &[
    "本机", "户籍", "户口", "出具", "换领", "补领", "用来", "要办", "窗口", "回执", "身份证", "号码", "已读完", "监护人",
];

/// Words of Chinese come out of a dictionary that is part of the program.
const WORDS: fn() -> WordSegmenterBorrowed<'static> =
    || WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());

/// A text that breaks well: Chinese words, numbers with their unit, dates, the parts of a name like 阿卜杜·买买提, a
/// closing remark in brackets and the last words stay together.
pub fn whole(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut text_of = Text { held: vec![false; characters.len()], characters };
    text_of.last_two_words();
    if text_of.characters.iter().any(han) {
        text_of.words(text);
        text_of.terms();
        text_of.numbers();
        text_of.names();
        text_of.last_characters();
    }
    text_of.brackets();
    text_of.joined()
}

fn han(character: &char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(character) || *character > '\u{1ffff}'
}

/// A text and whether its characters stay on the line of the one before.
struct Text {
    characters: Vec<char>,
    held: Vec<bool>,
}

impl Text {
    fn at(&self, place: usize) -> char {
        self.characters.get(place).copied().unwrap_or('\n')
    }

    fn is(&self, place: usize, what: fn(&char) -> bool) -> bool {
        self.characters.get(place).is_some_and(what)
    }

    /// Keeps the characters from `range.start - 1` on together.
    fn hold(&mut self, range: Range<usize>) {
        if let Some(held) = self.held.get_mut(range) {
            held.fill(true);
        }
    }

    fn words(&mut self, text: &str) {
        let mut start = 0;
        let mut bytes = 0;
        for end in WORDS().segment_str(text).skip(1) {
            let length = text.get(bytes..end).map_or(0, |word| word.chars().count());
            if self.is(start, han) {
                if length <= WORD {
                    self.hold(start + 1..start + length);
                }
                if length == 1 && PREFIXES.contains(self.at(start)) && self.is(start + 1, han) {
                    self.hold(start + 1..start + 2);
                }
                if length == 1 && start > 0 && PARTICLES.contains(self.at(start)) {
                    self.hold(start..start + 1);
                }
            }
            (start, bytes) = (start + length, end);
        }
    }

    fn terms(&mut self) {
        for term in TERMS {
            let length = term.chars().count();
            for start in 0..self.characters.len() {
                if self.characters.iter().skip(start).take(length).copied().eq(term.chars()) {
                    self.hold(start + 1..start + length);
                }
            }
        }
    }

    /// `20 年`, `128号`, `二十八号`, `2026年12月9日`, `代码 PRN-02`.
    fn numbers(&mut self) {
        for place in 1..self.characters.len() {
            let (before, now) = (self.at(place - 1), self.at(place));
            let unit = before.is_ascii_digit() && han(&now)
                || NUMERALS.contains(before) && (UNITS.contains(now) || NUMERALS.contains(now));
            if unit || "年月".contains(before) && now.is_ascii_digit() {
                self.hold(place..place + 1);
            }
            if now == ' ' && before.is_ascii_digit() && self.is(place + 1, han) {
                self.hold(place..place + 2);
            }
            if now == ' ' && before == '码' && self.is(place + 1, char::is_ascii_alphabetic) {
                self.hold(place..place + 2);
            }
        }
    }

    /// The parts of a name, and the dot with the part before it.
    fn names(&mut self) {
        for dot in 1..self.characters.len() {
            if self.at(dot) == '·' && self.is(dot - 1, han) && self.is(dot + 1, han) {
                let before = (0..dot).rev().take_while(|place| self.is(*place, han)).count();
                let after = (dot + 1..self.characters.len()).take_while(|place| self.is(*place, han)).count();
                self.hold(dot + 1 - before..dot + 1);
                self.hold(dot + 2..dot + 1 + after);
            }
        }
    }

    /// Joins the last words until there are enough characters of them.
    fn last_characters(&mut self) {
        let Some(last) = self.characters.iter().rposition(han) else { return };
        let mut counted = 0;
        for place in (1..=last).rev() {
            counted += usize::from(self.is(place, han));
            if self.held.get(place) == Some(&true) {
                continue;
            }
            if counted >= LAST_CHARACTERS || !self.is(place - 1, han) || !self.is(place, han) {
                return;
            }
            self.hold(place..place + 1);
        }
    }

    /// A remark in brackets at the end.
    fn brackets(&mut self) {
        let Some(close) = self.characters.iter().rposition(|c| c.is_alphanumeric() || ")）".contains(*c))
        else {
            return;
        };
        let Some(open) = self.characters.iter().rposition(|c| "(（".contains(*c)) else { return };
        let within: usize = self.characters.iter().skip(open).map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        if open > 0 && open < close && ")）".contains(self.at(close)) && within <= BRACKETS {
            self.hold(open + 1..close + 1);
        }
    }

    /// Joins the last two words of four or more, when they are short enough for the narrowest line together.
    fn last_two_words(&mut self) {
        let space = |c: &char| *c == ' ';
        let Some(last) = self.characters.iter().rposition(space) else { return };
        let Some(before) = self.characters.iter().take(last).rposition(space) else { return };
        let more = self.characters.iter().take(before).any(space);
        let latin = !self.characters.iter().skip(before).any(han);
        let most = if self.characters.len() > MORE { LAST_WORDS_OF_MORE } else { LAST_WORDS };
        if more && latin && self.characters.len() - before - 2 < most {
            self.hold(last..last + 2);
        }
    }

    fn joined(&self) -> String {
        let mut out = String::with_capacity(self.characters.len() * 4);
        let mut before = '\n';
        for (character, held) in self.characters.iter().zip(&self.held) {
            match (held, *character) {
                (true, ' ') => out.push(HARD_SPACE),
                (true, now) => {
                    let one_word = before == ' ' || before.is_ascii() && now.is_ascii();
                    if !one_word {
                        out.push(JOINER);
                    }
                    out.push(now);
                }
                (false, now) => out.push(now),
            }
            before = *character;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a text may break, with `|` there and the joiners left out.
    fn pieces(text: &str) -> String {
        let mut out = String::new();
        let whole = whole(text);
        let mut characters = whole.chars().peekable();
        while let Some(character) = characters.next() {
            if character == JOINER {
                continue;
            }
            out.push(if character == HARD_SPACE { '_' } else { character });
            if han(&character) && characters.peek().is_some_and(han) {
                out.push('|');
            }
        }
        out
    }

    #[test]
    fn chinese_breaks_between_words() {
        assert_eq!(pieces("您的手机号码是多少？"), "您的|手机|号码|是多少？");
        assert_eq!(
            pieces("证明您户口登记的内容，由派出所出具并盖章。"),
            "证明|您|户口|登记的|内容，由|派出所|出具|并盖章。"
        );
        assert_eq!(pieces("证明用来办什么？"), "证明|用来|办什么？");
        assert_eq!(pieces("请先到户籍窗口换领身份证。"), "请先|到户籍|窗口|换领|身份证。");
        assert_eq!(pieces("监护人的身份证号码是多少？"), "监护人的|身份证|号码|是多少？");
    }

    #[test]
    fn no_line_holds_a_single_character() {
        assert_eq!(pieces("这是您本人吗？"), "这是|您|本人吗？");
        assert_eq!(whole("张"), "张");
        assert_eq!(whole("修改"), "修\u{2060}改");
        assert_eq!(whole(""), "");
    }

    #[test]
    fn numbers_keep_their_unit_and_dates_stay_whole() {
        assert_eq!(pieces("本机还可拍 5 次"), "本机|还|可|拍 5_次");
        assert_eq!(whole("12月9日"), "12\u{2060}月\u{2060}9\u{2060}日");
        assert_eq!(pieces("依拉齐二十八号附一号").matches("八号").count(), 1);
    }

    #[test]
    fn a_name_breaks_behind_its_dots() {
        assert_eq!(pieces("阿卜杜热合曼·买买提㛃𬭚"), "阿卜杜热合曼·买买提㛃𬭚");
        assert!(whole("阿卜杜·买买提").contains("杜\u{2060}·买\u{2060}买"));
    }

    #[test]
    fn brackets_at_the_end_stay_together() {
        let valid = whole("The new card is valid for 20 years (aged 26 to 45).");
        assert!(valid.ends_with(" (aged\u{202f}26\u{202f}to\u{202f}45)."), "{valid}");
        let chinese = whole("新证有效期 20 年（26 至 45 周岁）。");
        assert!(
            chinese.replace(JOINER, "").ends_with("（26\u{202f}至\u{202f}45\u{202f}周岁）。"),
            "{chinese}"
        );
    }

    #[test]
    fn the_last_two_words_stay_together() {
        assert_eq!(whole("What would you like to do?"), "What would you like to\u{202f}do?");
        assert_eq!(
            whole("The receipt paper is used up. Code PRN-02"),
            "The receipt paper is used up. Code\u{202f}PRN-02"
        );
        for same in [
            "It comes out of the nearest identification counter.",
            "Household certificate",
            "Is this you?",
            "138 1234 5678",
        ] {
            assert_eq!(whole(same), same);
        }
    }
}
