//! The card, please.

use faults::Fault;
use matters::Language;
use session::view::{CardPrompt, Page};

use super::{Found, Named, view};

pub fn views(language: Language) -> Vec<Named> {
    vec![
        ("card-waiting", view(language, Page::PlaceCard(CardPrompt::Waiting))),
        ("card-reading", view(language, Page::PlaceCard(CardPrompt::Reading))),
        ("card-problem", view(language, Page::PlaceCard(CardPrompt::Problem(Fault::CardForeign)))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("card-waiting", ["请把身份证放在读卡区", "Place your card on the reader"],
        [&["返回", "等待放卡…"], &["Back", "Waiting for the card"]]),
    ("card-reading", ["正在读取身份证", "Reading your identity card"],
        [&["返回", "正在读卡…"], &["Back", "Reading the card"]]),
    ("card-problem", ["这不是身份证", "This is not an identity card"],
        [&["返回", "等待放卡…"], &["Back", "Waiting for the card"]]),
];
