//! What a citizen in front of the camera is told, and the portrait that comes of it.

// The helpers of tests may stop a test.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use image::{Rgb, RgbImage, imageops};
use imaging::{
    Frame,
    portrait::{CropError, Face, HEIGHT, Reason, Verdict, WIDTH, crop, draw_outline, judge},
};

/// A person 640×480 in front of a light backdrop, see `data/README.md`.
fn person() -> RgbImage {
    image::load_from_memory(include_bytes!("data/astronaut.jpg")).unwrap().to_rgb8()
}

fn frame(image: RgbImage) -> Frame {
    let (width, height) = image.dimensions();
    Frame::rgb8(width, height, image.into_raw()).unwrap()
}

fn reasons(image: RgbImage) -> Vec<Reason> {
    match judge(&frame(image)) {
        Verdict::Good(_) => Vec::new(),
        Verdict::Rejected { reasons, .. } => reasons,
    }
}

fn good(frame: &Frame) -> Face {
    match judge(frame) {
        Verdict::Good(face) => face,
        Verdict::Rejected { reasons, .. } => panic!("{reasons:?}"),
    }
}

fn brighter(image: &RgbImage, factor: f32) -> RgbImage {
    let mut image = image.clone();
    image.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(|value| (f32::from(value) * factor) as u8));
    image
}

/// The picture on a larger wall of its own colour.
fn on_wall(image: &RgbImage, width: u32, height: u32, left: i64, top: i64) -> RgbImage {
    let mut wall = RgbImage::from_pixel(width, height, Rgb([200, 195, 192]));
    imageops::overlay(&mut wall, image, left, top);
    wall
}

/// A file to look at.
fn keep(name: &str, bytes: &[u8]) {
    std::fs::write(format!("{}/{name}", env!("CARGO_TARGET_TMPDIR")), bytes).unwrap();
}

#[test]
fn the_portrait_has_the_measures_of_ga_461() {
    let source = frame(person());
    let before = source.pixels().to_vec();
    let face = good(&source);
    // Measured by hand in the picture: pupils at 282,213 and 376,217, top of the hair at row 33.
    assert!((face.left_eye.x - 282.0).abs() < 4.0 && (face.left_eye.y - 213.0).abs() < 4.0);
    assert!((face.right_eye.x - 376.0).abs() < 4.0 && (face.right_eye.y - 217.0).abs() < 4.0);
    assert!(face.crown_seen && (face.crown - 33.0).abs() < 5.0, "crown {}", face.crown);

    let file = crop(&source, &face).unwrap();
    assert!(source.pixels() == before, "the source frame was changed");
    let bytes = file.bytes();
    keep("portrait.jpg", bytes);
    assert!((14 * 1024..=20 * 1024).contains(&bytes.len()), "{} bytes", bytes.len());
    // JFIF: units 1 is dots an inch, 0x015E is 350, across and down.
    assert_eq!(bytes[6..18], *b"JFIF\0\x01\x02\x01\x01\x5E\x01\x5E");
    let portrait = image::load_from_memory(bytes).unwrap();
    assert_eq!(portrait.color(), image::ColorType::Rgb8);
    assert_eq!((portrait.width(), portrait.height()), (WIDTH, HEIGHT));

    // Measured again, in the portrait itself on a larger wall of its background.
    let placed = on_wall(&portrait.to_rgb8(), 800, 600, 200, 100);
    let (Verdict::Good(again) | Verdict::Rejected { face: Some(again), .. }) = judge(&frame(placed)) else {
        panic!("no face in the portrait");
    };
    assert!((again.width - 207.0).abs() <= 14.0, "face {} wide", again.width);
    assert!((again.middle - 200.0 - 179.0).abs() <= 8.0, "middle {}", again.middle);
    let eyes = (again.left_eye.y + again.right_eye.y) / 2.0 - 100.0;
    assert!(441.0 - eyes >= 207.0, "eyes at {eyes}");
    // Its crown: the first row whose middle is hair and not backdrop.
    let dark =
        |row: u32| (160..200).filter(|&column| portrait.to_rgb8().get_pixel(column, row).0[2] < 130).count();
    let crown = (0..HEIGHT).find(|&row| dark(row) > 20).unwrap();
    assert!((7..=21).contains(&crown), "crown at {crown}");
}

#[test]
fn an_empty_chair_has_no_face() {
    assert_eq!(reasons(RgbImage::from_pixel(640, 480, Rgb([210, 205, 200]))), [Reason::NoFace]);
    let stripes =
        RgbImage::from_fn(640, 480, |x, y| Rgb([(x / 20 % 2 * 200) as u8, (y / 9 % 2 * 250) as u8, 90]));
    assert_eq!(reasons(stripes), [Reason::NoFace]);
}

#[test]
fn two_people_are_told_that_they_are_two() {
    let mut two = on_wall(&person(), 1280, 480, 0, 0);
    imageops::overlay(&mut two, &person(), 640, 0);
    assert_eq!(reasons(two), [Reason::SeveralFaces]);
}

#[test]
fn a_dark_or_burnt_out_face_is_refused() {
    assert!(reasons(brighter(&person(), 0.35)).contains(&Reason::TooDark));
    assert!(reasons(brighter(&person(), 1.6)).contains(&Reason::TooBright));
    // Less light than in a studio is no reason.
    assert!(!reasons(brighter(&person(), 0.75)).contains(&Reason::TooDark));
}

#[test]
fn a_moved_face_is_blurred() {
    assert!(reasons(imageops::fast_blur(&person(), 2.5)).contains(&Reason::Blurred));
}

#[test]
fn far_near_and_aside_are_told_apart() {
    let small = imageops::resize(&person(), 320, 240, imageops::FilterType::Triangle);
    assert_eq!(reasons(on_wall(&small, 400, 300, 40, 60)), [Reason::TooFar]);
    let head = imageops::crop_imm(&person(), 150, 60, 350, 330).to_image();
    assert!(reasons(head).contains(&Reason::TooClose));
    let aside = imageops::crop_imm(&person(), 0, 0, 440, 480).to_image();
    assert!(reasons(aside).contains(&Reason::NotCentred));
}

#[test]
fn a_leaning_head_is_told_to_straighten() {
    let (sin, cos) = 14.0_f32.to_radians().sin_cos();
    let straight = person();
    let leaning = RgbImage::from_fn(640, 480, |x, y| {
        let (x, y) = (x as f32 - 326.0, y as f32 - 230.0);
        let (x, y) = (326.0 + x * cos + y * sin, 230.0 + y * cos - x * sin);
        *straight.get_pixel(x.clamp(0.0, 639.0) as u32, y.clamp(0.0, 479.0) as u32)
    });
    assert!(reasons(leaning).contains(&Reason::HeadTilted));
}

#[test]
fn what_stands_behind_the_head_is_noticed() {
    let mut shelf = person();
    for (x, y, pixel) in shelf.enumerate_pixels_mut() {
        let beside = !(195..470).contains(&x);
        if beside && y < 250 && (x + y) / 12 % 2 == 0 {
            *pixel = Rgb([60, 40, 30]);
        }
    }
    assert_eq!(reasons(shelf), [Reason::BackgroundNotPlain]);
    // A blue sheet: plain but not white.
    let mut blue = person();
    for (x, y, pixel) in blue.enumerate_pixels_mut() {
        if !(170..490).contains(&x) || (!(198..455).contains(&x) && y < 110) {
            *pixel = Rgb([70, 110, 190]);
        }
    }
    assert_eq!(reasons(blue), [Reason::BackgroundNotWhite]);
}

#[test]
fn covered_eyes_are_noticed() {
    let mut covered = person();
    for y in 195..235 {
        for x in 250..410 {
            covered.put_pixel(x, y, Rgb([205, 160, 140]));
        }
    }
    let reasons = reasons(covered);
    assert!(reasons.contains(&Reason::EyesNotSeen) || reasons == [Reason::NoFace], "{reasons:?}");
}

#[test]
fn nothing_is_filled_in_around_a_head_at_the_edge() {
    let aside = frame(imageops::crop_imm(&person(), 0, 0, 440, 480).to_image());
    let Verdict::Rejected { face: Some(face), .. } = judge(&aside) else { panic!("no face") };
    assert!(matches!(crop(&aside, &face), Err(CropError::OutsideFrame)));
    let impossible = Face { width: f32::NAN, ..face };
    assert!(crop(&aside, &impossible).is_err());
}

#[test]
fn the_outline_frames_the_head_and_spares_the_face() {
    let mut preview = frame(person());
    draw_outline(&mut preview);
    let image = RgbImage::from_raw(640, 480, preview.pixels().to_vec()).unwrap();
    let mut file = Vec::new();
    image.write_to(&mut std::io::Cursor::new(&mut file), image::ImageFormat::Jpeg).unwrap();
    keep("outline.jpg", &file);
    let changed = image.pixels().zip(person().pixels()).filter(|(one, other)| one != other).count();
    assert!((2_000..20_000).contains(&changed), "{changed} pixels");
    let original = person();
    assert!((200..300).all(|y| (270..370).all(|x| image.get_pixel(x, y) == original.get_pixel(x, y))));
}

#[test]
fn strange_frames_neither_panic_nor_grow() {
    for (width, height) in [(1, 1), (2, 3), (1, 10_000), (10_000, 1), (39, 39), (41, 40), (3000, 50)] {
        for value in [0, 128, 255] {
            let mut strange = Frame::rgb8(width, height, vec![value; (width * height * 3) as usize]).unwrap();
            let verdict = judge(&strange);
            assert!(matches!(verdict, Verdict::Rejected { reasons, .. } if reasons == [Reason::NoFace]));
            draw_outline(&mut strange);
        }
    }
    let mut noise = 1_u32;
    let mut random = |_| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    };
    for (width, height) in [(640, 480), (331, 247), (480, 640)] {
        let pixels = (0..width * height).map(&mut random).collect();
        judge(&Frame::gray8(width, height, pixels).unwrap());
    }
}
