//! How sharp a picture is, measured without knowing what it shows.

use crate::frame::Plane;

/// Fewer edge pixels than this say nothing about sharpness.
const LEAST_EDGES: u32 = 60;

/// Estimates how far the edges are smeared: the σ of a Gaussian blur in pixels.
///
/// The variance of the Laplacian alone grows with contrast and with the amount of ink. Divided by the energy of
/// the gradient at the same pixels, both cancel out, and for an edge blurred by σ the quotient is 1 / (2σ²).
/// An ideal edge gives 0.5. Differences up to `noise` are no edges. `None` when there are too few to tell.
pub(crate) fn smear(plane: &Plane, noise: i32) -> Option<f32> {
    let (mut laplacian, mut gradient, mut edges) = (0.0_f64, 0.0_f64, 0_u32);
    let rows: Vec<&[u8]> = plane.rows().collect();
    for window in rows.windows(3) {
        let [above, middle, below] = window else { continue };
        let inner = middle.windows(3).zip(above.iter().skip(1)).zip(below.iter().skip(1));
        for ((row, &up), &down) in inner {
            let &[left, centre, right] = row else { continue };
            let (up, down) = (i32::from(up), i32::from(down));
            let (left, centre, right) = (i32::from(left), i32::from(centre), i32::from(right));
            let (dx, dy) = (right - centre, down - centre);
            if dx.abs().max(dy.abs()).max((centre - left).abs()).max((centre - up).abs()) <= noise {
                continue;
            }
            edges += 1;
            let bend = left + right + up + down - 4 * centre;
            laplacian += f64::from(bend * bend);
            gradient += f64::from(dx * dx + dy * dy);
        }
    }
    if edges < LEAST_EDGES || laplacian <= 0.0 {
        return None;
    }
    Some((gradient / (2.0 * laplacian)).sqrt() as f32)
}
