//! A matter's notice.

use jiff::civil::date;
use matters::Language;
use session::view::{Notice, Page};

use super::{Found, Named, say, view};

pub fn views(language: Language) -> Vec<Named> {
    vec![
        ("notice", view(language, Page::Notice(notice(language)))),
        ("notice-long", {
            let mut notice = notice(language);
            let again = notice.paragraphs.clone();
            notice.paragraphs.extend(again.into_iter().take(2));
            view(language, Page::Notice(notice))
        }),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("notice", ["办理须知", "Before you begin"], [&["返回", "同意并继续"], &["Back", "Agree and continue"]]),
];

fn notice(language: Language) -> Notice {
    let paragraphs = [
        (
            ["谁收集，做什么用", "Who collects, and why"],
            [
                "本派出所收集您的身份证信息和您的选择，只用于出具这份证明。",
                "This police station collects the data on your identity card and your answers, only to issue this \
                 certificate.",
            ],
        ),
        (
            ["存在哪里，存多久", "Where it is kept, and how long"],
            [
                "提交后送往公安机关平台，按档案规定保存。送达后，本机上的内容即被清除。",
                "After submission it goes to the police platform and is filed by law. Once it has arrived, this machine \
                 erases it.",
            ],
        ),
        (
            ["您的权利", "Your rights"],
            [
                "您可以随时退出，退出前填写的内容不会保留。您也可以改到窗口办理。",
                "You may leave at any time; what you entered is not kept. You may also apply at the counter instead.",
            ],
        ),
    ];
    Notice {
        summary: say(
            language,
            [
                "证明您户口登记的内容，由派出所出具并盖章。",
                "A sealed statement of what the household register says about you.",
            ],
        ),
        bring: say(language, ["本人居民身份证", "Your own resident identity card"]),
        minutes: 2,
        fee_yuan: 0,
        deadline: date(2026, 12, 9),
        paragraphs: paragraphs
            .into_iter()
            .map(|(heading, text)| (say(language, heading), say(language, text)))
            .collect(),
    }
}
