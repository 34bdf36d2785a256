//! Cards that are none, or lie: the screen says why, and the next good card is read in the same visit.

use faults::Fault;
use session::view::{CardPrompt, Page};
use tests::{Hall, Options};

#[test]
fn each_says_why_and_the_next_good_card_is_read() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    for (card, fault) in [
        ("bank-card", Fault::CardForeign),
        ("mute", Fault::CardMute),
        ("surrogate", Fault::CardRecordInvalid),
        ("length-lies", Fault::CardRecordInvalid),
        ("bad-date", Fault::CardRecordInvalid),
    ] {
        hall.insert(card);
        visitor.sees(card, |v| v.page == Page::PlaceCard(CardPrompt::Problem(fault)));
        hall.remove();
    }
    hall.insert("zhang");
    visitor.sees("confirm", |v| matches!(v.page, Page::Confirm(_)));
}

#[test]
fn a_wrong_check_digit_is_sent_to_the_counter() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    hall.insert("wrong-check-digit");
    visitor.sees("CRD-10", |v| v.page == Page::PlaceCard(CardPrompt::Problem(Fault::CardNumberInvalid)));
}
