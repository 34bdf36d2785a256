//! The signature.

use matters::Language;
use session::view::{Page, Sign};

use super::{Found, Named, renewal};

pub fn views(language: Language) -> Vec<Named> {
    vec![
        ("sign", renewal(language, Page::Sign(Sign { signed: false }))),
        ("sign-signed", renewal(language, Page::Sign(Sign { signed: true }))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("sign", ["请在这里签名", "Please sign here"],
        [&["重写", "返回", "请先签名"], &["Write it again", "Back", "Please sign first"]]),
    ("sign-signed", ["请在这里签名", "Please sign here"],
        [&["重写", "返回", "提交"], &["Write it again", "Back", "Submit"]]),
];
