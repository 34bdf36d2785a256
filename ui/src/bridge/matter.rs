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
    let wanted = paragraphs
        .iter()
        .map(|(heading, text)| Paragraph { heading: heading.as_str().into(), text: text.as_str().into() })
        .collect();
    rows(&model.get_paragraphs(), wanted, out, |rows| model.set_paragraphs(rows));
}

/// A tile's title of more half ems than this would need a third line.
const TITLE: u32 = 20;

fn half_ems(text: &str) -> u32 {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}
