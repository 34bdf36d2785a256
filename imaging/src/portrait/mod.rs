//! A citizen's portrait: is there one good face in the frame, and where is GA 461's rectangle around it?
//!
//! [`judge`] looks at a frame and answers with the face or with every reason against it; [`crop()`] cuts the portrait
//! out of the very frame that was judged; [`draw_outline`] draws the guide into a preview. Nothing here changes a
//! face, fills in a background or invents a pixel: a frame that does not contain the portrait is refused.

mod crop;
mod detect;
mod eyes;
mod light;
mod outline;
mod surroundings;

pub use crop::{CropError, HEIGHT, WIDTH, crop};
pub use outline::{draw_outline, draw_outline_on};

use std::ops::RangeInclusive;

use crate::{Frame, frame::Area};
use crop::Misfit;

/// A place in a frame, in its pixels from the top left corner.
#[derive(Clone, Copy)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// Where the face is in the frame that was judged. Lengths are in that frame's pixels.
#[derive(Clone, Copy)]
pub struct Face {
    /// The pupil on the left side of the picture (the person's right eye).
    pub left_eye: Point,
    /// The pupil on the right side of the picture.
    pub right_eye: Point,
    /// The face's middle from left to right.
    pub middle: f32,
    /// Width of the face between the cheekbones.
    pub width: f32,
    /// The row of the top of the head, hair included; above the frame when negative.
    pub crown: f32,
    /// Whether the crown was seen against a plain background; otherwise it is estimated from the face.
    pub crown_seen: bool,
    /// How much the edges are smeared, in pixels of the portrait; of several good frames the least is the best.
    /// Infinite when nothing could be measured.
    pub smear: f32,
}

/// Why a frame gives no portrait. The order is the order of advice: the first one is worth saying first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No face looks into the camera.
    NoFace,
    /// A second person is in the frame.
    SeveralFaces,
    /// The face has too few pixels.
    TooFar,
    /// The head with its margins is larger than the frame.
    TooClose,
    /// The head with its margins does not lie inside the frame.
    NotCentred,
    /// The eyes are covered or in shadow. (Closed eyes are not told from open ones, nor a slightly turned head.)
    EyesNotSeen,
    /// The line through the eyes leans.
    HeadTilted,
    /// Even the lightest parts of the face are dark.
    TooDark,
    /// Parts of the face are burnt out.
    TooBright,
    /// The person moved or the lens is out of focus.
    Blurred,
    /// Something stands behind the head.
    BackgroundNotPlain,
    /// The background is plain but not white.
    BackgroundNotWhite,
}

/// What [`judge`] says.
pub enum Verdict {
    /// [`crop()`] will make a portrait of it.
    Good(Face),
    /// At least one reason against it, most important first. The face is there when exactly one was found: whether
    /// a background alone is worth another try is the caller's rule, and [`crop()`] takes it where it fits.
    Rejected {
        /// Never empty, in the order of [`Reason`].
        reasons: Vec<Reason>,
        /// The one face that was found.
        face: Option<Face>,
    },
}

/// A second face counts from this share of the first one's width: smaller ones are people far behind (ours).
const SECOND_FACE: f32 = 0.4;
/// Largest lean of the eyes' line in degrees: ±8° of roll (ICAO, Portrait Quality, 2018, after ISO/IEC 39794-5).
const MOST_ROLL: f32 = 8.0;
/// Distance of the pupils in face squares: 0.33–0.46 measured; with more or less, something else was found.
const EYES_APART: RangeInclusive<f32> = 0.30..=0.50;
/// Width between the cheekbones in face squares (0.79–0.88 measured, mean 0.83) …
const WIDTH_PER_SQUARE: f32 = 0.83;
/// … and in distances of the pupils: 140.5 / 64.0 mm for men, 131 / 61.7 mm for women (ANSUR II).
const WIDTH_PER_EYES: f32 = 2.16;
/// Where the eyes are in a face square when they were not seen, from its top.
const EYES_DOWN: f32 = 0.38;

/// Looks for one good face. The frame stays as it is.
pub fn judge(frame: &Frame) -> Verdict {
    let squares = detect::faces(frame);
    let mut squares = squares.iter();
    let Some(&square) = squares.next() else {
        return Verdict::Rejected { reasons: vec![Reason::NoFace], face: None };
    };
    if squares.any(|other| other.width >= SECOND_FACE * square.width) {
        return Verdict::Rejected { reasons: vec![Reason::SeveralFaces], face: None };
    }
    let mut reasons = Vec::new();
    let mut face = measure(frame, square, &mut reasons);
    surroundings::look(frame, &mut face, &mut reasons);
    light::look(frame, &mut face, &mut reasons);
    match crop::place(frame, &face) {
        Ok(_) => {}
        Err(Misfit::Larger) => reasons.push(Reason::TooClose),
        Err(Misfit::Outside) => reasons.push(Reason::NotCentred),
        Err(Misfit::TooFewPixels) => reasons.push(Reason::TooFar),
    }
    if reasons.is_empty() {
        return Verdict::Good(face);
    }
    reasons.sort_unstable();
    Verdict::Rejected { reasons, face: Some(face) }
}

/// Eyes and width; the crown only as an estimate.
fn measure(frame: &Frame, square: Area, reasons: &mut Vec<Reason>) -> Face {
    let middle = square.left + square.width / 2.0;
    let row = square.top + EYES_DOWN * square.height;
    let mut face = Face {
        left_eye: Point { x: middle - 0.19 * square.width, y: row },
        right_eye: Point { x: middle + 0.19 * square.width, y: row },
        middle,
        width: WIDTH_PER_SQUARE * square.width,
        crown: 0.0,
        crown_seen: false,
        smear: f32::INFINITY,
    };
    let seen = eyes::find(frame, square).map(|eyes| {
        let apart = (eyes.right.x - eyes.left.x).hypot(eyes.right.y - eyes.left.y);
        (eyes, apart)
    });
    match seen {
        Some((eyes, apart)) if EYES_APART.contains(&(apart / square.width)) => {
            face.left_eye = eyes.left;
            face.right_eye = eyes.right;
            // Square and eyes err independently; their mean errs less than either.
            face.middle = (middle + (eyes.left.x + eyes.right.x) / 2.0) / 2.0;
            face.width = (face.width + WIDTH_PER_EYES * apart) / 2.0;
            let roll = (eyes.right.y - eyes.left.y).atan2(eyes.right.x - eyes.left.x).to_degrees();
            if roll.abs() > MOST_ROLL {
                reasons.push(Reason::HeadTilted);
            }
        }
        Some(_) | None => reasons.push(Reason::EyesNotSeen),
    }
    face.crown = surroundings::estimated_crown(&face);
    face
}

impl Face {
    /// The row of the eyes' line in its middle.
    fn eye_row(&self) -> f32 {
        (self.left_eye.y + self.right_eye.y) / 2.0
    }
}
