//! The choice of matters.

use matters::Language;
use session::Action;
use session::view::Tile;
use slint::SharedString;

use super::actions::Act;
use super::rows::rows;
use super::{PageModel, Turn, Writes, int, put};
use crate::generated::{App, HomeModel, TileRow};
use crate::{format, wording};

/// A tile's title of more half ems than this would need a third line.
const TITLE: usize = 20;

impl PageModel for HomeModel<'_> {
    type Content = Vec<Tile>;

    fn connect(&self, _app: &App, act: &Act) {
        self.on_choose(act.with(|matter: SharedString| Action::ChooseMatter(matter.into())));
    }

    fn write(&self, turn: Turn<'_, Vec<Tile>>, out: &mut Writes) {
        let tiles = turn.now;
        put! { out, self, tiles =>
            get_wordy set_wordy tiles.iter().any(|tile| format::half_ems(&tile.title) > TITLE);
        }
        let wanted = tiles.into_iter().flatten().map(|tile| row(tile, turn.language)).collect();
        rows(&self.get_tiles(), wanted, out, |rows| self.set_tiles(rows));
    }
}

fn row(tile: &Tile, language: Language) -> TileRow {
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
