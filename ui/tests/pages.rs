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
use session::view::{Display, IdleWarning, Page, Paper};
use stage::{Mode, Stage};
use ui::samples;

const ZH: Language = Language::ZhHans;
const EN: Language = Language::En;
const LARGE: Mode = Mode { wide: false, display: Display { large: true, contrast: false } };

/// All controls, by role and label, each once and in the order of the page.
fn controls(stage: &Stage) -> Vec<ElementHandle> {
    let mut found: Vec<ElementHandle> = Vec::new();
    for role in [AccessibleRole::Button, AccessibleRole::RadioButton] {
        for element in
            ElementQuery::from_root(stage.screen.component()).match_accessible_role(role).find_all()
        {
            let place = element.absolute_position();
            // A query may find the same element twice, and rows that went while it searched without a place.
            if element.size().width > 0.0 && !found.iter().any(|other| other.absolute_position() == place) {
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
        .map(String::from)
        .collect()
}

fn shown(name: &str, language: Language) -> Stage {
    let stage = Stage::new();
    let view = samples::all(language).into_iter().find(|(n, _)| *n == name).unwrap().1;
    stage.show(view);
    stage
}

/// Page, what it says in both languages, its controls in both languages without those of the header.
type Expected<'a> = (&'a str, [&'a str; 2], [&'a [&'a str]; 2]);

#[rustfmt::skip]
const PAGES: &[Expected] = &[
    ("attract", ["自助办理，从这里开始", "Apply here yourself"], [&["大字", "高对比", "开始办理"], &["Large text", "High contrast", "Begin"]]),
    ("out-of-service", ["本机暂停服务", "Out of service"], [&[], &[]]),
    ("home", ["您要办什么？", "What would you like to do?"],
        [&["开户籍证明", "身份证到期换新", "退出", "大字", "高对比"],
         &["Household certificate", "Identity card renewal", "Leave", "Large text", "High contrast"]]),
    ("notice", ["办理须知", "Before you begin"], [&["返回", "同意并继续"], &["Back", "Agree and continue"]]),
    ("card-waiting", ["请把身份证放在读卡区", "Place your card on the reader"],
        [&["返回", "等待放卡…"], &["Back", "Waiting for the card"]]),
    ("card-reading", ["正在读取身份证", "Reading your identity card"],
        [&["返回", "正在读卡…"], &["Back", "Reading the card"]]),
    ("card-problem", ["这不是身份证", "This is not an identity card"],
        [&["返回", "等待放卡…"], &["Back", "Waiting for the card"]]),
    ("confirm-validity", ["新证有效期 20 年（26 至 45 周岁）。", "The new card is valid for 20 years (aged 26 to 45)."],
        [&["返回", "是我，继续"], &["Back", "Yes, continue"]]),
    ("confirm", ["这是您本人吗？", "Is this you?"], [&["返回", "是我，继续"], &["Back", "Yes, continue"]]),
    ("question", ["您要证明什么？", "What should be certified?"],
        [&["亲属关系", "户口项目变更", "注销户口", "户口迁移", "返回", "请先选一项"],
         &["Kinship", "Change of an entry", "Cancelled registration", "Move of the household", "Back", "Please choose one"]]),
    ("question-chosen", ["您要证明什么？", "What should be certified?"],
        [&["亲属关系", "户口项目变更", "注销户口", "户口迁移", "返回", "继续"],
         &["Kinship", "Change of an entry", "Cancelled registration", "Move of the household", "Back", "Continue"]]),
    ("review", ["请核对，然后提交", "Is everything right?"],
        [&["修改", "修改", "返回", "提交"], &["Change", "Change", "Back", "Submit"]]),
    ("typed-phone", ["您的手机号码是多少？", "What is your mobile number?"],
        [&["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "删除", "返回", "请先填完"],
         &["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "Erase", "Back", "Please type your answer"]]),
    ("typed-number", ["440524 19880101", "440524 19880101"],
        [&["1", "2", "3", "4", "5", "6", "7", "8", "9", "X", "0", "删除", "返回", "请先填完"],
         &["1", "2", "3", "4", "5", "6", "7", "8", "9", "X", "0", "Erase", "Back", "Please type your answer"]]),
    ("typed-address", ["寄到哪里？", "Where should it be sent?"],
        [&["直接用这一项", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "q", "w", "e", "r", "t", "y", "u", "i", "o",
           "p", "a", "s", "d", "f", "g", "h", "j", "k", "l", "大写", "z", "x", "c", "v", "b", "n", "m", "删除", "-", ".",
           "空格", ",", "#", "返回", "请先填完"],
         &["Take this over", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "q", "w", "e", "r", "t", "y", "u", "i",
           "o", "p", "a", "s", "d", "f", "g", "h", "j", "k", "l", "Capitals", "z", "x", "c", "v", "b", "n", "m",
           "Erase", "-", ".", "Space", ",", "#", "Back", "Please type your answer"]]),
    ("photograph", ["您的相片", "Your portrait"],
        [&["拍照（还可拍 5 次）", "到窗口拍照", "返回", "请先拍照"],
         &["Take picture (5 tries left)", "Take it at the counter", "Back", "Please take a picture"]]),
    ("photograph-chosen", ["您的相片", "Your portrait"],
        [&["相片 1", "相片 2", "相片 3", "拍照（还可拍 2 次）", "到窗口拍照", "返回", "用这张相片"],
         &["Portrait 1", "Portrait 2", "Portrait 3", "Take picture (2 tries left)", "Take it at the counter", "Back",
           "Use this portrait"]]),
    ("photograph-fault", ["本机现在不能拍照", "No picture can be taken"],
        [&["返回", "到窗口拍照"], &["Back", "Take it at the counter"]]),
    ("scan", ["居住证明", "Proof of residence"],
        [&["扫描", "返回", "请先扫描"], &["Scan", "Back", "Please scan a page"]]),
    ("scan-two", ["居住证明", "Proof of residence"],
        [&["删除第 1 页", "删除第 2 页", "再扫一页", "返回", "继续"],
         &["Remove page 1", "Remove page 2", "Scan another page", "Back", "Continue"]]),
    ("commitment", ["书面承诺，还是交材料？", "Commit in writing, or bring papers?"],
        [&["我书面承诺", "我提交材料", "返回", "请先选一项"],
         &["I commit in writing", "I show papers", "Back", "Please choose one"]]),
    ("review-renewal", ["138 1234 5678", "138 1234 5678"],
        [&["修改相片", "修改", "修改", "修改", "修改", "修改", "返回", "继续，去签名"],
         &["Change portrait", "Change", "Change", "Change", "Change", "Change", "Back", "Continue to sign"]]),
    ("sign", ["请在这里签名", "Please sign here"],
        [&["重写", "返回", "请先签名"], &["Write it again", "Back", "Please sign first"]]),
    ("sign-signed", ["请在这里签名", "Please sign here"],
        [&["重写", "返回", "提交"], &["Write it again", "Back", "Submit"]]),
    ("done-pay", ["应缴 20 元", "To be paid: 20 yuan"],
        [&["非常满意", "满意", "基本满意", "不满意", "非常不满意", "完成并退出（28 秒）"],
         &["Very good", "Good", "Fair", "Poor", "Very poor", "Finish and leave (28 s)"]]),
    ("done-asking", ["付款码几秒钟后显示在这里。", "The payment code appears here in a few seconds."],
        [&["非常满意", "满意", "基本满意", "不满意", "非常不满意", "完成并退出（28 秒）"],
         &["Very good", "Good", "Fair", "Poor", "Very poor", "Finish and leave (28 s)"]]),
    ("done-pay-later", ["暂时取不到缴费单（代码 PLT-07）", "No payment order can be had just now. Code PLT-07"],
        [&["非常满意", "满意", "基本满意", "不满意", "非常不满意", "完成并退出（28 秒）"],
         &["Very good", "Good", "Fair", "Poor", "Very poor", "Finish and leave (28 s)"]]),
    ("done-paid", ["20 元，已缴", "20 yuan, paid"],
        [&["非常满意", "满意", "基本满意", "不满意", "非常不满意", "完成并退出（28 秒）"],
         &["Very good", "Good", "Fair", "Poor", "Very poor", "Finish and leave (28 s)"]]),
    ("submitting", ["正在保存您的申请", "Your request is being saved"], [&["正在提交…"], &["Submitting"]]),
    ("done-registered", ["已登记，待送达", "Registered, to be sent"],
        [&["非常满意", "满意", "基本满意", "不满意", "非常不满意", "完成并退出（28 秒）"],
         &["Very good", "Good", "Fair", "Poor", "Very poor", "Finish and leave (28 s)"]]),
    ("done", ["已受理", "Accepted"], [&["非常满意", "满意", "基本满意", "不满意", "非常不满意", "完成并退出（28 秒）"],
         &["Very good", "Good", "Fair", "Poor", "Very poor", "Finish and leave (28 s)"]]),
    ("refusal", ["这次不能在本机办理", "This cannot be done here"], [&["打印这页说明", "退出"], &["Print this page", "Leave"]]),
    ("refusal-no-printer", ["这次不能在本机办理", "This cannot be done here"], [&["退出"], &["Leave"]]),
    ("refusal-printing", ["正在打印说明", "Your slip is being printed"], [&["退出"], &["Leave"]]),
    ("refusal-printed", ["请取走说明", "Take your slip"], [&["退出"], &["Leave"]]),
    ("refusal-failed", ["请抄下或拍下这一页", "Note this page or take a photo"],
        [&["再打印一次", "退出"], &["Print it again", "Leave"]]),
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
            // The header's buttons come first.
            wanted.insert(0, if language == ZH { "English" } else { "中文" });
            wanted.insert(0, if language == ZH { "呼叫民警" } else { "Call an officer" });
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
fn a_list_of_choices_opens_where_the_chosen_one_stands() {
    use stage::Mode;
    let stage = Stage::new();
    let view = samples::all(ZH).into_iter().find(|(name, _)| *name == "question-six").unwrap().1;
    stage.show_as(Mode { wide: true, ..Mode::default() }, view);
    assert_eq!(control(&stage, "出国或移民").accessible_checked(), Some(true), "the fifth of six");
}

#[test]
fn the_payment_is_said_as_it_stands() {
    use session::view::{Payment, PaymentState};
    let stage = Stage::new();
    let mut done = samples::done(ZH, None, Paper::Printed);
    let open = |qr: &str| PaymentState::Open { qr: qr.to_owned(), order: "2026112100000042".to_owned() };
    for (state, words) in [
        (PaymentState::Asking, "付款码几秒钟后显示在这里。"),
        (open("https://pay.example/1"), "缴费单号 2026 1121 0000 0042"),
        (open(""), "暂时取不到缴费单（代码 PLT-07）"),
        (PaymentState::Later(Fault::PlatformUnreachable), "暂时连不上平台（代码 PLT-01）"),
        (PaymentState::Paid, "平台已确认收款。"),
    ] {
        done.payment = Some(Payment { yuan: 20, state: state.clone() });
        stage.show(samples::view(ZH, Page::Done(done.clone())));
        let texts = texts(&stage);
        assert!(texts.iter().any(|text| text == words), "{words}: {texts:?}");
        let paid = texts.iter().any(|text| text == "20 元，已缴");
        assert_eq!(paid, state == PaymentState::Paid, "{texts:?}");
    }
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
    assert_eq!(labels(&stage), ["呼叫民警", "English", "继续办理"]);
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

#[test]
fn every_reason_against_a_portrait_is_said_in_both_languages() {
    use session::view::{Photograph, Rejection};
    let stage = Stage::new();
    let reasons = [
        Rejection::NoFace,
        Rejection::SeveralFaces,
        Rejection::TooFar,
        Rejection::TooClose,
        Rejection::NotCentred,
        Rejection::EyesNotSeen,
        Rejection::Tilted,
        Rejection::TooDark,
        Rejection::TooBright,
        Rejection::Blurred,
        Rejection::Background,
    ];
    for language in Language::ALL {
        let mut said = std::collections::BTreeSet::new();
        for reason in reasons {
            let words = ui::wording::rejection(reason, language);
            assert!(said.insert(words), "{words} is said of another reason too");
            let page = Photograph {
                shots: vec![],
                chosen: None,
                judging: false,
                rejected: vec![reason],
                tries_left: 3,
                fault: None,
            };
            stage.show(samples::view(language, Page::Photograph(page)));
            assert!(texts(&stage).iter().any(|text| text == words), "{words}: {:?}", texts(&stage));
        }
    }
}

#[test]
fn every_problem_of_a_scan_is_said_in_both_languages() {
    use session::view::ScanProblem;
    let stage = Stage::new();
    let faults = Fault::ALL.iter().map(|fault| ScanProblem::Fault(*fault));
    let all = [ScanProblem::Blank, ScanProblem::Blurred, ScanProblem::NoPage].into_iter().chain(faults);
    for problem in all {
        for language in Language::ALL {
            let (title, advice) = ui::wording::scan(problem, language);
            let page = samples::renewal::scan(language, 1, Some(problem));
            stage.show(samples::view(language, Page::Scan(page)));
            let texts = texts(&stage);
            for wanted in [title, advice] {
                assert!(texts.contains(&wanted), "{wanted}: {texts:?}");
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
