//! Being saved.

use matters::Language;
use session::view::Page;

use super::{Found, Named, view};

pub fn views(language: Language) -> Vec<Named> {
    vec![("submitting", view(language, Page::Submitting))]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("submitting", ["正在保存您的申请", "Your request is being saved"], [&["正在提交…"], &["Submitting"]]),
];
