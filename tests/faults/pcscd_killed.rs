//! The smart card service crashes.

use faults::Fault;
use session::view::{CardPrompt, Page};
use tests::{CardReader, Hall, Options};

#[test]
fn during_the_visit_the_visit_still_finishes() {
    let mut hall = Hall::new(Options { reader: CardReader::Alone, ..Options::default() });
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    hall.insert("zhang");
    visitor.confirms_and_answers();
    hall.kill_pcscd();
    visitor.submits();
    visitor.is_accepted();
    visitor.leaves();
    hall.start_pcscd();
    hall.remove();

    visitor.asks_for_a_certificate();
    hall.insert("li");
    visitor.confirms_and_answers();
    visitor.submits();
    hall.close();
}

#[test]
fn before_the_card_the_screen_says_so_and_goes_on_by_itself() {
    let mut hall = Hall::new(Options { reader: CardReader::Alone, ..Options::offline() });
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    hall.kill_pcscd();
    visitor.sees("CRD-01", |v| v.page == Page::PlaceCard(CardPrompt::Problem(Fault::CardServiceDown)));
    hall.start_pcscd();
    visitor.sees("the reader back", |v| v.page == Page::PlaceCard(CardPrompt::Waiting));
    hall.insert("zhang");
    visitor.confirms_and_answers();
}
