//! Where the faces are: SeetaFace's frontal cascade, run by the crate `rustface`.

use std::sync::OnceLock;

use rustface::{ImageData, Model, create_detector_with_model, read_model};
use zeroize::Zeroizing;

use crate::{Frame, frame::Area, frame::Plane};

/// The model (BSD-2-Clause, see `model/LICENSE`): 1.2 MB inside the program, so that no file can be missing.
const MODEL: &[u8] = include_bytes!("../../model/seeta_fd_frontal_v1.0.bin");
/// The shorter side that is searched. The cascade's window of 40 px then is a face of 0.19 of it, whose portrait would
/// take a third of the frame: nobody stands further away from a kiosk. Measured on the faces of the tests: with 180
/// the squares jump by up to a tenth of their size, with 240 the search takes half as long again and finds no more.
const SEARCH_SIDE: u32 = 212;
/// The largest face in shares of the shorter side: from 0.6 on its portrait no longer fits into the frame.
const LARGEST: f32 = 0.8;
/// The cascade's window; a smaller picture cannot be searched.
const WINDOW: u32 = 40;
/// Score from which a window is a face: the value of SeetaFace's own demonstration.
const LEAST_SCORE: f64 = 2.0;
/// Grey, so that the guard border has no edge of its own against most pictures.
const GUARD_VALUE: u8 = 128;

/// The faces in a frame as squares in its pixels, widest first.
pub(super) fn faces(frame: &Frame) -> Vec<Area> {
    let short = frame.width().min(frame.height());
    let factor = (short as f32 / SEARCH_SIDE as f32).max(1.0);
    let plane = frame.to_gray().reduced(factor).luma();
    let mut faces: Vec<Area> = search(&plane)
        .into_iter()
        .map(|face| Area {
            left: face.left * factor,
            top: face.top * factor,
            width: face.width * factor,
            height: face.height * factor,
        })
        .collect();
    faces.sort_by(|one, other| other.width.total_cmp(&one.width));
    faces
}

fn search(plane: &Plane) -> Vec<Area> {
    let (Ok(width), Ok(height)) = (u32::try_from(plane.width), u32::try_from(plane.height)) else {
        return Vec::new();
    };
    let largest = (width.min(height) as f32 * LARGEST) as u32;
    let Some(model) = model() else { return Vec::new() };
    if largest < WINDOW {
        return Vec::new();
    }
    // rustface moves a window by up to its own size after each stage and copies its pixels without a bounds check
    // on the right and at the bottom. Twice the largest window of empty border keeps every such copy inside.
    let guard = 2 * largest;
    let (wide, high) = (width + guard, height + guard);
    let mut canvas = Zeroizing::new(vec![GUARD_VALUE; wide as usize * high as usize]);
    for (to, from) in canvas.chunks_exact_mut(wide as usize).zip(plane.rows()) {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
    let mut detector = create_detector_with_model(model.clone());
    detector.set_max_face_size(largest);
    detector.set_score_thresh(LEAST_SCORE);
    let found = detector.detect(&ImageData::new(&canvas, wide, high));
    let area = |face: &rustface::Rectangle| Area {
        left: face.x() as f32,
        top: face.y() as f32,
        width: face.width() as f32,
        height: face.height() as f32,
    };
    found.iter().map(|face| area(face.bbox())).collect()
}

/// Read once; a test proves that the file inside the program is a model.
fn model() -> Option<&'static Model> {
    static READ: OnceLock<Option<Model>> = OnceLock::new();
    READ.get_or_init(|| read_model(MODEL).ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_inside_the_program_can_be_read() {
        assert!(model().is_some());
    }
}
