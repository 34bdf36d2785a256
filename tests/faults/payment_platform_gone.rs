//! The platform takes the request and then no longer answers about payment: it is paid later, and the receipt says so.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use platform::intake::{Intake, router};
use session::view::{Page, Paper, PaymentState};
use tests::{Hall, Misbehaving, Options, Way};

#[test]
fn the_case_stands_and_is_paid_later() {
    let mut hall = Hall::new(Options::offline());
    let intake = Intake::open(&hall.path("platform")).unwrap();
    let without_payment = router(intake).layer(from_fn(|request: Request, next: Next| async {
        if request.uri().path().ends_with("/payment-order") {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        next.run(request).await
    }));
    let platform = Misbehaving::start(&hall.path("platform"), without_payment);
    hall.use_platform(&platform.url);

    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    visitor.renews(Way::Here);
    visitor.signs();
    let case_number = visitor.submits();
    visitor.is_accepted();
    let receipts = hall.receipts(1);
    let paper = receipts[0].lines.join("");
    assert!(paper.contains("20 元") && paper.contains("以后"), "{paper}");
    assert_eq!(receipts[0].qr, [format!("bianmin:case:{case_number}")], "no code to pay at");
    visitor.sees("paper and later", |v| {
        matches!(&v.page, Page::Done(d) if d.paper == Paper::Printed
            && matches!(d.payment.as_ref().map(|p| &p.state), Some(PaymentState::Later(_))))
    });
}
