//! A failure that ends the visit.

use faults::Fault;
use matters::Language;
use session::view::{Page, Sorry};

use super::{Found, Named, view};

pub fn views(language: Language) -> Vec<Named> {
    let page = |sorry| view(language, Page::Sorry(sorry));
    vec![
        ("sorry", page(sorry(Fault::StoreWriteFailed, None))),
        ("sorry-card", page(Sorry { card_present: true, ..sorry(Fault::StoreLate, None) })),
        ("sorry-saved", page(sorry(Fault::StoreLate, Some("110101-0007-000012")))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("sorry", ["申请没有保存成功", "Your request could not be saved"], [&["退出"], &["Leave"]]),
    ("sorry-saved", ["您的申请已保存", "Your request is saved"], [&["退出"], &["Leave"]]),
];

/// A failure that ends the visit while the card still lies there.
pub fn sorry(fault: Fault, case_number: Option<&str>) -> Sorry {
    Sorry { fault, case_number: case_number.map(str::to_owned), card_present: case_number.is_some() }
}
