//! JPEG → frame → preview. Pure.

use std::hash::{DefaultHasher, Hasher};

use zeroize::Zeroizing;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::frame::Frame;

/// The longest side of a picture. The portrait needs 441 rows; 4096 leaves room for any camera of today, and 48 MB is
/// the most one frame takes.
const MAX_SIDE: usize = 4096;

/// How far from its end a picture's end mark may stand: some cameras pad their pictures with zeros. Guess.
const MAX_PADDING: usize = 4096;

/// The brightest sample of a black picture. A covered sensor's noise stays below 16 of 255; a face in a dark hall does
/// not. Guess.
const BLACK: u8 = 24;

/// Every so many samples is looked at for blackness; a prime, so that no column is looked at again and again.
const BLACK_STEP: usize = 61;

/// Decodes a JPEG.
///
/// # Errors
/// Says why it is none, in a few words without any of its content.
pub(super) fn decode(jpeg: &[u8]) -> Result<Frame, String> {
    if !jpeg.starts_with(&[0xFF, 0xD8]) {
        return Err("no start mark".into());
    }
    // The decoder fills what is missing with grey; a camera that was cut off must not give half a face.
    let tail = jpeg.get(jpeg.len().saturating_sub(MAX_PADDING)..).unwrap_or_default();
    if !tail.windows(2).any(|mark| mark == [0xFF, 0xD9]) {
        return Err("no end mark".into());
    }
    let options = DecoderOptions::default()
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let pixels = decoder.decode().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("no size")?;
    let side = |side: usize| u32::try_from(side).map_err(|_| "too large");
    Frame::new(side(width)?, side(height)?, pixels).ok_or_else(|| "the pixels do not fit the size".into())
}

/// A picture of the size wanted: the middle of the source, as much of it as fits the shape, averaged where it shrinks.
pub(super) fn fit(source: &Frame, width: u32, height: u32) -> Option<Frame> {
    let (from_w, from_h) = (source.width() as usize, source.height() as usize);
    let (to_w, to_h) = (width as usize, height as usize);
    // The largest part of the source with the shape wanted.
    let (part_w, part_h) = if from_w * to_h > from_h * to_w {
        (from_h.checked_mul(to_w)?.checked_div(to_h)?.max(1), from_h)
    } else {
        (from_w, from_w.checked_mul(to_h)?.checked_div(to_w)?.max(1))
    };
    let (left, top) = ((from_w - part_w) / 2, (from_h - part_h) / 2);
    let spans = |from: usize, part: usize, to: usize| -> Vec<Span> {
        let edge = |at: usize| from + at * part / to;
        (0..to).map(|at| (edge(at), edge(at + 1).max(edge(at) + 1))).collect()
    };
    let (columns, rows) = (spans(left, part_w, to_w), spans(top, part_h, to_h));
    let mut target = Frame::new(width, height, vec![0; to_w.checked_mul(to_h)?.checked_mul(3)?])?;
    let single = |spans: &[Span]| spans.iter().all(|(first, last)| last - first == 1);
    if single(&columns) && single(&rows) {
        repeat(source, &columns, &rows, &mut target)?;
    } else {
        average(source, &columns, &rows, &mut target)?;
    }
    Some(target)
}

/// First and last pixel, exclusive, of a source's row or column that make one of the target's.
type Span = (usize, usize);

/// Each pixel of the target is one of the source.
fn repeat(source: &Frame, columns: &[Span], rows: &[Span], target: &mut Frame) -> Option<()> {
    let (from, to) = (source.width() as usize * 3, columns.len() * 3);
    let mut last = None;
    for (at, &(row, _)) in rows.iter().enumerate() {
        let (above, below) = target.pixels_mut().split_at_mut(at * to);
        let line = below.get_mut(..to)?;
        if last == Some(row) {
            line.copy_from_slice(above.get(above.len() - to..)?);
            continue;
        }
        last = Some(row);
        let (pixels, _) = source.pixels().get(row * from..(row + 1) * from)?.as_chunks::<3>();
        let (line, _) = line.as_chunks_mut::<3>();
        for (pixel, &(column, _)) in line.iter_mut().zip(columns) {
            *pixel = *pixels.get(column)?;
        }
    }
    Some(())
}

/// Each pixel of the target is the mean of several of the source.
fn average(source: &Frame, columns: &[Span], rows: &[Span], target: &mut Frame) -> Option<()> {
    let (from, to) = (source.width() as usize * 3, columns.len() * 3);
    let mut sums = Zeroizing::new(vec![[0u32; 3]; columns.len()]);
    for (&(first, last), line) in rows.iter().zip(target.pixels_mut().chunks_exact_mut(to)) {
        sums.fill([0; 3]);
        for row in first..last {
            let row = source.pixels().get(row * from..(row + 1) * from)?;
            for (sum, &(first, last)) in sums.iter_mut().zip(columns) {
                for pixel in row.get(first * 3..last * 3)?.as_chunks::<3>().0 {
                    for (sum, sample) in sum.iter_mut().zip(pixel) {
                        *sum += u32::from(*sample);
                    }
                }
            }
        }
        for ((sum, (left, right)), pixel) in sums.iter().zip(columns).zip(line.as_chunks_mut::<3>().0) {
            let count = ((last - first) * (right - left)) as u32;
            // An average of bytes is a byte.
            *pixel = sum.map(|sum| (sum / count) as u8);
        }
    }
    Some(())
}

/// Whether nothing can be seen: not one of the samples looked at is brighter than a covered sensor's noise.
pub(super) fn is_black(frame: &Frame) -> bool {
    frame.pixels().iter().step_by(BLACK_STEP).all(|sample| *sample < BLACK)
}

/// Tells two pictures apart. A living sensor's noise makes each picture differ from the one before.
pub(super) fn fingerprint(jpeg: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(jpeg);
    hasher.finish()
}

#[cfg(test)]
pub(super) mod tests {
    use image::ImageEncoder;

    use super::*;

    /// A JPEG of one colour.
    pub(in crate::camera) fn jpeg(width: u16, height: u16, rgb: [u8; 3]) -> Vec<u8> {
        let pixels = rgb.repeat(usize::from(width) * usize::from(height));
        encode(&pixels, width, height, image::ExtendedColorType::Rgb8)
    }

    fn encode(pixels: &[u8], width: u16, height: u16, kind: image::ExtendedColorType) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
        encoder.write_image(pixels, width.into(), height.into(), kind).unwrap();
        bytes
    }

    fn frame(width: u32, height: u32, pixels: &[u8]) -> Frame {
        Frame::new(width, height, pixels.to_vec()).unwrap()
    }

    #[test]
    fn a_picture_is_decoded_with_its_colours() {
        let frame = decode(&jpeg(40, 24, [200, 30, 60])).unwrap();
        assert_eq!((frame.width(), frame.height()), (40, 24));
        let close = |a: u8, b: u8| a.abs_diff(b) < 8;
        assert!(frame.pixels().chunks(3).all(|p| close(p[0], 200) && close(p[1], 30) && close(p[2], 60)));
    }

    #[test]
    fn a_grey_camera_gives_colour_pixels() {
        let frame = decode(&encode(&[120; 64], 8, 8, image::ExtendedColorType::L8)).unwrap();
        assert_eq!(frame.pixels().len(), 8 * 8 * 3);
        assert!(frame.pixels().iter().all(|sample| sample.abs_diff(120) < 8));
    }

    #[test]
    fn broken_pictures_are_refused() {
        let whole = jpeg(40, 24, [200, 30, 60]);
        let refuses = |bytes: &[u8]| decode(bytes).is_err();
        assert!(refuses(b""));
        assert!(refuses(b"GIF89a"));
        assert!(refuses(&whole[..whole.len() / 2]));
        assert!(refuses(b"\xFF\xD8\xFF\xD9"));
        // A size of 65535 × 65535 in the header of a small file.
        let at = whole.windows(2).position(|mark| mark == [0xFF, 0xC0]).unwrap();
        let mut huge = whole;
        huge[at + 5..at + 9].fill(0xFF);
        assert!(refuses(&huge));
    }

    #[test]
    fn the_middle_is_kept_and_its_pixels_averaged() {
        let row = [10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 0, 50, 0, 0, 60, 0, 0];
        let wide = frame(6, 2, &row.repeat(2));
        assert_eq!(fit(&wide, 2, 2).unwrap().pixels(), [30, 0, 0, 40, 0, 0].repeat(2));
        assert_eq!(fit(&wide, 1, 1).unwrap().pixels(), [35, 0, 0]);
        assert_eq!(fit(&wide, 3, 1).unwrap().pixels(), [15, 0, 0, 35, 0, 0, 55, 0, 0]);
        // Growing repeats pixels.
        assert_eq!(fit(&frame(1, 1, &[1, 2, 3]), 2, 2).unwrap().pixels(), [1, 2, 3].repeat(4));
        assert!(fit(&wide, 0, 5).is_none());
    }

    #[test]
    fn black_is_black() {
        assert!(is_black(&decode(&jpeg(64, 64, [0, 0, 0])).unwrap()));
        assert!(!is_black(&decode(&jpeg(64, 64, [0, 60, 0])).unwrap()));
    }
}
