//! A camera: the screen as a PNG.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, ImageOrder};
use x11rb::rust_connection::RustConnection;

use super::atspi::Extents;
use crate::process::Interrupt;

/// How long a page may take to come to rest (ours: a page change takes at most 500 ms).
const SETTLE: Duration = Duration::from_secs(2);

/// Between two looks at the screen: longer than one frame of the toolkit (16 ms).
const LOOK: Duration = Duration::from_millis(60);

/// Fewer colours than any page has: text alone is drawn in dozens.
const PLAIN: usize = 8;

/// A connection to the display.
pub struct Camera {
    connection: RustConnection,
    root: u32,
    width: u16,
    height: u16,
}

/// A picture: RGB, 8 bits each, line by line.
#[derive(PartialEq, Eq)]
pub struct Picture {
    width: u16,
    height: u16,
    rgb: Vec<u8>,
}

impl Camera {
    /// Connects to a display such as `:99`.
    pub fn open(display: &str) -> Result<Camera> {
        let (connection, screen) =
            RustConnection::connect(Some(display)).with_context(|| format!("no display {display}"))?;
        let setup = connection.setup();
        let screen = setup.roots.get(screen).context("the display has no screen")?;
        if setup.image_byte_order != ImageOrder::LSB_FIRST || screen.root_depth != 24 {
            bail!("the display is not a 24 bit little-endian one");
        }
        let (root, width, height) = (screen.root, screen.width_in_pixels, screen.height_in_pixels);
        Ok(Camera { connection, root, width, height })
    }

    /// The screen as it is at this moment.
    pub fn now(&self) -> Result<Picture> {
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, self.width, self.height, u32::MAX)?
            .reply()?;
        Ok(Picture { width: self.width, height: self.height, rgb: rgb_of(&image.data) })
    }

    /// The screen once it is drawn and at rest: the accessibility tree can be a frame ahead of the pixels.
    ///
    /// A page where something always moves is taken as it is at the end of the limit.
    pub fn settled(&self, interrupt: &Interrupt) -> Result<Picture> {
        let end = Instant::now() + SETTLE;
        let mut before = self.now()?;
        loop {
            interrupt.check()?;
            std::thread::sleep(LOOK);
            let after = self.now()?;
            if (after == before && after.shows_something()) || Instant::now() >= end {
                return Ok(after);
            }
            before = after;
        }
    }
}

impl Picture {
    /// False for an empty or hardly drawn screen.
    pub fn shows_something(&self) -> bool {
        let mut colours = HashSet::new();
        self.rgb.chunks_exact(3).any(|pixel| {
            colours.insert(pixel);
            colours.len() > PLAIN
        })
    }

    /// What a code in this part of the picture says, as a phone reads it.
    pub fn code(&self, part: Extents) -> Option<String> {
        let at = |x: usize, y: usize| {
            let column = usize::try_from(part.x).ok()?.checked_add(x)?;
            let row = usize::try_from(part.y).ok()?.checked_add(y)?;
            let pixel = self.rgb.get(3 * (row * usize::from(self.width) + column)..)?;
            // Green is most of what an eye calls brightness.
            (column < usize::from(self.width)).then(|| pixel.get(1).copied()).flatten()
        };
        let (width, height) = (usize::try_from(part.width).ok()?, usize::try_from(part.height).ok()?);
        let mut photo =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| at(x, y).unwrap_or(u8::MAX));
        photo.detect_grids().first()?.decode().ok().map(|(_, text)| text)
    }

    /// Writes a PNG.
    pub fn write(&self, file: &Path) -> Result<()> {
        let open = File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
        let mut encoder =
            png::Encoder::new(BufWriter::new(open), u32::from(self.width), u32::from(self.height));
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgb)?;
        writer.finish()?;
        Ok(())
    }
}

/// Turns the server's 32-bit pixels (blue, green, red, unused) into RGB.
fn rgb_of(pixels: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(pixels.len() / 4 * 3);
    for pixel in pixels.chunks_exact(4) {
        if let [blue, green, red, _] = *pixel {
            rgb.extend([red, green, blue]);
        }
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_turned_round() {
        assert_eq!(rgb_of(&[1, 2, 3, 0, 4, 5, 6, 255]), [3, 2, 1, 6, 5, 4]);
    }

    #[test]
    fn a_blank_screen_shows_nothing() {
        let blank = Picture { width: 4, height: 4, rgb: vec![0; 48] };
        assert!(!blank.shows_something());
        let full = Picture { width: 4, height: 4, rgb: (0..48).collect() };
        assert!(full.shows_something());
    }

    #[test]
    fn a_screen_without_a_code_says_nothing() {
        let blank = Picture { width: 64, height: 64, rgb: vec![255; 64 * 64 * 3] };
        assert_eq!(blank.code(Extents { x: 0, y: 0, width: 64, height: 64 }), None);
        assert_eq!(
            blank.code(Extents { x: 60, y: -4, width: 64, height: 64 }),
            None,
            "partly off the screen"
        );
    }

    #[test]
    fn a_picture_is_a_png_of_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("picture.png");
        Picture { width: 4, height: 2, rgb: (0..24).collect() }.write(&file).unwrap();
        let mut reader =
            png::Decoder::new(std::io::BufReader::new(File::open(&file).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (4, 2));
        assert_eq!(pixels, (0..24).collect::<Vec<u8>>());
    }
}
