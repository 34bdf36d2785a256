//! Draws every page in every language and every way without a display, and contact sheets of them:
//! `cargo run -p ui --example pages -- OUTDIR [--mode MODE]… [--sheets] [--window WIDTHxHEIGHT] [NAME…]`.
//!
//! Modes are `portrait` and `landscape`, each with `-large`, `-contrast` or `-large-contrast`; without any, all are
//! drawn. `--sheets` draws the contact sheets only, `--window` in a window of another size. The sheets of a page that is turned stand one after the other.

#[path = "../tests/stage/mod.rs"]
mod stage;

use std::path::{Path, PathBuf};

use i_slint_backend_testing::{AccessibleRole, ElementQuery};
use matters::Language;
use slint::{ComponentHandle, PhysicalSize, Rgba8Pixel, SharedPixelBuffer};
use stage::{Mode, Stage, samples};

/// A contact sheet shows each page at a quarter of its size, so many beside and below each other.
const QUARTER: u32 = 4;
const ACROSS: (u32, u32) = (5, 3);
const DOWN: (u32, u32) = (2, 4);
const GAP: u32 = 12;

struct Wanted {
    folder: PathBuf,
    modes: Vec<Mode>,
    sheets_only: bool,
    window: Option<(u32, u32)>,
    names: Vec<String>,
}

fn main() {
    let Some(wanted) = arguments() else {
        eprintln!("usage: pages OUTDIR [--mode MODE]… [--sheets] [NAME…]");
        std::process::exit(2);
    };
    let sheets = wanted.folder.join("sheets");
    if let Err(error) = std::fs::create_dir_all(&sheets) {
        eprintln!("{}: {error}", sheets.display());
        std::process::exit(1);
    }
    let stage = Stage::new();
    for mode in &wanted.modes {
        for language in Language::ALL {
            let drawn = draw(&stage, &wanted, *mode, language);
            let (across, down) = if mode.wide { (ACROSS.1, DOWN.1) } else { (ACROSS.0, DOWN.0) };
            for (at, few) in drawn.chunks((across * down) as usize).enumerate() {
                let name = format!("{}.{}.{:02}.png", mode.name(), language.tag(), at + 1);
                let path = sheets.join(name);
                stage::write_png(&path, &contact_sheet(few, across, down));
                println!("{}", path.display());
            }
        }
    }
}

fn arguments() -> Option<Wanted> {
    let mut arguments = std::env::args_os().skip(1);
    let mut wanted = Wanted {
        // A question for help is no folder.
        folder: arguments
            .next()
            .map(PathBuf::from)
            .filter(|path| !path.to_string_lossy().starts_with('-'))?,
        modes: Vec::new(),
        sheets_only: false,
        window: None,
        names: Vec::new(),
    };
    let mut arguments = arguments.filter_map(|argument| argument.into_string().ok());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--sheets" => wanted.sheets_only = true,
            "--window" => {
                let (width, height) =
                    arguments.next()?.split_once('x').map(|(w, h)| (w.parse(), h.parse()))?;
                wanted.window = Some((width.ok()?, height.ok()?));
            }
            "--mode" => {
                let name = arguments.next()?;
                wanted.modes.push(Mode::all().into_iter().find(|mode| mode.name() == name)?);
            }
            _ => wanted.names.push(argument),
        }
    }
    if wanted.modes.is_empty() {
        wanted.modes = Mode::all();
    }
    Some(wanted)
}

/// Draws the pages of one mode, each of their sheets, and returns them small.
fn draw(
    stage: &Stage,
    wanted: &Wanted,
    mode: Mode,
    language: Language,
) -> Vec<SharedPixelBuffer<Rgba8Pixel>> {
    let mut small = Vec::new();
    // A page that is left has forgotten which of its sheets was shown.
    let (_, between) = samples::all(language).swap_remove(0);
    for (name, view) in samples::all(language) {
        if !wanted.names.is_empty() && !wanted.names.iter().any(|wanted| wanted == name) {
            continue;
        }
        stage.show_as(mode, between.clone());
        let _ = ElementQuery::from_root(stage.screen.component()).find_all();
        stage.show_as(mode, view);
        if let Some((width, height)) = wanted.window {
            resize(stage, width, height);
        }
        for sheet in 1.. {
            let picture = stage.picture();
            if !wanted.sheets_only {
                let turned = if sheet > 1 { format!("-{sheet}") } else { String::new() };
                let path =
                    wanted.folder.join(format!("{name}{turned}.{}.{}.png", language.tag(), mode.name()));
                write(&path, &picture);
            }
            small.push(quarter(&picture));
            if !turn(stage, language) {
                break;
            }
        }
    }
    small
}

/// Another window than the mode's. The screen scales its pages to it in the next turns.
fn resize(stage: &Stage, width: u32, height: u32) {
    stage.screen.component().window().set_size(PhysicalSize::new(width, height));
    for _ in 0..3 {
        slint::platform::update_timers_and_animations();
    }
    let _ = ElementQuery::from_root(stage.screen.component()).find_all();
}

fn write(path: &Path, picture: &SharedPixelBuffer<Rgba8Pixel>) {
    stage::write_png(path, picture);
    println!("{}", path.display());
}

/// Presses the footer's "next page", if there is one.
fn turn(stage: &Stage, language: Language) -> bool {
    let words = language.of(&["下一页（", "Next page ("]);
    let next = ElementQuery::from_root(stage.screen.component())
        .match_accessible_role(AccessibleRole::Button)
        .find_all()
        .into_iter()
        .find(|button| button.accessible_label().is_some_and(|label| label.starts_with(words)));
    next.inspect(|next| next.invoke_accessible_default_action()).is_some()
}

/// A picture at a quarter of its size, each pixel the mean of sixteen.
fn quarter(picture: &SharedPixelBuffer<Rgba8Pixel>) -> SharedPixelBuffer<Rgba8Pixel> {
    let (width, height) = (picture.width() / QUARTER, picture.height() / QUARTER);
    let mut small = SharedPixelBuffer::new(width, height);
    let pixel = |x: u32, y: u32| picture.as_slice().get((y * picture.width() + x) as usize).copied();
    for (at, out) in small.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (at as u32 % width * QUARTER, at as u32 / width * QUARTER);
        let near = (0..QUARTER * QUARTER).filter_map(|n| pixel(x + n % QUARTER, y + n / QUARTER));
        let sum = near.fold([0u32; 3], |[r, g, b], p: Rgba8Pixel| {
            [r + u32::from(p.r), g + u32::from(p.g), b + u32::from(p.b)]
        });
        let mean = sum.map(|sum| (sum / (QUARTER * QUARTER)) as u8);
        *out = Rgba8Pixel { r: mean[0], g: mean[1], b: mean[2], a: 255 };
    }
    small
}

fn contact_sheet(
    pages: &[SharedPixelBuffer<Rgba8Pixel>],
    across: u32,
    down: u32,
) -> SharedPixelBuffer<Rgba8Pixel> {
    let (width, height) = pages.first().map_or((1, 1), |page| (page.width(), page.height()));
    let total = ((width + GAP) * across + GAP, (height + GAP) * down + GAP);
    let mut sheet = SharedPixelBuffer::new(total.0, total.1);
    let pixels = sheet.make_mut_slice();
    pixels.fill(Rgba8Pixel { r: 0x60, g: 0x66, b: 0x70, a: 255 });
    for (at, page) in (0u32..).zip(pages) {
        let (left, top) = (GAP + at % across * (width + GAP), GAP + at / across * (height + GAP));
        for (y, row) in (0u32..).zip(page.as_slice().chunks_exact(width as usize)) {
            let from = ((top + y) * total.0 + left) as usize;
            if let Some(into) = pixels.get_mut(from..from + row.len()) {
                into.copy_from_slice(row);
            }
        }
    }
    sheet
}
