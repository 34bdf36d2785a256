//! The second matter: typed answers, a portrait, a commitment or papers, a signature.

use super::*;
use crate::view::ScanProblem;

/// A card that expires in ten days, at the first question.
fn kiosk() -> Kiosk {
    let mut kiosk = Kiosk::new();
    kiosk
        .touch(Action::Begin)
        .touch(Action::ChooseMatter("id-card-renewal".to_owned()))
        .touch(Action::Accept);
    let command = kiosk.read_command();
    let expiring = Citizen { valid_to: Some(date(2026, 12, 1)), ..citizen() };
    kiosk.happens(Event::CardRead(command, Box::new(expiring))).touch(Action::Continue);
    kiosk
}

fn shoots(kiosk: &mut Kiosk, result: Result<Box<Taken>, Vec<Rejection>>) {
    kiosk.touch(Action::Shoot);
    let command = kiosk.last(|e| if let Effect::Shoot(command) = e { Some(*command) } else { None });
    kiosk.happens(Event::Portrait(command, result));
}

fn scans(kiosk: &mut Kiosk, pages: usize) {
    kiosk.touch(Action::ScanPage);
    let command = kiosk.last(|e| if let Effect::Scan(command) = e { Some(*command) } else { None });
    for _ in 0..pages {
        kiosk.happens(Event::Page(command, Ok(Box::new(scanned()))));
    }
    kiosk.happens(Event::ScanFinished(command));
}

fn to_photograph(collection: &str) -> Kiosk {
    let mut kiosk = kiosk();
    kiosk.choose("collection", collection).touch(Action::Continue);
    kiosk.touch(Action::Type("1380013".to_owned()));
    assert!(matches!(kiosk.page(), Page::Question(q) if !q.answered), "four digits are missing");
    kiosk.touch(Action::Type("80001".to_owned()));
    assert!(
        matches!(kiosk.page(), Page::Question(q) if q.answered && matches!(&q.asking, Asking::Typed(t) if t.text.expose() == "13800138000")),
        "the twelfth digit does not fit"
    );
    kiosk.touch(Action::Continue);
    if collection == "post" {
        assert!(matches!(kiosk.page(), Page::Question(q) if q.id == "address"));
        kiosk.touch(Action::TakeOver).touch(Action::Continue);
    }
    assert!(matches!(kiosk.page(), Page::Photograph(_)));
    kiosk
}

#[test]
fn collected_here_needs_no_address_and_no_papers() {
    let mut kiosk = to_photograph("here");
    shoots(&mut kiosk, Ok(Box::new(taken())));
    kiosk.touch(Action::Continue);
    let Page::Review(review) = kiosk.page() else { panic!("review") };
    assert!(review.portrait.is_some() && review.papers.is_empty());
    kiosk.touch(Action::Submit);
    assert!(matches!(kiosk.page(), Page::Review(_)), "not before it is signed");
    kiosk.touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Sign(s) if !s.signed));
    kiosk.touch(Action::Stroke(vec![(1, 1)])).touch(Action::Submit);
    assert!(matches!(kiosk.page(), Page::Sign(s) if !s.signed), "a touch by mistake is no signature");
    kiosk.touch(Action::Stroke((0..30).map(|i| (i * 10, 500)).collect())).touch(Action::Submit);
    assert!(matches!(kiosk.page(), Page::Submitting));
    let names: Vec<String> = kiosk.last(|e| {
        let Effect::Save(_, request) = e else { return None };
        Some(request.attachments.iter().map(|a| a.name.clone()).collect())
    });
    assert_eq!(names, ["portrait", "signature"]);
}

#[test]
fn by_post_the_citizen_commits_or_scans() {
    let mut kiosk = to_photograph("post");
    shoots(&mut kiosk, Ok(Box::new(taken())));
    kiosk.touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Commitment(c) if c.chosen.is_none()));
    kiosk.touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Commitment(_)), "nothing is chosen for the citizen");
    kiosk.touch(Action::Commit(true)).touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Review(r) if r.papers.len() == 1 && r.papers[0].pages == 0));

    kiosk.touch(Action::Change("residence".to_owned())).touch(Action::Commit(false)).touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Scan(_)));
    scans(&mut kiosk, 3);
    assert!(matches!(kiosk.page(), Page::Scan(s) if s.pages.len() == 3 && !s.scanning));
    scans(&mut kiosk, 3);
    assert!(matches!(kiosk.page(), Page::Scan(s) if s.pages.len() == 4), "four at the most");
    kiosk.touch(Action::RemovePage(0)).touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Review(r) if r.papers[0].pages == 3));
}

#[test]
fn a_changed_answer_drops_what_is_no_longer_asked() {
    let mut kiosk = to_photograph("post");
    shoots(&mut kiosk, Ok(Box::new(taken())));
    kiosk.touch(Action::Continue).touch(Action::Commit(true)).touch(Action::Continue);
    kiosk.touch(Action::Change("collection".to_owned())).choose("collection", "here").touch(Action::Continue);
    let Page::Review(review) = kiosk.page() else { panic!("review") };
    assert!(review.papers.is_empty());
    assert!(review.answers.iter().all(|a| a.question != "address"));
    kiosk
        .touch(Action::Continue)
        .touch(Action::Stroke((0..30).map(|i| (i, i)).collect()))
        .touch(Action::Submit);
    let committed = kiosk.last(|e| if let Effect::Save(_, r) = e { Some(r.committed) } else { None });
    assert_eq!(committed, None);
}

#[test]
fn after_the_last_try_the_counter_takes_the_portrait() {
    let mut kiosk = to_photograph("here");
    kiosk.touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Photograph(_)), "a portrait is wanted");
    for left in (0..5).rev() {
        shoots(&mut kiosk, Err(vec![Rejection::TooDark]));
        assert!(
            matches!(kiosk.page(), Page::Photograph(p) if p.tries_left == left && p.rejected == [Rejection::TooDark])
        );
    }
    let shots = kiosk.count(|e| matches!(e, Effect::Shoot(_)));
    kiosk.touch(Action::Shoot).touch(Action::Continue);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::Shoot(_))), shots);
    assert!(matches!(kiosk.page(), Page::Review(r) if r.portrait_at_counter));
}

#[test]
fn who_does_not_want_to_be_photographed_here_goes_on() {
    let mut kiosk = to_photograph("here");
    kiosk.touch(Action::PhotographAtCounter);
    assert!(matches!(kiosk.page(), Page::Review(r) if r.portrait_at_counter));
    let previews: Vec<bool> = kiosk
        .effects
        .iter()
        .filter_map(|e| if let Effect::Preview(on) = e { Some(*on) } else { None })
        .collect();
    assert_eq!(previews, [true, false], "the camera looks only while its page is shown");
}

#[test]
fn too_early_is_refused_with_the_regions_window() {
    let mut kiosk = Kiosk::new();
    kiosk
        .touch(Action::Begin)
        .touch(Action::ChooseMatter("id-card-renewal".to_owned()))
        .touch(Action::Accept);
    let command = kiosk.read_command();
    let young = Citizen { valid_to: Some(date(2030, 1, 1)), ..citizen() };
    kiosk.happens(Event::CardRead(command, Box::new(young))).touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Refusal(r) if r.reason.contains("90 天")));
}

#[test]
fn one_rating_a_visit() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().touch(Action::Rate(9)).touch(Action::Rate(5)).touch(Action::Rate(1));
    assert!(matches!(kiosk.page(), Page::Done(d) if d.rating == Some(5)));
    assert!(kiosk.noted(&Note::Rated(5)) && !kiosk.noted(&Note::Rated(1)));
}

#[test]
fn large_text_gives_three_times_as_long() {
    let mut kiosk = Kiosk::new();
    kiosk.touch(Action::Begin).touch(Action::ToggleLarge).seconds(179);
    assert!(kiosk.view().idle.is_none());
    kiosk.seconds(1);
    assert_eq!(kiosk.view().idle.unwrap().seconds_left, 60);
}

#[test]
fn without_a_scanner_only_the_commitment_can_be_chosen() {
    let mut kiosk = to_photograph("post");
    kiosk
        .happens(Event::Health(Part::Scanner, Some(Fault::ScannerUnreachable)))
        .touch(Action::PhotographAtCounter);
    assert!(matches!(kiosk.page(), Page::Commitment(c) if c.no_scans == Some(Fault::ScannerUnreachable)));
    kiosk.touch(Action::Commit(false));
    assert!(matches!(kiosk.page(), Page::Commitment(c) if c.chosen.is_none()));
    kiosk.happens(Event::Health(Part::Scanner, None)).touch(Action::Commit(false)).touch(Action::Continue);
    kiosk.happens(Event::Health(Part::Scanner, Some(Fault::ScannerUnreachable)));
    assert!(
        matches!(kiosk.page(), Page::Scan(s) if s.problem == Some(ScanProblem::Fault(Fault::ScannerUnreachable)))
    );
    kiosk.touch(Action::Back).touch(Action::Commit(true)).touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Review(_)), "there is a way on");
}

#[test]
fn a_matter_that_everybody_must_scan_for_says_when_nothing_can_be_scanned() {
    let (file, source) = matters::BUILT_IN[1];
    let paper = source.replace("waivable = true\nwhen = \"answer_collection == 'post'\"\n", "");
    let (before, rest) = paper.split_once("[commitment]").unwrap();
    let rules = rest.split_once("[[rule]]").unwrap().1;
    let source = format!("{before}[[rule]]{rules}");
    let mut kiosk = Kiosk::of(Catalogue::parse([(file, source.as_str())]).unwrap(), true);
    let tile = |kiosk: &Kiosk| {
        let Page::Home(tiles) = kiosk.page() else { panic!("home") };
        tiles[0].unavailable
    };
    kiosk.touch(Action::Begin);
    assert_eq!(tile(&kiosk), None);
    kiosk.happens(Event::Health(Part::Scanner, Some(Fault::ScannerJammed)));
    assert_eq!(tile(&kiosk), Some(Fault::ScannerJammed));
    kiosk.touch(Action::ChooseMatter("id-card-renewal".to_owned()));
    assert!(matches!(kiosk.page(), Page::Home(_)));
}

#[test]
fn a_change_after_signing_wants_a_new_signature() {
    let mut kiosk = to_photograph("here");
    let sign = || Action::Stroke((0..30).map(|i| (i * 10, 500)).collect());
    kiosk.touch(Action::PhotographAtCounter).touch(Action::Continue).touch(sign()).touch(Action::Back);
    kiosk.touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Sign(s) if s.signed), "looking again changes nothing");
    kiosk
        .touch(Action::Back)
        .touch(Action::Change("collection".to_owned()))
        .touch(Action::Continue)
        .touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Sign(s) if !s.signed));
}

#[test]
fn the_camera_looks_again_when_the_portrait_is_changed() {
    let mut kiosk = to_photograph("here");
    kiosk.touch(Action::PhotographAtCounter).touch(Action::Change("portrait".to_owned()));
    let previews: Vec<bool> = kiosk
        .effects
        .iter()
        .filter_map(|e| if let Effect::Preview(on) = e { Some(*on) } else { None })
        .collect();
    assert_eq!(previews, [true, false, true]);
}

#[test]
fn a_page_that_went_wrong_is_heard() {
    let mut kiosk = to_photograph("post");
    kiosk.touch(Action::PhotographAtCounter).touch(Action::Commit(false)).touch(Action::Continue);
    kiosk.touch(Action::ScanPage);
    let command = kiosk.last(|e| if let Effect::Scan(command) = e { Some(*command) } else { None });
    kiosk.happens(Event::Page(command, Err(ScanProblem::Blank)));
    assert_eq!(kiosk.sounds(), [Sound::Attention]);
}

#[test]
fn the_steps_go_up_one_by_one() {
    let mut kiosk = to_photograph("here");
    let photograph = kiosk.view().steps.unwrap();
    kiosk.touch(Action::Back);
    let phone = kiosk.view().steps.unwrap();
    assert_eq!((phone.current + 1, phone.total), (photograph.current, photograph.total));
}

#[test]
fn who_goes_back_past_the_review_signs_anew() {
    let mut kiosk = to_photograph("here");
    let sign = || Action::Stroke((0..30).map(|i| (i * 10, 500)).collect());
    kiosk.touch(Action::PhotographAtCounter).touch(Action::Continue).touch(sign());
    kiosk.touch(Action::Back).touch(Action::Back);
    assert!(matches!(kiosk.page(), Page::Photograph(_)));
    shoots(&mut kiosk, Ok(Box::new(taken())));
    kiosk.touch(Action::Continue).touch(Action::Continue);
    assert!(matches!(kiosk.page(), Page::Sign(s) if !s.signed), "another portrait than the one signed for");
    kiosk.touch(Action::Submit);
    assert!(matches!(kiosk.page(), Page::Sign(_)));
}

/// The portraits on the page by their smear, and the place of the chosen one.
fn shots(kiosk: &Kiosk, all: &[(Shot, f32)]) -> (Vec<f32>, Option<usize>) {
    let Page::Photograph(page) = kiosk.page() else { panic!("photograph") };
    let smear = |shot: &Shot| all.iter().find(|(other, _)| other == shot).unwrap().1;
    (page.shots.iter().map(smear).collect(), page.chosen)
}

#[test]
fn the_best_portrait_is_chosen_until_the_citizen_chooses_another() {
    let mut kiosk = to_photograph("here");
    let mut all = Vec::new();
    let mut shoot = |kiosk: &mut Kiosk, smear: f32| {
        let one = Taken { smear, ..taken() };
        all.push((one.shot.clone(), smear));
        shoots(kiosk, Ok(Box::new(one)));
        shots(kiosk, &all)
    };
    assert_eq!(shoot(&mut kiosk, 0.9), (vec![0.9], Some(0)));
    assert_eq!(shoot(&mut kiosk, 0.6), (vec![0.9, 0.6], Some(1)));
    assert_eq!(shoot(&mut kiosk, 0.8), (vec![0.9, 0.6, 0.8], Some(1)), "the sharpest, not the newest");
    kiosk.touch(Action::ChooseShot(0));
    assert_eq!(shoot(&mut kiosk, 0.5), (vec![0.9, 0.8, 0.5], Some(0)), "what the citizen chose stays");
    kiosk.touch(Action::ChooseShot(7)).touch(Action::ChooseShot(1));
    assert_eq!(shoot(&mut kiosk, 0.7), (vec![0.8, 0.5, 0.7], Some(0)), "and moves up with its like");
}
