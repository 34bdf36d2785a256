//! A rule says no.

use faults::Fault;
use matters::Language;
use session::view::{Page, Paper, Refusal};

use super::{Found, Named, say, view};

pub fn views(language: Language) -> Vec<Named> {
    let page = |refusal| view(language, Page::Refusal(refusal));
    let reason = say(
        language,
        [
            "您的户口不在本市，本人又没有本市的有效居住证，所以不能在本市的自助机上换领居民身份证，只能回户籍地或者先申领居住证。",
            "Your household is not registered in this city and you hold no valid residence permit of it, so your identity \
                 card cannot be renewed at a machine of this city before you hold such a permit.",
        ],
    );
    let failed = Some(Paper::Failed(Fault::PrinterPaperOut));
    vec![
        ("refusal", page(refusal(language, true, None))),
        ("refusal-no-printer", page(refusal(language, false, None))),
        ("refusal-printing", page(refusal(language, true, Some(Paper::Printing)))),
        ("refusal-printed", page(refusal(language, true, Some(Paper::Printed)))),
        ("refusal-failed", page(refusal(language, true, failed))),
        ("refusal-long", page(Refusal { reason, ..refusal(language, true, None) })),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("refusal", ["这次不能在本机办理", "This cannot be done here"], [&["打印这页说明", "退出"], &["Print this page", "Leave"]]),
    ("refusal-no-printer", ["这次不能在本机办理", "This cannot be done here"], [&["退出"], &["Leave"]]),
    ("refusal-printing", ["正在打印说明", "Your slip is being printed"], [&["退出"], &["Leave"]]),
    ("refusal-printed", ["请取走说明", "Take your slip"], [&["退出"], &["Leave"]]),
    ("refusal-failed", ["请抄下或拍下这一页", "Note this page or take a photo"],
        [&["再打印一次", "退出"], &["Print it again", "Leave"]]),
];

/// A rule says no; what became of the slip.
fn refusal(language: Language, can_print: bool, slip: Option<Paper>) -> Refusal {
    Refusal {
        reason: say(
            language,
            [
                "您的身份证已过有效期，不能用来证明身份。",
                "Your identity card has expired and no longer proves who you are.",
            ],
        ),
        article: say(
            language,
            ["《居民身份证法》第十条、第十三条", "Resident Identity Card Law, articles 10 and 13"],
        ),
        next_place: say(
            language,
            ["请先到户籍窗口换领身份证。", "Please renew your card at the household counter first."],
        ),
        can_print,
        slip,
    }
}
