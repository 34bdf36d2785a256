//! GA 461's rectangle around a face, and the file that is made of it.

use super::Face;
use crate::{Frame, Jpeg, JpegError};

/// Width of the portrait in pixels: 26 mm at 350 dpi (GA 461).
pub const WIDTH: u32 = 358;
/// Height of the portrait in pixels: 32 mm at 350 dpi (GA 461).
pub const HEIGHT: u32 = 441;
/// GA 461.
const DPI: u16 = 350;
/// Width of the face in the portrait's pixels; GA 461 allows 14 more or less.
pub(super) const FACE_WIDTH: f32 = 207.0;
/// Widths to try, the standard's own first; half its tolerance is kept for the error of measuring.
const FACE_WIDTHS: [f32; 5] = [FACE_WIDTH, 211.0, 203.0, 214.0, 200.0];
/// From the top edge to the crown in the portrait's pixels (GA 461: 7 to 21), the middle first choice.
const CROWN: (f32, f32, f32) = (7.0, 14.0, 21.0);
/// Least height of the eyes above the bottom edge (GA 461); wins over the crown.
const EYES: f32 = 207.0;
/// How far the face's middle may be off the portrait's, in its pixels (GA 461 says centred; 2 % is not seen).
const OFF_CENTRE: f32 = 7.0;
/// Most pixels of the portrait made of one of the frame, along a side (ours: with more a face looks soft).
const MOST_ENLARGED: f32 = 1.6;
/// Bytes of the file (GA 461).
const BYTES: std::ops::RangeInclusive<usize> = 14 * 1024..=20 * 1024;
/// First choice of quality (GA 461), then how far it may go to reach [`BYTES`].
const QUALITY: u8 = 70;
const LEAST_QUALITY: u8 = 30;
const MOST_QUALITY: u8 = 98;

/// Why a face gives no portrait.
#[derive(Debug, thiserror::Error)]
pub enum CropError {
    /// The rectangle around the head reaches out of the frame; nothing is filled in.
    #[error("the head with its margins does not lie inside the frame")]
    OutsideFrame,
    /// The face would have to be enlarged too much.
    #[error("the face has too few pixels for a portrait")]
    TooFewPixels,
    /// The encoder refused.
    #[error("the portrait cannot be written")]
    Encode(#[source] JpegError),
}

/// Cuts the portrait out of the frame that `face` was found in: 358×441 px, 350 dpi, RGB, 14–20 KB where the picture
/// allows it.
///
/// # Errors
/// [`CropError`] when the frame does not contain the whole portrait at a sufficient size.
pub fn crop(frame: &Frame, face: &Face) -> Result<Jpeg, CropError> {
    let place = place(frame, face).map_err(|misfit| match misfit {
        Misfit::Larger | Misfit::Outside => CropError::OutsideFrame,
        Misfit::TooFewPixels => CropError::TooFewPixels,
    })?;
    let portrait =
        frame.cut_exact(place.left, place.top, (place.width, place.height), (WIDTH, HEIGHT)).into_rgb();
    let encode = |quality| Jpeg::encode(&portrait, quality, DPI).map_err(CropError::Encode);
    let first = encode(QUALITY)?;
    if BYTES.contains(&first.bytes().len()) {
        return Ok(first);
    }
    // The size grows with the quality: halve the range that is left until the file fits.
    let (mut low, mut high) = if first.bytes().len() > *BYTES.end() {
        (LEAST_QUALITY, QUALITY - 1)
    } else {
        (QUALITY + 1, MOST_QUALITY)
    };
    let mut best = first;
    while low <= high {
        let quality = low.midpoint(high);
        best = encode(quality)?;
        if best.bytes().len() > *BYTES.end() {
            high = quality - 1;
        } else if best.bytes().len() < *BYTES.start() {
            low = quality + 1;
        } else {
            break;
        }
    }
    Ok(best)
}

/// The rectangle in the frame that becomes the portrait.
pub(super) struct Place {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// Why there is no such rectangle.
pub(super) enum Misfit {
    Larger,
    Outside,
    TooFewPixels,
}

/// Finds the rectangle that satisfies GA 461 and lies inside the frame.
pub(super) fn place(frame: &Frame, face: &Face) -> Result<Place, Misfit> {
    let (wide, high) = (frame.width() as f32, frame.height() as f32);
    if face.width * MOST_ENLARGED < FACE_WIDTH {
        return Err(Misfit::TooFewPixels);
    }
    let mut misfit = Misfit::Larger;
    for width in FACE_WIDTHS {
        // Pixels of the frame for one of the portrait.
        let scale = face.width / width;
        let size = (WIDTH as f32 * scale, HEIGHT as f32 * scale);
        if size.0 > wide || size.1 > high {
            continue;
        }
        misfit = Misfit::Outside;
        let (least, wish, most) = CROWN;
        let eyes = face.eye_row() - (HEIGHT as f32 - EYES) * scale;
        let top = eyes.max(face.crown - wish * scale);
        let lowest = (face.crown - least * scale).max(eyes);
        let highest = (face.crown - most * scale).max(eyes);
        let left = face.middle - size.0 / 2.0;
        let slack = OFF_CENTRE * scale;
        let fit = |wish: f32, least: f32, most: f32, end: f32| {
            let (least, most) = (least.max(0.0), most.min(end));
            // Half a pixel is lost to rounding anyway.
            (least <= most + 0.5).then(|| wish.clamp(least.min(most), most))
        };
        let left = fit(left, left - slack, left + slack, wide - size.0);
        let top = fit(top, highest, lowest, high - size.1);
        if let (Some(left), Some(top)) = (left, top) {
            let pixels = |length: f32, start: f32, end: u32| {
                (length.round() as u32).min(end.saturating_sub(start as u32)).max(1)
            };
            let (left, top) = (left.round().max(0.0), top.round().max(0.0));
            return Ok(Place {
                left: left as u32,
                top: top as u32,
                width: pixels(size.0, left, frame.width()),
                height: pixels(size.1, top, frame.height()),
            });
        }
    }
    Err(misfit)
}
