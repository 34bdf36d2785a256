//! A paper as a flatbed sees it: drawn, a little askew on a grey lid, for SANE's own virtual scanner `pnm`.

use crate::font::Font;

/// The scan at 200 dots an inch, a little more than A4, and the sheet on it, B5.
const SCAN: (usize, usize) = (1700, 2340);
const SHEET: (usize, usize) = (1386, 1969);

/// Where the sheet's corner lies on the glass, and by how many degrees the sheet is turned.
const CORNER: (f32, f32) = (160.0, 150.0);
const TURNED: f32 = 1.2;

type Colour = [u8; 3];
const LID: Colour = [92, 94, 98];
const PAPER: Colour = [248, 247, 243];
const INK: Colour = [34, 36, 42];
const STAMP: Colour = [196, 40, 36];

/// A page: RGB, row by row.
pub struct Page {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// A lease, which proves a residence. Nobody lives there: no such person, no such flat.
pub fn lease() -> Page {
    let font = Font::installed();
    let mut sheet = Page::new(SHEET, PAPER);
    sheet.line(&font, "房屋租赁合同", 400, 150, 96);
    sheet.line(&font, "（示例，不是真实文件）", 473, 280, 40);
    let lines = [
        "出租方：示例住房租赁有限公司",
        "承租方：周到期",
        "房屋地址：北京市朝阳区示例街道测试路12号院",
        "3号楼2单元501室",
        "建筑面积：58.6 平方米",
        "租赁期限：2026年1月1日至2028年12月31日",
        "租金：每月 4800 元，按季支付",
        "一、承租方将该房屋作为住所使用。",
        "二、出租方保证对该房屋有权出租。",
        "三、本合同一式两份，双方各执一份，具有同等",
        "效力，自双方签字之日起生效。",
    ];
    for (row, text) in lines.iter().enumerate() {
        sheet.line(&font, text, 150, 420 + row * 104, 48);
    }
    sheet.line(&font, "出租方（盖章）", 150, 1640, 48);
    sheet.line(&font, "承租方（签字）", 860, 1640, 48);
    sheet.ring((330.0, 1720.0), 130.0);
    sheet.on_glass()
}

impl Page {
    fn new((width, height): (usize, usize), ground: Colour) -> Self {
        Self { width, height, rgb: ground.repeat(width * height) }
    }

    /// The page as a portable pixmap, which is what SANE's `pnm` scanner scans.
    pub fn ppm(&self) -> Vec<u8> {
        let mut file = format!("P6\n{} {}\n255\n", self.width, self.height).into_bytes();
        file.extend(&self.rgb);
        file
    }

    /// Writes text with full-width characters `size` dots wide.
    fn line(&mut self, font: &Font, text: &str, mut x: usize, y: usize, size: usize) {
        for character in text.chars() {
            let width = if character.is_ascii() { size / 2 } else { size };
            for (at, ink) in font.draw(character, width, size, false).into_iter().enumerate() {
                self.mix(x + at % width, y + at / width, INK, f32::from(ink) / 255.0);
            }
            x += width;
        }
    }

    /// The ring of a seal.
    fn ring(&mut self, (cx, cy): (f32, f32), radius: f32) {
        let (left, top, reach) = ((cx - radius) as usize, (cy - radius) as usize, 2 * radius as usize + 1);
        for y in top..top + reach {
            for x in left..left + reach {
                let distance = (x as f32 - cx).hypot(y as f32 - cy);
                self.mix(x, y, STAMP, (6.0 - (distance - radius + 8.0).abs()).clamp(0.0, 0.85));
            }
        }
    }

    fn at(&self, x: usize, y: usize) -> Option<Colour> {
        let start = 3 * (y * self.width + x);
        let colour = self.rgb.get(start..start + 3)?;
        (x < self.width).then(|| colour.try_into().ok()).flatten()
    }

    fn mix(&mut self, x: usize, y: usize, colour: Colour, share: f32) {
        let start = 3 * (y * self.width + x);
        if let (true, Some(place)) = (x < self.width, self.rgb.get_mut(start..start + 3)) {
            for (old, new) in place.iter_mut().zip(colour) {
                *old = (f32::from(*old) * (1.0 - share) + f32::from(new) * share).round() as u8;
            }
        }
    }

    /// The sheet on the glass, each dot mixed from the four it lies between.
    fn on_glass(&self) -> Page {
        let mut scan = Page::new(SCAN, LID);
        let (sin, cos) = TURNED.to_radians().sin_cos();
        for y in 0..scan.height {
            for x in 0..scan.width {
                let (u, v) = (x as f32 - CORNER.0, y as f32 - CORNER.1);
                let (u, v) = (u * cos + v * sin, v * cos - u * sin);
                if u < 0.0 || v < 0.0 {
                    continue;
                }
                let (left, top) = (u as usize, v as usize);
                let (right, below) = (u.fract(), v.fract());
                // Mixed one over the other, these shares give each of the four its due.
                for (dx, dy, share) in [
                    (0, 0, 1.0),
                    (1, 0, right),
                    (0, 1, below * (1.0 - right) / (1.0 - below * right)),
                    (1, 1, below * right),
                ] {
                    if let Some(colour) = self.at(left + dx, top + dy) {
                        scan.mix(x, y, colour, share);
                    }
                }
            }
        }
        scan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_lies_on_the_lid() {
        let page = lease();
        let file = page.ppm();
        assert!(file.starts_with(b"P6\n1700 2340\n255\n"));
        assert_eq!(file.len(), 17 + 3 * 1700 * 2340);
        assert_eq!(page.at(5, 5), Some(LID));
        assert_eq!(page.at(850, 300), Some(PAPER));
        assert_eq!(page.at(1700, 0), None, "beyond the edge is not the next row");
    }
}
