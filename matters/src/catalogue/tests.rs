use jiff::civil::date;

use super::Catalogue;
use crate::rules::{CardFacts, Facts, Verdict, ask};
use crate::{Form, Language};

const CERTIFICATE: &str = super::BUILT_IN[0].1;
const FILE: &str = "household-certificate.toml";

const FACTS: Facts<'static> = Facts { today: date(2026, 11, 21), card: None, form: None };

fn catalogue() -> Catalogue {
    Catalogue::parse([(FILE, CERTIFICATE)]).unwrap()
}

fn card(card_type: &str, valid_to: Option<jiff::civil::Date>) -> CardFacts<'_> {
    CardFacts { card_type, birth: date(1988, 1, 1), valid_from: date(2007, 1, 1), valid_to }
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
fn an_expression_that_would_refuse_everybody_or_never_end_is_a_mistake() {
    let with = |expression: &str| {
        Catalogue::parse([(FILE, &*CERTIFICATE.replace("card_days_left >= 0", expression))])
    };
    let nested = "size([1, 2, 3].map(age, [1, 2, 3].map(age, age))) > 0";
    for (expression, text) in [
        ("startWith(card_type)", "`startWith` is not available"),
        (nested, "`map` is not available"),
        ("[card_type].exists(age, age == 'hmt')", "`exists` is not available"),
        ("card_type >= 3", "an expression that fails"),
        ("age == 16 + '16'", "an expression that fails"),
        ("age * 9223372036854775807 > 0", "an expression that fails"),
        ("age", "neither true nor false"),
        (&vec!["1"; 8000].join("+"), "more than 400 bytes"),
        (&format!("card_type{}", ".a".repeat(30_000)), "more than 400 bytes"),
    ] {
        let listed = with(expression).unwrap_err();
        assert_eq!(listed.len(), 1, "{listed:#?}");
        assert!(listed[0].text.contains(text), "{text} not in {listed:#?}");
    }
    with("card_type in ['citizen', 'hmt'] && (age < 16 || !card_type.startsWith('pr'))").unwrap();
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
fn a_rule_that_fails_refuses() {
    // It divides by zero for a long-term card only.
    let odd = CERTIFICATE.replace("card_days_left >= 0", "1 / (card_days_left - 1000000) <= 1");
    let catalogue = Catalogue::parse([(FILE, odd.as_str())]).unwrap();
    let today = date(2026, 11, 21);
    let facts = Facts { today, card: Some(card("citizen", None)), form: None };
    let verdict = ask(&catalogue.matter("household-certificate").unwrap().rules, facts);
    assert!(matches!(verdict, Verdict::Refused(_)));
}

#[test]
fn the_form_keeps_answers_in_the_order_they_were_given_and_only_known_choices() {
    let catalogue = catalogue();
    let matter = catalogue.matter("household-certificate").unwrap();
    let question = |id: &str| matter.question(id).unwrap();
    let mut form = Form::default();
    assert!(!form.answered(question("certificate")));
    form.choose(question("certificate"), "no-such-value");
    assert_eq!(form.answer("certificate"), None);
    form.choose(question("certificate"), "kinship");
    form.choose(question("purpose"), "school");
    form.choose(question("certificate"), "migration");
    assert!(form.answered(question("certificate")));
    assert_eq!(form.answers().collect::<Vec<_>>(), [("certificate", "migration"), ("purpose", "school")]);
}

const RENEWAL: &str = super::BUILT_IN[1].1;
const RENEWAL_FILE: &str = "id-card-renewal.toml";

/// The catalogue this version was built with, as a region has it.
fn built_in(region: Option<&str>) -> Catalogue {
    Catalogue::parse_for_region(super::BUILT_IN.iter().copied(), region).unwrap()
}

#[test]
fn a_region_changes_page_rule_and_fee_together() {
    let today = date(2026, 11, 21);
    for (region, window, fee, days) in
        [(None, "90", 20, 60), (Some("coastal"), "180", 0, 20), (Some("inland"), "90", 20, 30)]
    {
        let catalogue = built_in(region);
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
    let region = "regions/r/id-card-renewal.toml";
    let listed =
        Catalogue::parse_for_region([(RENEWAL_FILE, RENEWAL), (region, overlay)], Some("r")).unwrap_err();
    let lines: Vec<usize> = listed.iter().map(|p| p.line).collect();
    assert_eq!(lines, [1, 2, 4], "{listed:#?}");

    let unknown = ("regions/r/unknown.toml", "fee_yuan = 1\n");
    let listed = Catalogue::parse_for_region(
        [(RENEWAL_FILE, RENEWAL), (region, "[parameters]\nwindow = 1\n"), unknown],
        Some("r"),
    )
    .unwrap_err();
    assert!(listed.iter().any(|p| p.text.contains("`window` is no parameter of this matter")), "{listed:#?}");
    assert!(listed.iter().any(|p| p.file == unknown.0), "{listed:#?}");
}

#[test]
fn a_region_that_has_no_file_is_a_mistake_that_names_those_that_have() {
    for region in ["nowhere", "coast"] {
        let listed = Catalogue::parse_for_region(super::BUILT_IN.iter().copied(), Some(region)).unwrap_err();
        let expected = format!("no region is called `{region}`; there are: coastal, inland");
        assert!(listed.len() == 1 && listed[0].text == expected, "{listed:#?}");
    }
}

#[test]
fn the_mistakes_of_all_regions_are_listed_each_once() {
    let broken = RENEWAL.replace("minutes = ", "minutes = 1000");
    let (north, south) = ("regions/north/id-card-renewal.toml", "regions/south/id-card-renewal.toml");
    let files = [(south, "colour = 1\n"), (RENEWAL_FILE, &broken), (north, "fee_yuan = 1\n")];
    let listed = Catalogue::parse_for_all_regions(files).unwrap_err();
    let places: Vec<&str> = listed.iter().map(|mistake| mistake.file.as_str()).collect();
    assert_eq!(places, [RENEWAL_FILE, south], "{listed:#?}");
    let whole = Catalogue::parse_for_all_regions(super::BUILT_IN.iter().copied()).unwrap();
    assert_eq!(whole.matter("id-card-renewal").unwrap().fee_yuan, 20, "as it is everywhere");
}

/// The question about the portrait is asked in this region of somebody whose card was issued then.
fn may_reuse(region: Option<&str>, valid_from: jiff::civil::Date) -> bool {
    let catalogue = built_in(region);
    let matter = catalogue.matter("id-card-renewal").unwrap();
    let card = CardFacts { valid_from, ..card("citizen", None) };
    let form = Form::default();
    let facts = Facts { today: date(2026, 11, 21), card: Some(card), form: Some(&form) };
    assert!(matter.photographs(facts), "a portrait is taken until the citizen chooses the one on file");
    form.asks(matter.question("photo").unwrap(), facts)
}

#[test]
fn a_region_decides_how_old_a_portrait_may_be() {
    assert!(may_reuse(Some("coastal"), date(2021, 11, 22)));
    assert!(!may_reuse(Some("coastal"), date(2021, 11, 21)), "five years to the day");
    assert!(!may_reuse(Some("inland"), date(2026, 11, 20)));
    assert!(!may_reuse(None, date(2026, 11, 20)));
}

#[test]
fn the_validity_of_the_new_card_follows_the_age() {
    let catalogue = Catalogue::parse([(RENEWAL_FILE, RENEWAL)]).unwrap();
    let matter = catalogue.matter("id-card-renewal").unwrap();
    let today = date(2026, 11, 21);
    for (birth, words) in [
        (date(2010, 11, 22), "5 年"),
        (date(2010, 11, 21), "10 年"),
        (date(2000, 11, 22), "10 年"),
        (date(2000, 11, 21), "20 年"),
        (date(1980, 11, 22), "20 年"),
        (date(1980, 11, 21), "长期"),
    ] {
        let card = CardFacts { birth, ..card("citizen", None) };
        let text = matter.valid_for(Facts { today, card: Some(card), form: None }).unwrap();
        assert!(text.get(Language::ZhHans).contains(words), "{birth}: {text:?}");
    }
    assert_eq!(matter.valid_for(FACTS), None, "nothing is said before a card is read");
}

#[test]
fn a_catalogue_with_ten_mistakes_lists_all_ten_with_file_and_line() {
    let one = CERTIFICATE
        .replace("effective_from = \"2026-01-01\"", "effective_from = \"2026-02-30\"")
        .replace("minutes = 2", "minutes = 0")
        .replace("icon = \"document\"", "icon = \"document\"\ncolour = \"red\"")
        .replace("value = \"school\"", "value = \"property\"")
        .replace("card_days_left >= 0", "card_days_left >=");
    let two = RENEWAL
        .replace("id = \"id-card-renewal\"", "id = \"renewal\"")
        .replace("answer_collection == 'post'\"\nprompt", "answer_colour == 'red'\"\nprompt")
        .replace("en = \"Identity card renewal\"\n", "")
        .replace("{window_days} days before your card", "{windows} days before your card");
    let region = "fee_yuan = 0\n[parameters]\nwindow = 180\n";
    let listed = Catalogue::parse_for_region(
        [(FILE, one.as_str()), (RENEWAL_FILE, two.as_str()), ("regions/r/id-card-renewal.toml", region)],
        Some("r"),
    )
    .unwrap_err();
    // Where a text stands in a file, as its line.
    let line = |source: &str, text: &str| source.lines().position(|l| l.contains(text)).unwrap() + 1;
    let (a, b) = (FILE, RENEWAL_FILE);
    let expected = [
        (a, line(&one, "2026-02-30"), "must be a date"),
        (a, line(&one, "colour"), "unknown key `colour`"),
        (a, line(&one, "minutes"), "between 1 and 60"),
        (a, line(&one, "value = \"property\"") + 5, "`property` stands twice"),
        (a, line(&one, "card_days_left >="), "no CEL expression"),
        (b, line(&two, "id = \"renewal\""), "must equal the file's name `id-card-renewal`"),
        (b, line(&two, "[title]"), "`en` is missing here"),
        (b, line(&two, "{windows}"), "`{windows}` is no parameter"),
        (b, line(&two, "answer_colour"), "`answer_colour`, which nothing has answered"),
        ("regions/r/id-card-renewal.toml", 3, "`window` is no parameter of this matter"),
    ];
    for (file, line, text) in expected {
        let found = |p: &crate::Problem| p.file == file && p.line == line && p.text.contains(text);
        assert!(listed.iter().any(found), "{file}:{line}: {text} not in {listed:#?}");
    }
    assert_eq!(listed.len(), 10, "{listed:#?}");
}

#[test]
fn no_question_or_paper_takes_a_name_of_the_house() {
    let region = ("regions/r/id-card-renewal.toml", "fee_yuan = 0\n");
    for name in ["portrait", "commitment", "card", "signature"] {
        for id in ["phone", "residence"] {
            let broken = RENEWAL.replace(&format!("id = \"{id}\"\n"), &format!("id = \"{name}\"\n"));
            let listed =
                Catalogue::parse_for_all_regions([(RENEWAL_FILE, broken.as_str()), region]).unwrap_err();
            let line = broken.lines().position(|l| l == format!("id = \"{name}\"")).unwrap() + 1;
            let text = format!("no question or paper may be called `{name}`");
            assert_eq!(listed, [crate::Problem { file: RENEWAL_FILE.to_owned(), line, text }], "{id}");
        }
    }
}

#[test]
fn a_question_depends_only_on_what_was_asked_before_it() {
    let later = RENEWAL.replace("card_years < {photo_reuse_years}", "answer_photo == 'new'");
    let listed = Catalogue::parse([(RENEWAL_FILE, later.as_str())]).unwrap_err();
    assert!(listed.iter().any(|p| p.text.contains("`answer_photo`")), "{listed:#?}");
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

#[test]
fn an_answer_that_goes_takes_along_what_hung_on_it() {
    let chain = RENEWAL.replace("card_years < {photo_reuse_years}", "answer_address != ''");
    let catalogue = Catalogue::parse([(RENEWAL_FILE, chain.as_str())]).unwrap();
    let matter = catalogue.matter("id-card-renewal").unwrap();
    let facts = Facts { card: Some(card("citizen", Some(date(2026, 12, 1)))), ..FACTS };
    let question = |id: &str| matter.question(id).unwrap();
    let mut form = Form::default();
    form.choose(question("collection"), "post");
    form.type_text(question("phone"), "13800138000");
    form.type_text(question("address"), "示例路一号院");
    form.choose(question("photo"), "on-file");
    form.prune(matter, facts);
    assert!(matter.questions.iter().all(|question| form.asks(question, facts) && form.answered(question)));
    form.choose(question("collection"), "here");
    form.prune(matter, facts);
    let left: Vec<&str> = form.answers().map(|(question, _)| question).collect();
    assert_eq!(left, ["collection", "phone"]);
}

#[test]
fn a_rule_asks_only_what_everybody_is_asked() {
    let paper = RENEWAL
        .replace("waivable = true\nwhen = \"answer_collection", "waivable = true\nwhen = \"answer_address");
    assert!(Catalogue::parse([(RENEWAL_FILE, paper.as_str())]).is_ok(), "who is not asked needs no paper");
    let everybody =
        RENEWAL.replace("when = \"age >= 16\"", "when = \"answer_collection == 'post' || age >= 16\"");
    assert!(Catalogue::parse([(RENEWAL_FILE, everybody.as_str())]).is_ok());
    let some = RENEWAL.replace("when = \"age >= 16\"", "when = \"answer_address != 'nowhere'\"");
    let listed = Catalogue::parse([(RENEWAL_FILE, some.as_str())]).unwrap_err();
    assert_eq!(listed.len(), 1, "{listed:#?}");
    assert!(listed[0].text.contains("`answer_address`, which not everybody is asked"), "{listed:#?}");
}
