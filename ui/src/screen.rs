//! The window: made on the main thread, fed with views from any thread.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use faults::Fault;
use matters::Language;
use session::Action;
use session::view::View;
use slint::{CloseRequestResponse, ComponentHandle, Weak};

use crate::bridge;
use crate::generated::{Actions, App, Probe};

/// A touch that hits nothing is reported no more often than this: a resting hand must not flood the session. A guess.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// How the window is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScreenOptions {
    /// True on the machine: the whole screen, without a frame. On a bare console it makes no difference.
    pub fullscreen: bool,
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
        // The kiosk ends by its handle. Nobody closes the window of a machine.
        app.window().on_close_requested(move || {
            if options.fullscreen {
                CloseRequestResponse::KeepWindowShown
            } else {
                CloseRequestResponse::HideWindow
            }
        });
        connect(&app, act);
        Ok(Screen { app, shared: Arc::default() })
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

    /// Ends the loop.
    pub fn quit(&self) {
        // An error means that there is no loop left to end.
        let _ = slint::quit_event_loop();
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

fn connect(app: &App, act: impl Fn(Action) + 'static) {
    let act = std::rc::Rc::new(act);
    let actions = app.global::<Actions>();
    let send = |action: Action| {
        let act = std::rc::Rc::clone(&act);
        move || act(action.clone())
    };
    actions.on_begin(send(Action::Begin));
    actions.on_switch_language(send(Action::SwitchLanguage));
    actions.on_accept(send(Action::Accept));
    actions.on_continue(send(Action::Continue));
    actions.on_back(send(Action::Back));
    actions.on_submit(send(Action::Submit));
    actions.on_leave(send(Action::Leave));
    actions.on_stay(send(Action::Stay));
    let choose_matter = std::rc::Rc::clone(&act);
    actions.on_choose_matter(move |id| choose_matter(Action::ChooseMatter(id.into())));
    let change = std::rc::Rc::clone(&act);
    actions.on_change(move |question| change(Action::Change(question.into())));
    let choose = std::rc::Rc::clone(&act);
    actions.on_choose(move |question, value| {
        choose(Action::Choose { question: question.into(), value: value.into() });
    });
    let last = Cell::new(None::<Instant>);
    actions.on_elsewhere(move || {
        if last.get().is_none_or(|last| last.elapsed() >= SIGN_OF_LIFE) {
            last.set(Some(Instant::now()));
            act(Action::Elsewhere);
        }
    });
}
