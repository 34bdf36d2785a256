//! What a kiosk's loudspeaker says, as ALSA's recorder hears it.

use drivers::sound::Tone;
use session::Action;
use session::view::{CardPrompt, Page};
use tests::{Hall, Options};

#[test]
fn a_visit_is_heard_a_bank_card_a_request_and_a_card_left_behind() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    assert_eq!(hall.heard(), [], "nothing calls for attention yet");
    hall.insert("bank-card");
    visitor.sees("not an identity card", |v| matches!(v.page, Page::PlaceCard(CardPrompt::Problem(_))));
    assert_eq!(hall.hears(1), [Tone::Error]);
    hall.remove();

    hall.insert("zhang");
    visitor.confirms_and_answers();
    visitor.submits();
    assert_eq!(hall.hears(2), [Tone::Error, Tone::Ok]);

    visitor.is_accepted();
    visitor.touches(Action::Leave);
    visitor.sees("the card is still there", |v| matches!(&v.page, Page::Wipe(wipe) if wipe.alarm));
    assert_eq!(hall.hears(3), [Tone::Error, Tone::Ok, Tone::Alarm]);
    hall.remove();
    visitor.sees("attract", |v| v.page == Page::Attract);
}

#[test]
fn who_stands_idle_is_warned_and_a_touch_is_enough() {
    let mut hall = Hall::new(Options::offline().without_reader());
    let mut visitor = hall.open();
    visitor.sees("attract", |v| v.page == Page::Attract);
    visitor.touches(Action::Begin);
    visitor.sees("home", |v| matches!(v.page, Page::Home(_)));
    visitor.outwaits("the warning", |v| v.idle.is_some());
    assert_eq!(hall.hears(1), [Tone::Warning]);
    visitor.touches(Action::Stay);
    visitor.sees("no warning", |v| v.idle.is_none() && matches!(v.page, Page::Home(_)));
    assert_eq!(hall.heard(), [Tone::Warning], "once");
}
