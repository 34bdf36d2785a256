//! The choice of matters and a matter's notice.

use matters::Language;
use session::view::{Notice, Tile};
use slint::ComponentHandle;

use super::{Writes, int, put, rows};
use crate::generated::{App, HomeModel, NoticeModel, Paragraph, TileRow};
use crate::{format, wording};

pub(super) fn home(app: &App, tiles: &[Tile], language: Language, out: &mut Writes) {
    let model = app.global::<HomeModel>();
    put! { out, model, get_wordy set_wordy tiles.iter().any(|tile| half_ems(&tile.title) > TITLE); }
    let wanted = tiles.iter().map(|tile| tile_row(tile, language)).collect();
    rows(&model.get_tiles(), wanted, out, |rows| model.set_tiles(rows));
}

fn tile_row(tile: &Tile, language: Language) -> TileRow {
    TileRow {
        id: tile.matter.as_str().into(),
        icon: tile.icon.as_str().into(),
        title: tile.title.as_str().into(),
        summary: tile.summary.as_str().into(),
        bring: tile.bring.as_str().into(),
        minutes: int(tile.minutes),
        fee_yuan: int(tile.fee_yuan),
        reason: tile.unavailable.map_or("", |fault| wording::citizen(fault, language).title).into(),
    }
}

pub(super) fn notice(app: &App, notice: Option<&Notice>, language: Language, out: &mut Writes) {
    let model = app.global::<NoticeModel>();
    put! { out, model,
        get_summary set_summary
            notice.map_or("", |notice| &notice.summary).into();
        get_bring set_bring notice.map_or("", |notice| &notice.bring).into();
        get_minutes set_minutes notice.map_or(0, |notice| int(notice.minutes));
        get_fee_yuan set_fee_yuan notice.map_or(0, |notice| int(notice.fee_yuan));
        get_deadline set_deadline
            notice.map_or_else(String::new, |notice| format::day(notice.deadline, language)).into();
    }
    let paragraphs = notice.map_or(&[][..], |notice| &notice.paragraphs);
    put! { out, model,
        get_dense set_dense dense(paragraphs);
        get_brief set_brief brief(paragraphs);
        get_paired set_paired paired(paragraphs);
    }
    let wanted = paragraphs
        .iter()
        .map(|(heading, text)| Paragraph { heading: heading.as_str().into(), text: text.as_str().into() })
        .collect();
    rows(&model.get_paragraphs(), wanted, out, |rows| model.set_paragraphs(rows));
}

/// A tile's title of more half ems than this would need a third line.
const TITLE: u32 = 20;

/// Whether a privacy notice needs the smaller type. The page holds 13 lines of 26 em at the usual size.
fn dense(paragraphs: &[(String, String)]) -> bool {
    paragraphs.iter().map(|paragraph| lines(paragraph, 52)).sum::<u32>() > 13
}

/// Whether it all stands on a narrow page of large text, which holds 14 lines of 17 em.
fn brief(paragraphs: &[(String, String)]) -> bool {
    paragraphs.iter().map(|paragraph| lines(paragraph, 34)).sum::<u32>() <= 14
}

/// Whether any two paragraphs stand on a wide page of large text, which holds 8 lines of 20 em.
fn paired(paragraphs: &[(String, String)]) -> bool {
    paragraphs.iter().all(|paragraph| lines(paragraph, 40) <= 4)
}

/// The lines of a heading and its text when so many half ems stand on one.
fn lines((heading, text): &(String, String), on_one: u32) -> u32 {
    half_ems(heading).div_ceil(on_one).max(1) + half_ems(text).div_ceil(on_one).max(1)
}

fn half_ems(text: &str) -> u32 {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_notice_is_dense() {
        let paragraph = ("您的权利".to_owned(), "您可以随时退出，退出前填写的内容不会保留。".repeat(2));
        assert!(!dense(&vec![paragraph.clone(); 4]));
        assert!(dense(&vec![paragraph; 5]));
        assert!(!dense(&[]));
    }

    #[test]
    fn only_short_paragraphs_share_a_page_of_large_text() {
        let short = ("您的权利".to_owned(), "您可以随时退出，退出前填写的内容不会保留。".to_owned());
        let long = (short.0.clone(), short.1.repeat(6));
        assert!(brief(&vec![short.clone(); 3]) && paired(&vec![short.clone(); 3]));
        assert!(!brief(&vec![long.clone(); 2]) && !paired(&[short, long]));
    }
}
