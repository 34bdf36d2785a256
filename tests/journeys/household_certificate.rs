//! A citizen asks for a household certificate.

use session::Action;
use session::view::{Page, Paper};
use tests::{Hall, Options};

#[test]
fn from_the_first_touch_to_a_clean_screen() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    hall.insert("zhang");
    let name = visitor.confirms_and_answers();
    let case_number = visitor.submits();
    let acceptance_number = visitor.is_accepted();

    let receipts = hall.receipts(1);
    visitor.sees("the printed receipt", |v| matches!(&v.page, Page::Done(d) if d.paper == Paper::Printed));
    let text = receipts[0].lines.join("\n");
    let without_spaces: String = text.split_whitespace().collect();
    assert!(text.contains(&name), "{name} not in {text}");
    assert!(without_spaces.contains(&case_number) && without_spaces.contains(&acceptance_number), "{text}");
    assert_eq!(receipts[0].qr, [format!("bianmin:case:{case_number}")]);

    hall.remove();
    visitor.leaves();
    hall.close();

    let requests = hall.on_the_platform();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0]["case_number"], case_number.as_str());
    assert_eq!(requests[0]["acceptance_number"], acceptance_number.as_str());
    assert_eq!((&requests[0]["signature"], &requests[0]["chain"]), (&"verified".into(), &"intact".into()));
    let opened = hall.opened(requests[0]["id"].as_str().unwrap());
    assert!(opened.to_string().contains(&name) && opened.to_string().contains("kinship"), "{opened}");
    assert!(hall.waiting().is_empty(), "the kiosk keeps nothing that the platform has acknowledged");
}

#[test]
fn the_next_visitor_sees_only_their_own_card() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    let mut names = Vec::new();
    for card in ["zhang", "li", "rare-name"] {
        visitor.asks_for_a_certificate();
        hall.insert(card);
        names.push(visitor.confirms_and_answers());
        visitor.submits();
        visitor.is_accepted();
        hall.remove();
        visitor.leaves();
    }
    names.dedup();
    assert_eq!(names.len(), 3);
    let receipts = hall.receipts(3);
    for (name, receipt) in names.iter().zip(&receipts) {
        // A character that the printer does not have is drawn, and cannot be read back as text.
        let readable: String = name.chars().filter(|c| ('\u{4e00}'..'\u{9fa6}').contains(c)).collect();
        let text = receipt.lines.join("\n");
        assert!(readable.chars().all(|c| text.contains(c)), "{readable} not in {text}");
    }
    hall.close();
    let chain: Vec<_> = hall.on_the_platform().iter().map(|r| r["chain"].clone()).collect();
    assert_eq!(chain, ["intact", "intact", "intact"]);
}

#[test]
fn who_leaves_in_the_middle_leaves_nothing() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    hall.insert("zhang");
    visitor.confirms_and_answers();
    hall.remove();
    visitor.leaves();
    visitor.touches(Action::Begin);
    visitor.sees("home", |v| matches!(v.page, Page::Home(_)) && v.person.is_none());
    hall.close();
    assert!(hall.on_the_platform().is_empty() && hall.waiting().is_empty());
}
