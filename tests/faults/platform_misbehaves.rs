//! The platform is off, hangs, fails or signs with another key: the citizen gets a receipt all the same, nothing is
//! erased, and once a good platform answers each request is there once.

use faults::Fault;
use platform::intake::{Intake, router};
use tests::{Hall, Misbehaving, Options};

/// One visit at a kiosk whose platform misbehaves; then the real platform is switched on.
fn the_request_survives(hall: &mut Hall, fault: Fault) {
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    hall.insert("zhang");
    visitor.confirms_and_answers();
    let case_number = visitor.submits();
    visitor.is_registered_only();
    hall.remove();
    visitor.leaves();
    hall.close();

    let answer = hall.command(&["forward", "--once"]);
    assert_eq!(answer.json["last_fault"], fault.code(), "{}", answer.json);
    assert_eq!((&answer.json["sent"], &answer.json["waiting"]), (&0.into(), &1.into()), "{}", answer.json);

    hall.switch_platform_on();
    assert_eq!(hall.command(&["forward", "--once"]).json["sent"], 1);
    let kept: Vec<_> = hall.on_the_platform().iter().map(|r| r["case_number"].clone()).collect();
    assert_eq!(kept, [case_number]);
    assert!(hall.waiting().is_empty());
}

#[test]
fn off() {
    let mut hall = Hall::new(Options::offline());
    the_request_survives(&mut hall, Fault::PlatformUnreachable);
}

#[test]
fn answers_500() {
    let mut hall = Hall::new(Options::offline());
    let failing = axum::Router::new().fallback(|| async { axum::http::StatusCode::INTERNAL_SERVER_ERROR });
    let platform = Misbehaving::start(&hall.path("platform"), failing);
    hall.use_platform(&platform.url);
    the_request_survives(&mut hall, Fault::PlatformFailed);
}

#[test]
fn never_answers() {
    let mut hall = Hall::new(Options::offline());
    let hanging = axum::Router::new().fallback(std::future::pending::<()>);
    let platform = Misbehaving::start(&hall.path("platform"), hanging);
    hall.use_platform(&platform.url);
    the_request_survives(&mut hall, Fault::PlatformSlow);
}

#[test]
fn signs_with_another_key() {
    let mut hall = Hall::new(Options::offline());
    let impostor = hall.impostor();
    let intake = Intake::open(&impostor).unwrap();
    let platform = Misbehaving::start(&impostor, router(intake));
    hall.use_platform(&platform.url);
    the_request_survives(&mut hall, Fault::ReceiptInvalid);
}
