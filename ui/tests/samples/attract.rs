//! Nobody is here.

use matters::Language;
use session::view::Page;

use super::{Found, Named, view};

pub fn views(language: Language) -> Vec<Named> {
    vec![("attract", view(language, Page::Attract))]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("attract", ["自助办理，从这里开始", "Apply here yourself"], [&["大字", "高对比", "开始办理"], &["Large text", "High contrast", "Begin"]]),
];
