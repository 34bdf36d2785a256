//! Two regions, one programme: changing a parameter in a region's TOML changes page, rule and receipt.

use session::Action;
use session::view::Page;
use tests::{Hall, Options, Way};

/// The page that explains the matter: its summary and its fee.
fn notice(hall: &mut Hall) -> (String, u32) {
    let mut visitor = hall.open();
    visitor.sees("attract", |v| v.page == Page::Attract);
    visitor.touches(Action::Begin);
    visitor.sees("home", |v| matches!(v.page, Page::Home(_)));
    visitor.touches(Action::ChooseMatter("id-card-renewal".to_owned()));
    let view = visitor.sees("notice", |v| matches!(v.page, Page::Notice(_)));
    let Page::Notice(notice) = &view.page else { unreachable!() };
    let seen = (notice.summary.clone(), notice.fee_yuan);
    hall.close();
    seen
}

/// A card that ends in so many days.
fn card(hall: &Hall, days: i64) -> String {
    let path = hall.path(&format!("ends-in-{days}.toml"));
    let ending = simulators::card::builtin("ending").unwrap();
    std::fs::write(&path, ending.replace("ends_in_days = 30", &format!("ends_in_days = {days}"))).unwrap();
    path.display().to_string()
}

/// Whether a card that ends in so many days can be renewed, or the reason against it.
fn renewable(hall: &mut Hall, days: i64) -> Result<(), String> {
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert(&card(hall, days));
    visitor.confirms();
    let view = visitor.sees("an answer", |v| matches!(v.page, Page::Question(_) | Page::Refusal(_)));
    hall.remove();
    hall.close();
    if let Page::Refusal(refusal) = &view.page { Err(refusal.reason.clone()) } else { Ok(()) }
}

/// A whole visit; the words of the receipt.
fn receipt(hall: &mut Hall) -> String {
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    visitor.renews(Way::Here);
    visitor.signs();
    visitor.submits();
    let receipts = hall.receipts(1);
    hall.close();
    receipts[0].lines.join("\n")
}

#[test]
fn the_coast_is_generous() {
    let mut hall = Hall::new(Options { region: Some("coastal"), ..Options::offline() });
    let (summary, fee) = notice(&mut hall);
    assert!(summary.contains("180 天") && fee == 0, "{summary}");
    assert_eq!(renewable(&mut hall, 150), Ok(()));
    let paper = receipt(&mut hall);
    assert!(paper.contains("免费") && !paper.contains("20 元"), "{paper}");
}

#[test]
fn inland_the_law_holds() {
    let mut hall = Hall::new(Options { region: Some("inland"), ..Options::offline() });
    let (summary, fee) = notice(&mut hall);
    assert!(summary.contains("90 天") && fee == 20, "{summary}");
    let reason = renewable(&mut hall, 150).unwrap_err();
    assert!(reason.contains("90 天"), "{reason}");
    assert_eq!(renewable(&mut hall, 60), Ok(()));
    let paper = receipt(&mut hall);
    assert!(paper.contains("20 元"), "{paper}");
}

#[test]
fn one_changed_line_changes_page_and_rule() {
    let mut hall = Hall::new(Options { region: Some("inland"), ..Options::offline() });
    let file = hall.matters().join("regions/inland/id-card-renewal.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text: String =
        text.lines().filter(|line| !line.contains("window_days")).map(|l| format!("{l}\n")).collect();
    let text = if text.contains("[parameters]") {
        text.replace("[parameters]", "[parameters]\nwindow_days = 45")
    } else {
        format!("{text}\n[parameters]\nwindow_days = 45\n")
    };
    std::fs::write(&file, text).unwrap();
    assert!(notice(&mut hall).0.contains("45 天"));
    assert!(renewable(&mut hall, 60).unwrap_err().contains("45 天"));
}
