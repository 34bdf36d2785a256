//! A request that a kiosk could have made, of nobody: a made-up card, a public-domain portrait, drawn pages.

use image::codecs::jpeg::JpegEncoder;
use image::{ImageBuffer, Luma};
use outbox::Draft;
use protocol::envelope::{Attachment, CardRecord};

pub const NAME: &str = "测试员·样本";
pub const NUMBER: &str = "11010519491231002X";
pub const PHONE: &str = "13800000000";
/// NASA's portrait of Eileen Collins: `imaging/tests/data/README.md`.
pub const PORTRAIT: &[u8] = include_bytes!("../../../imaging/tests/data/astronaut.jpg");

/// A renewal with portrait, two pages, answers and a signature.
pub fn renewal() -> Draft {
    Draft {
        matter: "id-card-renewal".into(),
        matter_revision: 1,
        language: "zh-Hans".into(),
        notice_version: "2026-01".into(),
        notice_accepted: 1_795_225_200,
        created: 1_795_225_380,
        card: CardRecord::new(card(NAME)),
        answers: [
            ("collection", "post"),
            ("phone", PHONE),
            ("address", "样本省样本市样本区样本路 1 号院 2 号楼 301 室"),
            ("commitment", "papers"),
        ]
        .map(|(question, answer)| (question.to_owned(), answer.to_owned()))
        .into(),
        deadline: "2027-01-20".into(),
        attachments: vec![
            file("portrait", "image/jpeg", PORTRAIT.to_vec()),
            file("residence-1", "image/jpeg", page(1)),
            file("residence-2", "image/jpeg", page(2)),
            file("signature", "image/svg+xml", signature()),
        ],
    }
}

/// A certificate: no file at all.
pub fn certificate() -> Draft {
    let mut draft = renewal();
    draft.matter = "household-certificate".into();
    let answers = [("certificate", "kinship"), ("purpose", "school")];
    draft.answers = answers.map(|(question, answer)| (question.to_owned(), answer.to_owned())).into();
    draft.attachments.clear();
    draft.card = CardRecord::new(card("样本二"));
    draft
}

/// A renewal with a commitment in place of papers; the portrait is left to the counter.
pub fn committed() -> Draft {
    let mut draft = renewal();
    draft.answers[3].1 = "given".to_owned();
    draft.answers.push(("portrait".to_owned(), "at-counter".to_owned()));
    draft.attachments.drain(..3);
    draft
}

pub fn file(name: &str, media_type: &str, content: Vec<u8>) -> Attachment {
    Attachment { name: name.into(), media_type: media_type.into(), content }
}

/// A made-up record in the form of GA/T 490.
pub fn card(name: &str) -> Vec<u8> {
    let mut text = [u16::from(b' '); 128];
    let mut put = |at: usize, value: &str| {
        for (unit, new) in text[at / 2..].iter_mut().zip(value.encode_utf16()) {
            *unit = new;
        }
    };
    put(0, name);
    put(30, "2");
    put(32, "11");
    put(36, "19491231");
    put(52, "样本省样本市样本区样本路 1 号院 2 号楼 301 室");
    put(122, NUMBER);
    put(158, "样本市公安局样本分局");
    put(188, "20070101");
    put(204, "20270101");
    let mut card = vec![1, 0, 4, 0];
    card.extend(text.iter().flat_map(|unit| unit.to_le_bytes()));
    card.extend([0; 1024]);
    card
}

/// A page with a heading, lines of writing and a stamp, as a scanner gives it.
fn page(number: u32) -> Vec<u8> {
    let (width, height) = (827, 1169);
    let line = |y: u32| y % 42 < 12;
    let ink = |x: u32, y: u32| match y {
        110..140 => (260..567).contains(&x),
        240..900 => line(y) && (110..(720 - (y / 42 * 37) % 160)).contains(&x),
        _ => {
            let (dx, dy) = (i64::from(x) - 600, i64::from(y) - 1000);
            number == 2 && (78 * 78..84 * 84).contains(&(dx * dx + dy * dy))
        }
    };
    let picture = ImageBuffer::from_fn(width, height, |x, y| Luma([if ink(x, y) { 70_u8 } else { 246 }]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 80).encode_image(&picture).unwrap();
    bytes
}

/// The kiosk's drawing of a signature: strokes of points in thousandths of the pad.
pub fn signature() -> Vec<u8> {
    let mut text = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 1000\" fill=\"none\" stroke=\"black\" \
         stroke-width=\"6\" stroke-linecap=\"round\" stroke-linejoin=\"round\">",
    );
    let strokes: [&dyn Fn(f64) -> (f64, f64); 4] = [
        &|t| (180.0 + 200.0 * t, 300.0 - 30.0 * t),
        &|t| (290.0 - 20.0 * t, 180.0 + 480.0 * t),
        &|t| (260.0 + 150.0 * t, 480.0 + 170.0 * t * t),
        &|t| (470.0 + 340.0 * t, 460.0 + 190.0 * (t * 9.0).sin() * (1.0 - 0.6 * t)),
    ];
    for stroke in strokes {
        text.push_str("<polyline points=\"");
        for step in 0..=40 {
            let (x, y) = stroke(f64::from(step) / 40.0);
            text.push_str(&format!("{},{} ", x.round(), y.round()));
        }
        text.push_str("\"/>");
    }
    text.push_str("</svg>");
    text.into_bytes()
}
