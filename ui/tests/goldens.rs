//! Pictures of a few pages, compared with the stored ones. `BLESS=1` stores the present ones instead.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod stage;

use std::path::Path;

use matters::Language;
use slint::{ComponentHandle, Rgba8Pixel, SharedPixelBuffer};
use stage::{Mode, Stage, samples};

/// A pixel may differ by this much in a channel: rounding of blended edges.
const SHADE: u8 = 24;
/// And this share of the pixels may differ more: a changed glyph edge is not a changed page.
const SHARE: f64 = 0.0005;

const GOLDENS: &[(&str, Language)] = &[
    ("attract", Language::ZhHans),
    ("home", Language::ZhHans),
    ("card-waiting", Language::ZhHans),
    ("question-chosen", Language::ZhHans),
    ("done", Language::ZhHans),
    ("review", Language::En),
];

#[test]
fn pages_look_as_they_did() {
    let stage = Stage::new();
    let wrong: Vec<String> = GOLDENS
        .iter()
        .filter_map(|(name, language)| {
            show(&stage, name, *language);
            compare(&format!("{name}.{}", language.tag()), &stage.picture()).err()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Pages in another shape, size or palette.
const OTHERWISE: &[(&str, Language, &str)] = &[
    ("typed-date-wrong", Language::ZhHans, "portrait"),
    ("photograph-rejected", Language::ZhHans, "portrait"),
    ("scan-two", Language::ZhHans, "portrait"),
    ("commitment", Language::ZhHans, "landscape"),
    ("review-renewal", Language::ZhHans, "portrait-large"),
    ("typed-address", Language::En, "landscape"),
    ("done-pay", Language::En, "portrait-contrast"),
    ("done-paid", Language::ZhHans, "portrait"),
    ("done-pay-later", Language::En, "landscape"),
    ("refusal-printed", Language::ZhHans, "landscape"),
    ("home-calling", Language::En, "portrait-large"),
    ("confirm-validity", Language::ZhHans, "portrait"),
    ("commitment-no-scanner", Language::En, "portrait"),
    ("home", Language::ZhHans, "landscape-large-contrast"),
];

#[test]
fn pages_look_as_they_did_in_every_shape() {
    let stage = Stage::new();
    let wrong: Vec<String> = OTHERWISE
        .iter()
        .filter_map(|(name, language, mode)| {
            let view = samples::all(*language).into_iter().find(|(sample, _)| sample == name).unwrap().1;
            let mode_of = Mode::all().into_iter().find(|known| known.name() == *mode).unwrap();
            stage.show_as(mode_of, view);
            compare(&format!("{name}.{}.{mode}", language.tag()), &stage.picture()).err()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn focus_and_touch_are_seen_at_once() {
    use slint::platform::{Key, PointerEventButton, WindowEvent};
    let stage = Stage::new();
    show(&stage, "question-chosen", Language::ZhHans);
    let still = stage.picture();
    let window = stage.screen.component().window();
    for _ in 0..2 {
        window.dispatch_event(WindowEvent::KeyPressed { text: Key::Tab.into() });
        window.dispatch_event(WindowEvent::KeyReleased { text: Key::Tab.into() });
    }
    let position = slint::LogicalPosition::new(700.0, 1816.0);
    window.dispatch_event(WindowEvent::PointerPressed { position, button: PointerEventButton::Left });
    // No time has passed on the mocked clock: the next frame shows it.
    let touched = stage.picture();
    assert_ne!(still.as_slice(), touched.as_slice());
    compare("focus-and-touch.zh-Hans", &touched).unwrap();
}

fn show(stage: &Stage, name: &str, language: Language) {
    let view = samples::all(language).into_iter().find(|(sample, _)| *sample == name).unwrap().1;
    stage.show(view);
}

/// Compares a picture with the stored one, or stores it.
fn compare(name: &str, picture: &SharedPixelBuffer<Rgba8Pixel>) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let path = folder.join(format!("{name}.png"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        stage::write_png(&path, picture);
        return Ok(());
    }
    let share = difference(&path, picture);
    if share <= SHARE {
        return Ok(());
    }
    let now = std::env::temp_dir().join(path.file_name().unwrap());
    stage::write_png(&now, picture);
    Err(format!("{name}: {:.3} % of the pixels differ, see {}", share * 100.0, now.display()))
}

/// The share of pixels that differ visibly.
fn difference(path: &Path, picture: &SharedPixelBuffer<Rgba8Pixel>) -> f64 {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
    let mut stored = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut stored).unwrap();
    assert_eq!((info.width, info.height), (picture.width(), picture.height()), "{}", path.display());
    let differing = stored
        .chunks_exact(3)
        .zip(picture.as_slice())
        .filter(|(old, new)| {
            [(old[0], new.r), (old[1], new.g), (old[2], new.b)].iter().any(|(a, b)| a.abs_diff(*b) > SHADE)
        })
        .count();
    differing as f64 / f64::from(picture.width() * picture.height())
}
