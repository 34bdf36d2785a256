//! A view is written once: what is the same is not touched, what is gone is emptied.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod stage;

use i_slint_backend_testing::ElementQuery;
use jiff::ToSpan;
use matters::Language;
use session::view::{Page, Paper};
use stage::{Mode, Stage, samples};

#[test]
fn the_same_view_writes_nothing() {
    let stage = Stage::new();
    for language in Language::ALL {
        for (name, view) in samples::all(language) {
            assert!(stage.show(view.clone()) > 0, "{name}");
            assert_eq!(stage.show(view), 0, "{name}");
        }
    }
}

#[test]
fn a_second_less_writes_one_property() {
    let stage = Stage::new();
    let mut done = samples::done(Language::ZhHans, None, Paper::Printed);
    stage.show(samples::view(Language::ZhHans, Page::Done(done.clone())));
    done.seconds_left -= 1;
    assert_eq!(stage.show(samples::view(Language::ZhHans, Page::Done(done))), 1);
}

#[test]
fn a_minute_more_writes_only_the_clock() {
    let stage = Stage::new();
    let mut view = samples::view(Language::En, Page::Attract);
    stage.show(view.clone());
    view.clock = view.clock.saturating_add(1.minute());
    assert_eq!(stage.show(view), 2, "the time, and the line with day and time");
}

#[test]
fn a_choice_writes_its_row_and_the_way_forward() {
    let stage = Stage::new();
    let question =
        |chosen| samples::view(Language::En, Page::Question(samples::question(Language::En, chosen)));
    stage.show(question(None));
    assert_eq!(
        stage.show(question(Some(1))),
        3,
        "the row is selected, its place known and the question answered"
    );
    assert_eq!(stage.show(question(Some(2))), 3, "one row is left, another taken, at its place");
}

#[test]
fn nothing_about_a_visitor_stays_in_the_globals() {
    use slint::{ComponentHandle, Model};
    use ui::generated::{
        ConfirmModel, DoneModel, PhotographModel, QuestionModel, ReviewModel, ScanModel, Shell, SignModel,
        SorryModel,
    };
    let stage = Stage::new();
    for (_, view) in samples::all(Language::ZhHans) {
        stage.show_as(Mode::default(), view);
    }
    stage.show(samples::view(Language::ZhHans, Page::Attract));
    let app = stage.screen.component();
    let (confirm, review, done) =
        (app.global::<ConfirmModel>(), app.global::<ReviewModel>(), app.global::<DoneModel>());
    let question = app.global::<QuestionModel>();
    for (what, text) in [
        ("name", confirm.get_name()),
        ("number", confirm.get_number()),
        ("ethnicity", confirm.get_ethnicity()),
        ("birth", confirm.get_birth()),
        ("address", confirm.get_address()),
        ("review name", review.get_name()),
        ("review number", review.get_number()),
        ("typed", question.get_text()),
        ("end of what was typed", question.get_tail()),
        ("year", question.get_year()),
        ("known", question.get_known()),
        ("case", done.get_case_number()),
        ("acceptance", done.get_acceptance_number()),
        ("payment order", done.get_payment_order()),
        ("sorry case", app.global::<SorryModel>().get_case_number()),
        ("person", app.global::<Shell>().get_person()),
    ] {
        assert_eq!(text, "", "{what} is still there");
    }
    assert_eq!(review.get_rows().row_count(), 0);
    assert_eq!(review.get_portrait().size().width, 0);
    assert_eq!(app.global::<PhotographModel>().get_shots().row_count(), 0);
    assert_eq!(app.global::<PhotographModel>().get_preview().size().width, 0);
    assert_eq!(app.global::<ScanModel>().get_pages().row_count(), 0);
    assert_eq!(app.global::<SignModel>().get_ink().size().width, 0);
    assert_eq!(done.get_payment_qr().size().width, 0);
    assert_eq!(app.global::<QuestionModel>().get_choices().row_count(), 0);
    assert_eq!(done.get_qr().size().width, 0);
    let left = ElementQuery::from_root(app)
        .find_all()
        .into_iter()
        .filter_map(|element| element.accessible_label())
        .find(|label| label.contains("张三丰") || label.contains("0014"));
    assert_eq!(left, None);
}
