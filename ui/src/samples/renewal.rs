//! The renewal of an identity card: what is typed, photographed, scanned, committed to, signed and paid.

use std::sync::Arc;

use faults::Fault;
use jiff::civil::date;
use matters::Language;
use session::view::{
    Answer, Asking, Commitment, Confirm, Keys, Page, Paper, PaperRow, Payment, PaymentState, Personal,
    Photograph, Picture, Question, Rejection, Review, Scan, ScanProblem, Shot, Sign, StepKind, Typed, View,
};
use zeroize::Zeroizing;

use super::{done, review, say, view};

pub(super) fn all(language: Language) -> Vec<(&'static str, View)> {
    let renewal = |page| {
        let mut view = view(language, page);
        view.matter = Some(say(language, "身份证到期换新", "Identity card renewal"));
        if let Some(steps) = &mut view.steps {
            steps.total = 6;
            if steps.kind == StepKind::Review {
                steps.current = 6;
            }
            steps.minutes_left = 7 - steps.current;
        }
        view
    };
    let typed =
        |keys, text, known, complaint| renewal(Page::Question(typed(language, keys, text, known, complaint)));
    let photograph = |photograph: Photograph| renewal(Page::Photograph(photograph));
    let scan = |pages, problem| renewal(Page::Scan(scan(language, pages, problem)));
    let done = |acceptance: Option<&str>, state, rating| {
        let paper = if state == PaymentState::Asking { Paper::Printing } else { Paper::Printed };
        let mut done = done(language, acceptance, paper);
        done.fee_yuan = 20;
        done.payment = Some(Payment { yuan: 20, state });
        done.rating = rating;
        renewal(Page::Done(done))
    };
    let accepted = Some("3301082611210047");
    let open = PaymentState::Open {
        qr: "https://pay.example:8444/pay/2026112100000042".to_owned(),
        order: "2026112100000042".to_owned(),
    };
    vec![
        ("confirm-validity", {
            let confirm = Confirm { validity: Some(validity(language)), ..super::confirm(false) };
            renewal(Page::Confirm(confirm))
        }),
        ("confirm-long-validity", {
            let confirm = Confirm { validity: Some(validity(language)), ..super::confirm(true) };
            renewal(Page::Confirm(confirm))
        }),
        ("typed-phone", typed(Keys::Digits, "1381234", false, false)),
        ("typed-empty", typed(Keys::Digits, "", false, false)),
        ("typed-full", typed(Keys::Digits, "13812345678", false, false)),
        ("typed-date", typed(Keys::Date, "198802", false, false)),
        ("typed-date-wrong", typed(Keys::Date, "19880231", false, true)),
        ("typed-number", typed(Keys::IdNumber, "44052419880101", false, false)),
        ("typed-number-wrong", typed(Keys::IdNumber, "440524198801010019", false, true)),
        ("typed-address", typed(Keys::Letters, "", true, false)),
        (
            "typed-address-long",
            typed(
                Keys::Letters,
                "Room 502, Building 3, 128 Jinsha East Road, Longhu District, Shantou",
                true,
                true,
            ),
        ),
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
        ("scan", scan(0, None)),
        ("scan-working", renewal(Page::Scan(Scan { scanning: true, ..self::scan(language, 0, None) }))),
        ("scan-two", scan(2, None)),
        ("scan-blank", scan(1, Some(ScanProblem::Blank))),
        ("scan-fault", scan(0, Some(ScanProblem::Fault(Fault::ScannerUnreachable)))),
        ("scan-many", scan(8, Some(ScanProblem::Blurred))),
        ("commitment", renewal(Page::Commitment(commitment(language, None)))),
        ("commitment-no-scanner", {
            let no_scans = Some(Fault::ScannerUnreachable);
            renewal(Page::Commitment(Commitment { no_scans, ..commitment(language, Some(true)) }))
        }),
        ("commitment-chosen", renewal(Page::Commitment(commitment(language, Some(true))))),
        ("commitment-long", renewal(Page::Commitment(long_commitment(language)))),
        ("review-renewal", renewal(Page::Review(full_review(language)))),
        ("review-counter", {
            let review = Review { portrait: None, portrait_at_counter: true, ..full_review(language) };
            renewal(Page::Review(review))
        }),
        ("review-long", renewal(Page::Review(long_review(language)))),
        ("sign", renewal(Page::Sign(Sign { signed: false }))),
        ("sign-signed", renewal(Page::Sign(Sign { signed: true }))),
        ("done-pay", done(accepted, open, None)),
        ("done-asking", done(accepted, PaymentState::Asking, None)),
        ("done-pay-later", done(None, PaymentState::Later(Fault::PaymentUnavailable), None)),
        ("done-paid", done(accepted, PaymentState::Paid, Some(4))),
    ]
}

/// A question that is typed.
pub fn typed(language: Language, keys: Keys, text: &str, known: bool, complaint: bool) -> Question {
    let (prompt, help, longest, wrong) = match keys {
        Keys::Digits => (
            ("您的手机号码是多少？", "What is your mobile number?"),
            ("新证制好后会发短信告诉您。", "You will get a message when the card is ready."),
            11,
            ("手机号码是 11 位数字。", "A mobile number has 11 digits."),
        ),
        Keys::Date => (
            ("孩子是哪天出生的？", "When was the child born?"),
            ("请按出生证明填写。", "As on the birth certificate."),
            8,
            ("没有这一天，请核对。", "There is no such day. Please check."),
        ),
        Keys::IdNumber => (
            ("监护人的身份证号码是多少？", "What is the guardian's identity number?"),
            ("身份证正面的 18 位号码。", "The 18 characters on the front of the card."),
            18,
            ("号码的最后一位不对，请核对。", "The last character does not match. Please check."),
        ),
        Keys::Letters => (
            ("寄到哪里？", "Where should it be sent?"),
            ("可以直接用身份证上的地址。", "You can take the address on your card."),
            100,
            ("请写上收件的城市。", "Please add the city."),
        ),
    };
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    Question {
        id: "typed".to_owned(),
        prompt: say(language, prompt.0, prompt.1),
        help: say(language, help.0, help.1),
        answered: !complaint && length == longest,
        asking: Asking::Typed(Typed {
            keys,
            text: Personal::new(text),
            longest,
            known: known.then(|| Personal::new("广东省汕头市龙湖区金砂东路128号3栋502室")),
            complaint: complaint.then(|| say(language, wrong.0, wrong.1)),
        }),
    }
}

/// A portrait page with so many portraits.
fn portraits(count: u32, chosen: Option<usize>, tries_left: u32) -> Photograph {
    Photograph {
        shots: (0..count).map(|at| Shot(Arc::new(portrait(at)))).collect(),
        chosen,
        judging: false,
        rejected: vec![],
        tries_left,
        fault: None,
    }
}

/// A drawn head and shoulders of 358 × 441, the size of GA 461.
pub fn portrait(shade: u32) -> Picture {
    draw(358, 441, |x, y| {
        let (dx, dy) = (x - 179.0, y - 190.0);
        let head = (dx / 92.0).powi(2) + (dy / 120.0).powi(2) < 1.0;
        let shoulders = y > 330.0 && (dx / 160.0).powi(2) + ((y - 441.0) / 130.0).powi(2) < 1.0;
        let hair = head && y < 150.0;
        let step = shade as u8 * 12;
        match (hair, head, shoulders) {
            (true, _, _) => [40 + step, 36 + step, 34 + step],
            (_, true, _) => [222 - step, 184 - step, 160 - step],
            (_, _, true) => [58, 74 + step, 110],
            (false, false, false) => [240, 243, 247],
        }
    })
}

/// What a camera shows, as [`crate::ScreenHandle::preview`] takes it: a head in the outline, of the size that the
/// kiosk asks of the camera.
pub fn preview() -> (u32, u32, Vec<u8>) {
    let picture = draw(576, 720, |x, y| {
        let (dx, dy) = (x - 288.0, y - 305.0);
        let oval = (dx / 181.0).powi(2) + (dy / 262.0).powi(2);
        let shoulders = (dx / 300.0).powi(2) + ((y - 730.0) / 150.0).powi(2) < 1.0;
        match (oval, shoulders) {
            (0.97..1.03, _) => [245, 245, 245],
            (0.94..1.06, _) => [30, 30, 30],
            (..0.84, _) if y < 170.0 => [46, 40, 38],
            (..0.84, _) => [214, 176, 152],
            (_, true) => [70, 84, 120],
            (_, false) => [226, 230, 236],
        }
    });
    (picture.width, picture.height, picture.rgb.to_vec())
}

/// A scanned page, small: lines of text and a stamp.
fn page(number: usize) -> Picture {
    draw(200, 283, move |x, y| {
        let line = (y as usize / 12) % 2 == 1 && (24.0..176.0).contains(&x) && (30.0..220.0).contains(&y);
        let short = (y as usize / 24 + number).is_multiple_of(3) && x > 110.0;
        let ring = ((x - 150.0).powi(2) + (y - 236.0).powi(2)).sqrt();
        match (line && !short, (20.0..25.0).contains(&ring)) {
            (_, true) => [190, 50, 44],
            (true, false) => [120, 128, 140],
            (false, false) => [252, 252, 250],
        }
    })
}

fn draw(width: u32, height: u32, colour: impl Fn(f32, f32) -> [u8; 3]) -> Picture {
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)));
    Picture { width, height, rgb: Zeroizing::new(rows.flat_map(|(x, y)| colour(x, y)).collect()) }
}

/// A scan page with so many pages.
pub fn scan(language: Language, pages: usize, problem: Option<ScanProblem>) -> Scan {
    Scan {
        title: say(language, "居住证明", "Proof of residence"),
        help: say(
            language,
            "房产证、租赁合同或居住证，任选一种。",
            "A deed, a lease or a residence permit; one of them.",
        ),
        pages: (0..pages).map(|at| Shot(Arc::new(page(at)))).collect(),
        most: 8,
        scanning: false,
        problem,
    }
}

/// Commit in writing, or bring papers.
pub fn commitment(language: Language, chosen: Option<bool>) -> Commitment {
    Commitment {
        duty: say(
            language,
            "邮寄到家需要证明您住在收件地址。",
            "For delivery by post you must show that you live at that address.",
        ),
        content: say(
            language,
            "我承诺本人居住在所填的收件地址，所填内容真实。",
            "I state that I live at the address I entered and that what I entered is true.",
        ),
        liability: say(
            language,
            "承诺不实的，撤销办理结果，依法处理，并记入信用记录。",
            "If this is false, the result is revoked, the law applies and it enters my credit record.",
        ),
        papers: say(
            language,
            "房产证、租赁合同或居住证，在本机扫描。",
            "A deed, a lease or a residence permit, scanned at this machine.",
        ),
        chosen,
        no_scans: None,
    }
}

/// A commitment of many words.
fn long_commitment(language: Language) -> Commitment {
    let content = say(
        language,
        "我承诺本人长期居住在所填的收件地址，所填内容真实、完整、有效；在领到新证之前地址有变化的，三日内告知办理的派出所。",
        "I state that I live permanently at the address I entered and that what I entered is true, complete and valid; if \
         it changes before I have the new card, I tell the police station within three days.",
    );
    let liability = say(
        language,
        "承诺不实的，撤销办理结果，收回已经发放的证件，依照《居民身份证法》第十六条处理，记入信用记录，以后不再适用告知承诺制。",
        "If this is false, the result is revoked, the card is taken back, article 16 of the Resident Identity Card Law \
         applies, it enters my credit record, and commitments are no longer open to me.",
    );
    Commitment { content, liability, ..commitment(language, None) }
}

/// More answers than on any page, one of them as long as can be.
fn long_review(language: Language) -> Review {
    let mut review = full_review(language);
    let mut more = full_review(language);
    for answer in &mut review.answers {
        if answer.question == "address" {
            answer.answer =
                Personal::new(answer.answer.expose().repeat(3).chars().take(100).collect::<String>());
        }
    }
    review.answers.append(&mut more.answers);
    review
}

/// How long the new card will be valid.
fn validity(language: Language) -> String {
    say(
        language,
        "新证有效期 20 年（26 至 45 周岁）。",
        "The new card is valid for 20 years (aged 26 to 45).",
    )
}

/// Everything that a review can hold.
pub fn full_review(language: Language) -> Review {
    let answer = |question: &str, label: (&str, &str), answer: (&str, &str)| Answer {
        question: question.to_owned(),
        label: say(language, label.0, label.1),
        answer: Personal::new(say(language, answer.0, answer.1)),
    };
    let paper = |paper: &str, label: (&str, &str), pages| PaperRow {
        paper: paper.to_owned(),
        label: say(language, label.0, label.1),
        pages,
    };
    Review {
        portrait: Some(Shot(Arc::new(portrait(0)))),
        signature_follows: true,
        answers: vec![
            answer("collection", ("领取方式", "Collection"), ("邮寄到家", "By post")),
            answer("phone", ("手机号码", "Mobile number"), ("13812345678", "13812345678")),
            answer(
                "address",
                ("邮寄地址", "Postal address"),
                (
                    "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县爱新色里镇依拉齐牛录村三组二十八号附一号",
                    "Room 502, Building 3, 128 Jinsha East Road, Longhu District, Shantou, Guangdong",
                ),
            ),
        ],
        papers: vec![
            paper("residence", ("居住证明", "Proof of residence"), 3),
            paper("kinship", ("亲属关系证明", "Proof of kinship"), 0),
        ],
        fee_yuan: 20,
        deadline: date(2027, 1, 20),
        validity: Some(validity(language)),
        ..review(language)
    }
}
