//! A stage without a display: real pixels by the software renderer, time by hand.

#![allow(dead_code, reason = "every test uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../samples/mod.rs"]
pub mod samples;

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use i_slint_backend_testing::{ElementQuery, TestingBackend, TestingBackendOptions};
use session::Action;
use session::view::{Display, Page, View};
use slint::{ComponentHandle, PhysicalSize, Rgba8Pixel, SharedPixelBuffer};
use ui::generated::SignModel;
use ui::{Screen, ScreenOptions};

pub const WIDTH: u32 = 1080;
pub const HEIGHT: u32 = 1920;

/// A way the pages can be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    pub wide: bool,
    pub display: Display,
}

impl Mode {
    /// All eight.
    pub fn all() -> Vec<Mode> {
        let mode = |bits: u8| Mode {
            wide: bits & 1 != 0,
            display: Display { large: bits & 2 != 0, contrast: bits & 4 != 0 },
        };
        (0..8).map(mode).collect()
    }

    pub fn size(self) -> (u32, u32) {
        if self.wide { (HEIGHT, WIDTH) } else { (WIDTH, HEIGHT) }
    }

    pub fn name(self) -> String {
        let mut name = String::from(if self.wide { "landscape" } else { "portrait" });
        if self.display.large {
            name.push_str("-large");
        }
        if self.display.contrast {
            name.push_str("-contrast");
        }
        name
    }
}

/// A screen of this thread and what it was asked to do.
pub struct Stage {
    pub screen: Screen,
    actions: Rc<RefCell<Vec<Action>>>,
}

impl Stage {
    pub fn new() -> Stage {
        let backend = TestingBackend::new(TestingBackendOptions {
            mock_time: true,
            threading: false,
            renderer_name: Some("software".into()),
        });
        // A second stage on the same thread uses the first one's platform.
        let _ = slint::platform::set_platform(Box::new(backend));
        let actions = Rc::new(RefCell::new(Vec::new()));
        let heard = Rc::clone(&actions);
        let screen =
            Screen::new(ScreenOptions::default(), move |action| heard.borrow_mut().push(action)).unwrap();
        screen.component().window().set_size(PhysicalSize::new(WIDTH, HEIGHT));
        screen.component().show().unwrap();
        Stage { screen, actions }
    }

    pub fn show(&self, view: View) -> usize {
        let writes = self.screen.show_now(view);
        // The page is made when it is looked for; what follows from its first values happens in the next turn.
        let _ = ElementQuery::from_root(self.screen.component()).find_all();
        slint::platform::update_timers_and_animations();
        writes
    }

    /// Turns the window and shows a view as the mode draws it. The portrait page gets a picture of the camera.
    pub fn show_as(&self, mode: Mode, mut view: View) -> usize {
        let (width, height) = mode.size();
        self.screen.component().window().set_size(PhysicalSize::new(width, height));
        // The theme follows the window's shape in the next turn of the loop.
        slint::platform::update_timers_and_animations();
        view.display = mode.display;
        let live = matches!(&view.page, Page::Photograph(page) if page.fault.is_none());
        let signed = matches!(&view.page, Page::Sign(sign) if sign.signed);
        let writes = self.show(view);
        if live {
            let (width, height, rgb) = samples::preview();
            self.screen.preview_now(width, height, rgb);
        }
        if signed {
            self.sign();
        }
        writes
    }

    /// Writes on the pad: a stroke down, and a wave through it.
    fn sign(&self) {
        let pad = self.screen.component().global::<SignModel>();
        let (width, height) = (952.0, 600.0);
        let wave = (0..120).map(|at| at as f32 / 119.0);
        let across =
            wave.clone().map(|at| (0.2 + 0.6 * at, 0.5 - 0.2 * (at * 15.0).sin() * (1.0 - 0.6 * at)));
        let down = wave.map(|at| (0.34 + 0.02 * at, 0.18 + 0.56 * at));
        for stroke in [across.collect::<Vec<_>>(), down.collect()] {
            for (at, (x, y)) in stroke.into_iter().enumerate() {
                match at {
                    0 => pad.invoke_down(x * width, y * height, width, height),
                    _ => pad.invoke_moved(x * width, y * height, width, height),
                }
            }
            pad.invoke_up();
        }
        let _ = self.heard();
    }

    /// What was asked for since the last call.
    pub fn heard(&self) -> Vec<Action> {
        self.actions.take()
    }

    pub fn picture(&self) -> SharedPixelBuffer<Rgba8Pixel> {
        self.screen.component().window().take_snapshot().unwrap()
    }
}

/// Writes a picture as PNG, opaque.
pub fn write_png(path: &Path, picture: &SharedPixelBuffer<Rgba8Pixel>) {
    let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let bytes: Vec<u8> = picture.as_slice().iter().flat_map(|p| [p.r, p.g, p.b]).collect();
    encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
}
