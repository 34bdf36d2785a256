//! The font of printed things, borrowed from the machine: Noto Sans Mono CJK, whose Latin letters are half as wide as
//! its Chinese characters, as in a printer.

use ab_glyph::{Font as _, FontVec, PxScale, ScaleFont, point};
use fontdb::{Database, Weight};

/// A font, or none on a machine without one: then boxes stand for the characters.
pub struct Font(Option<FontVec>);

/// Where the baseline stands in a line, as a share of its height.
const BASELINE: f32 = 0.86;

impl Font {
    /// The best of the installed fonts.
    pub fn installed() -> Self {
        let mut database = Database::new();
        database.load_system_fonts();
        let rank = |families: &[(String, fontdb::Language)]| {
            let has = |name: &str| families.iter().any(|(family, _)| family.contains(name));
            (!has("Mono CJK SC"), !has("Sans CJK SC"), !has("CJK SC"))
        };
        let best = database
            .faces()
            .filter(|face| {
                face.weight == Weight::NORMAL && face.families.iter().any(|(f, _)| f.contains("CJK"))
            })
            .min_by_key(|face| rank(&face.families));
        let font = best.and_then(|face| {
            let load = |data: &[u8], index| FontVec::try_from_vec_and_index(data.to_vec(), index).ok();
            database.with_face_data(face.id, load)?
        });
        if font.is_none() {
            tracing::warn!("no Chinese font is installed: boxes are drawn");
        }
        Self(font)
    }

    /// Boxes only.
    #[cfg(test)]
    pub fn none() -> Self {
        Self(None)
    }

    /// A character in a cell, row by row, 255 is black.
    pub fn draw(&self, character: char, width: usize, height: usize, bold: bool) -> Vec<u8> {
        if character == ' ' {
            return vec![0; width * height];
        }
        let drawn = self.0.as_ref().and_then(|font| outline(font, character, width, height));
        let mut ink = drawn.unwrap_or_else(|| hollow(width, height));
        if bold {
            for row in ink.chunks_mut(width.max(1)) {
                let mut before = 0;
                for dot in row {
                    (before, *dot) = (*dot, before.max(*dot));
                }
            }
        }
        ink
    }
}

fn outline(font: &FontVec, character: char, width: usize, height: usize) -> Option<Vec<u8>> {
    let id = font.glyph_id(character);
    if id.0 == 0 {
        return None;
    }
    let mut scale = PxScale::from(height as f32 * font.height_unscaled() / font.units_per_em()?);
    let advance = font.as_scaled(scale).h_advance(id);
    if advance > 0.0 {
        // Wide cells stretch the letters, as a printer does.
        scale.x *= width as f32 / advance;
    }
    let outlined =
        font.outline_glyph(id.with_scale_and_position(scale, point(0.0, height as f32 * BASELINE)))?;
    let bounds = outlined.px_bounds();
    let mut ink = vec![0; width * height];
    outlined.draw(|x, y, share| {
        let (x, y) = (x as f32 + bounds.min.x, y as f32 + bounds.min.y);
        if x >= 0.0 && y >= 0.0 && (x as usize) < width && (y as usize) < height {
            // Thermal paper knows little between black and white.
            let dark = ((share - 0.2) * 1.9).clamp(0.0, 1.0);
            if let Some(dot) = ink.get_mut(y as usize * width + x as usize) {
                *dot = (dark * 255.0) as u8;
            }
        }
    });
    Some(ink)
}

fn hollow(width: usize, height: usize) -> Vec<u8> {
    let edge = |at: usize, most: usize| at <= 1 || at + 2 >= most;
    (0..width * height)
        .map(|at| if edge(at % width.max(1), width) || edge(at / width.max(1), height) { 255 } else { 0 })
        .collect()
}
