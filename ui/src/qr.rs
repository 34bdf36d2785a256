//! A QR code as pixels: whole modules, so that no edge is blurred.

use qrcode::{Color, EcLevel, QrCode};
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

/// The longest side of the picture in pixels, which the page draws 1:1.
const SIDE: usize = 330;

/// The light modules around a code that ISO/IEC 18004 asks for. They are part of the picture.
const QUIET: usize = 4;

/// Modules finer than this are hard to scan from a screen at arm's length. A guess.
const FINEST: usize = 4;

const WHITE: Rgb8Pixel = Rgb8Pixel { r: 0xFF, g: 0xFF, b: 0xFF };
const INK: Rgb8Pixel = Rgb8Pixel { r: 0x14, g: 0x21, b: 0x3D };

/// Draws a text as QR code of medium redundancy. Empty when the text is empty or too long.
pub fn picture(text: &str) -> Image {
    if text.is_empty() {
        return Image::default();
    }
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return Image::default();
    };
    let modules = code.width();
    let module = (SIDE / (modules + 2 * QUIET)).min(10);
    let side = module * (modules + 2 * QUIET);
    let Ok(pixels) = u32::try_from(side) else {
        return Image::default();
    };
    if module < FINEST {
        return Image::default();
    }
    let colours = code.to_colors();
    let dark = |column: usize, row: usize| {
        let (column, row) = (column.checked_sub(QUIET)?, row.checked_sub(QUIET)?);
        (column < modules).then(|| colours.get(row * modules + column) == Some(&Color::Dark))
    };
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(pixels, pixels);
    for (at, pixel) in buffer.make_mut_slice().iter_mut().enumerate() {
        let dark = dark(at % side / module, at / side / module).unwrap_or(false);
        *pixel = if dark { INK } else { WHITE };
    }
    Image::from_rgb8(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_whole_with_a_quiet_zone_around() {
        let text = "110101-0007-000012";
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let picture = picture(text).to_rgb8().unwrap();
        let side = picture.width() as usize;
        let whole = code.width() + 8;
        assert_eq!(side % whole, 0);
        let module = side / whole;
        let inside = 4..whole - 4;
        for row in 0..whole {
            for column in 0..whole {
                let want = inside.contains(&row)
                    && inside.contains(&column)
                    && code[(column - 4, row - 4)] == Color::Dark;
                for (dx, dy) in [(0, 0), (module - 1, module - 1)] {
                    let pixel = picture.as_slice()[(row * module + dy) * side + column * module + dx];
                    assert_eq!(pixel == INK, want, "module {column},{row}");
                }
            }
        }
    }

    #[test]
    fn a_text_that_does_not_fit_gives_no_picture() {
        assert_eq!(picture("").size().width, 0);
        assert_eq!(picture(&"x".repeat(5000)).size().width, 0, "too long for any code");
        assert_eq!(picture(&"x".repeat(1000)).size().width, 0, "too fine to be scanned");
        assert!(picture(&"x".repeat(200)).size().width > 0);
    }
}
