//! A citizen renews their identity card: answers, portrait, papers or a commitment, signature, payment.

use serde_json::Value;
use session::Action;
use session::view::{Page, Paper, PaymentState, View};
use simulators::ReceiptPaper;
use tests::{Hall, Options, PHONE, Visitor, Way};

/// Asks, lays the card down and gives everything, up to the review. The name on the card is returned.
fn fills_in(hall: &Hall, visitor: &mut Visitor, way: Way) -> String {
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    visitor.renews(way)
}

fn payment(view: &View) -> Option<&PaymentState> {
    let Page::Done(done) = &view.page else { return None };
    done.payment.as_ref().map(|payment| &payment.state)
}

fn text(receipt: &ReceiptPaper) -> String {
    receipt.lines.join("\n")
}

/// The names of the files that came with a request; each must open.
fn files(opened: &Value) -> Vec<&str> {
    let files = opened["request"]["attachments"].as_array().unwrap();
    assert!(files.iter().all(|file| file["content"] == "verified"), "{files:?}");
    files.iter().map(|file| file["name"].as_str().unwrap()).collect()
}

fn answer<'a>(opened: &'a Value, question: &str) -> Option<&'a str> {
    let answers = opened["request"]["answers"].as_array().unwrap();
    answers.iter().find(|answer| answer["question"] == question)?["value"].as_str()
}

#[test]
fn by_post_with_papers_signed_and_paid() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    let name = fills_in(&hall, &mut visitor, Way::Papers);
    let view = visitor.sees("the review", |v| matches!(v.page, Page::Review(_)));
    let Page::Review(review) = &view.page else { unreachable!() };
    assert!(review.portrait.is_some() && !review.portrait_at_counter && review.signature_follows);
    assert_eq!((review.papers.len(), review.papers[0].pages, review.fee_yuan), (1, 1, 20));
    assert!(review.validity.as_ref().unwrap().contains("20 年"), "38 years old");

    visitor.signs();
    let case_number = visitor.submits();
    let acceptance_number = visitor.is_accepted();
    let view = visitor.sees("the payment code", |v| matches!(payment(v), Some(PaymentState::Open { .. })));
    let Some(PaymentState::Open { qr, order }) = payment(&view) else { unreachable!() };

    let receipts = hall.receipts(1);
    visitor.sees("the printed receipt", |v| matches!(&v.page, Page::Done(d) if d.paper == Paper::Printed));
    let paper = text(&receipts[0]);
    let digits: String = paper.split_whitespace().collect();
    for expected in [&name, "20 元", "20 年"] {
        assert!(paper.contains(expected), "{expected} is not in {paper}");
    }
    for expected in [case_number.as_str(), acceptance_number.as_str(), order.as_str()] {
        let expected: String = expected.split_whitespace().collect();
        assert!(digits.contains(&expected), "{expected} is not in {paper}");
    }
    assert!(receipts[0].qr.contains(qr) && receipts[0].qr.contains(&format!("bianmin:case:{case_number}")));
    assert!(!paper.contains("已缴"), "nobody has paid yet: {paper}");

    hall.pay(qr);
    visitor.sees("that it is paid", |v| payment(v) == Some(&PaymentState::Paid));
    visitor.touches(Action::Rate(5));
    visitor.sees("the grade", |v| matches!(&v.page, Page::Done(d) if d.rating == Some(5)));
    hall.remove();
    visitor.leaves();
    hall.close();

    let requests = hall.on_the_platform();
    assert_eq!(requests.len(), 1);
    assert_eq!((&requests[0]["signature"], &requests[0]["chain"]), (&"verified".into(), &"intact".into()));
    let opened = hall.opened(requests[0]["id"].as_str().unwrap());
    assert_eq!(files(&opened), ["portrait", "residence-1", "signature"]);
    let portrait = &opened["request"]["attachments"][0];
    assert!((14 * 1024..=20 * 1024).contains(&portrait["bytes"].as_u64().unwrap()), "GA 461: {portrait}");
    assert_eq!((answer(&opened, "collection"), answer(&opened, "phone")), (Some("post"), Some(PHONE)));
    assert!(answer(&opened, "address").unwrap().contains("示例街道"));
    assert_eq!(opened["request"]["card"]["name"], name.as_str());
    assert!(hall.waiting().is_empty(), "the kiosk keeps nothing that the platform has acknowledged");
}

#[test]
fn by_post_a_commitment_stands_for_the_papers() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    fills_in(&hall, &mut visitor, Way::Commitment);
    visitor.sees(
        "the commitment on the review",
        |v| matches!(&v.page, Page::Review(r) if r.papers.len() == 1 && r.papers[0].pages == 0),
    );
    visitor.signs();
    visitor.submits();
    visitor.is_accepted();
    hall.remove();
    visitor.leaves();
    hall.close();
    let requests = hall.on_the_platform();
    let opened = hall.opened(requests[0]["id"].as_str().unwrap());
    assert_eq!(files(&opened), ["portrait", "signature"]);
    assert_eq!(answer(&opened, "commitment"), Some("given"), "{}", opened["request"]["answers"]);
}

#[test]
fn who_changes_their_mind_on_the_review_brings_papers_after_all() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    fills_in(&hall, &mut visitor, Way::Commitment);
    visitor.touches(Action::Change("residence".to_owned()));
    visitor.commits(false);
    visitor.scans();
    visitor.sees(
        "the page on the review",
        |v| matches!(&v.page, Page::Review(r) if r.papers.len() == 1 && r.papers[0].pages == 1),
    );
    visitor.touches(Action::Change("collection".to_owned()));
    visitor.chooses("collection", "here");
    visitor.sees("no papers", |v| matches!(&v.page, Page::Review(r) if r.papers.is_empty()));
    visitor.signs();
    visitor.submits();
    visitor.is_accepted();
    hall.close();
    let requests = hall.on_the_platform();
    let opened = hall.opened(requests[0]["id"].as_str().unwrap());
    assert_eq!(files(&opened), ["portrait", "signature"], "what is no longer asked for is not sent");
    assert_eq!(answer(&opened, "address"), None);
}

#[test]
fn the_best_of_several_portraits_is_chosen_and_the_counter_is_another_way() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    visitor.answers_for_a_renewal(Way::Here);
    for shots in 1..=2 {
        visitor.touches(Action::Shoot);
        visitor.sees("a shot", |v| matches!(&v.page, Page::Photograph(p) if p.shots.len() == shots));
    }
    visitor.touches(Action::ChooseShot(0));
    visitor.sees("the choice", |v| matches!(&v.page, Page::Photograph(p) if p.chosen == Some(0)));
    visitor.touches(Action::PhotographAtCounter);
    visitor.sees(
        "the review",
        |v| matches!(&v.page, Page::Review(r) if r.portrait.is_none() && r.portrait_at_counter),
    );
}
