//! What goes wrong in a visit, one test a mishap.

use super::*;

#[test]
fn nobody_answers_the_idle_warning() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().seconds(59);
    assert_eq!(kiosk.view().idle, None);
    kiosk.seconds(1);
    assert_eq!(kiosk.view().idle.unwrap().seconds_left, 20);
    kiosk.seconds(19);
    assert_eq!(kiosk.view().idle.unwrap().seconds_left, 1);
    kiosk.seconds(1);
    assert!(matches!(kiosk.page(), Page::Wipe(_)));
    assert!(kiosk.noted(&Note::VisitEnded(Ending::Idle)));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Journal(Note::VisitEnded(_)))), 1);
}

#[test]
fn the_warning_can_be_answered_ten_times_and_more() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review();
    for _ in 0..12 {
        kiosk.seconds(75);
        assert!(kiosk.view().idle.is_some());
        kiosk.touch(Action::Stay);
        assert!(kiosk.view().idle.is_none());
    }
    assert!(matches!(kiosk.page(), Page::Review(_)));
}

#[test]
fn a_card_that_cannot_be_read_says_why_and_the_next_one_is_read() {
    let mut kiosk = Kiosk::new();
    kiosk.until_card();
    let command = kiosk.read_command();
    kiosk.happens(Event::CardReading(command)).happens(Event::CardFailed(command, Fault::CardForeign));
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Problem(Fault::CardForeign)));
    kiosk.happens(Event::CardReading(command)).happens(Event::CardRead(command, Box::new(citizen())));
    assert!(matches!(kiosk.page(), Page::Confirm(_)));
}

#[test]
fn a_number_with_a_wrong_check_digit_is_sent_to_the_counter() {
    let mut kiosk = Kiosk::new();
    kiosk.until_card();
    let command = kiosk.read_command();
    let wrong = Citizen { number_valid: false, ..citizen() };
    kiosk.happens(Event::CardReading(command)).happens(Event::CardRead(command, Box::new(wrong)));
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Problem(Fault::CardNumberInvalid)));
}

#[test]
fn a_reader_that_vanishes_and_returns_is_told_and_forgotten() {
    let mut kiosk = Kiosk::new();
    kiosk.until_card().happens(Event::Health(Part::Reader, Some(Fault::CardServiceDown)));
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Problem(Fault::CardServiceDown)));
    kiosk.happens(Event::Health(Part::Reader, None));
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Waiting));
}

#[test]
fn a_reader_that_vanishes_after_the_read_does_not_end_the_visit() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().happens(Event::Health(Part::Reader, Some(Fault::CardServiceDown)));
    kiosk.touch(Action::Submit);
    let save = kiosk.save_command();
    kiosk.happens(Event::Saved(save, Ok(CASE.to_owned())));
    assert!(matches!(kiosk.page(), Page::Done(_)));
}

#[test]
fn without_a_reader_the_matter_is_shown_and_says_why_it_cannot_be_done() {
    let mut kiosk = Kiosk::new();
    kiosk.happens(Event::Health(Part::Reader, Some(Fault::CardReaderMissing))).touch(Action::Begin);
    assert!(matches!(kiosk.page(), Page::Home(t) if t[0].unavailable == Some(Fault::CardReaderMissing)));
    kiosk.touch(Action::ChooseMatter("household-certificate".to_owned()));
    assert!(matches!(kiosk.page(), Page::Home(_)));
}

#[test]
fn a_late_answer_of_the_reader_is_dropped_and_counted() {
    let mut kiosk = Kiosk::new();
    kiosk.until_card();
    let old = kiosk.read_command();
    kiosk.touch(Action::Back).touch(Action::Accept);
    assert_ne!(kiosk.read_command(), old);
    kiosk.happens(Event::CardRead(old, Box::new(citizen())));
    assert!(matches!(kiosk.page(), Page::PlaceCard(_)));
    assert!(kiosk.noted(&Note::LateAnswer(old)));
}

#[test]
fn a_foreigners_card_is_refused_with_article_and_next_place() {
    let mut kiosk = Kiosk::new();
    kiosk.until_card();
    let command = kiosk.read_command();
    let foreigner = Citizen { card_type: CardType::Pr2023, ..citizen() };
    kiosk.happens(Event::CardRead(command, Box::new(foreigner))).touch(Action::Continue);
    let Page::Refusal(refusal) = kiosk.page() else { panic!("refusal") };
    assert!(refusal.article.contains("户口登记条例"));
    assert!(refusal.next_place.contains("出入境"));
    kiosk.touch(Action::Leave);
    assert!(kiosk.noted(&Note::VisitEnded(Ending::Refused)));
}

#[test]
fn an_expired_card_is_refused() {
    let mut kiosk = Kiosk::new();
    kiosk.until_card();
    let command = kiosk.read_command();
    let expired = Citizen { valid_to: Some(date(2026, 11, 20)), ..citizen() };
    kiosk.happens(Event::CardRead(command, Box::new(expired))).touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Refusal(r) if r.article.contains("居民身份证法")));
}

#[test]
fn a_disk_that_fails_is_told_with_its_code_and_nothing_is_promised() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().touch(Action::Submit);
    let save = kiosk.save_command();
    kiosk.happens(Event::Saved(save, Err(Fault::StoreFull)));
    let Page::Sorry(sorry) = kiosk.page() else { panic!("sorry") };
    assert_eq!((sorry.fault, sorry.case_number), (Fault::StoreFull, None));
    kiosk.touch(Action::Leave);
    assert!(kiosk.noted(&Note::VisitEnded(Ending::Failed(Fault::StoreFull))));
}

#[test]
fn a_disk_that_answers_late_gives_the_case_number_to_the_page_or_to_the_journal() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().touch(Action::Submit).seconds(19);
    assert!(matches!(kiosk.page(), Page::Submitting));
    kiosk.seconds(1);
    assert!(matches!(kiosk.page(), Page::Sorry(s) if s.fault == Fault::StoreLate && s.case_number.is_none()));
    let save = kiosk.save_command();
    kiosk.happens(Event::Saved(save, Ok(CASE.to_owned())));
    assert!(matches!(kiosk.page(), Page::Sorry(s) if s.case_number.as_deref() == Some(CASE)));

    let mut gone = Kiosk::new();
    gone.until_review().touch(Action::Submit).seconds(20).touch(Action::Leave);
    let save = gone.save_command();
    gone.happens(Event::Saved(save, Ok(CASE.to_owned())));
    assert!(gone.noted(&Note::LateSaved(CASE.to_owned())));
}

#[test]
fn a_submitting_page_cannot_be_left_by_any_touch() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().touch(Action::Submit);
    for action in [Action::Back, Action::Leave, Action::Begin, Action::Submit, Action::Continue] {
        kiosk.touch(action);
        assert!(matches!(kiosk.page(), Page::Submitting));
    }
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Save(..))), 1);
}

#[test]
fn a_printer_without_paper_does_not_take_the_case_back() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().accept();
    let print = kiosk.print_command();
    kiosk.happens(Event::Printed(print, Err(Fault::PrinterPaperOut)));
    let Page::Done(done) = kiosk.page() else { panic!("done") };
    assert_eq!((done.case_number.as_str(), done.paper), (CASE, Paper::Failed(Fault::PrinterPaperOut)));
}

#[test]
fn a_printer_that_never_answers_is_given_up() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().accept().seconds(30);
    assert!(matches!(kiosk.page(), Page::Done(d) if d.paper == Paper::Failed(Fault::PrinterUnconfirmed)));
}

#[test]
fn a_card_left_lying_raises_the_alarm_and_is_never_read_for_the_next_visitor() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().accept().touch(Action::Leave).seconds(4);
    assert!(matches!(kiosk.page(), Page::Wipe(w) if !w.alarm));
    kiosk.seconds(1);
    assert!(matches!(kiosk.page(), Page::Wipe(w) if w.alarm));
    assert!(kiosk.noted(&Note::CardLeft));
    kiosk.seconds(60);
    assert!(matches!(kiosk.page(), Page::Attract));

    let reads = kiosk.count(|e| matches!(e, Effect::ReadCard(_)));
    kiosk.until_card();
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Problem(Fault::CardLeftBehind)));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::ReadCard(_))), reads);
    kiosk.happens(Event::CardPresent(false));
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Waiting));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::ReadCard(_))), reads + 1);
}

#[test]
fn a_store_that_closes_ends_no_visit_but_takes_no_other() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().happens(Event::Health(Part::Store, Some(Fault::StoreFull)));
    assert!(matches!(kiosk.page(), Page::Review(_)));
    kiosk.touch(Action::Leave).happens(Event::CardPresent(false)).seconds(4);
    assert!(matches!(kiosk.page(), Page::OutOfService(Fault::StoreFull)));
    kiosk.touch(Action::Begin);
    assert!(matches!(kiosk.page(), Page::OutOfService(_)));
    kiosk.happens(Event::Health(Part::Store, None));
    assert!(matches!(kiosk.page(), Page::Attract));
}

#[test]
fn an_acceptance_of_another_case_changes_nothing() {
    let mut kiosk = Kiosk::new();
    kiosk
        .until_done()
        .happens(Event::Accepted { case_number: "another".to_owned(), acceptance_number: "1".to_owned() });
    assert!(matches!(kiosk.page(), Page::Done(d) if d.acceptance_number.is_none()));
}

#[test]
fn a_card_left_behind_is_not_forgotten_when_the_reader_sees_nothing_for_a_while() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().accept().happens(Event::Health(Part::Reader, Some(Fault::CardServiceDown)));
    kiosk.touch(Action::Leave).seconds(4);
    assert!(matches!(kiosk.page(), Page::Attract), "a blind reader would never tell that the card was taken");
    assert_eq!(kiosk.sounds(), [Sound::Done]);
    kiosk.happens(Event::Health(Part::Reader, None));
    let reads = kiosk.count(|e| matches!(e, Effect::ReadCard(_)));
    kiosk.until_card();
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Problem(Fault::CardLeftBehind)));
    kiosk.happens(Event::CardPresent(false));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::ReadCard(_))), reads + 1);
}

#[test]
fn a_card_that_lay_there_before_the_start_is_nobodys() {
    let built_in = || Catalogue::parse(matters::BUILT_IN.iter().copied()).unwrap();
    let left = Page::PlaceCard(CardPrompt::Problem(Fault::CardLeftBehind));
    let mut seen_at_once = Kiosk::just_started(built_in(), true);
    seen_at_once.happens(Event::CardPresent(true)).until_card();
    assert!(seen_at_once.page() == left);
    assert_eq!(seen_at_once.count(|e| matches!(e, Effect::ReadCard(_))), 0);

    let mut seen_late = Kiosk::just_started(built_in(), true);
    seen_late.until_card();
    let old = seen_late.read_command();
    seen_late.happens(Event::CardPresent(true)).happens(Event::CardRead(old, Box::new(citizen())));
    assert!(seen_late.page() == left);
    seen_late.happens(Event::CardPresent(false)).happens(Event::CardPresent(true));
    let command = seen_late.read_command();
    assert_ne!(command, old);
    seen_late.happens(Event::CardRead(command, Box::new(citizen())));
    assert!(matches!(seen_late.page(), Page::Confirm(_)));
}

#[test]
fn a_card_left_while_the_machine_was_closed_is_nobodys() {
    let mut kiosk = Kiosk::new();
    kiosk.touch(Action::Begin).happens(Event::CardPresent(true));
    kiosk
        .happens(Event::Health(Part::Store, Some(Fault::StoreFull)))
        .happens(Event::Health(Part::Store, None))
        .until_card();
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Problem(Fault::CardLeftBehind)));
}

#[test]
fn after_a_wrong_check_digit_the_next_card_is_read() {
    let mut kiosk = Kiosk::new();
    kiosk.until_card().happens(Event::CardPresent(true));
    let command = kiosk.read_command();
    let wrong = Citizen { number_valid: false, ..citizen() };
    kiosk.happens(Event::CardRead(command, Box::new(wrong)));
    let problem = Page::PlaceCard(CardPrompt::Problem(Fault::CardNumberInvalid));
    assert!(kiosk.page() == problem);
    assert_eq!(kiosk.read_command(), command, "the same card is not read again");
    kiosk.happens(Event::CardPresent(false));
    let next = kiosk.read_command();
    assert_ne!(next, command);
    kiosk.happens(Event::CardPresent(true)).happens(Event::CardRead(next, Box::new(citizen())));
    assert!(matches!(kiosk.page(), Page::Confirm(_)));
}

#[test]
fn who_goes_back_from_their_details_lifts_the_card_before_the_next_is_read() {
    let mut kiosk = Kiosk::new();
    kiosk.until_confirm();
    let command = kiosk.read_command();
    kiosk.touch(Action::Back);
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Waiting));
    assert_eq!(kiosk.read_command(), command, "it would be read again at once");
    kiosk.happens(Event::CardPresent(false));
    assert_ne!(kiosk.read_command(), command);
}

#[test]
fn a_card_on_the_edge_of_the_reader_keeps_no_page_open() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review();
    for _ in 0..20 {
        kiosk.seconds(4).happens(Event::CardPresent(false)).happens(Event::CardPresent(true));
    }
    assert!(matches!(kiosk.page(), Page::Wipe(_)));

    let mut kiosk = Kiosk::new();
    kiosk.until_card().happens(Event::CardPresent(true));
    let command = kiosk.read_command();
    for _ in 0..20 {
        kiosk.seconds(4).happens(Event::CardReading(command));
    }
    assert!(matches!(kiosk.page(), Page::Wipe(_)), "a reader that tries on and on is no sign of life");
}

#[test]
fn whoever_chose_a_language_and_went_leaves_the_first_page_as_it_was() {
    let as_found = |kiosk: &Kiosk| {
        let view = kiosk.view();
        (view.language, view.display) == (Language::default(), crate::view::Display::default())
    };
    for closed in [None, Some(Fault::StoreFull)] {
        let mut kiosk = Kiosk::new();
        kiosk.happens(Event::Health(Part::Store, closed));
        kiosk.touch(Action::SwitchLanguage).touch(Action::ToggleContrast).seconds(79);
        assert!(!as_found(&kiosk));
        kiosk.seconds(1);
        assert!(as_found(&kiosk));
        kiosk.touch(Action::ToggleLarge).seconds(239);
        assert!(!as_found(&kiosk), "three times as long for those who read slowly");
        kiosk.seconds(1);
        assert!(as_found(&kiosk));
    }
    let mut kiosk = Kiosk::new();
    kiosk.touch(Action::Begin).touch(Action::SwitchLanguage);
    kiosk.happens(Event::Health(Part::Store, Some(Fault::StoreFull)));
    assert!(!as_found(&kiosk), "whoever stands there still reads");
    kiosk.happens(Event::Health(Part::Store, None));
    assert!(as_found(&kiosk));
}

#[test]
fn a_new_catalogue_ends_no_visit_and_forgets_no_card() {
    let dearer = || {
        let (file, source) = matters::BUILT_IN[0];
        let source = source.replace("fee_yuan = 0", "fee_yuan = 5");
        Arc::new(Catalogue::parse([(file, source.as_str())]).unwrap())
    };
    let mut kiosk = Kiosk::new();
    kiosk.until_review();
    kiosk.session.set_catalogue(dearer());
    assert!(matches!(kiosk.page(), Page::Review(r) if r.fee_yuan == 0), "it ends as it began");
    kiosk.touch(Action::Leave).seconds(64);
    assert!(matches!(kiosk.page(), Page::Attract));
    kiosk.session.set_catalogue(dearer());
    kiosk.touch(Action::Begin);
    assert!(matches!(kiosk.page(), Page::Home(tiles) if tiles.len() == 1 && tiles[0].fee_yuan == 5));
    kiosk.touch(Action::ChooseMatter("household-certificate".to_owned())).touch(Action::Accept);
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Problem(Fault::CardLeftBehind)));
}
