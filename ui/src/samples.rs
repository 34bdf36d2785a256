//! Views of invented people for the tests and the pictures: every page, in every state that looks different.

pub mod renewal;

use faults::Fault;
use jiff::civil::{date, datetime};
use matters::Language;
use session::view::{
    Answer, Asking, Call, CardPrompt, Choice, Confirm, Display, Done, IdleWarning, Notice, Page, Paper,
    Personal, Question, Refusal, Review, Sex, Sorry, StepKind, Steps, Tile, View, Wipe,
};

/// Every sample by its name, in one language.
pub fn all(language: Language) -> Vec<(&'static str, View)> {
    let mut idle = view(language, Page::Question(question(language, Some(1))));
    idle.idle = Some(IdleWarning { seconds_left: 17 });
    vec![
        ("attract", view(language, Page::Attract)),
        ("out-of-service", view(language, Page::OutOfService(Fault::StoreFull))),
        ("out-of-service-crash", view(language, Page::OutOfService(Fault::CrashLoop))),
        ("home", view(language, Page::Home(tiles(language, 2)))),
        ("home-one", View { call: None, ..view(language, Page::Home(tiles(language, 1))) }),
        ("home-three", view(language, Page::Home(tiles(language, 3)))),
        (
            "home-calling",
            View { call: Some(Call::Calling), ..view(language, Page::Home(tiles(language, 2))) },
        ),
        ("home-many", view(language, Page::Home(tiles(language, 6)))),
        ("notice", view(language, Page::Notice(notice(language)))),
        ("notice-long", {
            let mut notice = notice(language);
            let again = notice.paragraphs.clone();
            notice.paragraphs.extend(again.into_iter().take(2));
            view(language, Page::Notice(notice))
        }),
        ("card-waiting", view(language, Page::PlaceCard(CardPrompt::Waiting))),
        ("card-reading", view(language, Page::PlaceCard(CardPrompt::Reading))),
        ("card-problem", view(language, Page::PlaceCard(CardPrompt::Problem(Fault::CardForeign)))),
        ("confirm", view(language, Page::Confirm(confirm(false)))),
        ("confirm-long", view(language, Page::Confirm(confirm(true)))),
        ("question", view(language, Page::Question(question(language, None)))),
        ("question-chosen", view(language, Page::Question(question(language, Some(0))))),
        ("question-comes", {
            let page = Page::Question(question(language, Some(0)));
            View { call: Some(Call::Comes), ..view(language, page) }
        }),
        ("question-six", view(language, Page::Question(six(language)))),
        ("question-eight", view(language, Page::Question(eight(language)))),
        ("review", view(language, Page::Review(review(language)))),
    ]
    .into_iter()
    .chain(renewal::all(language))
    .chain(endings(language, idle))
    .collect()
}

/// How a visit ends.
fn endings(language: Language, idle: View) -> Vec<(&'static str, View)> {
    vec![
        ("submitting", view(language, Page::Submitting)),
        ("done-registered", view(language, Page::Done(done(language, None, Paper::Printing)))),
        ("done", view(language, Page::Done(done(language, Some("3301082611210047"), Paper::Printed)))),
        (
            "done-no-paper",
            view(language, Page::Done(done(language, None, Paper::Failed(Fault::PrinterPaperOut)))),
        ),
        ("done-no-printer", {
            let mut done = done(language, Some("3301082611210047"), Paper::NoPrinter);
            done.card_present = false;
            view(language, Page::Done(done))
        }),
        ("refusal", view(language, Page::Refusal(refusal(language, true, None)))),
        ("refusal-no-printer", view(language, Page::Refusal(refusal(language, false, None)))),
        ("refusal-printing", view(language, Page::Refusal(refusal(language, true, Some(Paper::Printing))))),
        ("refusal-printed", view(language, Page::Refusal(refusal(language, true, Some(Paper::Printed))))),
        ("refusal-failed", {
            let failed = Some(Paper::Failed(Fault::PrinterPaperOut));
            view(language, Page::Refusal(refusal(language, true, failed)))
        }),
        ("refusal-long", {
            let reason = say(
                language,
                "您的户口不在本市，本人又没有本市的有效居住证，所以不能在本市的自助机上换领居民身份证，只能回户籍地或者先申领居住证。",
                "Your household is not registered in this city and you hold no valid residence permit of it, so your identity \
                 card cannot be renewed at a machine of this city before you hold such a permit.",
            );
            view(language, Page::Refusal(Refusal { reason, ..refusal(language, true, None) }))
        }),
        ("sorry", view(language, Page::Sorry(sorry(Fault::StoreWriteFailed, None)))),
        ("sorry-card", {
            let sorry = Sorry { card_present: true, ..sorry(Fault::StoreLate, None) };
            view(language, Page::Sorry(sorry))
        }),
        ("sorry-saved", view(language, Page::Sorry(sorry(Fault::StoreLate, Some("110101-0007-000012"))))),
        ("wipe", view(language, Page::Wipe(Wipe { card_present: false, alarm: false }))),
        ("wipe-card", view(language, Page::Wipe(Wipe { card_present: true, alarm: false }))),
        ("wipe-alarm", view(language, Page::Wipe(Wipe { card_present: true, alarm: true }))),
        ("idle", idle),
    ]
}

/// A page with what the session shows around it.
pub fn view(language: Language, page: Page) -> View {
    let (step, known, started) = match &page {
        Page::Attract | Page::OutOfService(_) | Page::Home(_) | Page::Wipe(_) => (None, false, false),
        Page::Notice(_) => (Some((1, StepKind::Notice)), false, false),
        Page::PlaceCard(_) | Page::Confirm(_) => (Some((2, StepKind::Identify)), false, false),
        Page::Question(_) => (Some((3, StepKind::Questions)), true, true),
        Page::Photograph(_) => (Some((4, StepKind::Photograph)), true, true),
        Page::Scan(_) | Page::Commitment(_) => (Some((5, StepKind::Papers)), true, true),
        Page::Sign(_) => (Some((5, StepKind::Review)), true, true),
        Page::Review(_) => (Some((5, StepKind::Review)), true, true),
        Page::Submitting => (Some((5, StepKind::Review)), true, true),
        Page::Done(_) | Page::Refusal(_) | Page::Sorry(_) => (None, true, false),
    };
    let outside = matches!(page, Page::Attract | Page::OutOfService(_) | Page::Home(_) | Page::Wipe(_));
    View {
        language,
        display: Display::default(),
        hall: say(language, "城东派出所 自助办理", "Chengdong Police Station"),
        clock: datetime(2026, 11, 21, 9, 41, 0, 0),
        matter: (!outside).then(|| say(language, "开户籍证明", "Household certificate")),
        person: known.then(|| Personal::new("张*丰 · 4405**********0014")),
        steps: step.map(|(current, kind)| Steps { current, total: 5, kind, minutes_left: 6 - current }),
        not_finished: started,
        page,
        idle: None,
        call: Some(Call::Offered),
    }
}

pub(crate) fn say(language: Language, zh_hans: &str, en: &str) -> String {
    match language {
        Language::ZhHans => zh_hans.to_owned(),
        Language::En => en.to_owned(),
    }
}

/// The first matters of an invented catalogue; the sixth cannot be done now.
pub fn tiles(language: Language, count: usize) -> Vec<Tile> {
    let all = [
        (
            "household-certificate",
            "document",
            ("开户籍证明", "Household certificate"),
            (
                "证明您户口登记的内容，由派出所出具并盖章。",
                "A sealed statement of what the household register says about you.",
            ),
            2,
            0,
        ),
        (
            "id-card-renewal",
            "id-card",
            ("身份证到期换新", "Identity card renewal"),
            (
                "身份证到期前三个月起，可以换领新证。",
                "A new card from three months before the old one expires.",
            ),
            4,
            20,
        ),
        (
            "migration",
            "house",
            ("跨省户口迁移", "Move to another province"),
            ("把户口迁到外省，五种情形可以办理。", "Move your household registration, in five cases."),
            8,
            0,
        ),
        (
            "newborn",
            "person",
            ("新生儿落户", "Register a newborn"),
            ("孩子出生后一个月之内登记户口。", "Within a month of the birth."),
            6,
            0,
        ),
        (
            "endorsement",
            "calendar",
            ("居住证签注", "Residence permit endorsement"),
            ("每满一年之前的一个月内签注。", "In the month before each full year."),
            1,
            0,
        ),
        (
            "no-record",
            "document",
            ("无犯罪记录证明", "No-criminal-record certificate"),
            ("证明您没有犯罪记录。", "A statement that you have no criminal record."),
            3,
            0,
        ),
    ];
    all.into_iter()
        .take(count)
        .map(|(id, icon, title, summary, minutes, fee_yuan)| Tile {
            matter: id.to_owned(),
            icon: icon.to_owned(),
            title: say(language, title.0, title.1),
            summary: say(language, summary.0, summary.1),
            bring: say(language, "本人居民身份证", "Your own resident identity card"),
            minutes,
            fee_yuan,
            unavailable: (matches!(id, "no-record") || count == 3 && id == "migration")
                .then_some(Fault::CardReaderMissing),
        })
        .collect()
}

fn notice(language: Language) -> Notice {
    let paragraphs = [
        (
            ("谁收集，做什么用", "Who collects, and why"),
            (
                "本派出所收集您的身份证信息和您的选择，只用于出具这份证明。",
                "This police station collects the data on your identity card and your answers, only to issue this \
                 certificate.",
            ),
        ),
        (
            ("存在哪里，存多久", "Where it is kept, and how long"),
            (
                "提交后送往公安机关平台，按档案规定保存。送达后，本机上的内容即被清除。",
                "After submission it goes to the police platform and is filed by law. Once it has arrived, this machine \
                 erases it.",
            ),
        ),
        (
            ("您的权利", "Your rights"),
            (
                "您可以随时退出，退出前填写的内容不会保留。您也可以改到窗口办理。",
                "You may leave at any time; what you entered is not kept. You may also apply at the counter instead.",
            ),
        ),
    ];
    Notice {
        summary: say(
            language,
            "证明您户口登记的内容，由派出所出具并盖章。",
            "A sealed statement of what the household register says about you.",
        ),
        bring: say(language, "本人居民身份证", "Your own resident identity card"),
        minutes: 2,
        fee_yuan: 0,
        deadline: date(2026, 12, 9),
        paragraphs: paragraphs
            .into_iter()
            .map(|(heading, text)| (say(language, heading.0, heading.1), say(language, text.0, text.1)))
            .collect(),
    }
}

fn confirm(long: bool) -> Confirm {
    Confirm {
        // 㛃 and 𬭚 are outside the faces of the screens: an installed font draws them.
        name: Personal::new(if long {
            "阿卜杜热合曼·阿卜杜热依木·买买提㛃𬭚"
        } else {
            "张三丰"
        }),
        number: Personal::new("4405**********0014"),
        sex: if long { Sex::Female } else { Sex::Male },
        ethnicity: Personal::new(if long { "维吾尔" } else { "汉" }),
        birth: date(1988, 1, 1),
        address: Personal::new(if long {
            "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县爱新色里镇依拉齐牛录村三组二十八号附一号"
        } else {
            "广东省汕头市龙湖区金砂东路128号3栋502室"
        }),
        valid_to: (!long).then(|| date(2027, 3, 5)),
        validity: None,
        card_present: long,
    }
}

/// Value, label and detail of a choice, the latter two in both languages.
type ChoiceWords<'a> = (&'a str, (&'a str, &'a str), (&'a str, &'a str));

fn choices(language: Language, rows: &[ChoiceWords], chosen: Option<usize>) -> Vec<Choice> {
    rows.iter()
        .enumerate()
        .map(|(at, (value, label, detail))| Choice {
            value: (*value).to_owned(),
            label: say(language, label.0, label.1),
            detail: say(language, detail.0, detail.1),
            selected: chosen == Some(at),
        })
        .collect()
}

/// A question of four choices.
pub fn question(language: Language, chosen: Option<usize>) -> Question {
    let rows = [
        (
            "kinship",
            ("亲属关系", "Kinship"),
            ("曾经同户人员之间的关系", "Between persons who once shared a household"),
        ),
        (
            "item-change",
            ("户口项目变更", "Change of an entry"),
            ("姓名、出生日期等项目变更过", "A name, birth date or other entry that was changed"),
        ),
        (
            "cancellation",
            ("注销户口", "Cancelled registration"),
            ("死亡、服现役、出国定居等原因", "After death, military service or settling abroad"),
        ),
        (
            "migration",
            ("户口迁移", "Move of the household"),
            ("何时从何处迁到何处", "When, from where and to where"),
        ),
    ];
    Question {
        id: "certificate".to_owned(),
        prompt: say(language, "您要证明什么？", "What should be certified?"),
        help: say(
            language,
            "只证明户口登记上有的内容。",
            "Only what the household register contains can be certified.",
        ),
        asking: Asking::Choices(choices(language, &rows, chosen)),
        answered: chosen.is_some(),
    }
}

fn six(language: Language) -> Question {
    let rows = [
        ("property", ("继承或房产", "Inheritance or property"), ("", "")),
        ("school", ("入学", "School enrolment"), ("", "")),
        ("social-insurance", ("社会保险", "Social insurance"), ("", "")),
        ("notary", ("公证", "Notarisation"), ("", "")),
        (
            "abroad",
            ("出国或移民", "Going abroad"),
            ("领取时说明国家", "Name the country when you collect it"),
        ),
        ("other", ("其他", "Something else"), ("领取时向窗口说明", "Tell the counter when you collect it")),
    ];
    Question {
        id: "purpose".to_owned(),
        prompt: say(language, "证明用来办什么？", "What is it for?"),
        help: say(language, "用途会写在证明上。", "The purpose will be printed on the certificate."),
        asking: Asking::Choices(choices(language, &rows, Some(4))),
        answered: true,
    }
}

fn eight(language: Language) -> Question {
    let mut all = six(language);
    if let (Asking::Choices(six), Asking::Choices(four)) = (&mut all.asking, question(language, None).asking)
    {
        six.extend(four.into_iter().take(2));
    }
    all
}

/// The check of a matter of two answers.
pub fn review(language: Language) -> Review {
    Review {
        name: Personal::new("张三丰"),
        number: Personal::new("4405**********0014"),
        answers: vec![
            Answer {
                question: "certificate".to_owned(),
                label: say(language, "证明内容", "Certificate"),
                answer: Personal::new(say(language, "亲属关系", "Kinship")),
            },
            Answer {
                question: "purpose".to_owned(),
                label: say(language, "用途", "Purpose"),
                answer: Personal::new(say(
                    language,
                    "继承房产，或者把房产过户给子女、配偶",
                    "Inheritance of property, or its transfer to children or spouse",
                )),
            },
        ],
        fee_yuan: 0,
        deadline: date(2026, 12, 9),
        validity: None,
        portrait: None,
        portrait_at_counter: false,
        papers: vec![],
        signature_follows: false,
    }
}

/// A request on disk, with or without the platform's number.
pub fn done(language: Language, acceptance: Option<&str>, paper: Paper) -> Done {
    Done {
        case_number: "110101-0007-000012".to_owned(),
        acceptance_number: acceptance.map(str::to_owned),
        deadline: date(2026, 12, 9),
        collect: say(
            language,
            "凭本人身份证或本回执，到本派出所户籍窗口领取。",
            "Collect it at this station's household counter with your identity card or this receipt.",
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

/// A rule says no; what became of the slip.
pub fn refusal(language: Language, can_print: bool, slip: Option<Paper>) -> Refusal {
    Refusal {
        reason: say(
            language,
            "您的身份证已过有效期，不能用来证明身份。",
            "Your identity card has expired and no longer proves who you are.",
        ),
        article: say(
            language,
            "《居民身份证法》第十条、第十三条",
            "Resident Identity Card Law, articles 10 and 13",
        ),
        next_place: say(
            language,
            "请先到户籍窗口换领身份证。",
            "Please renew your card at the household counter first.",
        ),
        can_print,
        slip,
    }
}

/// A failure that ends the visit while the card still lies there.
pub fn sorry(fault: Fault, case_number: Option<&str>) -> Sorry {
    Sorry { fault, case_number: case_number.map(str::to_owned), card_present: case_number.is_some() }
}
