//! A visit in which everything works.

use super::*;

#[test]
fn a_whole_visit() {
    let mut kiosk = Kiosk::new();
    assert!(matches!(kiosk.page(), Page::Attract));

    kiosk.touch(Action::Begin);
    let Page::Home(tiles) = kiosk.page() else { panic!("home") };
    assert_eq!(tiles[0].title, "开户籍证明");
    assert_eq!(tiles[0].unavailable, None);

    kiosk.touch(Action::ChooseMatter("household-certificate".to_owned()));
    let Page::Notice(notice) = kiosk.page() else { panic!("notice") };
    assert_eq!((notice.fee_yuan, notice.deadline), (0, date(2026, 11, 24)));
    assert_eq!(kiosk.view().steps.unwrap().kind, StepKind::Notice);

    kiosk.touch(Action::Accept);
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Waiting));
    let read = kiosk.read_command();
    kiosk.happens(Event::CardPresent(true)).happens(Event::CardReading(read));
    assert!(kiosk.page() == Page::PlaceCard(CardPrompt::Reading));

    kiosk.happens(Event::CardRead(read, Box::new(citizen())));
    let Page::Confirm(confirm) = kiosk.page() else { panic!("confirm") };
    assert_eq!(confirm.name.expose(), "张三丰");
    assert_eq!(confirm.number.expose(), "1101**********002X");
    assert!(kiosk.view().person.is_none(), "nobody has said yet that this is them");

    kiosk.touch(Action::Continue);
    let Page::Question(question) = kiosk.page() else { panic!("question") };
    assert_eq!(question.prompt, "您要证明什么？");
    assert!(choices(&question).iter().all(|c| !c.selected) && !question.answered);
    assert!(!kiosk.view().not_finished);
    assert_eq!(kiosk.view().person.unwrap().expose(), "张*丰 · 1101**********002X");

    kiosk.touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Question(q) if q.id == "certificate"), "not answered yet");
    kiosk.choose("certificate", "migration");
    assert!(kiosk.view().not_finished, "from the first answer on");
    kiosk.touch(Action::Continue).choose("purpose", "notary").touch(Action::Continue);

    let Page::Review(review) = kiosk.page() else { panic!("review") };
    let rows: Vec<_> = review.answers.iter().map(|a| (a.label.as_str(), a.answer.expose())).collect();
    assert_eq!(rows, [("证明内容", "户口迁移"), ("用途", "公证")]);

    kiosk.touch(Action::Submit);
    assert!(matches!(kiosk.page(), Page::Submitting));
    assert!(kiosk.view().not_finished);
    assert!(kiosk.view().person.is_none());

    let save = kiosk.save_command();
    kiosk.happens(Event::Saved(save, Ok(CASE.to_owned())));
    let Page::Done(done) = kiosk.page() else { panic!("done") };
    assert_eq!((done.case_number.as_str(), done.acceptance_number), (CASE, None));
    assert!(!kiosk.view().not_finished);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Print(..))), 0, "the paper waits for the platform");

    kiosk.accept();
    let Page::Done(done) = kiosk.page() else { panic!("done") };
    assert_eq!(done.acceptance_number.as_deref(), Some("3301"));
    assert_eq!(done.paper, Paper::Printing);
    let paper = kiosk.paper();
    for line in [
        "申请人: 张三丰",
        "证件号码: 1101**********002X",
        "用途: 公证",
        "最迟办结: 2026年11月24日（星期二）",
        "3301",
    ] {
        assert!(paper.iter().any(|l| l == line), "{line} not in {paper:?}");
    }

    let print = kiosk.print_command();
    kiosk.happens(Event::Printed(print, Ok(())));
    assert!(matches!(kiosk.page(), Page::Done(d) if d.paper == Paper::Printed && d.card_present));

    kiosk.touch(Action::Leave);
    assert!(matches!(kiosk.page(), Page::Wipe(w) if w.card_present && !w.alarm));
    kiosk.happens(Event::CardPresent(false)).seconds(4);
    assert!(matches!(kiosk.page(), Page::Attract));
    assert!(kiosk.noted(&Note::VisitEnded(Ending::Submitted)));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Journal(Note::VisitEnded(_)))), 1);
}

#[test]
fn the_request_carries_what_was_given_and_agreed() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().touch(Action::Submit);
    let Some(Effect::Save(_, request)) = kiosk.effects.iter().find(|e| matches!(e, Effect::Save(..))) else {
        panic!("nothing to save")
    };
    assert_eq!(request.matter, "household-certificate");
    assert_eq!(request.notice_version, "2026-01");
    assert_eq!(request.notice_accepted, kiosk.now().unix);
    assert_eq!(request.record.len(), 1284);
    let answers: Vec<_> = request.answers.iter().map(|(q, v)| (q.as_str(), v.as_str())).collect();
    assert_eq!(answers, [("certificate", "kinship"), ("purpose", "school")]);
}

#[test]
fn the_language_changes_on_every_page_and_is_forgotten_with_the_visitor() {
    let mut kiosk = Kiosk::new();
    kiosk.touch(Action::Begin).touch(Action::SwitchLanguage);
    assert!(matches!(kiosk.page(), Page::Home(tiles) if tiles[0].title == "Household certificate"));
    kiosk.touch(Action::ChooseMatter("household-certificate".to_owned())).touch(Action::Back);
    kiosk.touch(Action::Leave);
    assert_eq!(kiosk.view().language, Language::ZhHans);
}

#[test]
fn an_answer_can_be_changed_from_the_review() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().touch(Action::Change("certificate".to_owned()));
    let Page::Question(question) = kiosk.page() else { panic!("question") };
    assert!(choices(&question).iter().any(|c| c.value == "kinship" && c.selected));
    kiosk.choose("certificate", "cancellation").touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Review(r) if r.answers[0].answer.expose() == "注销户口"));
}

#[test]
fn an_answer_for_a_page_that_is_not_shown_changes_nothing() {
    let mut kiosk = Kiosk::new();
    kiosk.until_confirm().touch(Action::Continue).choose("purpose", "school");
    kiosk.choose("certificate", "kinship").touch(Action::Continue);
    let Page::Question(question) = kiosk.page() else { panic!("question") };
    assert!(question.id == "purpose" && !question.answered);
}

#[test]
fn back_leads_one_page_back_every_time() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().touch(Action::Back);
    assert!(matches!(kiosk.page(), Page::Question(q) if q.id == "purpose"));
    kiosk.touch(Action::Back);
    assert!(matches!(kiosk.page(), Page::Question(q) if q.id == "certificate"));
    kiosk.touch(Action::Back);
    assert!(matches!(kiosk.page(), Page::Confirm(_)));
    kiosk.touch(Action::Back);
    assert!(matches!(kiosk.page(), Page::PlaceCard(_)));
    kiosk.touch(Action::Back);
    assert!(matches!(kiosk.page(), Page::Notice(_)));
    kiosk.touch(Action::Back);
    assert!(matches!(kiosk.page(), Page::Home(_)));
    kiosk.touch(Action::Back);
    assert!(matches!(kiosk.page(), Page::Wipe(w) if w.card_present), "the card is still asked for");
}

#[test]
fn without_the_platform_the_receipt_is_printed_after_five_seconds() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().seconds(5);
    assert!(kiosk.paper().iter().any(|l| l.starts_with("已登记，待送达")));
    kiosk.accept();
    assert!(
        matches!(kiosk.page(), Page::Done(d) if d.acceptance_number.is_some()),
        "the page still learns of it"
    );
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Print(..))), 1);
}

#[test]
fn a_machine_without_a_printer_says_so() {
    let mut kiosk = Kiosk::with(false);
    kiosk.until_done().accept().seconds(10);
    assert!(matches!(kiosk.page(), Page::Done(d) if d.paper == Paper::NoPrinter));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Print(..))), 0);
}

#[test]
fn who_leaves_before_the_platform_answers_still_gets_paper() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().touch(Action::Leave);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Print(..))), 1);
    assert!(matches!(kiosk.page(), Page::Wipe(_)));
}
