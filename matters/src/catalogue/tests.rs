use jiff::civil::date;

use super::Catalogue;
use crate::rules::{CardFacts, Facts, Verdict, ask};
use crate::{Form, Language, Leads};

const CERTIFICATE: &str = super::BUILT_IN[0].1;
const FILE: &str = "household-certificate.toml";

const FACTS: Facts<'static> = Facts { today: date(2026, 11, 21), card: None, form: None };

fn catalogue() -> Catalogue {
    Catalogue::parse([(FILE, CERTIFICATE)]).unwrap()
}

fn card(card_type: &str, valid_to: Option<jiff::civil::Date>) -> CardFacts<'_> {
    CardFacts { card_type, birth: date(1988, 1, 1), valid_to }
}

#[test]
fn the_shipped_matter_is_in_effect_and_speaks_both_languages() {
    let catalogue = catalogue();
    assert_eq!(catalogue.on(date(2025, 12, 31)).count(), 0);
    let matter = catalogue.on(date(2026, 1, 1)).next().unwrap();
    assert_eq!(matter.title.get(Language::ZhHans), "开户籍证明");
    assert_eq!(matter.title.get(Language::En), "Household certificate");
    assert_eq!(matter.deadline(date(2026, 11, 29)), date(2026, 12, 2));
}

#[test]
fn every_mistake_of_a_file_is_listed_with_its_line() {
    let broken = CERTIFICATE
        .replace("minutes = 2", "minutes = 0")
        .replace("effective_from = \"2026-01-01\"", "effective_from = \"2026-02-30\"")
        .replace("icon = \"document\"", "icon = \"document\"\ncolour = \"red\"")
        .replace("label.en = \"Kinship\"\n", "")
        .replace("value = \"school\"", "value = \"property\"")
        .replace("card_days_left >= 0", "card_days_left >=")
        .replace("title", "titel");
    let listed: Vec<String> =
        Catalogue::parse([(FILE, broken.as_str())]).unwrap_err().iter().map(ToString::to_string).collect();
    for expected in [
        "toml:6: `effective_from` must be a date such as \"2026-01-31\", found \"2026-02-30\"",
        "toml:8: unknown key `colour`; expected one of: id, revision",
        "toml:9: `minutes` must be between 1 and 60, found 0",
        "`title` is missing here",
        "unknown key `titel`",
        "`en` is missing here",
        "`property` stands twice",
        "no CEL expression",
    ] {
        assert!(listed.iter().any(|l| l.contains(expected)), "{expected} not in {listed:#?}");
    }
}

#[test]
fn a_rule_may_only_refer_to_what_can_be_known() {
    let broken = CERTIFICATE.replace("card_days_left >= 0", "answer_colour == 'red' && shoe_size > 40");
    let listed = Catalogue::parse([(FILE, broken.as_str())]).unwrap_err();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().any(|p| p.text.contains("answer_colour")));
    assert!(listed.iter().any(|p| p.text.contains("shoe_size")));
}

#[test]
fn a_file_under_another_name_is_refused() {
    let listed = Catalogue::parse([("other.toml", CERTIFICATE)]).unwrap_err();
    assert!(listed.iter().any(|p| p.text.contains("must equal the file's name")));
}

#[test]
fn an_empty_catalogue_is_refused() {
    assert_eq!(Catalogue::parse([]).unwrap_err().len(), 1);
}

#[test]
fn before_a_card_is_read_the_rules_name_what_they_need() {
    let catalogue = catalogue();
    let matter = catalogue.matter("household-certificate").unwrap();
    let facts = Facts { today: date(2026, 11, 21), card: None, form: None };
    assert_eq!(ask(&matter.rules, facts), Verdict::StillNeeded(vec!["card_days_left", "card_type"]));
}

#[test]
fn the_first_rule_that_refuses_says_why() {
    let catalogue = catalogue();
    let matter = catalogue.matter("household-certificate").unwrap();
    let today = date(2026, 11, 21);
    for (card, refused) in [
        (card("citizen", Some(today)), None),
        (card("citizen", None), None),
        (card("citizen", Some(date(2026, 11, 20))), Some("renew your card")),
        (card("pr2023", Some(today)), Some("exit and entry")),
    ] {
        let verdict = ask(&matter.rules, Facts { today, card: Some(card), form: None });
        match (verdict, refused) {
            (Verdict::Eligible, None) => {}
            (Verdict::Refused(refusal), Some(words)) => {
                assert!(refusal.next_place.get(Language::En).contains(words));
            }
            (verdict, refused) => panic!("{verdict:?} where {refused:?} was expected"),
        }
    }
}

#[test]
fn a_rule_that_answers_no_yes_or_no_refuses() {
    let odd = CERTIFICATE.replace("card_days_left >= 0", "card_days_left + 1");
    let catalogue = Catalogue::parse([(FILE, odd.as_str())]).unwrap();
    let today = date(2026, 11, 21);
    let facts = Facts { today, card: Some(card("citizen", None)), form: None };
    let verdict = ask(&catalogue.matter("household-certificate").unwrap().rules, facts);
    assert!(matches!(verdict, Verdict::Refused(_)));
}

#[test]
fn the_form_asks_each_question_once_and_comes_back_to_the_review_after_a_change() {
    let catalogue = catalogue();
    let matter = catalogue.matter("household-certificate").unwrap();
    let mut form = Form::new();
    assert_eq!(form.forward(matter, FACTS), Leads::Nowhere);
    form.choose(matter, "purpose", "school");
    assert_eq!(form.answer("purpose"), None, "an answer for a page that is not shown");
    form.choose(matter, "certificate", "no-such-value");
    assert_eq!(form.answer("certificate"), None);
    form.choose(matter, "certificate", "kinship");
    assert_eq!(form.forward(matter, FACTS), Leads::Question);
    form.choose(matter, "purpose", "school");
    assert_eq!(form.forward(matter, FACTS), Leads::Review);

    assert!(form.change(matter, "certificate"));
    form.choose(matter, "certificate", "migration");
    assert_eq!(form.forward(matter, FACTS), Leads::Review);
    assert_eq!(form.answers().collect::<Vec<_>>(), [("certificate", "migration"), ("purpose", "school")]);

    assert_eq!(form.back(matter, FACTS), Leads::Question);
    assert_eq!(form.question(matter).unwrap().id, "purpose");
    assert_eq!(form.back(matter, FACTS), Leads::Question);
    assert_eq!(form.back(matter, FACTS), Leads::Before);
}

const RENEWAL: &str = include_str!("../../catalogue/drafts/id-card-renewal.toml");
const COASTAL: &str = include_str!("../../catalogue/drafts/regions/coastal/id-card-renewal.toml");
const INLAND: &str = include_str!("../../catalogue/drafts/regions/inland/id-card-renewal.toml");
const RENEWAL_FILE: &str = "id-card-renewal.toml";

#[test]
fn a_region_changes_page_rule_and_fee_together() {
    let today = date(2026, 11, 21);
    for (region, window, fee, days) in
        [(None, "90", 20, 60), (Some(COASTAL), "180", 0, 20), (Some(INLAND), "90", 20, 30)]
    {
        let overlay = region.map(|text| (RENEWAL_FILE, text));
        let catalogue = Catalogue::parse_for_region([(RENEWAL_FILE, RENEWAL)], overlay).unwrap();
        let matter = catalogue.matter("id-card-renewal").unwrap();
        assert_eq!((matter.fee_yuan, matter.deadline_days), (fee, days));
        assert!(matter.summary.get(Language::En).contains(window));
        // 120 days before the last day: too early by the law's window, in time by the coast's.
        let card = card("citizen", Some(date(2027, 3, 21)));
        let verdict = ask(&matter.rules, Facts { today, card: Some(card), form: None });
        assert_eq!(verdict == Verdict::Eligible, window == "180");
    }
}

#[test]
fn a_regions_mistakes_are_listed() {
    let overlay = "fee_yuan = -1\ncolour = 1\n[parameters]\nwindow_days = \"soon\"\n";
    let listed =
        Catalogue::parse_for_region([(RENEWAL_FILE, RENEWAL)], [(RENEWAL_FILE, overlay)]).unwrap_err();
    let lines: Vec<usize> = listed.iter().map(|p| p.line).collect();
    assert_eq!(lines, [1, 2, 4], "{listed:#?}");

    let listed = Catalogue::parse_for_region(
        [(RENEWAL_FILE, RENEWAL)],
        [(RENEWAL_FILE, "[parameters]\nwindow = 1\n"), ("unknown.toml", "fee_yuan = 1\n")],
    )
    .unwrap_err();
    assert!(listed.iter().any(|p| p.text.contains("`window`, which is no parameter")), "{listed:#?}");
    assert!(listed.iter().any(|p| p.file == "unknown.toml"), "{listed:#?}");
}

#[test]
fn an_unknown_parameter_is_a_mistake() {
    let broken = RENEWAL.replace("{window_days} days before your card", "{windows} days before your card");
    let listed = Catalogue::parse([(RENEWAL_FILE, broken.as_str())]).unwrap_err();
    assert!(listed.iter().any(|p| p.text.contains("`{windows}` is no parameter")), "{listed:#?}");
}

#[test]
fn typed_answers_are_checked_for_what_they_are() {
    use crate::Complaint::{Character, CheckDigit, Date, TooLong, TooShort};
    let source = |format: &str, shortest: u32, longest: u32| {
        CERTIFICATE.replacen(
            "id = \"purpose\"",
            &format!("id = \"typed\"\nlabel.zh-Hans = \"字\"\nlabel.en = \"Typed\"\nprompt.zh-Hans = \"字\"\nprompt.en = \"Typed\"\ntyped = {{ format = \"{format}\", shortest = {shortest}, longest = {longest} }}\n[[question]]\nid = \"purpose\""),
            1,
        )
    };
    for (format, shortest, longest, answer, expected) in [
        ("digits", 11, 11, "13800138000", Ok(())),
        ("digits", 11, 11, "1380013800", Err(TooShort)),
        ("digits", 11, 11, "138001380001", Err(TooLong)),
        ("digits", 11, 11, "1380013800x", Err(Character)),
        ("date", 8, 8, "20240229", Ok(())),
        ("date", 8, 8, "20230229", Err(Date)),
        ("id-number", 18, 18, "11010519491231002X", Ok(())),
        ("id-number", 18, 18, "440524188001010014", Ok(())),
        ("id-number", 18, 18, "440524188001010015", Err(CheckDigit)),
        ("text", 2, 5, "北京·东", Ok(())),
        ("text", 2, 5, "北\u{7}京", Err(Character)),
    ] {
        let catalogue = Catalogue::parse([(FILE, source(format, shortest, longest).as_str())]).unwrap();
        let matter = catalogue.matter("household-certificate").unwrap();
        assert_eq!(matter.question("typed").unwrap().accepts(answer), expected, "{answer}");
    }
}
