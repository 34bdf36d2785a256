//! Exposure and sharpness of the face.

use super::{Face, Reason, crop::FACE_WIDTH};
use crate::{Frame, frame::Area, sharpness::smear};

/// The face's lighter parts: this share of its pixels is darker than them.
const LIGHTER_PARTS: f32 = 0.9;
/// Darkest value of the lighter parts. Not the mean: that would refuse dark skin that is well lit. Measured 123–213 on
/// five faces of light and dark skin.
const DARKEST: u8 = 90;
/// Values from here on carry no detail.
const BURNT: u8 = 250;
/// The share of burnt pixels that glasses and a moist forehead may have (guess).
const MOST_BURNT: f32 = 0.05;
/// Differences that a camera makes by itself (σ ≈ 3 of 255; guess for cheap ones).
const NOISE: i32 = 12;
/// Most smear in pixels of the portrait. Measured on five faces: sharp 0.5–1.1, blurred with σ = 2 px 2.0–2.8.
const MOST_SMEAR: f32 = 2.0;

/// Judges a face's light and measures its smear.
pub(super) fn look(frame: &Frame, face: &mut Face, reasons: &mut Vec<Reason>) {
    // Brows to mouth, cheek to cheek: no hair, no background.
    let area = Area {
        left: face.middle - 0.4 * face.width,
        top: face.eye_row() - 0.25 * face.width,
        width: 0.8 * face.width,
        height: face.width,
    };
    let Some((plane, _)) = frame.cut_luma(area, face.width / FACE_WIDTH) else { return };
    let mut values = plane.data.clone();
    values.sort_unstable();
    let share = |part: f32| (values.len() as f32 * part) as usize;
    if values.get(share(LIGHTER_PARTS)).is_some_and(|&value| value < DARKEST) {
        reasons.push(Reason::TooDark);
    }
    if values.get(share(1.0 - MOST_BURNT)).is_some_and(|&value| value >= BURNT) {
        reasons.push(Reason::TooBright);
    }
    face.smear = smear(&plane, NOISE).unwrap_or(f32::INFINITY);
    if face.smear > MOST_SMEAR {
        reasons.push(Reason::Blurred);
    }
}
