//! The embedded faces are the ones that draw: bold is bold, and a rare character comes from an installed font.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod stage;

use matters::Language;
use session::view::{Page, Personal};
use stage::{Stage, samples};

/// How many dark pixels the name on the confirm page has.
fn ink_of_name(stage: &Stage, name: &str) -> Vec<bool> {
    let (_, mut view) = samples::all(Language::ZhHans).into_iter().find(|(n, _)| *n == "confirm").unwrap();
    if let Page::Confirm(confirm) = &mut view.page {
        confirm.name = Personal::new(name);
    }
    stage.show(view);
    let picture = stage.picture();
    let width = picture.width() as usize;
    let mut ink = Vec::new();
    for y in 470..590 {
        for x in 390..520 {
            ink.push(picture.as_slice()[y * width + x].r < 0x80);
        }
    }
    ink
}

#[test]
fn a_rare_character_of_a_name_is_drawn() {
    let stage = Stage::new();
    // No font has a character here, so this is what a missing one looks like.
    let missing = ink_of_name(&stage, "\u{10fffd}");
    for rare in ["㛃", "𬭚"] {
        let drawn = ink_of_name(&stage, rare);
        assert!(drawn.iter().filter(|dark| **dark).count() > 300, "{rare} leaves no ink");
        assert_ne!(drawn, missing, "{rare} is drawn as missing: is fonts-noto-cjk installed?");
    }
}
