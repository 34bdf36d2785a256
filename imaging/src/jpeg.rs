//! JPEG files with their resolution in the header.

use image::{
    ExtendedColorType,
    codecs::jpeg::{JpegEncoder, PixelDensity},
};
use zeroize::Zeroizing;

use crate::Frame;

/// The encoder refused the picture.
#[derive(Debug, thiserror::Error)]
#[error("the picture cannot be written as JPEG")]
pub struct JpegError(#[source] image::ImageError);

/// A JPEG file in memory, wiped on drop.
pub struct Jpeg {
    bytes: Zeroizing<Vec<u8>>,
}

impl Jpeg {
    /// The whole file, JFIF header first.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The picture again as RGB pixels, shrunk to fit into `width` × `height`: what a screen shows of it.
    ///
    /// # Errors
    /// [`JpegError`] when the decoder refuses; not with a file that was written here.
    pub fn thumbnail(&self, width: u32, height: u32) -> Result<Frame, JpegError> {
        let format = image::ImageFormat::Jpeg;
        let picture = image::load_from_memory_with_format(&self.bytes, format).map_err(JpegError)?;
        let small = picture.thumbnail(width, height).into_rgb8();
        let (width, height) = small.dimensions();
        Frame::rgb8(width, height, small.into_raw()).map_err(|_| {
            let parameter =
                image::error::ParameterError::from_kind(image::error::ParameterErrorKind::DimensionMismatch);
            JpegError(image::ImageError::Parameter(parameter))
        })
    }

    /// Encodes with `quality` 1–100 and writes `dpi` into the JFIF header.
    ///
    /// # Errors
    /// [`JpegError`] when the encoder refuses; not with the sizes a [`Frame`] can have.
    pub(crate) fn encode(frame: &Frame, quality: u8, dpi: u16) -> Result<Self, JpegError> {
        // Growing would leave copies of the picture behind in freed memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(frame.pixels().len() / 2 + 4096));
        let mut encoder = JpegEncoder::new_with_quality(&mut *bytes, quality);
        encoder.set_pixel_density(PixelDensity::dpi(dpi));
        let color = if frame.channels() == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
        encoder.encode(frame.pixels(), frame.width(), frame.height(), color).map_err(JpegError)?;
        Ok(Self { bytes })
    }
}
