//! A kiosk is revoked: neither its certificate nor its requests are taken, and its requests stay with it, whole.

use faults::Fault;
use tests::{Hall, Options};

#[test]
fn it_is_refused_and_keeps_what_it_promised() {
    let hall = Hall::new(Options::default().without_reader());
    assert_eq!(hall.command(&["forward", "--once"]).json["sent"], 0, "the line is good");
    let first = hall.submits_a_certificate();
    assert_eq!(hall.command(&["forward", "--once"]).json["sent"], 1);
    hall.platform_command(&["revoke", "--kiosk", tests::KIOSK]);
    let cases = [hall.submits_a_certificate(), hall.submits_a_certificate()];

    for tries in 1..=2 {
        let answer = hall.command(&["forward", "--once"]);
        assert_eq!(
            (&answer.json["sent"], &answer.json["waiting"]),
            (&0.into(), &2.into()),
            "{}",
            answer.json
        );
        // TLS says no. Its alert and the end of the connection race each other on the wire.
        let code = answer.json["last_fault"].as_str().unwrap();
        let refused = [Fault::PlatformUntrusted, Fault::PlatformUnreachable];
        assert!(refused.iter().any(|fault| fault.code() == code), "{}", answer.json);
        let waiting = hall.waiting();
        assert_eq!(waiting.len(), 2, "try {tries}");
        for (row, case_number) in waiting.iter().zip(&cases) {
            assert_eq!(
                (&row["case_number"], &row["state"]),
                (&case_number.as_str().into(), &"queued".into())
            );
        }
    }
    let audit = hall.command(&["audit", "verify"]);
    assert!(audit.success, "whole: {}", audit.json);
    let kept: Vec<_> = hall.on_the_platform().iter().map(|r| r["case_number"].clone()).collect();
    assert_eq!(kept, [first]);
}

#[test]
fn at_the_screen_the_request_is_registered_and_not_accepted() {
    let mut hall = Hall::new(Options::default());
    hall.platform_command(&["revoke", "--kiosk", tests::KIOSK]);
    let mut visitor = hall.open();
    visitor.asks_for_a_certificate();
    hall.insert("zhang");
    visitor.confirms_and_answers();
    let case_number = visitor.submits();
    visitor.is_registered_only();
    assert!(hall.receipts(1)[0].lines.join("").contains("待送达"));
    hall.close();
    assert_eq!(hall.waiting()[0]["case_number"], case_number.as_str());
    assert!(hall.on_the_platform().is_empty());
}
