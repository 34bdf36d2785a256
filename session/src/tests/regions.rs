//! What a region does differently is one file of data: page, rule and receipt follow it together.

use super::*;

fn region(name: &str) -> Kiosk {
    let catalogue = Catalogue::parse_for_region(matters::BUILT_IN.iter().copied(), Some(name));
    Kiosk::of(catalogue.unwrap(), true)
}

fn with(overlay: &str) -> Kiosk {
    let files = matters::BUILT_IN.iter().copied().chain([("regions/here/id-card-renewal.toml", overlay)]);
    Kiosk::of(Catalogue::parse_for_region(files, Some("here")).unwrap(), true)
}

/// Somebody of 19 whose card of five years ends in 120 days.
fn young() -> Citizen {
    Citizen {
        birth: date(2007, 3, 21),
        valid_from: date(2022, 3, 21),
        valid_to: Some(date(2027, 3, 21)),
        ..citizen()
    }
}

fn arrives(kiosk: &mut Kiosk, citizen: Citizen) {
    kiosk
        .touch(Action::Begin)
        .touch(Action::ChooseMatter("id-card-renewal".to_owned()))
        .touch(Action::Accept);
    let command = kiosk.read_command();
    kiosk.happens(Event::CardRead(command, Box::new(citizen)));
}

#[test]
fn one_file_changes_page_rule_and_receipt() {
    let overlay = "fee_yuan = 15\ndeadline_days = 10\n[parameters]\nwindow_days = 30\n";
    for (mut kiosk, window, fee, deadline) in [
        (Kiosk::new(), "90", "20 元", "2027年1月20日"),
        (region("inland"), "90", "20 元", "2026年12月21日"),
        (region("coastal"), "180", "免费", "2026年12月11日"),
        (with(overlay), "30", "15 元", "2026年12月1日"),
    ] {
        // The page.
        kiosk.touch(Action::Begin).touch(Action::ChooseMatter("id-card-renewal".to_owned()));
        let Page::Notice(notice) = kiosk.page() else { panic!("notice") };
        assert!(notice.summary.contains(&format!("到期前 {window} 天")), "{}", notice.summary);
        kiosk.touch(Action::Leave).happens(Event::CardPresent(false)).seconds(4);
        // The rule, for a card with one day too many.
        let days: i64 = window.parse().unwrap();
        let last = date(2026, 11, 21) + jiff::Span::new().days(days + 1);
        arrives(&mut kiosk, Citizen { valid_to: Some(last), ..citizen() });
        kiosk.touch(Action::Continue);
        assert!(matches!(kiosk.page(), Page::Refusal(r) if r.reason.contains(&format!("{window} 天"))));
        kiosk.touch(Action::Leave).seconds(4);
        // The receipt.
        kiosk.until_renewal_done().seconds(5);
        let paper = kiosk.paper();
        assert!(paper.contains(&format!("费用: {fee}")), "{paper:?}");
        assert!(paper.iter().any(|l| l.starts_with(&format!("最迟办结: {deadline}"))), "{paper:?}");
    }
}

#[test]
fn a_region_that_reuses_portraits_lets_the_citizen_choose_and_photographs_nobody_who_does() {
    let mut kiosk = region("coastal");
    arrives(&mut kiosk, young());
    kiosk
        .touch(Action::Continue)
        .choose("collection", "here")
        .touch(Action::Continue)
        .touch(Action::Type("13800138000".to_owned()))
        .touch(Action::Continue);
    let Page::Question(question) = kiosk.page() else { panic!("question") };
    assert!(question.help.contains("不满 5 年"), "{}", question.help);
    assert!(!question.answered, "nothing is chosen for the citizen");
    kiosk.choose("photo", "on-file").touch(Action::Continue);
    let Page::Review(review) = kiosk.page() else { panic!("review") };
    assert!(review.portrait.is_none() && !review.portrait_at_counter);
    assert!(review.answers.iter().any(|a| a.answer.expose() == "用现有证件上的相片"));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Preview(true))), 0, "the camera never looked");

    // A portrait that was taken before the change of mind is not sent.
    kiosk.touch(Action::Change("photo".to_owned())).choose("photo", "new").touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Photograph(_)));
    kiosk.touch(Action::Shoot);
    let shoot = kiosk.last(|e| if let Effect::Shoot(command) = e { Some(*command) } else { None });
    kiosk.happens(Event::Portrait(shoot, Ok(Box::new(taken())))).touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Review(r) if r.portrait.is_some()));
    kiosk.touch(Action::Change("photo".to_owned())).choose("photo", "on-file").touch(Action::Continue);
    kiosk
        .touch(Action::Continue)
        .touch(Action::Stroke((0..30).map(|i| (i * 10, 500)).collect()))
        .touch(Action::Submit);
    let (files, at_counter, photo) = kiosk.last(|e| {
        let Effect::Save(_, request) = e else { return None };
        let photo = request.answers.iter().find(|(q, _)| q == "photo").map(|(_, v)| v.to_string());
        Some((
            request.attachments.iter().map(|f| f.name.clone()).collect::<Vec<_>>(),
            request.portrait_at_counter,
            photo,
        ))
    });
    assert_eq!((files, at_counter), (vec!["signature".to_owned()], false));
    assert_eq!(photo.as_deref(), Some("on-file"));
}

#[test]
fn other_regions_and_older_cards_get_a_new_portrait() {
    let old = || Citizen { valid_from: date(2017, 3, 21), ..young() };
    let in_time = || Citizen { valid_to: Some(date(2026, 12, 1)), ..young() };
    for (mut kiosk, citizen) in
        [(region("coastal"), old()), (region("inland"), in_time()), (Kiosk::new(), in_time())]
    {
        arrives(&mut kiosk, citizen);
        kiosk
            .touch(Action::Continue)
            .choose("collection", "here")
            .touch(Action::Continue)
            .touch(Action::Type("13800138000".to_owned()))
            .touch(Action::Continue);
        assert!(matches!(kiosk.page(), Page::Photograph(_)));
    }
}

#[test]
fn the_new_cards_validity_is_on_the_page_the_review_and_the_receipt() {
    for (birth, words) in
        [(date(2007, 3, 21), "10 年"), (date(1990, 1, 1), "20 年"), (date(1949, 12, 31), "长期")]
    {
        let mut kiosk = Kiosk::new();
        arrives(&mut kiosk, Citizen { birth, valid_to: Some(date(2026, 12, 1)), ..citizen() });
        let Page::Confirm(confirm) = kiosk.page() else { panic!("confirm") };
        assert!(confirm.validity.unwrap().contains(words));
        kiosk
            .touch(Action::Continue)
            .choose("collection", "here")
            .touch(Action::Continue)
            .touch(Action::Type("13800138000".to_owned()))
            .touch(Action::Continue)
            .touch(Action::PhotographAtCounter);
        let Page::Review(review) = kiosk.page() else { panic!("review") };
        assert!(review.validity.unwrap().contains(words));
        kiosk
            .touch(Action::Continue)
            .touch(Action::Stroke((0..30).map(|i| (i * 10, 500)).collect()))
            .touch(Action::Submit);
        let save = kiosk.save_command();
        kiosk.happens(Event::Saved(save, Ok(CASE.to_owned()))).seconds(5);
        assert!(kiosk.paper().iter().any(|l| l.starts_with("新证") && l.contains(words)));
    }
    let mut certificate = Kiosk::new();
    certificate.until_confirm();
    assert!(matches!(certificate.page(), Page::Confirm(c) if c.validity.is_none()));
}
