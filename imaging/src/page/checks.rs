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
/// Differences up to this are paper and sensor, or a smear so wide that nothing can be read.
const NOISE: i32 = 30;
/// Most smear in pixels. Measured on 10-point text at 200 dpi: sharp 0.5, blurred with σ = 2 px 1.5 (Chinese text can
/// just be read), with σ = 2.5 px 2.0.
const MOST_SMEAR: f32 = 1.6;

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

/// Whether a page's characters are smeared beyond reading; a blank page is not blurred.
pub fn is_blurred(page: &Frame) -> bool {
    !is_blank(page) && smear(&page.luma(), NOISE).is_none_or(|smear| smear > MOST_SMEAR)
}
