//! The window: made on the main thread, fed with views from any thread.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use faults::Fault;
use matters::Language;
use session::Action;
use session::view::{Page, View};
use slint::platform::WindowEvent;
use slint::{CloseRequestResponse, ComponentHandle, Timer, TimerMode, Weak};
use zeroize::Zeroizing;

use crate::bridge;
use crate::generated::{App, PhotographModel, Probe};

/// The sides of the screen that the pages are drawn for, in their pixels.
const SHORT: f32 = 1080.0;
const LONG: f32 = 1920.0;

/// How the window is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScreenOptions {
    /// True on the machine: the whole screen, without a frame. On a bare console it makes no difference.
    pub fullscreen: bool,
    /// The screen's own width in millimetres, for the size of large text; `None` is that of a 21.5" screen.
    pub width_mm: Option<u32>,
}

/// Why there is no screen.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// The window cannot be made or shown.
    #[error("the window cannot be opened")]
    Window(#[source] slint::PlatformError),
    /// The loop of the toolkit ended with an error.
    #[error("the toolkit's loop broke off")]
    Loop(#[source] slint::PlatformError),
    /// The words of a language are not in this build.
    #[error("the screens have no words in {language}")]
    Words {
        /// Tag of the language.
        language: &'static str,
        /// What the toolkit says.
        #[source]
        source: slint::SelectBundledTranslationError,
    },
}

impl ScreenError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            ScreenError::Window(_) | ScreenError::Loop(_) | ScreenError::Words { .. } => {
                Fault::ScreenUnavailable
            }
        }
    }
}

/// The screen. It lives on the thread that made it.
pub struct Screen {
    app: App,
    shared: Arc<Mutex<Shared>>,
    turns: Vec<Timer>,
}

/// Hands views to the screen from any thread.
#[derive(Clone)]
pub struct ScreenHandle {
    app: Weak<App>,
    shared: Arc<Mutex<Shared>>,
}

/// The view to come and the view that is shown.
#[derive(Default)]
struct Shared {
    next: Option<View>,
    shown: Option<View>,
    preview: Option<Frame>,
}

/// A picture of the camera on its way to the page. Wiped on drop.
struct Frame {
    width: u32,
    height: u32,
    rgb: Zeroizing<Vec<u8>>,
}

impl Screen {
    /// Makes the window, not yet visible, and calls `act` on this thread for everything the visitor wants.
    ///
    /// # Errors
    /// [`ScreenError::Window`] without a display; [`ScreenError::Words`] when a translation was not built in.
    pub fn new(options: ScreenOptions, act: impl Fn(Action) + 'static) -> Result<Screen, ScreenError> {
        let app = App::new().map_err(ScreenError::Window)?;
        for language in Language::ALL.into_iter().rev() {
            let language = language.tag();
            slint::select_bundled_translation(language)
                .map_err(|source| ScreenError::Words { language, source })?;
        }
        app.set_fill_screen(options.fullscreen);
        app.set_width_mm(options.width_mm.map_or(0.0, |width| width as f32));
        // The kiosk ends by its handle. Nobody closes the window of a machine.
        app.window().on_close_requested(move || {
            if options.fullscreen {
                CloseRequestResponse::KeepWindowShown
            } else {
                CloseRequestResponse::HideWindow
            }
        });
        bridge::connect(&app, act);
        let resized = app.as_weak();
        app.on_resized(move || {
            let resized = resized.clone();
            // Not while the toolkit is still busy with the new size.
            Timer::single_shot(Duration::ZERO, move || {
                if let Some(app) = resized.upgrade() {
                    fit(app.window());
                }
            });
        });
        Ok(Screen { app, shared: Arc::default(), turns: Vec::new() })
    }

    /// A handle for the threads that know what is to be shown.
    pub fn handle(&self) -> ScreenHandle {
        ScreenHandle { app: self.app.as_weak(), shared: Arc::clone(&self.shared) }
    }

    /// Calls `seen` once, after the first frame has been drawn and handed to the window system.
    ///
    /// The software renderer has no rendering notifier. Instead one rectangle asks for its colour, which happens while
    /// the first frame is drawn, and posts `seen` to the loop, which is free again when that frame is out. What the
    /// display does with the frame afterwards (scan-out, a compositor) is not in it.
    pub fn on_first_frame(&self, seen: impl FnOnce() + Send + 'static) {
        let seen = RefCell::new(Some(seen));
        self.app.global::<Probe>().on_drawn(move |colour| {
            if let Some(seen) = seen.take() {
                // Without a loop there is no frame to wait for either.
                let _ = slint::invoke_from_event_loop(seen);
            }
            colour
        });
    }

    /// Calls `turned` on this thread every `every` for as long as the toolkit's loop turns: a watchdog that is fed here
    /// starves when the screen hangs. The first call comes after `every`, several callbacks live side by side, and all
    /// end with [`Screen::run`].
    pub fn on_turn(&mut self, every: Duration, turned: impl FnMut() + 'static) {
        let timer = Timer::default();
        timer.start(TimerMode::Repeated, every, turned);
        self.turns.push(timer);
    }

    /// Shows the window and runs the toolkit's loop until [`ScreenHandle::quit`], or until a window that is not full
    /// screen is closed.
    ///
    /// # Errors
    /// [`ScreenError::Window`] when the window cannot be shown, [`ScreenError::Loop`] when the loop breaks off.
    pub fn run(self) -> Result<(), ScreenError> {
        self.app.show().map_err(ScreenError::Window)?;
        slint::run_event_loop().map_err(ScreenError::Loop)?;
        self.app.hide().map_err(ScreenError::Window)
    }

    /// Shows a view at once, on this thread. Returns how many properties and rows it wrote.
    #[doc(hidden)]
    pub fn show_now(&self, view: View) -> usize {
        lock(&self.shared).next = Some(view);
        show_next(&self.app, &self.shared)
    }

    /// Shows a picture of the camera at once, on this thread.
    #[doc(hidden)]
    pub fn preview_now(&self, width: u32, height: u32, rgb: Vec<u8>) {
        lock(&self.shared).preview = Some(Frame { width, height, rgb: Zeroizing::new(rgb) });
        show_preview(&self.app, &self.shared);
    }

    /// The component, for tests and pictures.
    #[doc(hidden)]
    pub fn component(&self) -> &App {
        &self.app
    }
}

impl ScreenHandle {
    /// Shows a view. Of several that come before the screen has time, the latest is shown.
    pub fn show(&self, view: View) {
        if lock(&self.shared).next.replace(view).is_some() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let posted = self.app.upgrade_in_event_loop(move |app| {
            show_next(&app, &shared);
        });
        if posted.is_err() {
            // The loop is over. The view must not stay: it may hold words about a person.
            lock(&self.shared).next = None;
        }
    }

    /// Shows a picture of the camera on the portrait page, 8-bit RGB, rows without gaps, in pixels of the screen: it is
    /// drawn 1:1, at most 576 × 720 of its middle. Of several that come before the screen has time, the latest
    /// is shown. On any other page, or with `rgb` of another length than `width × height × 3`, it is dropped.
    pub fn preview(&self, width: u32, height: u32, rgb: Vec<u8>) {
        let frame = Frame { width, height, rgb: Zeroizing::new(rgb) };
        if lock(&self.shared).preview.replace(frame).is_some() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let posted = self.app.upgrade_in_event_loop(move |app| show_preview(&app, &shared));
        if posted.is_err() {
            lock(&self.shared).preview = None;
        }
    }

    /// Ends the loop.
    pub fn quit(&self) {
        // An error means that there is no loop left to end.
        let _ = slint::quit_event_loop();
    }
}

/// Scales the window to the pages, which are drawn for 1080 × 1920 pixels or the other way round: a smaller or a finer
/// screen shows the same pages with everything on them smaller or finer.
fn fit(window: &slint::Window) {
    let size = window.size();
    let (short, long) = (size.width.min(size.height) as f32, size.width.max(size.height) as f32);
    let wanted = (short / SHORT).min(long / LONG);
    if wanted > 0.0 && (wanted - window.scale_factor()).abs() > 0.001 {
        window.dispatch_event(WindowEvent::ScaleFactorChanged { scale_factor: wanted });
        window.dispatch_event(WindowEvent::Resized { size: size.to_logical(wanted) });
    }
}

/// The preview is no part of a view: it comes fifteen times a second, and the session never sees it.
fn show_preview(app: &App, shared: &Mutex<Shared>) {
    let (frame, wanted) = {
        let mut shared = lock(shared);
        let wanted = shared.shown.as_ref().is_some_and(|view| matches!(view.page, Page::Photograph(_)));
        (shared.preview.take(), wanted)
    };
    if let (Some(frame), true) = (frame, wanted) {
        let picture = bridge::rgb(frame.width, frame.height, &frame.rgb);
        if picture.size().width > 0 {
            app.global::<PhotographModel>().set_preview(picture);
        }
    }
}

fn show_next(app: &App, shared: &Mutex<Shared>) -> usize {
    let (next, before) = {
        let mut shared = lock(shared);
        (shared.next.take(), shared.shown.take())
    };
    let Some(next) = next else {
        lock(shared).shown = before;
        return 0;
    };
    let writes = bridge::write(app, before.as_ref(), &next);
    lock(shared).shown = Some(next);
    writes.0
}

/// A panic elsewhere leaves a whole view behind, so a poisoned lock holds nothing half-written.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
