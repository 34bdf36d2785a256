//! A question that is typed.

use matters::Language;
use session::view::{Asking, Keys, Page, Personal, Question, Typed};

use super::{Found, Named, renewal, say};

pub fn views(language: Language) -> Vec<Named> {
    let typed = |keys, text, known, complaint| {
        renewal(language, Page::Question(typed(language, keys, text, known, complaint)))
    };
    let address = "Room 502, Building 3, 128 Jinsha East Road, Longhu District, Shantou";
    vec![
        ("typed-phone", typed(Keys::Digits, "1381234", false, false)),
        ("typed-empty", typed(Keys::Digits, "", false, false)),
        ("typed-full", typed(Keys::Digits, "13812345678", false, false)),
        ("typed-date", typed(Keys::Date, "198802", false, false)),
        ("typed-date-wrong", typed(Keys::Date, "19880231", false, true)),
        ("typed-number", typed(Keys::IdNumber, "44052419880101", false, false)),
        ("typed-number-wrong", typed(Keys::IdNumber, "440524198801010019", false, true)),
        ("typed-address", typed(Keys::Letters, "", true, false)),
        ("typed-address-long", typed(Keys::Letters, address, true, true)),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("typed-phone", ["您的手机号码是多少？", "What is your mobile number?"],
        [&["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "删除", "返回", "请先填完"],
         &["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "Erase", "Back", "Please type your answer"]]),
    ("typed-number", ["440524 19880101", "440524 19880101"],
        [&["1", "2", "3", "4", "5", "6", "7", "8", "9", "X", "0", "删除", "返回", "请先填完"],
         &["1", "2", "3", "4", "5", "6", "7", "8", "9", "X", "0", "Erase", "Back", "Please type your answer"]]),
    ("typed-address", ["寄到哪里？", "Where should it be sent?"],
        [&["直接用这一项", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "q", "w", "e", "r", "t", "y", "u", "i", "o",
           "p", "a", "s", "d", "f", "g", "h", "j", "k", "l", "大写", "z", "x", "c", "v", "b", "n", "m", "删除", "-", ".",
           "空格", ",", "#", "返回", "请先填完"],
         &["Take this over", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "q", "w", "e", "r", "t", "y", "u", "i",
           "o", "p", "a", "s", "d", "f", "g", "h", "j", "k", "l", "Capitals", "z", "x", "c", "v", "b", "n", "m",
           "Erase", "-", ".", "Space", ",", "#", "Back", "Please type your answer"]]),
];

/// A question that is typed.
pub fn typed(language: Language, keys: Keys, text: &str, known: bool, complaint: bool) -> Question {
    let (prompt, help, longest, wrong) = match keys {
        Keys::Digits => (
            ["您的手机号码是多少？", "What is your mobile number?"],
            ["新证制好后会发短信告诉您。", "You will get a message when the card is ready."],
            11,
            ["手机号码是 11 位数字。", "A mobile number has 11 digits."],
        ),
        Keys::Date => (
            ["孩子是哪天出生的？", "When was the child born?"],
            ["请按出生证明填写。", "As on the birth certificate."],
            8,
            ["没有这一天，请核对。", "There is no such day. Please check."],
        ),
        Keys::IdNumber => (
            ["监护人的身份证号码是多少？", "What is the guardian's identity number?"],
            ["身份证正面的 18 位号码。", "The 18 characters on the front of the card."],
            18,
            ["号码的最后一位不对，请核对。", "The last character does not match. Please check."],
        ),
        Keys::Letters => (
            ["寄到哪里？", "Where should it be sent?"],
            ["可以直接用身份证上的地址。", "You can take the address on your card."],
            100,
            ["请写上收件的城市。", "Please add the city."],
        ),
    };
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    Question {
        id: "typed".to_owned(),
        prompt: say(language, prompt),
        help: say(language, help),
        answered: !complaint && length == longest,
        asking: Asking::Typed(Typed {
            keys,
            text: Personal::new(text),
            longest,
            known: known.then(|| Personal::new("广东省汕头市龙湖区金砂东路128号3栋502室")),
            complaint: complaint.then(|| say(language, wrong)),
        }),
    }
}
