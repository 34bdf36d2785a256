//! Turns a paper upright and cuts it out.

use super::Quad;
use crate::{Frame, MAX_PIXELS, MAX_SIDE};

/// What lies outside of the scan becomes white, like the paper around it.
const OUTSIDE: u8 = 255;

/// Cuts out the quadrilateral, upright, with one new pixel every `scale` old ones (at least 1: nothing is enlarged).
pub fn straighten(scan: &Frame, quad: &Quad, scale: f32) -> Frame {
    // Pixels are averaged before they are picked, so that thin strokes do not break.
    let scale = scale.max(1.0);
    let reduced = (scale > 1.0).then(|| scan.reduced(scale));
    let source = reduced.as_ref().unwrap_or(scan);
    let across = source.width() as f32 / scan.width() as f32;
    let down = source.height() as f32 / scan.height() as f32;
    let corners = quad.corners.map(|(x, y)| (x * across, y * down));
    let [from, right, _, below] = corners;
    let length = |to: (f32, f32)| (to.0 - from.0).hypot(to.1 - from.1);
    let (mut wide, mut high) = (side(length(right)), side(length(below)));
    // A caller's own corners may be anywhere; a scan's are never larger than it by much.
    while u64::from(wide) * u64::from(high) > MAX_PIXELS {
        (wide, high) = (wide.div_ceil(2), high.div_ceil(2));
    }
    let step = |to: (f32, f32), count: u32| {
        let count = count as f32;
        ((to.0 - from.0) / count, (to.1 - from.1) / count)
    };
    let (x_step, y_step) = (step(right, wide), step(below, high));
    let channels = source.channels();
    let mut pixels = Vec::with_capacity(wide as usize * high as usize * channels);
    let picker = Picker { pixels: source.pixels(), width: source.width() as usize, channels };
    for row in 0..high {
        for column in 0..wide {
            let (u, v) = (column as f32 + 0.5, row as f32 + 0.5);
            let x = from.0 + u * x_step.0 + v * y_step.0 - 0.5;
            let y = from.1 + u * x_step.1 + v * y_step.1 - 0.5;
            picker.pick(x, y, &mut pixels);
        }
    }
    let made = if channels == 1 { Frame::gray8(wide, high, pixels) } else { Frame::rgb8(wide, high, pixels) };
    // The sizes were bounded above; should they ever not be, the scan itself is still a page.
    made.unwrap_or_else(|_| scan.reduced(scale))
}

fn side(length: f32) -> u32 {
    (length.round() as u32).clamp(1, MAX_SIDE)
}

struct Picker<'a> {
    pixels: &'a [u8],
    width: usize,
    channels: usize,
}

impl Picker<'_> {
    /// Appends the colour at a place between four pixels.
    fn pick(&self, x: f32, y: f32, out: &mut Vec<u8>) {
        let (column, row) = (x.floor(), y.floor());
        let (dx, dy) = (x - column, y - row);
        let pixel = |column: f32, row: f32| {
            let inside = column >= 0.0 && row >= 0.0 && column < self.width as f32;
            let start = (row as usize * self.width + column as usize) * self.channels;
            self.pixels.get(start..start + self.channels).filter(|_| inside)
        };
        let corners = [
            (pixel(column, row), (1.0 - dx) * (1.0 - dy)),
            (pixel(column + 1.0, row), dx * (1.0 - dy)),
            (pixel(column, row + 1.0), (1.0 - dx) * dy),
            (pixel(column + 1.0, row + 1.0), dx * dy),
        ];
        for channel in 0..self.channels {
            let value = |pixel: Option<&[u8]>| {
                f32::from(pixel.and_then(|p| p.get(channel)).copied().unwrap_or(OUTSIDE))
            };
            let sum: f32 = corners.iter().map(|(pixel, weight)| value(*pixel) * weight).sum();
            out.push(sum.round() as u8);
        }
    }
}
