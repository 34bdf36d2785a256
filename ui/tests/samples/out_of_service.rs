//! The machine takes nobody.

use faults::Fault;
use matters::Language;
use session::view::Page;

use super::{Found, Named, view};

pub fn views(language: Language) -> Vec<Named> {
    vec![
        ("out-of-service", view(language, Page::OutOfService(Fault::StoreFull))),
        ("out-of-service-crash", view(language, Page::OutOfService(Fault::CrashLoop))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("out-of-service", ["本机暂停服务", "Out of service"], [&[], &[]]),
];
