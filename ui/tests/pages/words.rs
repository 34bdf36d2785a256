//! What the pages say.

use faults::Fault;
use matters::Language;
use session::view::{Page, Paper};

use super::stage::{Stage, samples};
use super::{ZH, labels, texts};

#[test]
fn every_page_says_its_words_in_the_language_that_is_switched_to() {
    let stage = Stage::new();
    for (name, headings, controls) in samples::found() {
        for language in Language::ALL {
            let (heading, wanted) = (language.of(headings), language.of(controls));
            let view = samples::all(language).into_iter().find(|(n, _)| n == name).unwrap().1;
            stage.show(view);
            let texts = texts(&stage);
            assert!(texts.iter().any(|text| text == heading), "{name} in {}: {texts:?}", language.tag());
            let mut wanted: Vec<&str> = wanted.to_vec();
            // The header's buttons come first.
            wanted.insert(0, language.of(&["English", "中文"]));
            wanted.insert(0, language.of(&["呼叫民警", "Call an officer"]));
            assert_eq!(labels(&stage), wanted, "{name} in {}", language.tag());
        }
    }
}

#[test]
fn every_page_of_the_samples_is_tested_or_a_variant_of_one() {
    for (name, _) in samples::all(ZH) {
        let base = name.split('-').next().unwrap();
        assert!(samples::found().any(|(page, ..)| page.split('-').next() == Some(base)), "{name}");
    }
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
            let page = samples::scan(language, 1, Some(problem));
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
