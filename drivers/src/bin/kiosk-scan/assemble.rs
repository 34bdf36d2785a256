//! Frames of a scanner → one page of 8 bits a sample. Pure.
//!
//! Scanners send grey, colour, or three passes of one colour each; 1, 8 or 16 bits a sample; rows with padding; and
//! sometimes fewer rows than they promised, or none promised at all.

use std::ffi::c_int;

use drivers::document_scanner::wire::{MAX_PAGE, PageHead};
use zeroize::Zeroizing;

/// `SANE_Parameters`: the shape of the frame that comes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// 0 grey, 1 colour in one pass, 2–4 the red, green and blue pass.
    pub format: c_int,
    /// Not 0 when the page is complete with this frame.
    pub last_frame: c_int,
    /// Bytes from one row to the next, padding included.
    pub bytes_per_line: c_int,
    /// Pixels a row.
    pub pixels_per_line: c_int,
    /// Rows; −1 when nobody knows.
    pub lines: c_int,
    /// Bits a sample.
    pub depth: c_int,
}

/// Why a frame is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible(pub String);

/// A page that grows.
#[derive(Default)]
pub struct Assembler {
    width: usize,
    channels: usize,
    /// Rows already finished, of all passes so far.
    pixels: Zeroizing<Vec<u8>>,
    frame: Option<Frame>,
}

struct Frame {
    /// Which of the page's samples this frame brings: all, or one colour.
    plane: Option<usize>,
    depth: usize,
    stride: usize,
    row: usize,
    partial: Zeroizing<Vec<u8>>,
}

impl Assembler {
    /// A frame begins.
    pub fn begin(&mut self, parameters: &Parameters) -> Result<(), Impossible> {
        let refuse = || Impossible(format!("a frame of {parameters:?}"));
        let (channels, plane) = match parameters.format {
            0 => (1, None),
            1 => (3, None),
            2 => (3, Some(0)),
            3 => (3, Some(1)),
            4 => (3, Some(2)),
            _ => return Err(refuse()),
        };
        let number = |value: i32| usize::try_from(value).ok().filter(|value| *value > 0).ok_or_else(refuse);
        let (width, stride, depth) = (
            number(parameters.pixels_per_line)?,
            number(parameters.bytes_per_line)?,
            number(parameters.depth)?,
        );
        let in_row = if plane.is_some() { 1 } else { channels };
        let needed = match depth {
            // One bit is defined for grey only: a set bit is black.
            1 if channels == 1 => width.div_ceil(8),
            8 => width.saturating_mul(in_row),
            16 => width.saturating_mul(in_row).saturating_mul(2),
            _ => return Err(refuse()),
        };
        let first = self.pixels.is_empty();
        if stride < needed
            || stride > MAX_PAGE
            || (!first && (self.width, self.channels) != (width, channels))
        {
            return Err(refuse());
        }
        let rows = usize::try_from(parameters.lines).unwrap_or(0);
        let size = width.saturating_mul(channels).saturating_mul(rows);
        if size > MAX_PAGE {
            return Err(refuse());
        }
        if first {
            (self.width, self.channels) = (width, channels);
            // At once, so that no outgrown piece of the page stays behind in memory.
            self.pixels.reserve_exact(size);
        }
        let partial = Zeroizing::new(Vec::with_capacity(stride));
        self.frame = Some(Frame { plane, depth, stride, row: 0, partial });
        Ok(())
    }

    /// The next bytes of the frame.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), Impossible> {
        let Some(mut frame) = self.frame.take() else {
            return Err(Impossible("bytes before a frame".into()));
        };
        while !bytes.is_empty() {
            let missing = frame.stride.saturating_sub(frame.partial.len());
            let (now, later) = bytes.split_at(missing.min(bytes.len()));
            frame.partial.extend_from_slice(now);
            bytes = later;
            if frame.partial.len() == frame.stride {
                self.row(&frame)?;
                frame.row += 1;
                frame.partial.clear();
            }
        }
        self.frame = Some(frame);
        Ok(())
    }

    fn row(&mut self, frame: &Frame) -> Result<(), Impossible> {
        let length = self.width * self.channels;
        let start = frame.row.saturating_mul(length);
        let end = start.saturating_add(length);
        if end > MAX_PAGE {
            return Err(Impossible(format!("more than {MAX_PAGE} bytes")));
        }
        if self.pixels.len() < end {
            self.pixels.resize(end, 0);
        }
        let Some(row) = self.pixels.get_mut(start..end) else { return Ok(()) };
        let (skip, step) = frame.plane.map_or((0, 1), |plane| (plane, self.channels));
        for (index, sample) in row.iter_mut().skip(skip).step_by(step).enumerate() {
            *sample = frame.sample(index);
        }
        Ok(())
    }

    /// The page, with the rows that came; a row that was cut off is not among them.
    pub fn finish(self, dpi: u32) -> Result<(PageHead, Zeroizing<Vec<u8>>), Impossible> {
        let row = self.width * self.channels;
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let head = PageHead {
            width: number(self.width),
            height: number(self.pixels.len().checked_div(row).unwrap_or(0)),
            channels: number(self.channels),
            dpi,
        };
        match head.bytes() {
            Some(size) if size == self.pixels.len() => Ok((head, self.pixels)),
            _ => Err(Impossible("the page has no rows".into())),
        }
    }
}

impl Frame {
    /// A sample of the row in 8 bits.
    fn sample(&self, index: usize) -> u8 {
        let byte = |at: usize| self.partial.get(at).copied().unwrap_or_default();
        match self.depth {
            1 if byte(index / 8) & (0x80 >> (index % 8)) != 0 => 0,
            1 => 255,
            // The machine's own byte order (standard 3.2.1); the high byte is the picture at 8 bits.
            16 => u16::from_ne_bytes([byte(2 * index), byte(2 * index + 1)]).to_be_bytes()[0],
            _ => byte(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(format: i32, width: i32, stride: i32, lines: i32, depth: i32) -> Parameters {
        Parameters { format, last_frame: 1, bytes_per_line: stride, pixels_per_line: width, lines, depth }
    }

    fn page(parts: &[(Parameters, &[u8])]) -> Result<(PageHead, Vec<u8>), Impossible> {
        let mut assembler = Assembler::default();
        for (parameters, bytes) in parts {
            assembler.begin(parameters)?;
            // In pieces that never fit a row.
            for piece in bytes.chunks(5) {
                assembler.push(piece)?;
            }
        }
        assembler.finish(200).map(|(head, pixels)| (head, pixels.to_vec()))
    }

    #[test]
    fn padding_is_dropped_and_a_cut_row_too() {
        let (head, pixels) = page(&[(frame(1, 1, 4, 2, 8), b"rgb_RGB_xy")]).unwrap();
        assert_eq!(head, PageHead { width: 1, height: 2, channels: 3, dpi: 200 });
        assert_eq!(pixels, b"rgbRGB");
    }

    #[test]
    fn a_height_nobody_knows_is_counted() {
        let (head, _) = page(&[(frame(0, 2, 2, -1, 8), b"aabbcc")]).unwrap();
        assert_eq!((head.width, head.height, head.channels), (2, 3, 1));
    }

    #[test]
    fn three_passes_become_one_picture_in_any_order() {
        let pass = |format| frame(format, 2, 2, 1, 8);
        let (head, pixels) = page(&[(pass(3), b"gG"), (pass(4), b"bB"), (pass(2), b"rR")]).unwrap();
        assert_eq!((head.width, head.height, head.channels), (2, 1, 3));
        assert_eq!(pixels, b"rgbRGB");
    }

    #[test]
    fn one_bit_is_black_when_set() {
        let (_, pixels) = page(&[(frame(0, 9, 2, 1, 1), &[0b1010_0000, 0b1000_0000])]).unwrap();
        assert_eq!(pixels, [0, 255, 0, 255, 255, 255, 255, 255, 0]);
    }

    #[test]
    fn sixteen_bits_keep_the_high_byte() {
        let bytes = [0x1234u16.to_ne_bytes(), 0xFEDCu16.to_ne_bytes()].concat();
        assert_eq!(page(&[(frame(0, 2, 4, 1, 16), &bytes)]).unwrap().1, [0x12, 0xFE]);
    }

    #[test]
    fn impossible_frames_are_refused() {
        for parameters in [
            frame(7, 1, 1, 1, 8),
            frame(0, 0, 1, 1, 8),
            frame(0, -4, 4, 1, 8),
            frame(1, 4, 4, 1, 8),
            frame(1, 8, 8, 1, 1),
            frame(0, 4, 4, 1, 12),
            frame(1, 60_000, 180_000, 60_000, 8),
            frame(0, i32::MAX, i32::MAX, i32::MAX, 8),
        ] {
            assert!(page(&[(parameters, b"")]).is_err(), "{parameters:?}");
        }
        assert!(page(&[(frame(0, 4, 4, 0, 8), b"abc")]).is_err(), "no complete row");
        assert!(page(&[(frame(2, 1, 1, 1, 8), b"a"), (frame(3, 2, 2, 1, 8), b"bb")]).is_err());
    }

    #[test]
    fn a_scanner_that_never_ends_is_stopped() {
        let mut assembler = Assembler::default();
        assembler.begin(&frame(0, 1 << 20, 1 << 20, -1, 8)).unwrap();
        let row = vec![0; 1 << 20];
        let pushed = (0..100).take_while(|_| assembler.push(&row).is_ok()).count();
        assert_eq!(pushed, MAX_PAGE >> 20);
    }
}
