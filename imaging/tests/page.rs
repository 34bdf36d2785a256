//! Scans as flatbeds and feeders give them, drawn here, and what becomes of them.

// The helpers of tests may stop a test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use imaging::{
    Frame,
    page::{Page, is_blurred, take},
};

/// A sheet in the middle of a scan. Its content is drawn in its own pixels.
struct Scan {
    size: (u32, u32),
    paper: (f32, f32),
    /// Top left corner of the sheet before it is turned around the scan's middle.
    at: (f32, f32),
    turned: f32,
    lid: f32,
    /// Brightness of the shadow line around the sheet, if it throws one.
    shadow: Option<f32>,
    content: fn(f32, f32) -> bool,
}

const DPI: u16 = 100;
/// Half a side of the black squares that the tests measure by, and how far their middles are from the sheet's edges.
const MARK: (f32, f32) = (8.0, 40.0);

impl Scan {
    fn a5_on(lid: f32) -> Self {
        let shadow = None;
        Self {
            size: (850, 1170),
            paper: (583.0, 827.0),
            at: (130.0, 170.0),
            turned: 0.0,
            lid,
            shadow,
            content: letter,
        }
    }

    fn draw(&self) -> Frame {
        let (wide, high) = self.size;
        let (sin, cos) = self.turned.to_radians().sin_cos();
        let mut noise = 1_u32;
        let mut pixels = Vec::new();
        for y in 0..high {
            for x in 0..wide {
                let mut sum = 0.0;
                for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                    let (x, y) = (x as f32 + dx - wide as f32 / 2.0, y as f32 + dy - high as f32 / 2.0);
                    let u = x * cos + y * sin + wide as f32 / 2.0 - self.at.0;
                    let v = y * cos - x * sin + high as f32 / 2.0 - self.at.1;
                    sum += self.value(u, v) / 4.0;
                }
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                pixels.push((sum + (noise >> 29) as f32 - 3.5).clamp(0.0, 255.0) as u8);
            }
        }
        Frame::gray8(wide, high, pixels).unwrap()
    }

    fn value(&self, u: f32, v: f32) -> f32 {
        let (wide, high) = self.paper;
        let outside = (-u).max(u - wide).max(-v).max(v - high);
        match self.shadow {
            Some(shadow) if outside > 0.0 && outside < 2.0 => shadow,
            Some(_) | None if outside > 0.0 => self.lid,
            Some(_) | None if (self.content)(u, v) => 30.0,
            Some(_) | None => 245.0,
        }
    }
}

/// Four squares at the corners of an A5 sheet and lines of words between them.
fn letter(u: f32, v: f32) -> bool {
    let (half, middle) = MARK;
    let near =
        |value: f32, end: f32| (value - middle).abs() <= half || (value - (end - middle)).abs() <= half;
    if near(u, 583.0) && near(v, 827.0) {
        return true;
    }
    if !(80.0..500.0).contains(&u) || !(80.0..740.0).contains(&v) {
        return false;
    }
    let (line, in_line) = ((v / 22.0) as u32, v % 22.0);
    let (letter, stroke) = ((u / 7.0) as u32, u % 7.0);
    let random =
        (letter.wrapping_mul(2_654_435_761) ^ line.wrapping_mul(40_503)).wrapping_mul(2_246_822_519) >> 28;
    in_line < 10.0 && random > 3 && (stroke < 1.8 || (random % 2 == 0 && in_line < 2.0 && stroke < 5.0))
}

fn nothing(_: f32, _: f32) -> bool {
    false
}

/// The page, its decoded pixels, and a file of it to look at.
fn page(scan: &Frame, name: &str) -> (Page, image::GrayImage) {
    let page = take(scan, DPI).unwrap();
    let folder = env!("CARGO_TARGET_TMPDIR");
    std::fs::write(format!("{folder}/{name}.jpg"), page.jpeg.bytes()).unwrap();
    let pixels = image::load_from_memory(page.jpeg.bytes()).unwrap().to_luma8();
    assert_eq!(pixels.dimensions(), (page.width, page.height));
    (page, pixels)
}

/// The middle of the black square nearest to a corner of the page.
fn mark(pixels: &image::GrayImage, right: bool, bottom: bool) -> (f32, f32) {
    let (wide, high) = pixels.dimensions();
    let (mut x, mut y, mut count) = (0.0, 0.0, 0.0);
    for (column, row, value) in pixels.enumerate_pixels() {
        let across = if right { wide - 1 - column } else { column };
        let down = if bottom { high - 1 - row } else { row };
        if (25..57).contains(&across) && (25..57).contains(&down) && value.0[0] < 100 {
            x += across as f32 + 0.5;
            y += down as f32 + 0.5;
            count += 1.0;
        }
    }
    assert!(count > 100.0, "no square at right {right} bottom {bottom}");
    (x / count, y / count)
}

/// All four squares are where they are on the sheet: it is straight, whole, and cropped at its edges.
fn assert_straight_and_cropped(page: &Page, pixels: &image::GrayImage, within: f32) {
    let (wide, high) = (page.width as f32, page.height as f32);
    assert!((wide - 583.0).abs() <= 2.0 * within && (high - 827.0).abs() <= 2.0 * within, "{wide}×{high}");
    for (right, bottom) in [(false, false), (true, false), (false, true), (true, true)] {
        let (x, y) = mark(pixels, right, bottom);
        let off = (x - MARK.1).abs().max((y - MARK.1).abs());
        assert!(off <= within, "right {right} bottom {bottom}: {x} {y}");
    }
    let lean = mark(pixels, false, false).1 - mark(pixels, true, false).1;
    let degrees = (lean / (wide - 2.0 * MARK.1)).atan().to_degrees();
    assert!(degrees.abs() <= 0.3, "leans {degrees}°");
}

#[test]
fn a_sheet_askew_on_a_grey_lid_comes_back_straight() {
    for turned in [3.0, -3.0, 0.0, 9.0] {
        let scan = Scan { turned, ..Scan::a5_on(150.0) };
        let (page, pixels) = page(&scan.draw(), &format!("grey{turned}"));
        assert!(page.edges_seen && !page.blank && !page.blurred);
        assert!((page.skew - turned).abs() <= 0.3, "{} for {turned}", page.skew);
        assert_straight_and_cropped(&page, &pixels, 4.0);
    }
}

#[test]
fn a_sheet_on_a_black_lid_comes_back_straight() {
    let (page, pixels) = page(&Scan { turned: 3.0, ..Scan::a5_on(12.0) }.draw(), "black");
    assert_straight_and_cropped(&page, &pixels, 4.0);
}

#[test]
fn a_white_lid_leaves_only_the_shadow_to_go_by() {
    let scan = Scan { turned: 3.0, shadow: Some(205.0), ..Scan::a5_on(246.0) };
    let (page, pixels) = page(&scan.draw(), "white");
    assert!(page.edges_seen);
    assert_straight_and_cropped(&page, &pixels, 5.0);
}

#[test]
fn a_sheet_in_the_corner_of_the_glass_keeps_all_its_content() {
    let (page, pixels) = page(&Scan { at: (0.0, 0.0), ..Scan::a5_on(150.0) }.draw(), "corner");
    assert!(page.edges_seen);
    assert_straight_and_cropped(&page, &pixels, 4.0);
}

#[test]
fn a_sheet_that_fills_the_scan_is_straightened_by_its_lines() {
    let scan = Scan { size: (583, 827), at: (0.0, 0.0), turned: 2.0, ..Scan::a5_on(245.0) };
    let (page, _) = page(&scan.draw(), "feeder");
    assert!((page.skew - 2.0).abs() <= 0.3, "{}", page.skew);
    assert_eq!((page.width, page.height), (583, 827));
}

#[test]
fn an_identity_card_is_found() {
    let card = |u: f32, v: f32| (30.0..180.0).contains(&u) && (40.0..44.0).contains(&(v % 60.0));
    let scan =
        Scan { paper: (337.0, 213.0), at: (90.0, 240.0), turned: -4.0, content: card, ..Scan::a5_on(200.0) };
    let (page, _) = page(&scan.draw(), "card");
    assert!(page.edges_seen && !page.blank);
    assert!(
        page.width.abs_diff(337) <= 6 && page.height.abs_diff(213) <= 6,
        "{}×{}",
        page.width,
        page.height
    );
}

#[test]
fn a_printed_frame_is_not_taken_for_the_paper() {
    let frame = |u: f32, v: f32| {
        let inside = |from: f32, to: f32| (from..583.0 - from).contains(&u) && (to..827.0 - to).contains(&v);
        letter(u, v) || (inside(20.0, 20.0) && !inside(23.0, 23.0))
    };
    let scan = Scan { size: (583, 827), at: (0.0, 0.0), content: frame, ..Scan::a5_on(245.0) };
    let (page, _) = page(&scan.draw(), "form");
    assert!(!page.edges_seen);
    assert_eq!((page.width, page.height), (583, 827));
}

#[test]
fn an_empty_sheet_and_an_empty_glass_are_blank() {
    let sheet = Scan { turned: 2.0, content: nothing, ..Scan::a5_on(150.0) };
    assert!(take(&sheet.draw(), DPI).unwrap().blank);
    let glass = Scan { paper: (0.0, 0.0), ..Scan::a5_on(240.0) };
    assert!(take(&glass.draw(), DPI).unwrap().blank);
    let signed =
        |u: f32, v: f32| (300.0..400.0).contains(&u) && (v - 600.0 - 9.0 * (u / 8.0).sin()).abs() < 1.5;
    let signature = Scan { content: signed, ..Scan::a5_on(150.0) };
    assert!(!take(&signature.draw(), DPI).unwrap().blank);
}

#[test]
fn a_smeared_page_is_blurred_and_a_sharp_one_is_not() {
    let sharp = Scan { turned: 1.0, ..Scan::a5_on(150.0) }.draw();
    assert!(!take(&sharp, DPI).unwrap().blurred);
    let image = image::GrayImage::from_raw(sharp.width(), sharp.height(), sharp.pixels().to_vec()).unwrap();
    let smeared = image::imageops::fast_blur(&image, 3.0);
    let smeared = Frame::gray8(smeared.width(), smeared.height(), smeared.into_raw()).unwrap();
    assert!(take(&smeared, DPI).unwrap().blurred);
    assert!(!is_blurred(&Frame::gray8(50, 50, vec![200; 2500]).unwrap()));
}

#[test]
fn a_scan_of_300_dpi_becomes_a_page_of_200_and_says_so() {
    let scan = Frame::rgb8(300, 600, vec![240; 300 * 600 * 3]).unwrap();
    let page = take(&scan, 300).unwrap();
    assert_eq!((page.width, page.height, page.dpi), (200, 400, 200));
    // JFIF: units 1 is dots an inch, then both densities.
    assert_eq!(page.jpeg.bytes()[6..18], *b"JFIF\0\x01\x02\x01\0\xC8\0\xC8");
}

#[test]
fn strange_scans_neither_panic_nor_grow() {
    for (wide, high) in [(1, 1), (1, 10_000), (10_000, 1), (2, 3), (7, 5000)] {
        for value in [0, 128, 255] {
            let pixels = vec![value; wide as usize * high as usize * 3];
            let page = take(&Frame::rgb8(wide, high, pixels).unwrap(), 200).unwrap();
            assert!(page.blank && page.width <= wide && page.height <= high);
        }
    }
    assert!(take(&Frame::gray8(5, 5, vec![0; 25]).unwrap(), 0).is_err());
    let mut noise = 7_u32;
    let mut random = |_| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    };
    let page = take(&Frame::gray8(400, 300, (0..120_000).map(&mut random).collect()).unwrap(), 200).unwrap();
    assert!(page.width <= 500 && page.height <= 500);
}
