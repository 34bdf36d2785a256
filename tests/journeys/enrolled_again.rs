//! A kiosk gets a new signing key: what waited under the old one and what comes under the new one arrives once, and both
//! sides can still follow every chain.

use std::collections::BTreeSet;

use faults::Fault;
use tests::{Hall, KIOSK, Options};

#[test]
fn requests_of_both_epochs_arrive_once_and_every_chain_holds() {
    let mut hall = Hall::new(Options::offline().without_reader());
    let mut cases = vec![hall.submits_a_certificate(), hall.submits_a_certificate()];
    assert!(hall.command(&["audit", "verify"]).success);
    assert_eq!(hall.enrol_again(), 2);
    cases.extend([hall.submits_a_certificate(), hall.submits_a_certificate()]);
    assert_eq!(hall.waiting().len(), 4, "what waits outlives the key it was signed with");
    assert_eq!(cases.iter().collect::<BTreeSet<_>>().len(), 4, "no case number is given twice: {cases:?}");

    hall.switch_platform_on();
    let answer = hall.command(&["forward", "--once"]);
    assert_eq!((&answer.json["sent"], &answer.json["waiting"]), (&4.into(), &0.into()), "{}", answer.json);
    assert_eq!(hall.command(&["forward", "--once"]).json["sent"], 0);

    let mut kept = hall.on_the_platform();
    // Several are on the wire at once: they may arrive in any order.
    kept.sort_by_key(|r| (r["epoch"].as_u64(), r["seq"].as_u64()));
    let numbers: Vec<_> = kept.iter().map(|request| request["case_number"].as_str().unwrap()).collect();
    assert_eq!(numbers, cases);
    let places: Vec<_> =
        kept.iter().map(|r| (r["epoch"].as_u64().unwrap(), r["seq"].as_u64().unwrap())).collect();
    assert_eq!(places, [(1, 1), (1, 2), (2, 1), (2, 2)]);
    assert!(kept.iter().all(|r| r["signature"] == "verified" && r["chain"] == "intact"), "{kept:?}");

    assert!(hall.waiting().is_empty());
    let audit = hall.command(&["audit", "verify"]);
    assert!(audit.success, "{}", audit.json);
    assert_eq!((&audit.json["valid"], &audit.json["requests"]["count"]), (&true.into(), &4.into()));
    let verified = hall.platform_command(&["verify", KIOSK]);
    assert_eq!(verified["epochs"].as_array().unwrap().len(), 2, "{verified}");
    assert!(hall.platform_command(&["alarms"])["alarms"].as_array().unwrap().is_empty());
}

#[test]
fn until_it_is_enrolled_with_its_new_key_the_kiosk_takes_nothing_and_loses_nothing() {
    let hall = Hall::new(Options::offline().without_reader());
    let case_number = hall.submits_a_certificate();
    let out = hall.path("enrol");
    assert!(hall.command(&["identity", "--new-key", "--out", out.to_str().unwrap()]).success);
    let list = hall.command(&["queue", "list"]);
    assert_eq!(list.json["error"]["code"], Fault::KeyUnavailable.code(), "{}", list.json);

    assert_eq!(hall.enrol_again(), 2);
    let next = hall.submits_a_certificate();
    let waiting: Vec<_> = hall.waiting().iter().map(|row| row["case_number"].clone()).collect();
    assert_eq!(waiting, [case_number, next]);
}
