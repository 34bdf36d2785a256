//! Where the eyes are: the point that most gradients of an eye's round iris lead to.
//!
//! Method: Timm and Barth, "Accurate eye centre localisation by means of gradients", VISAPP 2011.

use super::Point;
use crate::{
    Frame,
    frame::{Area, Plane},
};

/// Each eye is searched in a window of this share of the face square's width and height …
const SEARCH: (f32, f32) = (0.30, 0.20);
/// … around these places in the square (measured on the faces of the tests).
const LEFT: (f32, f32) = (0.31, 0.38);
const RIGHT: (f32, f32) = (0.69, 0.38);
/// Columns of the searched patch: 1 % of the face's width each, the method's own precision.
const COLUMNS: f32 = 30.0;
/// Votes of less than this share of the strongest place belong to other places.
const CORE: f32 = 0.9;

/// A pupil is at most this bright in shares of the skin around it (its middle has 0.09–0.50 measured, on light and
/// dark skin, with and without glasses).
const DARK: f32 = 0.65;

/// The pupils, left and right as seen in the picture, in the frame's pixels.
#[derive(Clone, Copy)]
pub(super) struct Eyes {
    pub left: Point,
    pub right: Point,
}

/// Looks for both eyes in a face's square; `None` when the square leaves the frame or shows nothing eye-like.
pub(super) fn find(frame: &Frame, face: Area) -> Option<Eyes> {
    let eye = |(across, down): (f32, f32)| {
        let (width, height) = (SEARCH.0 * face.width, SEARCH.1 * face.height);
        let left = face.left + across * face.width - width / 2.0;
        let top = face.top + down * face.height - height / 2.0;
        let (plane, cut) = frame.cut_luma(Area { left, top, width, height }, width / COLUMNS)?;
        let centre = centre(&plane)?;
        let place = |start: f32, pixel: f32| start + (pixel + 0.5) * cut.scale;
        Some(Point { x: place(cut.left, centre.x), y: place(cut.top, centre.y) })
    };
    Some(Eyes { left: eye(LEFT)?, right: eye(RIGHT)? })
}

/// A place with a strong change of brightness, and its direction.
struct Gradient {
    x: f32,
    y: f32,
    dx: f32,
    dy: f32,
}

fn centre(patch: &Plane) -> Option<Point> {
    let gradients = gradients(patch);
    let mut votes = Vec::with_capacity(patch.data.len());
    for (y, row) in patch.rows().enumerate() {
        for (x, &value) in row.iter().enumerate() {
            let (x, y) = (x as f32, y as f32);
            let mut sum = 0.0_f32;
            for gradient in &gradients {
                let (dx, dy) = (gradient.x - x, gradient.y - y);
                let length = dx * dx + dy * dy;
                // From a dark iris every gradient points outwards, so only positive products vote.
                let product = dx * gradient.dx + dy * gradient.dy;
                if product > 0.0 && length > 0.0 {
                    sum += product * product / length;
                }
            }
            votes.push((x, y, sum * f32::from(255 - value)));
        }
    }
    let best = votes.iter().map(|vote| vote.2).fold(0.0, f32::max);
    let (mut x, mut y, mut weight) = (0.0, 0.0, 0.0);
    for vote in votes.iter().filter(|vote| best > 0.0 && vote.2 >= CORE * best) {
        x += vote.0 * vote.2;
        y += vote.1 * vote.2;
        weight += vote.2;
    }
    let centre = (weight > 0.0).then(|| Point { x: x / weight, y: y / weight })?;
    is_dark(patch, &centre).then_some(centre)
}

/// Whether the pixels around a place are a pupil against the patch's skin, which is its lighter quarter.
fn is_dark(patch: &Plane, place: &Point) -> bool {
    let mut values = patch.data.clone();
    values.sort_unstable();
    let skin = values.get(values.len() * 3 / 4).copied().unwrap_or(0);
    let (x, y) = (place.x.round() as usize, place.y.round() as usize);
    let around =
        (y.saturating_sub(1)..=y + 1).flat_map(|y| (x.saturating_sub(1)..=x + 1).map(move |x| (x, y)));
    let (mut sum, mut count) = (0.0, 0.0);
    for value in around.filter_map(|(x, y)| patch.get(x, y)) {
        sum += f32::from(value);
        count += 1.0;
    }
    sum < DARK * f32::from(skin) * count
}

/// The stronger third or so of all gradients, each of length 1.
fn gradients(patch: &Plane) -> Vec<Gradient> {
    let mut all = Vec::with_capacity(patch.data.len());
    let rows: Vec<&[u8]> = patch.rows().collect();
    for (y, window) in rows.windows(3).enumerate() {
        let [above, middle, below] = window else { continue };
        let inner = middle.windows(3).zip(above.iter().skip(1)).zip(below.iter().skip(1));
        for (x, ((row, &up), &down)) in inner.enumerate() {
            let &[left, _, right] = row else { continue };
            let (dx, dy) = (f32::from(right) - f32::from(left), f32::from(down) - f32::from(up));
            all.push(Gradient { x: x as f32 + 1.0, y: y as f32 + 1.0, dx, dy });
        }
    }
    let length = |gradient: &Gradient| gradient.dx.hypot(gradient.dy);
    let count = (all.len() as f32).max(1.0);
    let mean = all.iter().map(length).sum::<f32>() / count;
    let variance = all.iter().map(|gradient| (length(gradient) - mean).powi(2)).sum::<f32>() / count;
    // The paper's threshold: mean plus 0.3 standard deviations.
    let least = (mean + 0.3 * variance.sqrt()).max(1.0);
    all.retain(|gradient| length(gradient) > least);
    for gradient in &mut all {
        let length = gradient.dx.hypot(gradient.dy);
        gradient.dx /= length;
        gradient.dy /= length;
    }
    all
}
