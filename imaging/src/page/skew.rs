//! How far the lines of text lean, for a paper whose edges were not seen.

use crate::Frame;

/// The longer side of the copy that is measured: the lines of small print still have gaps between them.
const SEARCH_SIDE: f32 = 1000.0;
/// Feeders pull a sheet askew by 2° or 3° (guess); more is a picture, not text.
const MOST: f32 = 5.0;
/// Steps of a tenth of a degree: 0.5 mm over an A4 page's width.
const STEPS_PER_DEGREE: i16 = 10;
/// Pixels this much darker than the paper are ink.
const INK: u8 = 60;
/// Most ink pixels that are looked at; more are thinned out evenly.
const MOST_INK: usize = 20_000;
/// The best angle must beat the straight one by this factor: pictures and few words say nothing.
const CLEARLY: f64 = 1.15;

/// Degrees clockwise by which lines of text lean; 0 when there is no text to tell.
///
/// Turned right, rows are either full of ink or empty: the angle is taken whose rows differ most.
pub fn text_skew(scan: &Frame) -> f32 {
    let scale = (scan.width().max(scan.height()) as f32 / SEARCH_SIDE).max(1.0);
    let plane = scan.to_gray().reduced(scale).luma();
    let mut values = plane.data.clone();
    values.sort_unstable();
    let paper = values.get(values.len() / 2).copied().unwrap_or(255);
    let mut ink = Vec::new();
    for (y, row) in plane.rows().enumerate() {
        let dark = row.iter().enumerate().filter(|(_, value)| paper.saturating_sub(**value) > INK);
        ink.extend(dark.map(|(x, _)| (x as f32, y as f32)));
    }
    let thin = ink.len().div_ceil(MOST_INK).max(1);
    let (wide, high) = (plane.width, plane.height);
    let mut rows = vec![0_u32; high + 2 * wide];
    let mut energy = |angle: f32| {
        rows.fill(0);
        let (sin, cos) = angle.to_radians().sin_cos();
        for (x, y) in ink.iter().step_by(thin) {
            let row = (y * cos - x * sin).round() + wide as f32;
            if let Some(count) = rows.get_mut(row.max(0.0) as usize) {
                *count += 1;
            }
        }
        rows.windows(2)
            .map(|pair| if let [a, b] = pair { f64::from(a.abs_diff(*b)).powi(2) } else { 0.0 })
            .sum::<f64>()
    };
    let straight = energy(0.0);
    let steps = (MOST * f32::from(STEPS_PER_DEGREE)) as i16;
    let mut best = (0.0, straight * CLEARLY);
    for step in -steps..=steps {
        let angle = f32::from(step) / f32::from(STEPS_PER_DEGREE);
        let energy = energy(angle);
        if energy > best.1 {
            best = (angle, energy);
        }
    }
    // At the end of the range there is no peak, only a slope.
    if best.0.abs() >= MOST { 0.0 } else { best.0 }
}
