//! Help is called from any page: the lamp blinks, somebody presses its button, the page says that they come.

use std::time::{Duration, Instant};

use session::Action;
use session::view::{Call, Page};
use simulators::Shine;
use tests::{Hall, Options};

const LONG: Duration = Duration::from_secs(30);

#[test]
fn the_lamp_blinks_until_somebody_answers_and_goes_out_with_the_visit() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    visitor.sees("the button", |v| v.call == Some(Call::Offered));
    visitor.touches(Action::CallAttendant);
    visitor.sees("the call", |v| v.call == Some(Call::Calling));
    assert!(hall.bench.lamp.wait(Shine::Blink, LONG));
    hall.bench.lamp.press();
    visitor.sees("that somebody comes", |v| v.call == Some(Call::Comes));
    assert!(hall.bench.lamp.wait(Shine::On, LONG));
    visitor.leaves();
    assert!(hall.bench.lamp.wait(Shine::Off, LONG), "the next visitor has called nobody");
    visitor.sees("attract", |v| v.page == Page::Attract);
}

#[test]
fn a_second_touch_takes_the_call_back() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    visitor.sees("the button", |v| v.call == Some(Call::Offered));
    visitor.touches(Action::CallAttendant);
    assert!(hall.bench.lamp.wait(Shine::Blink, LONG));
    visitor.touches(Action::CallAttendant);
    visitor.sees("no call", |v| v.call == Some(Call::Offered));
    assert!(hall.bench.lamp.wait(Shine::Off, LONG));
}

#[test]
fn a_clerk_answers_on_the_platform_and_the_next_call_is_taken_back() {
    let mut hall = Hall::new(Options::default().without_reader());
    let mut clerk = hall.clerk();
    assert!(!clerk.answer_call().unwrap(), "nobody calls");
    let mut visitor = hall.open();
    visitor.sees("attract", |v| v.page == Page::Attract);
    visitor.touches(Action::Begin);
    visitor.sees("the button", |v| v.call == Some(Call::Offered));
    visitor.touches(Action::CallAttendant);
    visitor.sees("the call", |v| v.call == Some(Call::Calling));
    assert!(hall.bench.lamp.wait(Shine::Blink, LONG));
    waits_for("the call on the clerk's page", || clerk.answer_call().unwrap());
    visitor.sees("that somebody comes", |v| v.call == Some(Call::Comes));
    assert!(hall.bench.lamp.wait(Shine::Off, LONG), "the lamp calls nobody any more");
    assert!(clerk.calls().unwrap().contains("已应答"));

    visitor.touches(Action::CallAttendant);
    visitor.sees("that it is over", |v| v.call == Some(Call::Offered));
    waits_for("an empty page", || clerk.calls().unwrap().contains("现在没有人呼叫"));
    visitor.touches(Action::CallAttendant);
    assert!(hall.bench.lamp.wait(Shine::Blink, LONG));
    waits_for("the second call", || clerk.calls().unwrap().contains("我来处理"));
    visitor.touches(Action::CallAttendant);
    visitor.sees("no call", |v| v.call == Some(Call::Offered));
    assert!(hall.bench.lamp.wait(Shine::Off, LONG));
    waits_for("an empty page", || clerk.calls().unwrap().contains("现在没有人呼叫"));
}

#[test]
fn a_call_that_the_lamps_button_answered_waits_for_no_clerk() {
    let mut hall = Hall::new(Options::default().without_reader());
    let mut clerk = hall.clerk();
    let mut visitor = hall.open();
    visitor.sees("attract", |v| v.page == Page::Attract);
    visitor.touches(Action::Begin);
    visitor.sees("the button", |v| v.call == Some(Call::Offered));
    visitor.touches(Action::CallAttendant);
    waits_for("the call on the clerk's page", || clerk.calls().unwrap().contains("我来处理"));
    assert!(hall.bench.lamp.wait(Shine::Blink, LONG));
    hall.bench.lamp.press();
    visitor.sees("that somebody comes", |v| v.call == Some(Call::Comes));
    waits_for("an empty page", || clerk.calls().unwrap().contains("现在没有人呼叫"));
    assert!(hall.bench.lamp.wait(Shine::On, LONG));
}

/// Looks at a page as often as a clerk's browser does at its most impatient.
fn waits_for(what: &str, mut look: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !look() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
