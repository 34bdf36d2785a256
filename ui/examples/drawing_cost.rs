//! Measures the drawing of the screens without a display and prints one JSON object:
//! `cargo run --release -p ui --example drawing_cost [-- NAME]`. Each figure stands beside a floor of the same run, the bare
//! filling of as many pixels; `NAME` draws that page only, again and again, for a profiler.
//!
//! Times are those of this thread on its core, so that other work on the machine does not count. The pixels are those of a bare console, 32 bits each, into one buffer that keeps its content, as a machine draws.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use matters::Language;
use rustix::time::{ClockId, clock_gettime};
use session::Action;
use session::view::{Page, View};
use slint::platform::software_renderer::{
    MinimalSoftwareWindow, PremultipliedRgbaColor, RepaintBufferType, TargetPixel,
};
use slint::platform::{Platform, PointerEventButton, WindowAdapter, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, PhysicalSize, PlatformError};
use ui::{Screen, ScreenOptions};

const WIDTH: usize = 1080;
const HEIGHT: usize = 1920;

/// How often a page is drawn anew; its median counts.
const REDRAWS: usize = 15;

/// How often the walk through all pages is made; the median of each step counts.
const WALKS: usize = 5;

/// How often a key is pressed, and how many frames of the camera are shown.
const TIMES: usize = 60;

/// Frames a second of the camera.
const PREVIEW_RATE: f64 = 15.0;

/// A pixel of a bare console: XRGB, 8 bits each.
#[derive(Clone, Copy)]
struct Xrgb(u32);

impl TargetPixel for Xrgb {
    fn blend(&mut self, color: PremultipliedRgbaColor) {
        let [_, red, green, blue] = self.0.to_be_bytes();
        let mut mixed = PremultipliedRgbaColor { red, green, blue, alpha: 255 };
        mixed.blend(color);
        *self = Xrgb::from_rgb(mixed.red, mixed.green, mixed.blue);
    }

    fn from_rgb(red: u8, green: u8, blue: u8) -> Xrgb {
        Xrgb(u32::from_be_bytes([255, red, green, blue]))
    }
}

/// The time that this thread has been on a core.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// A platform of one window without a screen.
struct Headless {
    window: Rc<MinimalSoftwareWindow>,
    began: Instant,
}

impl Platform for Headless {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.began.elapsed()
    }
}

struct Bench {
    window: Rc<MinimalSoftwareWindow>,
    screen: Screen,
    pixels: RefCell<Vec<Xrgb>>,
    /// The digits that the session would hold.
    typed: Rc<Cell<usize>>,
}

impl Bench {
    fn new() -> Result<Bench, Box<dyn std::error::Error>> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        let platform = Headless { window: Rc::clone(&window), began: Instant::now() };
        slint::platform::set_platform(Box::new(platform))?;
        let typed = Rc::new(Cell::new(0));
        let heard = Rc::clone(&typed);
        let screen = Screen::new(ScreenOptions::default(), move |action| {
            if matches!(action, Action::Type(_)) {
                heard.set(heard.get() + 1);
            }
        })?;
        window.set_size(PhysicalSize::new(WIDTH as u32, HEIGHT as u32));
        screen.component().show()?;
        Ok(Bench { window, screen, pixels: RefCell::new(vec![Xrgb(0); WIDTH * HEIGHT]), typed })
    }

    /// Draws what changed; the number of pixels in the changed regions.
    fn draw(&self) -> usize {
        slint::platform::update_timers_and_animations();
        let mut changed = 0;
        self.window.draw_if_needed(|renderer| {
            let region = renderer.render(&mut self.pixels.borrow_mut(), WIDTH);
            changed = region.iter().map(|(_, size)| (size.width * size.height) as usize).sum();
        });
        changed
    }

    fn show(&self, view: &View) {
        self.screen.show_now(view.clone());
    }

    /// Draws a whole page, as after a start.
    fn redraw(&self) -> Duration {
        let began = worked();
        self.window.draw_if_needed(|renderer| {
            renderer.set_repaint_buffer_type(RepaintBufferType::NewBuffer);
            renderer.render(&mut self.pixels.borrow_mut(), WIDTH);
            renderer.set_repaint_buffer_type(RepaintBufferType::ReusedBuffer);
        });
        worked() - began
    }

    /// The least that so many changed pixels cost: filling them.
    fn floor(&self, pixels: usize) -> Duration {
        let mut buffer = self.pixels.borrow_mut();
        median((0..REDRAWS as u32).map(|shade| {
            let began = worked();
            for row in buffer.iter_mut().take(pixels) {
                *row = Xrgb(black_box(shade));
            }
            black_box(&buffer);
            worked() - began
        }))
    }
}

fn median(times: impl IntoIterator<Item = Duration>) -> Duration {
    let mut sorted: Vec<Duration> = times.into_iter().collect();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Every sample in every language, with its name.
fn pages() -> Vec<(String, View)> {
    let named = |language: Language| {
        samples::all(language)
            .into_iter()
            .map(move |(name, view)| (format!("{name}.{}", language.tag()), view))
    };
    Language::ALL.into_iter().flat_map(named).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bench = Bench::new()?;
    let pages = pages();
    if let Some(name) = std::env::args().nth(1) {
        let (_, view) = pages.iter().find(|(page, _)| *page == name).ok_or("no such page")?;
        bench.show(view);
        bench.draw();
        for _ in 0..500 {
            bench.window.request_redraw();
            bench.redraw();
        }
        return Ok(());
    }
    let (page, full) = full_redraw(&bench, &pages);
    let full_floor = bench.floor(WIDTH * HEIGHT);
    let (from, to, change) = page_change(&bench, &pages);
    let (key, key_pixels) = key_press(&bench);
    let (preview, preview_pixels) = preview(&bench);
    let preview_floor = bench.floor(preview_pixels);
    println!(
        "{{\"full_redraw\": {{\"page\": \"{page}\", \"ms\": {:.3}, \"floor_ms\": {:.3}}}, \
         \"page_change\": {{\"from\": \"{from}\", \"to\": \"{to}\", \"ms\": {:.3}, \"floor_ms\": {:.3}}}, \
         \"key_press\": {{\"ms\": {:.3}, \"floor_ms\": {:.3}, \"pixels\": {key_pixels}}}, \
         \"preview\": {{\"ms\": {:.3}, \"floor_ms\": {:.3}, \"pixels\": {preview_pixels}, \"core_percent\": {:.2}}}}}",
        ms(full),
        ms(full_floor),
        ms(change),
        ms(full_floor),
        ms(key),
        ms(bench.floor(key_pixels)),
        ms(preview),
        ms(preview_floor),
        preview.as_secs_f64() * PREVIEW_RATE * 100.0,
    );
    Ok(())
}

/// The page that takes longest to draw whole, and its median.
fn full_redraw(bench: &Bench, pages: &[(String, View)]) -> (String, Duration) {
    let mut worst = (String::new(), Duration::ZERO);
    for (name, view) in pages {
        bench.show(view);
        bench.draw();
        let time = median((0..REDRAWS).map(|_| {
            bench.window.request_redraw();
            bench.redraw()
        }));
        if std::env::var_os("EACH").is_some() {
            eprintln!("{:8.3} ms {name}", ms(time));
        }
        if time > worst.1 {
            worst = (name.clone(), time);
        }
    }
    worst
}

/// From a view to the pixels of it, from each sample to the next: the slowest step of several walks.
fn page_change(bench: &Bench, pages: &[(String, View)]) -> (String, String, Duration) {
    let mut steps: Vec<Vec<Duration>> = vec![Vec::new(); pages.len()];
    for _ in 0..WALKS {
        for ((_, view), times) in pages.iter().zip(&mut steps) {
            let began = worked();
            bench.show(view);
            bench.draw();
            times.push(worked() - began);
        }
    }
    let mut worst = (String::new(), String::new(), Duration::ZERO);
    let mut from = pages.last().map_or("", |(name, _)| name);
    for ((to, _), times) in pages.iter().zip(steps) {
        let time = median(times);
        if std::env::var_os("EACH").is_some() {
            eprintln!("{:8.3} ms {from} to {to}", ms(time));
        }
        if time > worst.2 {
            worst = (from.to_owned(), to.clone(), time);
        }
        from = to;
    }
    worst
}

/// From a finger on a key to the key's own pixels, and from its lifting to the digit's: the slower of both.
fn key_press(bench: &Bench) -> (Duration, usize) {
    let view = |digits: usize| {
        let text: String = "13812345678".chars().take(digits).collect();
        samples::view(
            Language::ZhHans,
            Page::Question(samples::typed(
                Language::ZhHans,
                session::view::Keys::Digits,
                &text,
                false,
                false,
            )),
        )
    };
    let window = bench.window.window();
    let position = LogicalPosition::new(200.0, 830.0);
    let button = PointerEventButton::Left;
    let (mut downs, mut ups, mut pixels) = (Vec::new(), Vec::new(), 0);
    for _ in 0..TIMES {
        let digits = bench.typed.get() % 10;
        bench.show(&view(digits));
        bench.draw();
        let began = worked();
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        let changed = bench.draw();
        downs.push(worked() - began);
        pixels = pixels.max(changed);
        let began = worked();
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        bench.show(&view(digits + 1));
        let changed = bench.draw();
        ups.push(worked() - began);
        pixels = pixels.max(changed);
        window.dispatch_event(WindowEvent::PointerExited);
    }
    assert_eq!(bench.typed.get(), TIMES, "each press is heard");
    (median(downs).max(median(ups)), pixels)
}

/// A frame of the camera on the portrait page, from the pixels that the capture thread hands over.
fn preview(bench: &Bench) -> (Duration, usize) {
    if let Some((_, view)) =
        samples::all(Language::ZhHans).into_iter().find(|(name, _)| *name == "photograph")
    {
        bench.show(&view);
    }
    bench.draw();
    // What a camera of 1280 × 720 is cut to: as the page draws it.
    let (width, height) = (576, 720);
    let mut pixels = 0;
    let times = (0..TIMES).map(|at| {
        let rgb = vec![at as u8; width as usize * height as usize * 3];
        let began = worked();
        bench.screen.preview_now(width, height, rgb);
        pixels = bench.draw();
        worked() - began
    });
    (median(times), pixels)
}
