//! Lists, pictures and lines of text as the toolkit holds them.

use session::view::Shot;
use slint::{ComponentHandle, Image, Model, ModelExt, ModelRc, SharedPixelBuffer, VecModel, Weak};

use super::Writes;
use crate::generated::{App, Lines, Sheets};
use crate::{balance, sheets};

/// Answers what every page asks while it is laid out.
pub(super) fn connect(app: &App) {
    let lines = app.global::<Lines>();
    lines.on_balanced(|text, room, bold| balance::balanced(&text, room, bold).into());
    lines.on_count(|text, room, bold| balance::count(&text, room, bold));
    app.global::<Sheets>().on_begins(|heights, gap, first, others| {
        let heights: Vec<f32> = heights.iter().collect();
        ModelRc::new(VecModel::from(sheets::begins(&heights, gap, first, others)))
    });
}

/// Where each sheet of these parts begins; asked again when one of them changes.
pub(super) fn even_sheets<T>(
    app: &Weak<App>,
    parts: &ModelRc<T>,
    height: impl Fn(&App, T) -> f32,
    gap: f32,
    first: f32,
    others: f32,
) -> ModelRc<i32> {
    let Some(app) = app.upgrade() else { return ModelRc::default() };
    parts.model_tracker().track_row_count_changes();
    let parts = (0..parts.row_count()).filter_map(|at| parts.row_data_tracked(at));
    let heights: Vec<f32> = parts.map(|part| height(&app, part)).collect();
    ModelRc::new(VecModel::from(sheets::evenly(&heights, gap, first, others)))
}

/// Makes a model hold these rows, touching only those that differ: a control keeps its focus while its row changes.
pub(super) fn rows<T: Clone + PartialEq + 'static>(
    model: &ModelRc<T>,
    wanted: Vec<T>,
    writes: &mut Writes,
    replace: impl FnOnce(ModelRc<T>),
) {
    let Some(held) = model.as_any().downcast_ref::<VecModel<T>>() else {
        if !wanted.is_empty() {
            writes.0 += 1;
            replace(ModelRc::new(VecModel::from(wanted)));
        }
        return;
    };
    while held.row_count() > wanted.len() {
        held.remove(held.row_count() - 1);
        writes.0 += 1;
    }
    for (at, row) in wanted.into_iter().enumerate() {
        match held.row_data(at) {
            Some(same) if same == row => {}
            Some(_) => {
                held.set_row_data(at, row);
                writes.0 += 1;
            }
            None => {
                held.push(row);
                writes.0 += 1;
            }
        }
    }
}

/// Makes a model hold pictures of these shots. Pixels are copied only for a shot that is new, and go when it goes.
pub(super) fn pictures(
    model: &ModelRc<Image>,
    now: &[Shot],
    before: &[Shot],
    writes: &mut Writes,
    replace: impl FnOnce(ModelRc<Image>),
) {
    if now != before {
        writes.0 += 1;
        let held = now.iter().enumerate().map(|(at, shot)| {
            let same = before.get(at).filter(|old| *old == shot).and_then(|_| model.row_data(at));
            same.unwrap_or_else(|| picture(shot))
        });
        replace(ModelRc::new(VecModel::from(held.collect::<Vec<_>>())));
    }
}

/// A shot as the toolkit draws it; empty when its size does not fit its pixels.
pub(super) fn picture(shot: &Shot) -> Image {
    rgb(shot.0.width, shot.0.height, &shot.0.rgb)
}

/// Pixels as the toolkit draws them; empty when their size does not fit.
pub(crate) fn rgb(width: u32, height: u32, rgb: &[u8]) -> Image {
    if u64::from(width) * u64::from(height) * 3 != rgb.len() as u64 || rgb.is_empty() {
        return Image::default();
    }
    Image::from_rgb8(SharedPixelBuffer::clone_from_slice(rgb, width, height))
}
