//! The running kiosk as the system sees it: window, watchdog, signals, and how it ends.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use faults::Fault;
use jiff::Timestamp;
use sd_notify::NotifyState;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};
use ui::{Screen, ScreenHandle, ScreenOptions};

use crate::audit::{self, Audit};
use crate::commands::Failure;
use crate::config::Config;
use crate::event::Event;
use crate::run::{Kiosk, Show};
use crate::starts::Starts;
use faults::chain;

/// How often within the watchdog's time it is fed.
const FEEDS: u32 = 3;

/// Serves citizens until the window is closed or the system says so. What keeps the kiosk from serving is shown on its
/// screen.
pub fn serve(path: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    let config =
        Config::load(path).inspect_err(|error| error!(code = error.fault().code(), "{}", chain(error)));
    let starts = config.as_ref().ok().map(|c| Starts::begin(&c.kiosk.state, Timestamp::now().as_second()));
    let looping = starts.as_ref().is_some_and(Starts::is_loop);
    let (sender, events) = mpsc::channel();
    let screen = config.as_ref().map_or_else(|_| crate::config::Screen::default(), |c| c.screen);
    #[cfg(feature = "device")]
    crate::console::take(screen.rotation).map_err(|error| Failure::new(Fault::ScreenUnavailable, &error))?;
    let touches = sender.clone();
    let mut screen = Screen::new(screen.into(), move |action| drop(touches.send(Event::Touch(action))))
        .map_err(|error| Failure::new(error.fault(), &error))?;
    screen.on_first_frame(move || {
        info!(first_frame_ms = started.elapsed().as_millis(), "first frame");
        notify(NotifyState::Ready);
    });
    if let Some(limit) = sd_notify::watchdog_enabled() {
        feed_watchdog(&mut screen, limit, sender.clone());
    }
    let (handle, end) = (screen.handle(), EndsScreen(screen.handle()));
    let (to_loop, file) = (sender.clone(), path.to_owned());
    let thread = std::thread::Builder::new()
        .name("run".to_owned())
        .spawn(move || {
            // However this thread ends, the window does not stay behind without anybody who answers touches.
            let _end = end;
            let kiosk = match config {
                Ok(config) if looping => {
                    error!(code = Fault::CrashLoop.code(), "{}", Fault::CrashLoop.cause());
                    let audit = Audit::new(audit::open(&config.kiosk.state));
                    Kiosk::closed(Fault::CrashLoop, audit, Box::new(handle), to_loop.clone())
                }
                Ok(config) => Kiosk::start(&config, Box::new(handle), to_loop.clone()).configured_by(&file),
                Err(error) => {
                    Kiosk::closed(error.fault(), Audit::new(None), Box::new(handle), to_loop.clone())
                }
            };
            if let Some(runtime) = kiosk.runtime() {
                obey_signals(runtime, &to_loop);
            }
            kiosk.run(&events);
        })
        .map_err(|error| Failure::new(Fault::ScreenUnavailable, &error))?;
    let shown = screen.run().map_err(|error| Failure::new(error.fault(), &error));
    notify(NotifyState::Stopping);
    drop(sender.send(Event::Quit));
    if thread.join().is_err() {
        error!("the event loop broke down");
        return Err(Failure::plain(Fault::CrashLoop, "the event loop broke down"));
    }
    if let (Some(starts), Ok(())) = (starts, &shown) {
        starts.end();
    }
    shown
}

impl From<crate::config::Screen> for ScreenOptions {
    fn from(screen: crate::config::Screen) -> Self {
        ScreenOptions { fullscreen: screen.fullscreen, width_mm: Some(screen.width_mm) }
    }
}

impl Show for ScreenHandle {
    fn show(&self, view: session::view::View) {
        ScreenHandle::show(self, view);
    }

    fn preview(&self, width: u32, height: u32, rgb: Vec<u8>) {
        ScreenHandle::preview(self, width, height, rgb);
    }
}

/// Ends the toolkit's loop when dropped.
struct EndsScreen(ScreenHandle);

impl Drop for EndsScreen {
    fn drop(&mut self) {
        self.0.quit();
    }
}

/// Feeds systemd's watchdog from the toolkit's loop, and only when the event loop has answered since the last time: a
/// machine whose screen or whose session hangs is restarted.
fn feed_watchdog(screen: &mut Screen, limit: Duration, events: Sender<Event>) {
    let turned = Arc::new(AtomicBool::new(true));
    screen.on_turn(limit / FEEDS, move || {
        if turned.swap(false, Ordering::Relaxed) {
            notify(NotifyState::Watchdog);
            drop(events.send(Event::Turn(Arc::clone(&turned))));
        }
    });
}

/// Tells systemd; without it nobody is told.
fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        error!("systemd cannot be told: {error}");
    }
}

/// SIGTERM and SIGINT end the kiosk after what a visitor was promised, SIGHUP reads the catalogue anew.
fn obey_signals(runtime: &Runtime, events: &Sender<Event>) {
    // Registering needs the runtime's context.
    let _context = runtime.enter();
    for (kind, event) in [
        (SignalKind::terminate(), (|| Event::Stop) as fn() -> Event),
        (SignalKind::interrupt(), || Event::Stop),
        (SignalKind::hangup(), || Event::Reload),
    ] {
        let events = events.clone();
        match signal(kind) {
            Ok(mut signals) => drop(runtime.spawn(async move {
                while signals.recv().await.is_some() {
                    drop(events.send(event()));
                }
            })),
            Err(error) => error!("a signal cannot be listened to: {error}"),
        }
    }
}
