//! A picture in memory: checked on the way in, wiped on the way out.

use image::{DynamicImage, GrayImage, RgbImage, imageops::FilterType};
use zeroize::{Zeroize, Zeroizing};

/// Longest side of a picture in pixels: an A3 sheet at 600 dpi is 9922 long.
pub const MAX_SIDE: u32 = 10_000;
/// Most pixels of a picture: an A4 page at 600 dpi has 34.8 million, 104 MB in colour.
pub const MAX_PIXELS: u64 = 36_000_000;

/// Why bytes are no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Width or height is 0.
    #[error("the picture has no pixels ({width}×{height})")]
    Empty {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// More than [`MAX_SIDE`] or [`MAX_PIXELS`].
    #[error("the picture is too large ({width}×{height})")]
    TooLarge {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// The bytes do not fit the size.
    #[error("a picture of this size has {expected} bytes, not {actual}")]
    WrongLength {
        /// Width × height × channels.
        expected: u64,
        /// Bytes given.
        actual: usize,
    },
}

/// A picture of 8-bit pixels, RGB or grey, rows from the top without padding.
///
/// It may show a person or a paper, so it has no `Debug` and is wiped when dropped.
pub struct Frame {
    image: DynamicImage,
}

impl Frame {
    /// Takes `width × height × 3` bytes, red first.
    ///
    /// # Errors
    /// [`FrameError`] when the size is impossible or the bytes do not fit it; the bytes are wiped.
    pub fn rgb8(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, FrameError> {
        let pixels = checked(width, height, 3, pixels)?;
        RgbImage::from_raw(width, height, pixels)
            .map(|image| Self { image: DynamicImage::ImageRgb8(image) })
            .ok_or(FrameError::Empty { width, height })
    }

    /// Takes `width × height` bytes, 0 black, 255 white.
    ///
    /// # Errors
    /// As [`Frame::rgb8`].
    pub fn gray8(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, FrameError> {
        let pixels = checked(width, height, 1, pixels)?;
        GrayImage::from_raw(width, height, pixels)
            .map(|image| Self { image: DynamicImage::ImageLuma8(image) })
            .ok_or(FrameError::Empty { width, height })
    }

    /// Width in pixels, never 0.
    pub fn width(&self) -> u32 {
        self.image.width()
    }

    /// Height in pixels, never 0.
    pub fn height(&self) -> u32 {
        self.image.height()
    }

    /// Bytes a pixel: 3 for RGB, 1 for grey.
    pub fn channels(&self) -> usize {
        usize::from(self.image.color().channel_count())
    }

    /// All bytes, row by row.
    pub fn pixels(&self) -> &[u8] {
        self.image.as_bytes()
    }

    /// All bytes, to draw into.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        if self.channels() == 3 {
            return self.image.as_mut_rgb8().map_or(&mut [], |image| &mut **image);
        }
        self.image.as_mut_luma8().map_or(&mut [], |image| &mut **image)
    }

    /// The brightness of each pixel.
    pub(crate) fn luma(&self) -> Plane {
        let image = self.image.to_luma8();
        Plane {
            width: image.width() as usize,
            height: image.height() as usize,
            data: image.into_raw().into(),
        }
    }

    /// The same picture in grey.
    pub(crate) fn to_gray(&self) -> Self {
        Self { image: DynamicImage::ImageLuma8(self.image.to_luma8()) }
    }

    /// A copy made smaller: one new pixel is the mean of `scale × scale` old ones.
    pub(crate) fn reduced(&self, scale: f32) -> Self {
        let side = |length: u32| ((length as f32 / scale.max(1.0)).round() as u32).max(1);
        Self { image: self.image.thumbnail_exact(side(self.width()), side(self.height())) }
    }

    /// Cuts out a rectangle (clipped to the picture) and scales it to one new pixel every `scale` old ones.
    ///
    /// `None` when nothing of the rectangle lies in the picture.
    pub(crate) fn cut(&self, area: Area, scale: f32) -> Option<Cut> {
        let (left, top, part) = self.part(area)?;
        let side = |length: u32| ((length as f32 / scale).round() as u32).clamp(1, MAX_SIDE);
        let (width, height) = (side(part.width()), side(part.height()));
        let image = part.image.resize_exact(width, height, FilterType::Triangle);
        Some(Cut { frame: Self { image }, left, top, scale })
    }

    /// As [`Frame::cut`], the brightness only, which takes a third of the time.
    pub(crate) fn cut_luma(&self, area: Area, scale: f32) -> Option<(Plane, Cut)> {
        let (left, top, part) = self.part(area)?;
        let whole = Area { left: 0.0, top: 0.0, width: area.width, height: area.height };
        let cut = part.to_gray().cut(whole, scale)?;
        Some((cut.frame.luma(), Cut { left, top, ..cut }))
    }

    fn part(&self, area: Area) -> Option<(f32, f32, Self)> {
        let (width, height) = (self.width() as f32, self.height() as f32);
        let (left, top) = (area.left.round().clamp(0.0, width), area.top.round().clamp(0.0, height));
        let right = (area.left + area.width).round().clamp(0.0, width);
        let bottom = (area.top + area.height).round().clamp(0.0, height);
        let (width, height) = (right - left, bottom - top);
        // Also false for numbers that are none.
        if !(width >= 1.0 && height >= 1.0) {
            return None;
        }
        let image = self.image.crop_imm(left as u32, top as u32, width as u32, height as u32);
        Some((left, top, Self { image }))
    }

    /// The same picture in colour.
    pub(crate) fn into_rgb(self) -> Self {
        if self.channels() == 3 {
            return self;
        }
        Self { image: DynamicImage::ImageRgb8(self.image.to_rgb8()) }
    }

    /// As [`Frame::cut`], but to an exact size and with the better filter.
    pub(crate) fn cut_exact(&self, left: u32, top: u32, from: (u32, u32), to: (u32, u32)) -> Self {
        let part = Self { image: self.image.crop_imm(left, top, from.0, from.1) };
        Self { image: part.image.resize_exact(to.0, to.1, FilterType::CatmullRom) }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.pixels_mut().zeroize();
    }
}

fn checked(width: u32, height: u32, channels: u64, mut pixels: Vec<u8>) -> Result<Vec<u8>, FrameError> {
    let count = u64::from(width) * u64::from(height);
    let expected = count.saturating_mul(channels);
    let fault = if count == 0 {
        FrameError::Empty { width, height }
    } else if width > MAX_SIDE || height > MAX_SIDE || count > MAX_PIXELS {
        FrameError::TooLarge { width, height }
    } else if pixels.len() as u64 != expected {
        FrameError::WrongLength { expected, actual: pixels.len() }
    } else {
        return Ok(pixels);
    };
    pixels.zeroize();
    Err(fault)
}

/// A rectangle in pixels; it may lie partly outside of its picture.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

/// A part of a picture at another scale, and where it came from.
pub(crate) struct Cut {
    pub frame: Frame,
    pub left: f32,
    pub top: f32,
    /// Old pixels a new one.
    pub scale: f32,
}

/// The brightness of a picture: one byte a pixel, wiped on drop.
pub(crate) struct Plane {
    pub width: usize,
    pub height: usize,
    pub data: Zeroizing<Vec<u8>>,
}

impl Plane {
    /// One pixel; `None` outside.
    pub fn get(&self, x: usize, y: usize) -> Option<u8> {
        if x >= self.width {
            return None;
        }
        self.data.get(y * self.width + x).copied()
    }

    /// The rows from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.data.chunks_exact(self.width.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_sizes_are_refused_before_memory_is_taken() {
        let refused = |width, height, bytes| Frame::rgb8(width, height, vec![0; bytes]).err();
        assert_eq!(refused(0, 0, 0), Some(FrameError::Empty { width: 0, height: 0 }));
        assert_eq!(refused(0, 7, 0), Some(FrameError::Empty { width: 0, height: 7 }));
        let long = FrameError::TooLarge { width: 1, height: 100_000 };
        assert_eq!(refused(1, 100_000, 300_000), Some(long));
        let most = FrameError::TooLarge { width: u32::MAX, height: u32::MAX };
        assert_eq!(refused(u32::MAX, u32::MAX, 3), Some(most));
        assert_eq!(refused(2, 2, 11), Some(FrameError::WrongLength { expected: 12, actual: 11 }));
    }

    #[test]
    fn a_cut_outside_of_the_picture_is_none() {
        let frame = Frame::gray8(4, 4, vec![9; 16]).unwrap();
        let area = |left, width| Area { left, top: 0.0, width, height: 4.0 };
        assert!(frame.cut(area(9.0, 3.0), 1.0).is_none());
        assert!(frame.cut(area(f32::NAN, 3.0), 1.0).is_none());
        assert!(frame.cut(area(2.0, 30.0), 1.0).is_some_and(|cut| cut.frame.width() == 2));
    }
}
