//! Puts what the printer is told on paper, dot by dot, and keeps the paper as a picture.

use std::io;
use std::path::Path;

use qrcode::{EcLevel, QrCode};

use super::decode::Op;
use crate::font::Font;

/// Dots across the paper that can be printed: 72 mm at 8 dots a millimetre.
pub const WIDTH: usize = 576;

/// Dots of the unprinted edges, left and right, and of the space above and below.
const EDGE: usize = 32;

/// Dots from line to line after power-on.
const SPACING: usize = 34;

/// The mark that stands in the lines of text for a picture in a line.
const PICTURE: char = '▯';

/// Paper that comes out of the printer.
pub struct Paper {
    rows: Vec<[u8; WIDTH]>,
    line: Vec<Item>,
    text: String,
    lines: Vec<String>,
    codes: Vec<String>,
    align: u8,
    bold: bool,
    size: (usize, usize),
    chinese: (usize, usize),
    spacing: usize,
    module: usize,
    stored: Vec<u8>,
}

/// Something in the line that is being filled.
struct Item {
    x: usize,
    width: usize,
    height: usize,
    ink: Vec<u8>,
}

impl Default for Paper {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            line: Vec::new(),
            text: String::new(),
            lines: Vec::new(),
            codes: Vec::new(),
            align: 0,
            bold: false,
            size: (1, 1),
            chinese: (1, 1),
            spacing: SPACING,
            module: 3,
            stored: Vec::new(),
        }
    }
}

/// A receipt that was cut off: the picture, the lines of text and the contents of its codes.
pub struct Slip {
    rows: Vec<[u8; WIDTH]>,
    /// The lines of text, without spaces at their ends. A picture in a line is `▯`.
    pub lines: Vec<String>,
    /// The contents of the QR codes.
    pub codes: Vec<String>,
}

impl Paper {
    /// Does what the printer is told; a cut gives the slip. Questions are none of the paper's business.
    pub fn apply(&mut self, op: Op, font: &Font) -> Option<Slip> {
        match op {
            Op::Initialise => {
                let Self { rows, lines, codes, .. } = std::mem::take(self);
                *self = Self { rows, lines, codes, ..Self::default() };
            }
            Op::Character(character, chinese) => self.character(character, chinese, font),
            Op::Unknown(byte) => {
                tracing::warn!(byte, "the virtual printer does not know this byte");
                self.character('\u{FFFD}', false, font);
            }
            Op::LineFeed => self.flush(self.spacing),
            Op::Feed(dots) => self.flush(usize::from(dots)),
            Op::FeedLines(lines) => self.flush(self.spacing * usize::from(lines)),
            Op::Align(align) => self.align = align,
            Op::Bold(bold) => self.bold = bold,
            Op::Size(width, height) => {
                self.size = (usize::from(width), usize::from(height));
                self.chinese = self.size;
            }
            Op::ChineseSize(width, height) => self.chinese = (usize::from(width), usize::from(height)),
            Op::Spacing(dots) => self.spacing = dots.map_or(SPACING, usize::from),
            Op::Columns(columns) => {
                self.text.push(PICTURE);
                let width = columns.len();
                let dot =
                    |at: usize| columns.get(at % width).is_some_and(|c| c >> (23 - at / width) & 1 == 1);
                self.put(width, 24, (0..width * 24).map(|at| if dot(at) { 255 } else { 0 }).collect());
            }
            Op::Raster(bytes, data) => {
                self.flush(0);
                let width = bytes * 8;
                let height = data.len().checked_div(bytes).unwrap_or(0);
                let ink = data.iter().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit & 1) * 255));
                self.put(width, height, ink.collect());
                self.flush(height);
            }
            Op::QrModule(module) => self.module = usize::from(module.clamp(1, 16)),
            Op::QrStore(data) => self.stored = data,
            Op::QrPrint => self.code(),
            Op::Cut => {
                self.flush(0);
                let rows = std::mem::take(&mut self.rows);
                let (lines, codes) = (std::mem::take(&mut self.lines), std::mem::take(&mut self.codes));
                return Some(Slip { rows, lines, codes });
            }
            Op::AskNow(_) | Op::AskQueued => {}
        }
        None
    }

    fn character(&mut self, character: char, chinese: bool, font: &Font) {
        let (columns, (wide, high)) = if chinese { (2, self.chinese) } else { (1, self.size) };
        let (width, height) = (columns * 12 * wide, 24 * high);
        let used: usize = self.line.iter().map(|item| item.width).sum();
        if used + width > WIDTH {
            self.flush(self.spacing);
        }
        self.text.push(character);
        let ink = font.draw(character, width, height, self.bold);
        self.put(width, height, ink);
    }

    fn code(&mut self) {
        let Ok(code) = QrCode::with_error_correction_level(&self.stored, EcLevel::M) else { return };
        self.codes.push(String::from_utf8_lossy(&self.stored).into_owned());
        let (side, module) = (code.width(), self.module);
        let colors = code.to_colors();
        let width = side * module;
        let dark = |at: usize| {
            let (x, y) = (at % width / module, at / width / module);
            colors.get(y * side + x).is_some_and(|color| *color == qrcode::Color::Dark)
        };
        self.flush(0);
        self.put(width, width, (0..width * width).map(|at| if dark(at) { 255 } else { 0 }).collect());
        self.flush(width);
    }

    fn put(&mut self, width: usize, height: usize, ink: Vec<u8>) {
        let x = self.line.last().map_or(0, |item| item.x + item.width);
        self.line.push(Item { x, width, height, ink });
    }

    /// Prints the line and feeds. A line higher than the feed takes its own height.
    fn flush(&mut self, feed: usize) {
        let used = self.line.last().map_or(0, |item| item.x + item.width);
        let height = self.line.iter().map(|item| item.height).max().unwrap_or(0);
        let left = match self.align {
            1 => WIDTH.saturating_sub(used) / 2,
            2 => WIDTH.saturating_sub(used),
            _ => 0,
        };
        let top = self.rows.len();
        self.rows.extend(std::iter::repeat_n([0; WIDTH], feed.max(height)));
        for item in self.line.drain(..) {
            // Letters stand on the bottom of the line.
            let down = top + height - item.height;
            for (y, row) in item.ink.chunks(item.width.max(1)).enumerate() {
                let Some(paper) = self.rows.get_mut(down + y) else { break };
                for (dot, ink) in paper.iter_mut().skip(left + item.x).zip(row) {
                    *dot = (*dot).max(*ink);
                }
            }
        }
        if !self.text.is_empty() || (feed > 0 && height == 0 && used == 0 && feed == self.spacing) {
            self.lines.push(std::mem::take(&mut self.text).trim_end().to_owned());
        }
    }
}

impl Slip {
    /// Keeps the slip as a picture in grey, 640 dots wide with its edges.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let (width, height) = (WIDTH + 2 * EDGE, self.rows.len() + 2 * EDGE);
        let mut grey = vec![255; width * height];
        for (paper, row) in grey.chunks_mut(width).skip(EDGE).zip(&self.rows) {
            for (dot, ink) in paper.iter_mut().skip(EDGE).zip(row) {
                *dot = 255 - ink;
            }
        }
        let mut encoder = png::Encoder::new(
            io::BufWriter::new(std::fs::File::create(path)?),
            u32::try_from(width).map_err(io::Error::other)?,
            u32::try_from(height).map_err(io::Error::other)?,
        );
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        writer.write_image_data(&grey).map_err(io::Error::other)?;
        writer.finish().map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::Decoder;
    use super::*;

    fn print(bytes: &[u8]) -> Slip {
        let mut paper = Paper::default();
        let ops = Decoder::default().feed(bytes);
        ops.into_iter().find_map(|op| paper.apply(op, &Font::none())).unwrap()
    }

    #[test]
    fn lines_of_text_and_codes() {
        let slip = print(b"\x1B@A \x1C&\xD5\xC5\x1C.\n\n\x1D(k\x05\x001P0AB\x1D(k\x03\x001Q0\x1DVB\0");
        assert_eq!(slip.lines, ["A 张", ""]);
        assert_eq!(slip.codes, ["AB"]);
        assert_eq!(slip.rows.len(), 34 * 2 + 21 * 3);
    }

    #[test]
    fn a_picture_stands_in_its_line() {
        let slip = print(b" \x1B*!\x01\x00\xFF\xFF\xFFB\n\x1DVB\0");
        assert_eq!(slip.lines, [" ▯B"]);
        assert!((0..24).all(|y| slip.rows[y][12] == 255 && slip.rows[y][11] == 0));
    }

    #[test]
    fn a_double_line_is_twice_as_high_and_centred() {
        let slip = print(b"\x1Ba\x01\x1BE\x01\x1D!\x11\x1CW\x01\x1C&\xD5\xC5\x1C.\n\x1DVB\0");
        assert_eq!(slip.rows.len(), 48);
        let inked = |x: usize| slip.rows.iter().any(|row| row[x] > 0);
        assert!(inked(264) && !inked(200), "48 dots in the middle");
    }

    #[test]
    fn what_does_not_fit_goes_on_in_the_next_line() {
        let slip = print(&[[b'x'; 50].as_slice(), b"\n\x1DVB\0"].concat());
        assert_eq!(slip.lines.iter().map(String::len).collect::<Vec<_>>(), [48, 2]);
    }
}
