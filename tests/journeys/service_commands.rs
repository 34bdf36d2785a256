//! What staff type.

use tests::{Glass, Hall, Options};

#[test]
fn check_tells_the_state_of_every_device() {
    let hall = Hall::new(Options::default());
    let answer = hall.command(&["check"]);
    assert!(answer.success);
    let devices = answer.json["devices"].as_array().unwrap();
    let states: Vec<_> =
        devices.iter().map(|d| (d["name"].as_str().unwrap(), d["status"].as_str().unwrap())).collect();
    let all = ["id_card", "receipt_printer", "camera", "document_scanner", "sound", "attendant_call"];
    assert_eq!(states, all.map(|name| (name, "Online")));
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
    assert!(answer.success, "{}", answer.json);
    assert_eq!(answer.json["number_valid"], false);
}

#[test]
fn receipt_test_prints_a_page() {
    let hall = Hall::new(Options::offline().without_reader());
    assert!(hall.command(&["receipt", "test"]).success);
    let receipts = hall.receipts(1);
    assert!(receipts[0].lines.iter().any(|line| line.contains("测试页")));
}

#[test]
fn config_check_lists_all_mistakes() {
    let hall = Hall::new(Options::offline().without_reader());
    let broken = "[kiosk]\nid = \"7\"\nstate = \"x\"\n[toaster]\n";
    std::fs::write(hall.folder.config(), broken).unwrap();
    let answer = hall.command(&["config", "check"]);
    assert!(!answer.success);
    assert_eq!(answer.json["error"]["code"], "CFG-02");
    let text = answer.json["error"]["text"].as_str().unwrap();
    assert!(text.contains(":3:") && text.contains(":4: unknown key `toaster`"), "{text}");
}

#[test]
fn capture_gives_a_portrait_or_the_reasons_against_it() {
    let hall = Hall::new(Options::offline().without_reader());
    let out = hall.path("portrait.jpg");
    let answer = hall.command(&["capture", "--out", out.to_str().unwrap()]);
    assert!(answer.success, "{}", answer.json);
    assert_eq!((&answer.json["width"], &answer.json["height"]), (&358.into(), &441.into()), "GA 461");
    let jpeg = std::fs::read(&out).unwrap();
    assert!(jpeg.starts_with(b"\xFF\xD8") && (14 * 1024..=20 * 1024).contains(&jpeg.len()));

    // An empty wall before the camera.
    hall.bench.camera.show(wall());
    let refused = hall.path("refused.jpg");
    let answer = hall.command(&["capture", "--out", refused.to_str().unwrap()]);
    assert_eq!(answer.json["rejections"], serde_json::json!(["no-face"]), "{}", answer.json);
    assert!(!refused.exists());
}

/// A light wall and nobody before it.
fn wall() -> Vec<u8> {
    let mut jpeg = Vec::new();
    let pixels = [210, 206, 200].repeat(640 * 480);
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 85);
    image::ImageEncoder::write_image(encoder, &pixels, 640, 480, image::ExtendedColorType::Rgb8).unwrap();
    jpeg
}

#[test]
fn scan_gives_the_straightened_page() {
    let hall = Hall::new(Options::offline().without_reader());
    let out = hall.path("scans");
    let answer = hall.command(&["scan", "--out", out.to_str().unwrap()]);
    assert!(answer.success, "{}", answer.json);
    let pages = answer.json["pages"].as_array().unwrap();
    assert_eq!(pages.len(), 1, "{}", answer.json);
    let page = &pages[0];
    assert_eq!(
        (&page["blank"], &page["blurred"], &page["edges_seen"]),
        (&false.into(), &false.into(), &true.into())
    );
    assert!((page["skew"].as_f64().unwrap().abs() - 1.2).abs() < 0.3, "the sheet lies 1.2° askew: {page}");
    // B5 at 200 dots an inch.
    assert!((page["width"].as_i64().unwrap() - 1386).abs() < 12, "{page}");
    assert!((page["height"].as_i64().unwrap() - 1969).abs() < 12, "{page}");
    assert!(std::fs::read(page["file"].as_str().unwrap()).unwrap().starts_with(b"\xFF\xD8"));

    hall.scanner(Glass::Fails("SANE_STATUS_JAMMED"));
    let answer = hall.command(&["scan", "--out", out.to_str().unwrap()]);
    assert_eq!(answer.json["error"]["code"], "SCN-02", "{}", answer.json);
}
