//! The check of everything.

use std::sync::Arc;

use jiff::civil::date;
use matters::Language;
use session::view::{Answer, Page, PaperRow, Personal, Review, Shot};

use super::{Found, Named, Words, pictures, renewal, say, validity, view};

pub fn views(language: Language) -> Vec<Named> {
    let at_counter = Review { portrait: None, portrait_at_counter: true, ..full_review(language) };
    vec![
        ("review", view(language, Page::Review(review(language)))),
        ("review-renewal", renewal(language, Page::Review(full_review(language)))),
        ("review-counter", renewal(language, Page::Review(at_counter))),
        ("review-long", renewal(language, Page::Review(long_review(language)))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("review", ["请核对，然后提交", "Is everything right?"],
        [&["修改", "修改", "返回", "提交"], &["Change", "Change", "Back", "Submit"]]),
    ("review-renewal", ["138 1234 5678", "138 1234 5678"],
        [&["修改相片", "修改", "修改", "修改", "修改", "修改", "返回", "继续，去签名"],
         &["Change portrait", "Change", "Change", "Change", "Change", "Change", "Back", "Continue to sign"]]),
];

/// The check of a matter of two answers.
fn review(language: Language) -> Review {
    Review {
        name: Personal::new("张三丰"),
        number: Personal::new("4405**********0014"),
        answers: vec![
            Answer {
                question: "certificate".to_owned(),
                label: say(language, ["证明内容", "Certificate"]),
                answer: Personal::new(say(language, ["亲属关系", "Kinship"])),
            },
            Answer {
                question: "purpose".to_owned(),
                label: say(language, ["用途", "Purpose"]),
                answer: Personal::new(say(
                    language,
                    [
                        "继承房产，或者把房产过户给子女、配偶",
                        "Inheritance of property, or its transfer to children or spouse",
                    ],
                )),
            },
        ],
        fee_yuan: 0,
        deadline: date(2026, 12, 9),
        validity: None,
        portrait: None,
        portrait_at_counter: false,
        papers: vec![],
        signature_follows: false,
    }
}

/// Everything that a review can hold.
fn full_review(language: Language) -> Review {
    let answer = |question: &str, label: Words, answer: Words| Answer {
        question: question.to_owned(),
        label: say(language, label),
        answer: Personal::new(say(language, answer)),
    };
    let paper = |paper: &str, label: Words, pages| PaperRow {
        paper: paper.to_owned(),
        label: say(language, label),
        pages,
    };
    Review {
        portrait: Some(Shot(Arc::new(pictures::portrait(0)))),
        signature_follows: true,
        answers: vec![
            answer("collection", ["领取方式", "Collection"], ["邮寄到家", "By post"]),
            answer("phone", ["手机号码", "Mobile number"], ["13812345678", "13812345678"]),
            answer(
                "address",
                ["邮寄地址", "Postal address"],
                [
                    "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县爱新色里镇依拉齐牛录村三组二十八号附一号",
                    "Room 502, Building 3, 128 Jinsha East Road, Longhu District, Shantou, Guangdong",
                ],
            ),
        ],
        papers: vec![
            paper("residence", ["居住证明", "Proof of residence"], 3),
            paper("kinship", ["亲属关系证明", "Proof of kinship"], 0),
        ],
        fee_yuan: 20,
        deadline: date(2027, 1, 20),
        validity: Some(validity(language)),
        ..review(language)
    }
}

/// More answers than on any page, one of them as long as can be.
fn long_review(language: Language) -> Review {
    let mut review = full_review(language);
    let mut more = full_review(language);
    for answer in &mut review.answers {
        if answer.question == "address" {
            answer.answer =
                Personal::new(answer.answer.expose().repeat(3).chars().take(100).collect::<String>());
        }
    }
    review.answers.append(&mut more.answers);
    review
}
