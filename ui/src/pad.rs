//! The signature while it is written: the finger's ink as pixels, its points for the record.

use slint::{Image, Rgba8Pixel, SharedPixelBuffer};

/// Half the width of a stroke in pixels: a soft pen on a pad about 200 mm wide. A guess.
const PEN: f32 = 4.5;

/// Points closer together than this say nothing new, in thousandths of the pad.
const FINEST: u16 = 2;

/// No hand draws more points in one stroke; a resting sleeve does.
const MOST: usize = 4000;

const INK: Rgba8Pixel = Rgba8Pixel { r: 0x14, g: 0x21, b: 0x3D, a: 0xFF };

/// A place on the pad, and the pad's size, all in pixels of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Touch {
    /// From the pad's left edge.
    pub x: f32,
    /// From the pad's upper edge.
    pub y: f32,
    /// The pad's width.
    pub width: f32,
    /// The pad's height.
    pub height: f32,
}

impl Touch {
    /// The place in thousandths of the pad; a finger that slides off stays at the edge.
    fn thousandths(self) -> (u16, u16) {
        // `as` saturates and turns what is no number into 0.
        let part = |at: f32, of: f32| (at / of.max(1.0) * 1000.0).clamp(0.0, 1000.0).round() as u16;
        (part(self.x, self.width), part(self.y, self.height))
    }
}

/// The pad. What is on it is wiped with [`Pad::clear`] and on drop.
#[derive(Default)]
pub struct Pad {
    ink: Option<SharedPixelBuffer<Rgba8Pixel>>,
    stroke: Vec<(u16, u16)>,
    last: Option<(f32, f32)>,
}

impl Pad {
    /// The finger comes down.
    pub fn down(&mut self, touch: Touch) {
        self.stroke.clear();
        self.last = None;
        self.add(touch);
    }

    /// The finger moves. Nothing happens unless it is down.
    pub fn moved(&mut self, touch: Touch) {
        if self.last.is_some() {
            self.add(touch);
        }
    }

    /// The finger leaves: the stroke, if there was one.
    pub fn up(&mut self) -> Option<Vec<(u16, u16)>> {
        self.last = None;
        let stroke = std::mem::take(&mut self.stroke);
        (!stroke.is_empty()).then_some(stroke)
    }

    /// Wipes everything.
    pub fn clear(&mut self) {
        if let Some(ink) = &mut self.ink {
            ink.make_mut_slice().fill(Rgba8Pixel::default());
        }
        self.ink = None;
        self.stroke.fill((0, 0));
        self.stroke.clear();
        self.last = None;
    }

    /// What is written, transparent where nothing is.
    pub fn picture(&self) -> Image {
        self.ink.clone().map_or_else(Image::default, Image::from_rgba8)
    }

    fn add(&mut self, touch: Touch) {
        let point = touch.thousandths();
        let far = |(x, y): &(u16, u16)| x.abs_diff(point.0) >= FINEST || y.abs_diff(point.1) >= FINEST;
        if self.stroke.len() >= MOST || !self.stroke.last().is_none_or(far) {
            return;
        }
        self.stroke.push(point);
        let size = (touch.width.max(1.0) as u32, touch.height.max(1.0) as u32);
        if self.ink.as_ref().is_none_or(|ink| (ink.width(), ink.height()) != size) {
            self.ink = Some(SharedPixelBuffer::new(size.0, size.1));
        }
        let to = (touch.x.clamp(0.0, touch.width), touch.y.clamp(0.0, touch.height));
        if let Some(ink) = &mut self.ink {
            line(ink, self.last.unwrap_or(to), to);
        }
        self.last = Some(to);
    }
}

impl Drop for Pad {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Draws a line with round ends and soft edges.
fn line(ink: &mut SharedPixelBuffer<Rgba8Pixel>, from: (f32, f32), to: (f32, f32)) {
    let (width, height) = (ink.width() as usize, ink.height() as usize);
    let edge = PEN + 1.0;
    let range = |a: f32, b: f32, end: usize| {
        let low = (a.min(b) - edge).max(0.0) as usize;
        let high = ((a.max(b) + edge).max(0.0) as usize + 1).min(end);
        low..high
    };
    let (across, down) = (to.0 - from.0, to.1 - from.1);
    let length = across * across + down * down;
    let pixels = ink.make_mut_slice();
    for y in range(from.1, to.1, height) {
        for x in range(from.0, to.0, width) {
            let (px, py) = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
            let along = if length > 0.0 { ((px * across + py * down) / length).clamp(0.0, 1.0) } else { 0.0 };
            let (dx, dy) = (px - along * across, py - along * down);
            let cover = (PEN + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
            if let Some(pixel) = pixels.get_mut(y * width + x) {
                let alpha = (cover * 255.0) as u8;
                if alpha > pixel.a {
                    *pixel = Rgba8Pixel { a: alpha, ..INK };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, y: f32) -> Touch {
        Touch { x, y, width: 400.0, height: 200.0 }
    }

    #[test]
    fn a_stroke_is_in_thousandths_and_its_ink_where_the_finger_was() {
        let mut pad = Pad::default();
        pad.down(at(100.0, 50.0));
        pad.moved(at(300.0, 50.0));
        assert_eq!(pad.up(), Some(vec![(250, 250), (750, 250)]));
        assert_eq!(pad.up(), None, "a stroke is told once");
        let ink = pad.picture().to_rgba8().unwrap();
        let alpha = |x: usize, y: usize| ink.as_slice()[y * 400 + x].a;
        assert_eq!((alpha(200, 50), alpha(200, 60), alpha(90, 50)), (255, 0, 0));
    }

    #[test]
    fn a_finger_that_slides_off_stays_at_the_edge_and_one_that_hovers_leaves_nothing() {
        let mut pad = Pad::default();
        pad.moved(at(10.0, 10.0));
        assert_eq!(pad.up(), None);
        pad.down(at(399.0, 10.0));
        pad.moved(at(5000.0, -80.0));
        assert_eq!(pad.up(), Some(vec![(998, 50), (1000, 0)]));
    }

    #[test]
    fn a_resting_finger_says_nothing_new() {
        let mut pad = Pad::default();
        pad.down(at(100.0, 50.0));
        for _ in 0..100 {
            pad.moved(at(100.1, 50.1));
        }
        assert_eq!(pad.up().map(|stroke| stroke.len()), Some(1));
    }

    #[test]
    fn clearing_leaves_no_ink() {
        let mut pad = Pad::default();
        pad.down(at(100.0, 50.0));
        pad.clear();
        assert_eq!(pad.up(), None);
        assert_eq!(pad.picture().size().width, 0);
    }
}
