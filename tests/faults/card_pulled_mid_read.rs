//! The card, or with it the reader's field, goes away in the middle of the record.

use faults::Fault;
use session::view::{CardPrompt, Page};
use tests::{Hall, Options};

#[test]
fn the_screen_asks_for_the_card_again_and_reads_it() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    hall.bench.vanish_after_blocks(2);
    hall.insert("zhang");
    visitor.sees("CRD-05", |v| v.page == Page::PlaceCard(CardPrompt::Problem(Fault::CardRemoved)));
    hall.remove();
    hall.insert("zhang");
    visitor.confirms_and_answers();
}
