//! The attendant's lamp loses its power or its network.

use std::time::Duration;

use session::Action;
use session::view::{Call, Page};
use simulators::{LampFault, Shine};
use tests::{Hall, Options};

const LONG: Duration = Duration::from_secs(30);

#[test]
fn no_call_is_offered_that_nobody_would_see_and_it_returns_with_the_lamp() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    visitor.sees("the button", |v| v.call == Some(Call::Offered));
    hall.bench.lamp.fault(LampFault::Off);
    visitor.sees("no button", |v| v.call.is_none());
    // The visit itself does not need the lamp.
    hall.insert("zhang");
    visitor.confirms_and_answers();
    hall.bench.lamp.fault(LampFault::None);
    visitor.sees("the button again", |v| v.call == Some(Call::Offered));
    visitor.touches(Action::CallAttendant);
    assert!(hall.bench.lamp.wait(Shine::Blink, LONG));
    visitor.submits();
}

#[test]
fn a_call_under_way_is_not_shown_when_nobody_can_see_it() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    visitor.sees("the button", |v| v.call == Some(Call::Offered));
    visitor.touches(Action::CallAttendant);
    assert!(hall.bench.lamp.wait(Shine::Blink, LONG));
    hall.bench.lamp.fault(LampFault::Off);
    visitor.sees("no call", |v| v.call.is_none() && matches!(v.page, Page::PlaceCard(_)));
}
