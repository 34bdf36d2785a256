//! Pages that are turned.

use session::Action;
use session::view::Display;

use super::stage::{Mode, Stage, samples};
use super::{EN, ZH, control, labels, shown, texts};

const LARGE: Mode = Mode { wide: false, display: Display { large: true, contrast: false } };

#[test]
fn a_list_of_choices_opens_where_the_chosen_one_stands() {
    let stage = Stage::new();
    let view = samples::all(ZH).into_iter().find(|(name, _)| *name == "question-six").unwrap().1;
    stage.show_as(Mode { wide: true, ..Mode::default() }, view);
    assert_eq!(control(&stage, "出国或移民").accessible_checked(), Some(true), "the fifth of six");
}

#[test]
fn a_review_of_two_pages_submits_only_on_its_last() {
    let stage = shown("review-long", ZH);
    control(&stage, "下一页（1/2）").invoke_accessible_default_action();
    assert_eq!(stage.heard(), [], "turning is the page's own business");
    assert!(texts(&stage).iter().any(|text| text == "已书面承诺"));
    control(&stage, "继续，去签名").invoke_accessible_default_action();
    assert_eq!(stage.heard(), [Action::Continue]);
    control(&stage, "返回").invoke_accessible_default_action();
    assert_eq!(stage.heard(), [], "back to the first page of the review");
    let change = control(&stage, "修改相片");
    change.invoke_accessible_default_action();
    assert_eq!(stage.heard(), [Action::Change("portrait".into())]);
}

#[test]
fn everything_is_read_before_the_choice_is_offered() {
    let stage = Stage::new();
    let (_, view) = samples::all(EN).into_iter().find(|(name, _)| *name == "commitment-long").unwrap();
    stage.show_as(LARGE, view);
    let mut read = Vec::new();
    while let Some(next) = labels(&stage).into_iter().find(|label| label.starts_with("Next page")) {
        assert!(!labels(&stage).contains(&"I commit in writing".to_owned()));
        read.extend(texts(&stage));
        control(&stage, &next).invoke_accessible_default_action();
    }
    read.extend(texts(&stage));
    for heading in ["What must be shown", "What you state", "If it is not true"] {
        assert_eq!(read.iter().filter(|text| *text == heading).count(), 1, "{heading}");
    }
    assert!(labels(&stage).contains(&"I commit in writing".to_owned()));
}

#[test]
fn a_page_that_needs_fewer_sheets_in_another_language_stays_on_its_last() {
    let refusal =
        |language| samples::all(language).into_iter().find(|(name, _)| *name == "refusal").unwrap().1;
    let stage = Stage::new();
    stage.show_as(LARGE, refusal(EN));
    control(&stage, "Next page (1 of 2)").invoke_accessible_default_action();
    stage.show_as(LARGE, refusal(ZH));
    assert!(texts(&stage).iter().any(|text| text == "请先到户籍窗口换领身份证。"));
    assert_eq!(labels(&stage).last().unwrap(), "退出");
}

#[test]
fn a_list_that_is_too_long_is_turned() {
    let stage = shown("scan-many", ZH);
    let removes = |stage: &Stage| labels(stage).into_iter().filter(|label| label.starts_with("删除")).count();
    let before = removes(&stage);
    let way = if before == 6 { "下一页" } else { "上一页" };
    control(&stage, way).invoke_accessible_default_action();
    assert_eq!(before + removes(&stage), 8);
    assert_eq!(stage.heard(), []);
}
