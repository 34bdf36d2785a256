//! A request from files: the same checks, the same store, the same platform as at the screen.

use tests::{Answer, Hall, Options, PHONE};

/// The answers of a renewal by post with a commitment.
fn answers(hall: &Hall, address: &str) -> String {
    let ends = jiff::Zoned::now().date() + jiff::Span::new().days(30);
    let begins = ends - jiff::Span::new().years(20);
    let stroke: Vec<[i32; 2]> = (0..30).map(|i| [200 + i * 20, 300 + (i % 7) * 60]).collect();
    let signature = serde_json::to_string(&stroke).unwrap();
    let text = format!(
        "notice = \"2026-01\"\ncommitment = true\n\
         signature = [{signature}]\n\
         [answers]\ncollection = \"post\"\nphone = \"{PHONE}\"\naddress = \"{address}\"\n\
         [card]\ntype = \"citizen\"\nname = \"周到期\"\nsex = \"female\"\nethnicity = \"汉\"\n\
         birth = \"1988-05-17\"\naddress = \"北京市朝阳区示例街道\"\nnumber = \"110105198805170023\"\n\
         issuer = \"示例分局\"\nvalid_from = \"{begins}\"\nvalid_to = \"{ends}\"\n"
    );
    let file = hall.path("answers.toml");
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

fn submit(hall: &Hall, address: &str) -> Answer {
    let answers = answers(hall, address);
    // The portrait as the kiosk itself would take it.
    let portrait = hall.path("portrait.jpg");
    if !portrait.exists() {
        assert!(hall.command(&["capture", "--out", portrait.to_str().unwrap()]).success);
    }
    let attach = format!("portrait={}", portrait.display());
    hall.command(&["submit", "id-card-renewal", "--answers", &answers, "--attach", &attach])
}

#[test]
fn it_is_durable_when_its_id_is_printed_and_arrives_with_its_files() {
    let hall = Hall::new(Options::default().without_reader());
    let answer = submit(&hall, "北京市朝阳区示例街道测试路12号院");
    assert!(answer.success, "{}", answer.json);
    let (id, case_number) =
        (answer.json["id"].as_str().unwrap(), answer.json["case_number"].as_str().unwrap());
    let shown = hall.command(&["queue", "show", case_number]);
    assert_eq!((&shown.json["id"], &shown.json["state"]), (&id.into(), &"queued".into()), "{}", shown.json);

    assert_eq!(hall.command(&["forward", "--once"]).json["sent"], 1);
    let shown = hall.command(&["queue", "show", id]);
    assert_eq!(shown.json["state"], "acknowledged", "{}", shown.json);
    assert!(shown.json["acceptance_number"].is_string());
    let opened = hall.opened(id);
    let files: Vec<_> =
        opened["request"]["attachments"].as_array().unwrap().iter().map(|f| &f["name"]).collect();
    assert_eq!(files, ["portrait", "signature"]);
    assert!(opened.to_string().contains("typed"), "whoever opens it sees that no machine read the card");
}

#[test]
fn an_address_of_ten_thousand_characters_is_refused_and_nothing_is_stored() {
    let hall = Hall::new(Options::offline().without_reader());
    let answer = submit(&hall, &"长".repeat(10_000));
    assert!(!answer.success);
    assert_eq!(answer.json["error"]["code"], "SUB-01", "{}", answer.json);
    let mistakes = answer.json["error"]["mistakes"].as_array().unwrap();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    let mistake = mistakes[0].as_str().unwrap();
    assert!(mistake.contains("address") && mistake.contains("100"), "{mistake}");
    assert!(!mistake.contains('长'), "a mistake does not repeat what was given");
    assert!(hall.waiting().is_empty());
}

#[test]
fn every_mistake_is_listed_at_once() {
    let hall = Hall::new(Options::offline().without_reader());
    let file = hall.path("wrong.toml");
    let text = "notice = \"1999-01\"\nespresso = true\n[answers]\ncollection = \"drone\"\nphone = \"12\"\n";
    std::fs::write(&file, text).unwrap();
    let answer = hall.command(&["submit", "id-card-renewal", "--answers", file.to_str().unwrap()]);
    assert_eq!(answer.json["error"]["code"], "SUB-01", "{}", answer.json);
    let mistakes = answer.json["error"]["mistakes"].to_string();
    for part in ["espresso", "card"] {
        assert!(mistakes.contains(part), "{part} is not in {mistakes}");
    }
    assert!(hall.waiting().is_empty());
}
