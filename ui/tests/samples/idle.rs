//! The warning that covers a page.

use matters::Language;
use session::view::{IdleWarning, Page, View};

use super::{Found, Named, question, view};

pub fn views(language: Language) -> Vec<Named> {
    let page = view(language, Page::Question(question(language, Some(1))));
    vec![("idle", View { idle: Some(IdleWarning { seconds_left: 17 }), ..page })]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("idle", ["您还在办理吗？", "Are you still there?"], [&["继续办理"], &["Continue my request"]]),
];
