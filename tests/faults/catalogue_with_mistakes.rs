//! A catalogue with ten mistakes is put before a running kiosk: all are listed, and the one that works stays.

use session::view::Page;
use tests::{Hall, Options};

/// Each line of the matter that is broken, with what it becomes and what the list says of it.
const MISTAKES: [(&str, &str, &str); 10] = [
    ("revision = 1", "revision = \"one\"", "expected"),
    ("minutes = 4", "minuets = 4", "minuets"),
    ("fee_yuan = 20", "fee_yuan = -20", "expected"),
    ("deadline_days = 60", "deadline_days = \"soon\"", "expected"),
    ("signature = true", "signature = 1", "expected"),
    ("effective_from = \"2026-01-01\"", "effective_from = \"2026-13-01\"", "effective_from"),
    ("when = \"card_type == 'citizen'\"", "when = \"card_type = 'citizen'\"", "no CEL expression"),
    ("when = \"age >= 16\"", "when = \"shoe_size >= 16\"", "shoe_size"),
    ("article.en = \"Resident Identity Card Law, article 2\"", "", "`en` is missing"),
    ("value = \"here\"", "value = \"post\"", "post"),
];

#[test]
fn all_are_listed_and_the_working_one_stays() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.sees("attract", |v| v.page == Page::Attract);
    let file = hall.matters().join("id-card-renewal.toml");
    let mut text = std::fs::read_to_string(&file).unwrap();
    for (good, bad, _) in MISTAKES {
        assert!(text.contains(good), "{good} is no longer in the matter");
        text = text.replacen(good, bad, 1);
    }
    std::fs::write(&file, text).unwrap();
    let answer = hall.command(&["catalogue", "check"]);
    assert!(!answer.success);
    assert_eq!(answer.json["error"]["code"], "CAT-01", "{}", answer.json);
    let mistakes = answer.json["error"]["mistakes"].as_array().unwrap();
    let list = mistakes.iter().map(|m| m.as_str().unwrap()).collect::<Vec<_>>().join("\n");
    assert!(mistakes.len() >= MISTAKES.len(), "{list}");
    for (_, bad, said) in MISTAKES {
        assert!(list.contains(said), "nothing is said of `{bad}` in\n{list}");
    }

    hall.reload();
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    visitor.confirms();
    visitor.sees("the first question", |v| matches!(&v.page, Page::Question(q) if q.id == "collection"));
    hall.remove();
    visitor.leaves();
    // A good catalogue is taken while the kiosk runs.
    let good = std::fs::read_to_string(&file).unwrap();
    let mut good = MISTAKES
        .iter()
        .rev()
        .fold(good, |text, (good, bad, _)| if bad.is_empty() { text } else { text.replacen(bad, good, 1) });
    good = good.replacen(
        "article.zh-Hans = \"《居民身份证法》第二条\"\n",
        &format!("article.zh-Hans = \"《居民身份证法》第二条\"\n{}\n", MISTAKES[8].0),
        1,
    );
    std::fs::write(&file, good.replacen("fee_yuan = 20", "fee_yuan = 25", 1)).unwrap();
    let answer = hall.command(&["catalogue", "check"]);
    assert!(answer.success, "{}", answer.json);
    hall.reload();
    visitor.finds_the_fee(25);
}
