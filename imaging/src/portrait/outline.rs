//! The guide in the preview: where the head belongs.

use super::crop::{HEIGHT, WIDTH};
use crate::Frame;

/// Share of the frame's height that the portrait's rectangle takes: room for people who cannot sit still (ours).
const SHARE: f32 = 0.94;
/// The head in the portrait's pixels: middle, half width with ears and hair, crown and chin (GA 461's face of 207,
/// an average head 1.65 times as high as its face is wide).
const HEAD: (f32, f32, f32, f32) = (179.0, 118.0, 14.0, 356.0);
/// The shoulders: they leave the rectangle's bottom at its sides and meet the neck here.
const NECK: (f32, f32) = (70.0, 372.0);
/// Steps along each curve: more than it has pixels on any preview.
const STEPS: u16 = 3000;

/// Draws the head's and shoulders' outline into a preview. Light inside dark, so that it is seen on any background and
/// by anyone. Give it a copy: the portrait is cut from the untouched frame.
pub fn draw_outline(preview: &mut Frame) {
    let (width, height, channels) = (preview.width(), preview.height(), preview.channels());
    draw(preview.pixels_mut(), width, height, channels);
}

/// As [`draw_outline`], into a preview that is not a [`Frame`]: `width × height × 3` bytes, red first.
///
/// Rows that the bytes do not reach are left out.
pub fn draw_outline_on(rgb: &mut [u8], width: u32, height: u32) {
    draw(rgb, width, height, 3);
}

fn draw(pixels: &mut [u8], width: u32, height: u32, channels: usize) {
    let (wide, high) = (width as f32, height as f32);
    let scale = (SHARE * high / HEIGHT as f32).min(wide / WIDTH as f32);
    let left = (wide - WIDTH as f32 * scale) / 2.0;
    let top = (high - HEIGHT as f32 * scale) / 2.0;
    let thickness = (scale * 1.5).max(1.0);
    let mut pen = Pen { width: width as usize, height: height as usize, channels, pixels };
    // Steps that fall on the same pixel would be drawn again and again, fifteen times a second.
    let mut points = Vec::with_capacity(usize::from(STEPS));
    let mut before = [(-1.0, -1.0); 3];
    for step in 0..STEPS {
        let along = f32::from(step) / f32::from(STEPS);
        for ((x, y), before) in curves(along).into_iter().zip(&mut before) {
            let point = ((left + x * scale).round(), (top + y * scale).round());
            if std::mem::replace(before, point) != point {
                points.push(point);
            }
        }
    }
    for (radius, value) in [(2.0 * thickness, 30), (thickness, 245)] {
        for &(x, y) in &points {
            pen.dot(x, y, radius, value);
        }
    }
}

/// One point of each curve, `along` from 0 to 1, in the portrait's pixels.
fn curves(along: f32) -> [(f32, f32); 3] {
    let (middle, half, crown, chin) = HEAD;
    let turn = along * std::f32::consts::TAU;
    // A head is narrower at the chin than at the temples.
    let taper = 1.0 - 0.12 * (-turn.cos()).max(0.0);
    let head = (middle + half * taper * turn.sin(), (crown + chin) / 2.0 - (chin - crown) / 2.0 * turn.cos());
    let (neck, shoulder) = NECK;
    let reach = neck + (middle - neck) * along;
    let fall = shoulder + (HEIGHT as f32 - shoulder) * along * along;
    [head, (middle - reach, fall), (middle + reach, fall)]
}

struct Pen<'a> {
    width: usize,
    height: usize,
    channels: usize,
    pixels: &'a mut [u8],
}

impl Pen<'_> {
    fn dot(&mut self, x: f32, y: f32, radius: f32, value: u8) {
        let range = |centre: f32, end: usize| {
            let start = (centre - radius + 0.5).max(0.0) as usize;
            start..((centre + radius + 0.5).max(0.0) as usize).min(end)
        };
        let columns = range(x, self.width);
        for row in range(y, self.height) {
            let start = (row * self.width + columns.start) * self.channels;
            let end = (row * self.width + columns.end) * self.channels;
            if let Some(pixels) = self.pixels.get_mut(start..end) {
                pixels.fill(value);
            }
        }
    }
}
