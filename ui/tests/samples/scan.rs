//! The papers of one kind.

use std::sync::Arc;

use faults::Fault;
use matters::Language;
use session::view::{Page, Scan, ScanProblem, Shot};

use super::{Found, Named, pictures, renewal, say};

pub fn views(language: Language) -> Vec<Named> {
    let scan = |pages, problem| renewal(language, Page::Scan(scan(language, pages, problem)));
    vec![
        ("scan", scan(0, None)),
        (
            "scan-working",
            renewal(language, Page::Scan(Scan { scanning: true, ..self::scan(language, 0, None) })),
        ),
        ("scan-two", scan(2, None)),
        ("scan-blank", scan(1, Some(ScanProblem::Blank))),
        ("scan-fault", scan(0, Some(ScanProblem::Fault(Fault::ScannerUnreachable)))),
        ("scan-many", scan(8, Some(ScanProblem::Blurred))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("scan", ["居住证明", "Proof of residence"],
        [&["扫描", "返回", "请先扫描"], &["Scan", "Back", "Please scan a page"]]),
    ("scan-two", ["居住证明", "Proof of residence"],
        [&["删除第 1 页", "删除第 2 页", "再扫一页", "返回", "继续"],
         &["Remove page 1", "Remove page 2", "Scan another page", "Back", "Continue"]]),
];

/// A scan page with so many pages.
pub fn scan(language: Language, pages: usize, problem: Option<ScanProblem>) -> Scan {
    Scan {
        title: say(language, ["居住证明", "Proof of residence"]),
        help: say(
            language,
            ["房产证、租赁合同或居住证，任选一种。", "A deed, a lease or a residence permit; one of them."],
        ),
        pages: (0..pages).map(|at| Shot(Arc::new(pictures::paper(at)))).collect(),
        most: 8,
        scanning: false,
        problem,
    }
}
