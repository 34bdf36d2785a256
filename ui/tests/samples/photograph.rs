//! The portrait.

use std::sync::Arc;

use faults::Fault;
use matters::Language;
use session::view::{Page, Photograph, Rejection, Shot};

use super::{Found, Named, pictures, renewal};

pub fn views(language: Language) -> Vec<Named> {
    let photograph = |photograph| renewal(language, Page::Photograph(photograph));
    vec![
        ("photograph", photograph(portraits(0, None, 5))),
        ("photograph-judging", photograph(Photograph { judging: true, ..portraits(1, Some(0), 4) })),
        ("photograph-rejected", {
            let rejected = vec![Rejection::TooDark, Rejection::NotCentred, Rejection::Blurred];
            photograph(Photograph { rejected, ..portraits(1, Some(0), 2) })
        }),
        ("photograph-chosen", photograph(portraits(3, Some(1), 2))),
        (
            "photograph-none-left",
            photograph(Photograph { rejected: vec![Rejection::NoFace], ..portraits(2, Some(0), 0) }),
        ),
        (
            "photograph-fault",
            photograph(Photograph { fault: Some(Fault::NoDevice), ..portraits(0, None, 5) }),
        ),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("photograph", ["您的相片", "Your portrait"],
        [&["拍照（还可拍 5 次）", "到窗口拍照", "返回", "请先拍照"],
         &["Take picture (5 tries left)", "Take it at the counter", "Back", "Please take a picture"]]),
    ("photograph-chosen", ["您的相片", "Your portrait"],
        [&["相片 1", "相片 2", "相片 3", "拍照（还可拍 2 次）", "到窗口拍照", "返回", "用这张相片"],
         &["Portrait 1", "Portrait 2", "Portrait 3", "Take picture (2 tries left)", "Take it at the counter", "Back",
           "Use this portrait"]]),
    ("photograph-fault", ["本机现在不能拍照", "No picture can be taken"],
        [&["返回", "到窗口拍照"], &["Back", "Take it at the counter"]]),
];

/// A portrait page with so many portraits.
fn portraits(count: u32, chosen: Option<usize>, tries_left: u32) -> Photograph {
    Photograph {
        shots: (0..count).map(|at| Shot(Arc::new(pictures::portrait(at)))).collect(),
        chosen,
        judging: false,
        rejected: vec![],
        tries_left,
        fault: None,
    }
}
