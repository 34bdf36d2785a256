//! On disk, and perhaps accepted.

use faults::Fault;
use jiff::civil::date;
use matters::Language;
use session::view::{Done, Page, Paper, Payment, PaymentState};

use super::{Found, Named, renewal, say, view};

pub fn views(language: Language) -> Vec<Named> {
    let accepted = Some("3301082611210047");
    let page = |done| view(language, Page::Done(done));
    let paid = |acceptance, state, rating| {
        let paper = if state == PaymentState::Asking { Paper::Printing } else { Paper::Printed };
        let payment = Some(Payment { yuan: 20, state });
        renewal(
            language,
            Page::Done(Done { fee_yuan: 20, payment, rating, ..done(language, acceptance, paper) }),
        )
    };
    let open = PaymentState::Open {
        qr: "https://pay.example:8444/pay/2026112100000042".to_owned(),
        order: "2026112100000042".to_owned(),
    };
    vec![
        ("done-registered", page(done(language, None, Paper::Printing))),
        ("done", page(done(language, accepted, Paper::Printed))),
        ("done-no-paper", page(done(language, None, Paper::Failed(Fault::PrinterPaperOut)))),
        ("done-no-printer", page(Done { card_present: false, ..done(language, accepted, Paper::NoPrinter) })),
        ("done-pay", paid(accepted, open, None)),
        ("done-asking", paid(accepted, PaymentState::Asking, None)),
        ("done-pay-later", paid(None, PaymentState::Later(Fault::PaymentUnavailable), None)),
        ("done-paid", paid(accepted, PaymentState::Paid, Some(4))),
    ]
}

/// The rating, and the way out.
const LEAVE: [&[&str]; Language::COUNT] = [
    &["非常满意", "满意", "基本满意", "不满意", "非常不满意", "完成并退出（28 秒）"],
    &["Very good", "Good", "Fair", "Poor", "Very poor", "Finish and leave (28 s)"],
];

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("done-registered", ["已登记，待送达", "Registered, to be sent"], LEAVE),
    ("done", ["已受理", "Accepted"], LEAVE),
    ("done-pay", ["应缴 20 元", "To be paid: 20 yuan"], LEAVE),
    ("done-asking", ["付款码几秒钟后显示在这里。", "The payment code appears here in a few seconds."], LEAVE),
    ("done-pay-later", ["暂时取不到缴费单（代码 PLT-07）", "No payment order can be had just now. Code PLT-07"], LEAVE),
    ("done-paid", ["20 元，已缴", "20 yuan, paid"], LEAVE),
];

/// A request on disk, with or without the platform's number.
pub fn done(language: Language, acceptance: Option<&str>, paper: Paper) -> Done {
    Done {
        case_number: "110101-0007-000012".to_owned(),
        acceptance_number: acceptance.map(str::to_owned),
        deadline: date(2026, 12, 9),
        collect: say(
            language,
            [
                "凭本人身份证或本回执，到本派出所户籍窗口领取。",
                "Collect it at this station's household counter with your identity card or this receipt.",
            ],
        ),
        qr: "110101-0007-000012".to_owned(),
        fee_yuan: 0,
        paper,
        card_present: true,
        seconds_left: 28,
        payment: None,
        rating: None,
    }
}
