//! A rule says no: why, by which article, where to go, and all of it on a slip to take along.

use session::Action;
use session::view::{Page, Paper};
use tests::{Hall, Options};

#[test]
fn too_early_is_explained_on_the_page_and_on_a_slip() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert("zhang");
    let name = visitor.confirms();
    let view = visitor.sees("the refusal", |v| matches!(v.page, Page::Refusal(_)));
    let Page::Refusal(refusal) = &view.page else { unreachable!() };
    assert!(refusal.reason.contains("90 天"), "{}", refusal.reason);
    assert!(refusal.article.contains("居民身份证法"), "{}", refusal.article);
    assert!(refusal.can_print && refusal.slip.is_none());

    visitor.touches(Action::PrintSlip);
    // Lines break anywhere between Chinese characters, and go on under their beginning.
    let joined = |text: &str| text.split_whitespace().collect::<String>();
    let slip = joined(&hall.receipts(1)[0].lines.join(""));
    for words in [&refusal.reason, &refusal.article, &refusal.next_place] {
        assert!(slip.contains(&joined(words)), "{words} is not in {slip}");
    }
    assert!(!slip.contains(&name) && !slip.contains("110105199003070017"), "no personal data: {slip}");
    visitor.sees("the slip", |v| matches!(&v.page, Page::Refusal(r) if r.slip == Some(Paper::Printed)));
    hall.remove();
    visitor.leaves();
    hall.close();
    assert!(hall.waiting().is_empty(), "nothing was submitted");
}
