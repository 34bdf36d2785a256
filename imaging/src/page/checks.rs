//! Is anything on the page, and can it be read?

use crate::{Frame, frame::Area, sharpness::smear};

/// Edges of the paper, punched holes and shadows lie in this share at each side.
const MARGIN: f32 = 0.03;
/// Old pixels a new one while looking for ink: single specks of dust vanish.
const STEP: f32 = 2.0;
/// A mark differs from the paper by more than this (guess: print shows through thin paper with 20–40).
const MARK: u8 = 45;
/// Share of the page that marks cover at least: 6 mm² on A4, a short signature has 20 (computed).
const LEAST_MARKED: f32 = 0.0001;
/// Most smear in pixels. Measured on drawn 10-point text at 200 dpi: sharp 0.5–0.7, just readable 2.
const MOST_SMEAR: f32 = 1.8;

/// Whether nothing is on a page that was cropped before.
pub fn is_blank(page: &Frame) -> bool {
    let (width, height) = (page.width() as f32, page.height() as f32);
    let area = Area {
        left: MARGIN * width,
        top: MARGIN * height,
        width: (1.0 - 2.0 * MARGIN) * width,
        height: (1.0 - 2.0 * MARGIN) * height,
    };
    let Some((plane, _)) = page.cut_luma(area, STEP) else { return true };
    let mut values = plane.data.clone();
    values.sort_unstable();
    let paper = values.get(values.len() / 2).copied().unwrap_or(255);
    let marks = values.iter().filter(|value| value.abs_diff(paper) > MARK).count();
    (marks as f32) < LEAST_MARKED * values.len() as f32
}

/// Whether a page's characters are smeared beyond reading. A page without edges is not called blurred.
pub fn is_blurred(page: &Frame) -> bool {
    smear(&page.luma()).is_some_and(|smear| smear > MOST_SMEAR)
}
