//! Views from another thread. One test in this file: the loop belongs to the process.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod samples;

use std::sync::mpsc;
use std::time::Duration;

use i_slint_backend_testing::{TestingBackend, TestingBackendOptions};
use matters::Language;
use session::view::Page;
use slint::ComponentHandle;
use ui::generated::{PageKind, Shell};
use ui::{Screen, ScreenOptions};

#[test]
fn the_latest_view_wins_and_quit_ends_the_loop() {
    let backend = TestingBackend::new(TestingBackendOptions {
        mock_time: false,
        threading: true,
        renderer_name: Some("software".into()),
    });
    slint::platform::set_platform(Box::new(backend)).unwrap();
    let mut screen =
        Screen::new(ScreenOptions { fullscreen: true, ..ScreenOptions::default() }, |_| {}).unwrap();
    let (first_frame, seen) = mpsc::channel();
    screen.on_first_frame(move || first_frame.send(()).unwrap());

    let (turn, turns) = mpsc::channel();
    // The receiver goes before the loop does.
    screen.on_turn(Duration::from_millis(1), move || _ = turn.send(()));

    let (state, states) = mpsc::channel();
    let handle = screen.handle();
    let app = screen.component().as_weak();
    let other = std::thread::spawn(move || {
        for (_, view) in samples::all(Language::En) {
            handle.show(view);
        }
        handle.show(samples::view(Language::En, Page::Submitting));
        // Posted after the view, so it runs after it.
        app.upgrade_in_event_loop(move |app| {
            // Nobody asks a headless window for a frame, so the test does, twice.
            app.window().take_snapshot().unwrap();
            app.window().take_snapshot().unwrap();
            state.send((app.get_page(), app.global::<Shell>().get_title())).unwrap();
        })
        .unwrap();
        let shown = states.recv_timeout(Duration::from_secs(20));
        let drawn = seen.recv_timeout(Duration::from_secs(20));
        let again = seen.recv_timeout(Duration::from_millis(1));
        let turned = turns
            .recv_timeout(Duration::from_secs(20))
            .and_then(|()| turns.recv_timeout(Duration::from_secs(20)));
        assert!(turned.is_ok(), "the loop turns again and again");
        handle.quit();
        (shown.unwrap(), drawn, again)
    });
    screen.run().unwrap();
    let ((page, title), drawn, again) = other.join().unwrap();
    assert_eq!(page, PageKind::Submitting);
    assert_eq!(title, "Household certificate");
    assert!(drawn.is_ok(), "the first frame was noticed");
    assert!(again.is_err(), "and only once");
}
