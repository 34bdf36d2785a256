//! The choice of matters.

use faults::Fault;
use matters::Language;
use session::view::{Call, Page, Tile, View};

use super::{Found, Named, say, view};

pub fn views(language: Language) -> Vec<Named> {
    let home = |count| view(language, Page::Home(tiles(language, count)));
    vec![
        ("home", home(2)),
        ("home-one", View { call: None, ..home(1) }),
        ("home-three", home(3)),
        ("home-calling", View { call: Some(Call::Calling), ..home(2) }),
        ("home-many", home(6)),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("home", ["您要办什么？", "What would you like to do?"],
        [&["开户籍证明", "身份证到期换新", "退出", "大字", "高对比"],
         &["Household certificate", "Identity card renewal", "Leave", "Large text", "High contrast"]]),
];

/// The first matters of an invented catalogue; the sixth cannot be done now.
fn tiles(language: Language, count: usize) -> Vec<Tile> {
    let all = [
        (
            "household-certificate",
            "document",
            ["开户籍证明", "Household certificate"],
            [
                "证明您户口登记的内容，由派出所出具并盖章。",
                "A sealed statement of what the household register says about you.",
            ],
            2,
            0,
        ),
        (
            "id-card-renewal",
            "id-card",
            ["身份证到期换新", "Identity card renewal"],
            [
                "身份证到期前三个月起，可以换领新证。",
                "A new card from three months before the old one expires.",
            ],
            4,
            20,
        ),
        (
            "migration",
            "house",
            ["跨省户口迁移", "Move to another province"],
            ["把户口迁到外省，五种情形可以办理。", "Move your household registration, in five cases."],
            8,
            0,
        ),
        (
            "newborn",
            "person",
            ["新生儿落户", "Register a newborn"],
            ["孩子出生后一个月之内登记户口。", "Within a month of the birth."],
            6,
            0,
        ),
        (
            "endorsement",
            "calendar",
            ["居住证签注", "Residence permit endorsement"],
            ["每满一年之前的一个月内签注。", "In the month before each full year."],
            1,
            0,
        ),
        (
            "no-record",
            "document",
            ["无犯罪记录证明", "No-criminal-record certificate"],
            ["证明您没有犯罪记录。", "A statement that you have no criminal record."],
            3,
            0,
        ),
    ];
    all.into_iter()
        .take(count)
        .map(|(id, icon, title, summary, minutes, fee_yuan)| Tile {
            matter: id.to_owned(),
            icon: icon.to_owned(),
            title: say(language, title),
            summary: say(language, summary),
            bring: say(language, ["本人居民身份证", "Your own resident identity card"]),
            minutes,
            fee_yuan,
            unavailable: (matches!(id, "no-record") || count == 3 && id == "migration")
                .then_some(Fault::CardReaderMissing),
        })
        .collect()
}
