//! Commit in writing, or bring papers.

use faults::Fault;
use matters::Language;
use session::view::{Commitment, Page};

use super::{Found, Named, renewal, say};

pub fn views(language: Language) -> Vec<Named> {
    let page = |commitment| renewal(language, Page::Commitment(commitment));
    let no_scans = Some(Fault::ScannerUnreachable);
    vec![
        ("commitment", page(commitment(language, None))),
        ("commitment-no-scanner", page(Commitment { no_scans, ..commitment(language, Some(true)) })),
        ("commitment-chosen", page(commitment(language, Some(true)))),
        ("commitment-long", page(long_commitment(language))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("commitment", ["书面承诺，还是交材料？", "Commit in writing, or bring papers?"],
        [&["我书面承诺", "我提交材料", "返回", "请先选一项"],
         &["I commit in writing", "I show papers", "Back", "Please choose one"]]),
];

/// Commit in writing, or bring papers.
fn commitment(language: Language, chosen: Option<bool>) -> Commitment {
    Commitment {
        duty: say(
            language,
            [
                "邮寄到家需要证明您住在收件地址。",
                "For delivery by post you must show that you live at that address.",
            ],
        ),
        content: say(
            language,
            [
                "我承诺本人居住在所填的收件地址，所填内容真实。",
                "I state that I live at the address I entered and that what I entered is true.",
            ],
        ),
        liability: say(
            language,
            [
                "承诺不实的，撤销办理结果，依法处理，并记入信用记录。",
                "If this is false, the result is revoked, the law applies and it enters my credit record.",
            ],
        ),
        papers: say(
            language,
            [
                "房产证、租赁合同或居住证，在本机扫描。",
                "A deed, a lease or a residence permit, scanned at this machine.",
            ],
        ),
        chosen,
        no_scans: None,
    }
}

/// A commitment of many words.
fn long_commitment(language: Language) -> Commitment {
    let content = say(
        language,
        [
            "我承诺本人长期居住在所填的收件地址，所填内容真实、完整、有效；在领到新证之前地址有变化的，三日内告知办理的派出所。",
            "I state that I live permanently at the address I entered and that what I entered is true, complete and valid; if \
         it changes before I have the new card, I tell the police station within three days.",
        ],
    );
    let liability = say(
        language,
        [
            "承诺不实的，撤销办理结果，收回已经发放的证件，依照《居民身份证法》第十六条处理，记入信用记录，以后不再适用告知承诺制。",
            "If this is false, the result is revoked, the card is taken back, article 16 of the Resident Identity Card Law \
         applies, it enters my credit record, and commitments are no longer open to me.",
        ],
    );
    Commitment { content, liability, ..commitment(language, None) }
}
