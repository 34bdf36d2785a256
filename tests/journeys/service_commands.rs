//! What staff type.

use tests::{Hall, Options};

#[test]
fn check_tells_the_state_of_every_device() {
    let hall = Hall::new(Options::default());
    let answer = hall.command(&["check"]);
    assert!(answer.success);
    let devices = answer.json["devices"].as_array().unwrap();
    let states: Vec<_> =
        devices.iter().map(|d| (d["name"].as_str().unwrap(), d["status"].as_str().unwrap())).collect();
    assert_eq!(states, [("id_card", "Online"), ("receipt_printer", "Online")]);
}

#[test]
fn card_read_prints_every_field_of_each_kind_of_card() {
    let hall = Hall::new(Options::default());
    for (card, kind) in [("zhang", "citizen"), ("hmt", "hmt"), ("pr2023", "pr2023"), ("pr2017", "pr2017")] {
        hall.insert(card);
        let json = hall.command(&["card", "read", "--timeout", "20"]).json;
        hall.remove();
        assert_eq!(json["type"], kind, "{json}");
        assert_eq!(json["photo_bytes"], 1024);
        assert_eq!(json["number_valid"], true, "{json}");
        assert!(json["name"].as_str().is_some_and(|name| !name.is_empty()));
        assert_eq!(json["ethnicity"].is_null(), kind != "citizen");
    }
}

#[test]
fn card_read_fails_with_the_code_of_what_is_wrong() {
    let hall = Hall::new(Options::default());
    for (card, code) in
        [("bank-card", "CRD-04"), ("surrogate", "CRD-06"), ("length-lies", "CRD-06"), ("bad-date", "CRD-06")]
    {
        hall.insert(card);
        let answer = hall.command(&["card", "read", "--timeout", "20"]);
        hall.remove();
        assert!(!answer.success);
        assert_eq!(answer.json["error"]["code"], code, "{card}: {}", answer.json);
    }
    hall.insert("wrong-check-digit");
    let answer = hall.command(&["card", "read", "--timeout", "20"]);
    assert!(answer.success);
    assert_eq!(answer.json["number_valid"], false);
}

#[test]
fn receipt_test_prints_a_page() {
    let hall = Hall::new(Options::default());
    assert!(hall.command(&["receipt", "test"]).success);
    let receipts = hall.receipts(1);
    assert!(receipts[0].lines.iter().any(|line| line.contains("测试页")));
}

#[test]
fn config_check_lists_all_mistakes() {
    let hall = Hall::new(Options { platform: false });
    let file = hall.path("broken.toml");
    std::fs::write(&file, "[kiosk]\nid = \"7\"\nstate = \"x\"\n[toaster]\n").unwrap();
    let answer = tests::kiosk(&file, &["config", "check"]);
    assert!(!answer.success);
    assert_eq!(answer.json["error"]["code"], "CFG-02");
    let text = answer.json["error"]["text"].as_str().unwrap();
    assert!(text.contains(":3:") && text.contains(":4: unknown key `toaster`"), "{text}");
}
