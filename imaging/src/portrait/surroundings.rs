//! What is behind the head, and where the head ends against it.

use std::ops::{Range, RangeInclusive};

use super::{Face, Reason};
use crate::{
    Frame,
    frame::{Area, Cut},
};

/// From the eyes up to the crown in widths of the face: 112 / 138 mm (ANSUR II); measured 0.69 with short hair, 0.88
/// with full hair.
const EYES_TO_CROWN: f32 = 0.82;
/// A seen crown nearer to the eyes or further from them than this is no crown (white hair, a high hat).
const CROWN_RANGE: RangeInclusive<f32> = 0.58..=1.45;
/// Pixels to a face's width while looking around: a few thousand in all, finer than GA 461's tolerance of 7 in 207.
const PIXELS: f32 = 69.0;
/// Where the background is measured, in face widths from the head's middle and from the crown or the eyes: full hair
/// reaches 0.84 to the sides at the ears, but not at the height of the crown. The portrait's own edge is at 0.86.
const CORNERS: Range<f32> = 0.70..0.95;
const CORNERS_DOWN: Range<f32> = -0.10..0.25;
const EDGES: Range<f32> = 0.86..0.95;
/// The edges end above the eyes: lower down there are shoulders.
const ABOVE_EYES: f32 = 0.1;
/// A pixel belongs to the background when no channel is further from the median (uneven light: guess, of 255).
const LIKE: u8 = 32;
/// This share of it must be like the median (ours: some hair is allowed, a door frame is not).
const PLAIN: f32 = 0.85;
/// White in hall light: the darkest channel of the median (guess, to be tuned where a screen hangs) …
const WHITE: u8 = 140;
/// … and the most it may differ between channels (guess: warm lamps give 20–30).
const COLOURED: u8 = 40;
/// The head's middle, in face widths to both sides, is searched for the crown.
const CROWN_COLUMNS: f32 = 0.2;
/// A row is background when this share of those columns is.
const CROWN_ROW: f32 = 0.8;

/// The crown of an average head with hair.
pub(super) fn estimated_crown(face: &Face) -> f32 {
    face.eye_row() - EYES_TO_CROWN * face.width
}

/// Judges the background and, where that is plain, measures the crown against it.
pub(super) fn look(frame: &Frame, face: &mut Face, reasons: &mut Vec<Reason>) {
    let area = Area {
        left: face.middle - EDGES.end * face.width,
        top: face.eye_row() - (CROWN_RANGE.end() + 0.1) * face.width,
        width: 2.0 * EDGES.end * face.width,
        height: (CROWN_RANGE.end() + 0.1) * face.width,
    };
    let Some(cut) = frame.cut(area, face.width / PIXELS) else {
        reasons.push(Reason::BackgroundNotPlain);
        return;
    };
    let scene = Scene { cut, face: *face };
    let Some(colour) = scene.background() else {
        reasons.push(Reason::BackgroundNotPlain);
        return;
    };
    let (darkest, lightest) = (colour.iter().min().copied(), colour.iter().max().copied());
    let (darkest, lightest) = (darkest.unwrap_or(0), lightest.unwrap_or(0));
    if darkest < WHITE || lightest - darkest > COLOURED {
        reasons.push(Reason::BackgroundNotWhite);
    }
    if let Some(crown) = scene.crown(&colour) {
        face.crown = crown;
        face.crown_seen = true;
    }
}

struct Scene {
    cut: Cut,
    face: Face,
}

impl Scene {
    /// Each pixel with its distance from the face's middle in face widths and its row in the frame.
    fn rows(&self) -> impl DoubleEndedIterator<Item = (f32, impl Iterator<Item = (f32, &[u8])>)> {
        let Cut { frame, left, top, scale } = &self.cut;
        let channels = frame.channels();
        let stride = frame.width() as usize * channels;
        frame.pixels().chunks_exact(stride.max(1)).enumerate().map(move |(y, row)| {
            let pixels = row.chunks_exact(channels).enumerate().map(move |(x, pixel)| {
                let x = left + (x as f32 + 0.5) * scale;
                ((x - self.face.middle) / self.face.width, pixel)
            });
            (top + (y as f32 + 0.5) * scale, pixels)
        })
    }

    /// The median colour around the head; `None` when too much there differs from it, or nothing is in the frame.
    fn background(&self) -> Option<Vec<u8>> {
        let width = self.face.width;
        let lowest = self.face.eye_row() - ABOVE_EYES * width;
        let mut samples = Vec::new();
        for (row, pixels) in self.rows() {
            let below_crown = (row - self.face.crown) / width;
            let beside = if CORNERS_DOWN.contains(&below_crown) {
                CORNERS
            } else if below_crown > 0.0 && row < lowest {
                EDGES
            } else {
                continue;
            };
            samples.extend(pixels.filter(|(x, _)| beside.contains(&x.abs())).map(|(_, pixel)| pixel));
        }
        let median = |channel: usize| {
            let mut values: Vec<u8> =
                samples.iter().filter_map(|pixel| pixel.get(channel).copied()).collect();
            values.sort_unstable();
            values.get(values.len() / 2).copied()
        };
        let colour: Vec<u8> = (0..self.cut.frame.channels()).map_while(median).collect();
        let alike = samples.iter().filter(|pixel| like(pixel, &colour)).count();
        let plain = !samples.is_empty() && alike as f32 >= PLAIN * samples.len() as f32;
        plain.then_some(colour)
    }

    /// From the forehead up to the first row that is background; `None` when the frame ends before.
    fn crown(&self, colour: &[u8]) -> Option<f32> {
        let (eyes, width) = (self.face.eye_row(), self.face.width);
        for (row, pixels) in self.rows().rev() {
            let up = (eyes - row) / width;
            if up < *CROWN_RANGE.start() {
                continue;
            }
            let (mut all, mut background) = (0.0_f32, 0.0_f32);
            for (_, pixel) in pixels.filter(|(x, _)| x.abs() <= CROWN_COLUMNS) {
                all += 1.0;
                background += f32::from(u8::from(like(pixel, colour)));
            }
            if all > 0.0 && background >= CROWN_ROW * all {
                // Background in the very first row: the head is lighter than it should be, so not seen.
                let seen = up - self.cut.scale / width > *CROWN_RANGE.start();
                return (seen && CROWN_RANGE.contains(&up)).then_some(row + self.cut.scale / 2.0);
            }
        }
        None
    }
}

fn like(pixel: &[u8], colour: &[u8]) -> bool {
    pixel.iter().zip(colour).all(|(one, other)| one.abs_diff(*other) <= LIKE)
}
