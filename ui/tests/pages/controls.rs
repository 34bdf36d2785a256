//! What the controls do, by touch, by key and for an assistive device.

use session::Action;
use session::view::{IdleWarning, Page};

use super::stage::{Stage, samples};
use super::{EN, ZH, control, labels, shown, texts, touch, touch_middle};

#[test]
fn every_control_asks_for_exactly_one_thing() {
    let choose = |value: &str| Action::Choose { question: "certificate".into(), value: value.into() };
    let cases = [
        ("attract", "开始办理", Action::Begin),
        ("attract", "English", Action::SwitchLanguage),
        ("home", "开户籍证明", Action::ChooseMatter("household-certificate".into())),
        ("home-many", "居住证签注", Action::ChooseMatter("endorsement".into())),
        ("home", "退出", Action::Leave),
        ("attract", "大字", Action::ToggleLarge),
        ("home", "大字", Action::ToggleLarge),
        ("home", "高对比", Action::ToggleContrast),
        ("typed-phone", "7", Action::Type("7".into())),
        ("typed-phone", "0", Action::Type("0".into())),
        ("typed-phone", "删除", Action::Erase),
        ("typed-full", "继续", Action::Continue),
        ("typed-number", "X", Action::Type("X".into())),
        ("typed-address-long", "q", Action::Type("q".into())),
        ("typed-address-long", "#", Action::Type("#".into())),
        ("typed-address-long", "空格", Action::Type(" ".into())),
        ("typed-address", "直接用这一项", Action::TakeOver),
        ("photograph", "拍照（还可拍 5 次）", Action::Shoot),
        ("photograph", "到窗口拍照", Action::PhotographAtCounter),
        ("photograph-fault", "到窗口拍照", Action::PhotographAtCounter),
        ("photograph-chosen", "相片 3", Action::ChooseShot(2)),
        ("photograph-chosen", "用这张相片", Action::Continue),
        ("scan", "扫描", Action::ScanPage),
        ("scan-two", "删除第 2 页", Action::RemovePage(1)),
        ("scan-two", "再扫一页", Action::ScanPage),
        ("scan-two", "继续", Action::Continue),
        ("commitment", "我书面承诺", Action::Commit(true)),
        ("commitment", "我提交材料", Action::Commit(false)),
        ("commitment-chosen", "继续", Action::Continue),
        ("sign-signed", "重写", Action::ClearSignature),
        ("sign-signed", "提交", Action::Submit),
        ("done-pay", "非常满意", Action::Rate(5)),
        ("done-pay", "非常不满意", Action::Rate(1)),
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
        ("refusal", "打印这页说明", Action::PrintSlip),
        ("refusal-failed", "再打印一次", Action::PrintSlip),
        ("attract", "呼叫民警", Action::CallAttendant),
        ("question", "呼叫民警", Action::CallAttendant),
        ("home-calling", "正在呼叫民警", Action::CallAttendant),
        ("question-comes", "民警马上来", Action::CallAttendant),
        ("idle", "呼叫民警", Action::CallAttendant),
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

#[test]
fn what_cannot_be_done_now_is_disabled_and_says_why() {
    for (page, label) in [
        ("card-waiting", "等待放卡…"),
        ("card-reading", "正在读卡…"),
        ("question", "请先选一项"),
        ("submitting", "正在提交…"),
        ("typed-phone", "请先填完"),
        ("typed-full", "1"),
        ("typed-empty", "删除"),
        ("photograph", "请先拍照"),
        ("photograph-judging", "正在检查相片…"),
        ("photograph-none-left", "拍照次数已用完"),
        ("scan", "请先扫描"),
        ("scan-working", "正在扫描…"),
        ("commitment", "请先选一项"),
        ("commitment-no-scanner", "我提交材料"),
        ("sign", "请先签名"),
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
    let stage = shown("commitment-no-scanner", ZH);
    let reason = control(&stage, "我提交材料").accessible_description().unwrap();
    assert_eq!(reason, "扫描仪没有连接 · 请到窗口办理");
}

#[test]
fn a_call_can_be_taken_back_and_is_only_offered_where_there_is_a_way() {
    for (page, label) in [("home-calling", "正在呼叫民警"), ("question-comes", "民警马上来")] {
        let found = control(&shown(page, ZH), label);
        assert_eq!(found.accessible_description().unwrap(), "再按取消");
    }
    assert!(!labels(&shown("home-one", ZH)).iter().any(|label| label == "呼叫民警"));
}

#[test]
fn the_idle_warning_hides_the_page_and_its_controls() {
    let stage = Stage::new();
    let mut view = samples::view(ZH, Page::Question(samples::question(ZH, Some(0))));
    view.idle = Some(IdleWarning { seconds_left: 20 });
    stage.show(view.clone());
    assert_eq!(labels(&stage), ["呼叫民警", "English", "继续办理"]);
    assert!(texts(&stage).iter().any(|text| text == "20"));
    view.idle = None;
    stage.show(view);
    assert!(labels(&stage).iter().any(|label| label == "继续"), "the page is back as it was");
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
    for _ in 0..8 {
        press(Key::Tab.into());
        press(Key::Return.into());
        walked.extend(stage.heard());
    }
    let choose = |value: &str| Action::Choose { question: "certificate".into(), value: value.into() };
    assert_eq!(
        walked,
        [
            Action::CallAttendant,
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
    for _ in 0..3 {
        press(Key::Tab.into());
    }
    stage.show(samples::view(ZH, Page::Question(samples::question(ZH, Some(0)))));
    press(Key::Return.into());
    assert_eq!(stage.heard(), [Action::Choose { question: "certificate".into(), value: "kinship".into() }]);
    assert_eq!(control(&stage, "亲属关系").accessible_checked(), Some(true));
}

#[test]
fn capitals_are_typed_as_capitals() {
    let stage = shown("typed-address-long", ZH);
    control(&stage, "大写").invoke_accessible_default_action();
    assert_eq!(stage.heard(), [], "the keyboard's own business");
    control(&stage, "Q").invoke_accessible_default_action();
    assert_eq!(stage.heard(), [Action::Type("Q".into())]);
}

#[test]
fn a_signature_is_told_stroke_by_stroke_and_seen_at_once() {
    use slint::ComponentHandle;
    use slint::platform::{PointerEventButton, WindowEvent};
    let stage = shown("sign", ZH);
    let empty = stage.picture();
    let window = stage.screen.component().window();
    let button = PointerEventButton::Left;
    let at = |x: f32, y: f32| slint::LogicalPosition::new(x, y);
    window.dispatch_event(WindowEvent::PointerPressed { position: at(302.0, 700.0), button });
    window.dispatch_event(WindowEvent::PointerMoved { position: at(540.0, 760.0) });
    assert_ne!(stage.picture().as_slice(), empty.as_slice(), "the ink is under the finger");
    assert_eq!(stage.heard(), [], "the stroke is not over");
    window.dispatch_event(WindowEvent::PointerReleased { position: at(540.0, 760.0), button });
    let [Action::Stroke(points)] = &stage.heard()[..] else { panic!("one stroke") };
    assert_eq!(points.len(), 2);
    assert_eq!((points[0].0, points[1].0), (250, 500));
    control(&stage, "重写").invoke_accessible_default_action();
    assert_eq!(stage.heard(), [Action::ClearSignature]);
    assert_eq!(stage.picture().as_slice(), empty.as_slice(), "and the pad is empty again");
}
