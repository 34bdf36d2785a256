//! The platform is off, the kiosk is restarted, the platform comes back: each request arrives once.

use session::view::{Page, Paper};
use tests::{Hall, Options};

#[test]
fn what_was_promised_arrives_once() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    let mut cases = Vec::new();
    for card in ["zhang", "li"] {
        visitor.asks_for_a_certificate();
        hall.insert(card);
        visitor.confirms_and_answers();
        cases.push(visitor.submits());
        // Without the platform the paper comes all the same, and says that delivery is pending.
        visitor.sees("the receipt", |v| matches!(&v.page, Page::Done(d) if d.paper == Paper::Printed));
        hall.remove();
        visitor.leaves();
    }
    let receipts = hall.receipts(2);
    assert!(receipts.iter().all(|r| r.lines.join("").contains("待送达")));
    hall.close();
    assert_eq!(hall.waiting().len(), 2);

    hall.switch_platform_on();
    let answer = hall.command(&["forward", "--once"]);
    assert_eq!((&answer.json["sent"], &answer.json["waiting"]), (&2.into(), &0.into()), "{}", answer.json);
    let answer = hall.command(&["forward", "--once"]);
    assert_eq!(answer.json["sent"], 0);
    let kept: Vec<_> =
        hall.on_the_platform().iter().map(|r| r["case_number"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, cases);
    assert!(hall.waiting().is_empty());
}
