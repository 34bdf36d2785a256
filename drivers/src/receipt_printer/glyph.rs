//! Draws characters that the printer's fonts lack, with the fonts installed on this machine.

use std::path::PathBuf;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use fontdb::{Database, ID};

use super::job::Draw;
use super::wire::raster::{Columns, HEIGHT};

/// The share of ink in a dot from which it is printed black. Thin strokes of Chinese characters vanish above 0.5.
const INK: f32 = 0.42;

/// Where the baseline stands in the line, as a share of its height: the one of Chinese fonts.
const BASELINE: f32 = 0.86;

/// The installed fonts. Opened when the first rare character comes and dropped with the job, because a catalogue of
/// fonts costs megabytes and most receipts need none.
pub(crate) struct Glyphs {
    preferred: Option<PathBuf>,
    faces: Option<(Database, Vec<ID>)>,
}

impl Glyphs {
    /// `preferred` is a font file to try before the installed ones.
    pub fn new(preferred: Option<PathBuf>) -> Self {
        Self { preferred, faces: None }
    }

    fn faces(&mut self) -> &(Database, Vec<ID>) {
        let preferred = self.preferred.as_ref();
        self.faces.get_or_insert_with(|| {
            let mut database = Database::new();
            if let Some(path) = preferred
                && let Err(error) = database.load_font_file(path)
            {
                tracing::warn!(%error, "the configured font for rare characters cannot be read");
            }
            let mut ids: Vec<ID> = database.faces().map(|face| face.id).collect();
            database.load_system_fonts();
            // Mainland forms first, regular weight, without serifs: what survives 24 dots.
            let mut others: Vec<(bool, bool, bool, ID)> = database
                .faces()
                .filter(|face| !ids.contains(&face.id))
                .map(|face| {
                    let mainland = face.families.iter().any(|(name, _)| name.ends_with("SC"));
                    let serif = face.post_script_name.contains("Serif");
                    (!mainland, face.weight != fontdb::Weight::NORMAL, serif, face.id)
                })
                .collect();
            others.sort_by_key(|(other, weight, serif, _)| (*other, *weight, *serif));
            ids.extend(others.into_iter().map(|(.., id)| id));
            (database, ids)
        })
    }
}

impl Draw for Glyphs {
    fn draw(&mut self, character: char, width: usize) -> Columns {
        let (database, ids) = self.faces();
        let drawn = ids.iter().find_map(|id| {
            database.with_face_data(*id, |data, index| {
                let font = FontRef::try_from_slice_and_index(data, index).ok()?;
                outline(&font, character, width)
            })?
        });
        drawn.unwrap_or_else(|| code_box(character, width))
    }
}

/// Draws with one font; `None` when it lacks the character.
fn outline(font: &FontRef<'_>, character: char, width: usize) -> Option<Columns> {
    let id = font.glyph_id(character);
    if id.0 == 0 {
        return None;
    }
    let height = HEIGHT as f32;
    // `PxScale` is ascent to descent; a line wants the em square, in which Chinese characters are drawn.
    let units = font.units_per_em()?;
    let mut scale = PxScale::from(height * font.height_unscaled() / units);
    let advance = font.as_scaled(scale).h_advance(id);
    if advance > width as f32 {
        scale.x *= width as f32 / advance;
    }
    let left = (width as f32 - font.as_scaled(scale).h_advance(id)).max(0.0) / 2.0;
    let glyph = id.with_scale_and_position(scale, point(left.round(), (height * BASELINE).round()));
    let outlined = font.outline_glyph(glyph)?;
    let bounds = outlined.px_bounds();
    let mut columns = vec![0u32; width];
    outlined.draw(|x, y, ink| {
        let (x, y) = (x as f32 + bounds.min.x, y as f32 + bounds.min.y);
        if ink > INK && x >= 0.0 && y >= 0.0 {
            dot(&mut columns, x as usize, y as usize);
        }
    });
    Some(Columns(columns))
}

fn dot(columns: &mut [u32], x: usize, y: usize) {
    if let Some(column) = columns.get_mut(x)
        && y < HEIGHT
    {
        *column |= 1 << (HEIGHT - 1 - y);
    }
}

/// Hexadecimal digits, three dots wide and five high, a row in three bits.
const DIGITS: [[u8; 5]; 16] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 3, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 2, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
    [2, 5, 7, 5, 5],
    [6, 5, 6, 5, 6],
    [7, 4, 4, 4, 7],
    [6, 5, 5, 5, 6],
    [7, 4, 6, 4, 7],
    [7, 4, 6, 4, 4],
];

/// The code point in a box, in two rows, for a character that no font on this machine has: a clerk can look it up,
/// and it is not lost.
fn code_box(character: char, width: usize) -> Columns {
    // Six digits do not fit below plane 16, whose characters have no shape anyway.
    let code = u32::from(character);
    let digits: Vec<u32> = if code > 0xFFFF { vec![16, 12, 8, 4, 0] } else { vec![12, 8, 4, 0] };
    let zoom = if width >= HEIGHT { 2 } else { 1 };
    let mut columns = vec![0u32; width];
    for at in 0..width.max(HEIGHT) {
        for (x, y) in [(at, 0), (at, HEIGHT - 1), (0, at), (width.saturating_sub(1), at)] {
            dot(&mut columns, x, y);
        }
    }
    for (place, shift) in digits.iter().enumerate() {
        let top = digits.len().div_ceil(2);
        let (row, column) = (place / top, place % top);
        let shape = DIGITS.get((code >> shift & 0xF) as usize).copied().unwrap_or_default();
        for (y, bits) in shape.iter().enumerate() {
            for x in (0..3).filter(|x| bits >> (2 - x) & 1 == 1) {
                for (dx, dy) in (0..zoom * zoom).map(|at| (at % zoom, at / zoom)) {
                    let left = 2 + column * (3 * zoom + 1) + x * zoom + dx;
                    dot(&mut columns, left, 2 + row * (5 * zoom + 1) + y * zoom + dy);
                }
            }
        }
    }
    Columns(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(columns: &Columns) -> Vec<String> {
        let row =
            |y: usize| columns.0.iter().map(|c| if c >> (23 - y) & 1 == 1 { '#' } else { '.' }).collect();
        (0..24).map(row).collect()
    }

    #[test]
    fn a_character_without_a_font_shows_its_code() {
        let shown = picture(&code_box('\u{2CB5A}', 24));
        assert_eq!(shown[0], "#".repeat(24));
        assert_eq!(shown[23], "#".repeat(24));
        assert_eq!(shown[2], "#.######.######.####...#", "2, C and B");
        assert_eq!(shown[3], "#.######.######.####...#");
        assert_eq!(shown[14], "#.######...##..........#", "5 and A");
        assert_eq!(code_box('ñ', 12).0.len(), 12);
    }

    #[test]
    fn no_font_at_all_still_prints_something() {
        let mut glyphs = Glyphs { preferred: None, faces: Some((Database::new(), Vec::new())) };
        assert_eq!(picture(&glyphs.draw('㐂', 24)), picture(&code_box('㐂', 24)));
    }
}
