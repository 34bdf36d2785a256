//! Everything is wiped.

use matters::Language;
use session::view::{Page, Wipe};

use super::{Found, Named, view};

pub fn views(language: Language) -> Vec<Named> {
    let wipe = |card_present, alarm| view(language, Page::Wipe(Wipe { card_present, alarm }));
    vec![("wipe", wipe(false, false)), ("wipe-card", wipe(true, false)), ("wipe-alarm", wipe(true, true))]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("wipe", ["您的信息已从本机清除", "Your details are erased from this machine"], [&[], &[]]),
    ("wipe-alarm", ["您的身份证还在这里！", "Your card is still here!"], [&[], &[]]),
];
