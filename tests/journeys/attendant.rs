//! Help is called from any page: the lamp blinks, somebody presses its button, the page says that they come.

use std::time::Duration;

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
