//! What a visitor, or an assistive device, finds on every page and what it does.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod stage;

use std::time::Duration;

use faults::Fault;
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use matters::Language;
use session::Action;
use session::view::{IdleWarning, Page, Paper};
use stage::Stage;
use ui::samples;

const ZH: Language = Language::ZhHans;
const EN: Language = Language::En;

/// All controls, by role and label, each once and in the order of the page.
fn controls(stage: &Stage) -> Vec<ElementHandle> {
    let mut found: Vec<ElementHandle> = Vec::new();
    for role in [AccessibleRole::Button, AccessibleRole::RadioButton] {
        for element in
            ElementQuery::from_root(stage.screen.component()).match_accessible_role(role).find_all()
        {
            let place = element.absolute_position();
            // A query may find the same element twice.
            if !found.iter().any(|other| other.absolute_position() == place) {
                found.push(element);
            }
        }
    }
    found.sort_by_key(|element| {
        let place = element.absolute_position();
        (place.y as i32, place.x as i32)
    });
    found
}

fn labels(stage: &Stage) -> Vec<String> {
    controls(stage).iter().map(|control| control.accessible_label().unwrap().to_string()).collect()
}

fn control(stage: &Stage, label: &str) -> ElementHandle {
    controls(stage)
        .into_iter()
        .find(|control| control.accessible_label().is_some_and(|found| found == label))
        .unwrap_or_else(|| panic!("no control {label:?} among {:?}", labels(stage)))
}

/// Every text that assistive technology finds.
fn texts(stage: &Stage) -> Vec<String> {
    ElementQuery::from_root(stage.screen.component())
        .match_accessible_role(AccessibleRole::Text)
        .find_all()
        .iter()
        .filter_map(|text| text.accessible_label())
        .map(|text| text.replace('\u{2060}', ""))
        .collect()
}

fn shown(name: &str, language: Language) -> Stage {
    let stage = Stage::new();
    let view = samples::all(language).into_iter().find(|(n, _)| *n == name).unwrap().1;
    stage.show(view);
    stage
}

/// Page, what it says in both languages, its controls in both languages without the language button.
type Expected<'a> = (&'a str, [&'a str; 2], [&'a [&'a str]; 2]);

#[rustfmt::skip]
const PAGES: &[Expected] = &[
    ("attract", ["自助办理，从这里开始", "Apply here yourself"], [&["开始办理"], &["Begin"]]),
    ("out-of-service", ["本机暂停服务", "Out of service"], [&[], &[]]),
    ("home", ["您要办什么？", "What would you like to do?"],
        [&["开户籍证明", "身份证到期换新", "退出"], &["Household certificate", "Renew an expiring identity card", "Leave"]]),
    ("notice", ["办理须知", "Before you begin"], [&["返回", "同意并继续"], &["Back", "Agree and continue"]]),
    ("card-waiting", ["请把身份证放在读卡区", "Place your card on the reader"],
        [&["返回", "等待放卡…"], &["Back", "Waiting for the card"]]),
    ("card-reading", ["正在读取身份证", "Reading your identity card"],
        [&["返回", "正在读卡…"], &["Back", "Reading the card"]]),
    ("card-problem", ["这不是身份证", "This is not an identity card"],
        [&["返回", "等待放卡…"], &["Back", "Waiting for the card"]]),
    ("confirm", ["这是您本人吗？", "Is this you?"], [&["返回", "是我，继续"], &["Back", "Yes, continue"]]),
    ("question", ["您要证明什么？", "What should be certified?"],
        [&["亲属关系", "户口项目变更", "注销户口", "户口迁移", "返回", "请先选一项"],
         &["Kinship", "Change of an entry", "Cancelled registration", "Move of the household", "Back", "Please choose one"]]),
    ("question-chosen", ["您要证明什么？", "What should be certified?"],
        [&["亲属关系", "户口项目变更", "注销户口", "户口迁移", "返回", "继续"],
         &["Kinship", "Change of an entry", "Cancelled registration", "Move of the household", "Back", "Continue"]]),
    ("review", ["请核对，然后提交", "Is everything right?"],
        [&["修改", "修改", "返回", "提交"], &["Change", "Change", "Back", "Submit"]]),
    ("submitting", ["正在保存您的申请", "Your request is being saved"], [&["正在提交…"], &["Submitting"]]),
    ("done-registered", ["已登记，待送达", "Registered, to be sent"],
        [&["完成并退出（28 秒）"], &["Finish and leave (28 s)"]]),
    ("done", ["已受理", "Accepted"], [&["完成并退出（28 秒）"], &["Finish and leave (28 s)"]]),
    ("refusal", ["这次不能在本机办理", "This cannot be done here"], [&["退出"], &["Leave"]]),
    ("sorry", ["申请没有保存成功", "Your request could not be saved"], [&["退出"], &["Leave"]]),
    ("sorry-saved", ["您的申请已保存", "Your request is saved"], [&["退出"], &["Leave"]]),
    ("wipe", ["您的信息已从本机清除", "Your details are erased from this machine"], [&[], &[]]),
    ("wipe-alarm", ["您的身份证还在这里！", "Your card is still here!"], [&[], &[]]),
    ("idle", ["您还在办理吗？", "Are you still there?"], [&["继续办理"], &["Continue my request"]]),
];

#[test]
fn every_page_says_its_words_in_the_language_that_is_switched_to() {
    let stage = Stage::new();
    for (name, headings, controls) in PAGES {
        for (language, heading, wanted) in [(ZH, headings[0], controls[0]), (EN, headings[1], controls[1])] {
            let view = samples::all(language).into_iter().find(|(n, _)| n == name).unwrap().1;
            stage.show(view);
            let texts = texts(&stage);
            assert!(texts.iter().any(|text| text == heading), "{name} in {}: {texts:?}", language.tag());
            let mut wanted: Vec<&str> = wanted.to_vec();
            wanted.insert(0, if language == ZH { "English" } else { "中文" });
            assert_eq!(labels(&stage), wanted, "{name} in {}", language.tag());
        }
    }
}

#[test]
fn every_page_of_the_samples_is_tested_or_a_variant_of_one() {
    for (name, _) in samples::all(ZH) {
        let base = name.split('-').next().unwrap();
        assert!(PAGES.iter().any(|(page, ..)| page.split('-').next() == Some(base)), "{name}");
    }
}

#[test]
fn every_control_asks_for_exactly_one_thing() {
    let choose = |value: &str| Action::Choose { question: "certificate".into(), value: value.into() };
    let cases = [
        ("attract", "开始办理", Action::Begin),
        ("attract", "English", Action::SwitchLanguage),
        ("home", "开户籍证明", Action::ChooseMatter("household-certificate".into())),
        ("home-many", "居住证签注", Action::ChooseMatter("endorsement".into())),
        ("home", "退出", Action::Leave),
        ("notice", "返回", Action::Back),
        ("notice", "同意并继续", Action::Accept),
        ("card-waiting", "返回", Action::Back),
        ("confirm", "返回", Action::Back),
        ("confirm", "是我，继续", Action::Continue),
        ("question", "注销户口", choose("cancellation")),
        ("question-chosen", "继续", Action::Continue),
        ("question", "返回", Action::Back),
        ("review", "修改", Action::Change("certificate".into())),
        ("review", "返回", Action::Back),
        ("review", "提交", Action::Submit),
        ("done", "完成并退出（28 秒）", Action::Leave),
        ("refusal", "退出", Action::Leave),
        ("sorry", "退出", Action::Leave),
        ("idle", "继续办理", Action::Stay),
        ("submitting", "English", Action::SwitchLanguage),
    ];
    for (page, label, wanted) in cases {
        let stage = shown(page, ZH);
        let found = control(&stage, label);
        assert_eq!(found.accessible_enabled(), Some(true), "{page}: {label}");
        found.invoke_accessible_default_action();
        assert_eq!(stage.heard(), std::slice::from_ref(&wanted), "{page}: {label} by its accessible action");
        touch_middle(&stage, &found);
        assert_eq!(stage.heard(), [wanted], "{page}: {label} by touch");
    }
}

fn touch_middle(stage: &Stage, element: &ElementHandle) {
    let (place, size) = (element.absolute_position(), element.size());
    touch(stage, place.x + size.width / 2.0, place.y + size.height / 2.0);
}

fn touch(stage: &Stage, x: f32, y: f32) {
    use slint::ComponentHandle;
    use slint::platform::{PointerEventButton, WindowEvent};
    let window = stage.screen.component().window();
    let position = slint::LogicalPosition::new(x, y);
    let button = PointerEventButton::Left;
    window.dispatch_event(WindowEvent::PointerPressed { position, button });
    i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(50));
    window.dispatch_event(WindowEvent::PointerReleased { position, button });
    window.dispatch_event(WindowEvent::PointerExited);
}

#[test]
fn what_cannot_be_done_now_is_disabled_and_says_why() {
    for (page, label) in [
        ("card-waiting", "等待放卡…"),
        ("card-reading", "正在读卡…"),
        ("question", "请先选一项"),
        ("submitting", "正在提交…"),
        ("home-many", "无犯罪记录证明"),
    ] {
        let stage = shown(page, ZH);
        let found = control(&stage, label);
        assert_eq!(found.accessible_enabled(), Some(false), "{label}");
        found.invoke_accessible_default_action();
        assert_eq!(stage.heard(), [], "{label}");
        touch_middle(&stage, &found);
        assert_eq!(stage.heard(), [Action::Elsewhere], "{label}: the touch is a sign of life only");
    }
    let stage = shown("home-many", ZH);
    let reason = control(&stage, "无犯罪记录证明").accessible_description().unwrap();
    assert_eq!(reason, "读卡器没有连接 · 请到窗口办理");
}

#[test]
fn a_touch_elsewhere_is_a_sign_of_life_but_not_a_flood() {
    let stage = shown("question", ZH);
    for _ in 0..5 {
        touch(&stage, 540.0, 1500.0);
    }
    assert_eq!(stage.heard(), [Action::Elsewhere]);
}

#[test]
fn the_whole_attract_page_is_a_button() {
    let stage = shown("attract", EN);
    touch(&stage, 540.0, 900.0);
    assert_eq!(stage.heard(), [Action::Begin]);
}

#[test]
fn the_idle_warning_hides_the_page_and_its_controls() {
    let stage = Stage::new();
    let mut view = samples::view(ZH, Page::Question(samples::question(ZH, Some(0))));
    view.idle = Some(IdleWarning { seconds_left: 20 });
    stage.show(view.clone());
    assert_eq!(labels(&stage), ["English", "继续办理"]);
    assert!(texts(&stage).iter().any(|text| text == "20"));
    view.idle = None;
    stage.show(view);
    assert!(labels(&stage).iter().any(|label| label == "继续"), "the page is back as it was");
}

#[test]
fn the_band_stands_on_every_page_that_is_not_finished() {
    for language in Language::ALL {
        let stage = Stage::new();
        for (name, view) in samples::all(language) {
            let wanted = view.not_finished;
            stage.show(view);
            let there = texts(&stage).iter().any(|text| text == "NOT FINISHED · 尚未完成");
            assert_eq!(there, wanted, "{name}");
        }
    }
}

#[test]
fn tab_walks_from_the_header_through_the_page_and_enter_presses() {
    use slint::ComponentHandle;
    use slint::platform::{Key, WindowEvent};
    let stage = shown("question-chosen", ZH);
    let press = |text: slint::SharedString| {
        let window = stage.screen.component().window();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
    };
    let mut walked = Vec::new();
    for _ in 0..7 {
        press(Key::Tab.into());
        press(Key::Return.into());
        walked.extend(stage.heard());
    }
    let choose = |value: &str| Action::Choose { question: "certificate".into(), value: value.into() };
    assert_eq!(
        walked,
        [
            Action::SwitchLanguage,
            choose("kinship"),
            choose("item-change"),
            choose("cancellation"),
            choose("migration"),
            Action::Back,
            Action::Continue,
        ]
    );
    press(" ".into());
    assert_eq!(stage.heard(), [Action::Continue], "Space presses too");
}

#[test]
fn a_choice_keeps_the_focus_when_it_is_chosen() {
    use slint::ComponentHandle;
    use slint::platform::{Key, WindowEvent};
    let stage = shown("question", ZH);
    let press = |text: slint::SharedString| {
        let window = stage.screen.component().window();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
    };
    press(Key::Tab.into());
    press(Key::Tab.into());
    stage.show(samples::view(ZH, Page::Question(samples::question(ZH, Some(0)))));
    press(Key::Return.into());
    assert_eq!(stage.heard(), [Action::Choose { question: "certificate".into(), value: "kinship".into() }]);
    assert_eq!(control(&stage, "亲属关系").accessible_checked(), Some(true));
}

#[test]
fn nothing_that_can_be_touched_is_small_or_outside() {
    for language in Language::ALL {
        let stage = Stage::new();
        for (name, view) in samples::all(language) {
            stage.show(view);
            let found = controls(&stage);
            for control in &found {
                let (place, size) = (control.absolute_position(), control.size());
                assert!(size.height >= 80.0 && size.width >= 80.0, "{name}: {size:?}");
                assert!(place.x >= 64.0 && place.x + size.width <= 1016.5, "{name}: {place:?} {size:?}");
                assert!(place.y + size.height <= stage::HEIGHT as f32, "{name}: {place:?}");
            }
            for (one, other) in found.iter().zip(found.iter().skip(1)) {
                let (a, b) = (one.absolute_position(), other.absolute_position());
                let apart = (b.y - a.y - one.size().height).max(b.x - a.x - one.size().width);
                assert!(
                    apart >= 16.0,
                    "{name}: {:?} and its neighbour are {apart} apart",
                    one.accessible_label()
                );
            }
        }
    }
}

/// The footer is white and the content ends above it: otherwise a page holds more than it has room for.
#[test]
fn no_page_runs_into_its_footer() {
    for language in Language::ALL {
        let stage = Stage::new();
        for (name, view) in samples::all(language) {
            stage.show(view);
            for text in ElementQuery::from_root(stage.screen.component())
                .match_accessible_role(AccessibleRole::Text)
                .find_all()
            {
                let (top, bottom) =
                    (text.absolute_position().y, text.absolute_position().y + text.size().height);
                let words = text.accessible_label().unwrap_or_default();
                assert!(
                    bottom <= 1712.5 || top >= 1712.0,
                    "{name} in {}: {words} at {bottom}",
                    language.tag()
                );
            }
        }
    }
}

/// Two texts on the same spot mean that one grew out of its place.
#[test]
fn no_text_lies_on_another() {
    for language in Language::ALL {
        let stage = Stage::new();
        for (name, view) in samples::all(language) {
            stage.show(view);
            let places: Vec<_> = ElementQuery::from_root(stage.screen.component())
                .match_accessible_role(AccessibleRole::Text)
                .find_all()
                .iter()
                .map(|text| {
                    (text.absolute_position(), text.size(), text.accessible_label().unwrap_or_default())
                })
                .collect();
            for (at, (a, a_size, a_words)) in places.iter().enumerate() {
                for (b, b_size, b_words) in places.iter().skip(at + 1) {
                    let across = (a.x + a_size.width).min(b.x + b_size.width) - a.x.max(b.x);
                    let down = (a.y + a_size.height).min(b.y + b_size.height) - a.y.max(b.y);
                    // The same element may be found twice.
                    let same = a == b && a_words == b_words;
                    assert!(same || across < 1.0 || down < 1.0, "{name}: {a_words:?} lies on {b_words:?}");
                }
            }
        }
    }
}

#[test]
fn every_failure_is_shown_with_its_code_and_words() {
    let stage = Stage::new();
    for language in Language::ALL {
        for fault in Fault::ALL {
            let words = ui::wording::citizen(*fault, language);
            stage.show(samples::view(language, Page::Sorry(samples::sorry(*fault, None))));
            let texts = texts(&stage);
            for wanted in [words.title, words.advice, fault.code()] {
                assert!(texts.iter().any(|text| text == wanted), "{wanted}: {texts:?}");
            }
        }
    }
}

#[test]
fn what_became_of_the_paper_is_said() {
    let stage = Stage::new();
    for (paper, card, words) in [
        (Paper::Printing, false, "正在打印回执"),
        (Paper::Printing, true, "请取走身份证，回执正在打印"),
        (Paper::Printed, false, "请取走回执"),
        (Paper::Printed, true, "请取走身份证和回执"),
        (Paper::Failed(Fault::PrinterJammed), false, "请抄下编号，或拍照保存"),
        (Paper::Failed(Fault::PrinterJammed), true, "请抄下编号，并取走身份证"),
        (Paper::NoPrinter, false, "请抄下编号，或拍照保存"),
    ] {
        let mut done = samples::done(ZH, None, paper);
        done.card_present = card;
        stage.show(samples::view(ZH, Page::Done(done)));
        let texts = texts(&stage);
        assert!(texts.iter().any(|text| text == words), "{words}: {texts:?}");
        let failed = matches!(paper, Paper::Failed(_));
        assert_eq!(texts.iter().any(|text| text == "打印机卡纸（代码 PRN-04）"), failed);
    }
}
