//! A question with choices.

use matters::Language;
use session::view::{Asking, Call, Choice, Page, Question, View};

use super::{Found, Named, Words, say, view};

pub fn views(language: Language) -> Vec<Named> {
    let asked = |question| view(language, Page::Question(question));
    vec![
        ("question", asked(question(language, None))),
        ("question-chosen", asked(question(language, Some(0)))),
        ("question-comes", View { call: Some(Call::Comes), ..asked(question(language, Some(0))) }),
        ("question-six", asked(six(language))),
        ("question-eight", asked(eight(language))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("question", ["您要证明什么？", "What should be certified?"],
        [&["亲属关系", "户口项目变更", "注销户口", "户口迁移", "返回", "请先选一项"],
         &["Kinship", "Change of an entry", "Cancelled registration", "Move of the household", "Back", "Please choose one"]]),
    ("question-chosen", ["您要证明什么？", "What should be certified?"],
        [&["亲属关系", "户口项目变更", "注销户口", "户口迁移", "返回", "继续"],
         &["Kinship", "Change of an entry", "Cancelled registration", "Move of the household", "Back", "Continue"]]),
];

/// A question of four choices.
pub fn question(language: Language, chosen: Option<usize>) -> Question {
    let rows = [
        (
            "kinship",
            ["亲属关系", "Kinship"],
            ["曾经同户人员之间的关系", "Between persons who once shared a household"],
        ),
        (
            "item-change",
            ["户口项目变更", "Change of an entry"],
            ["姓名、出生日期等项目变更过", "A name, birth date or other entry that was changed"],
        ),
        (
            "cancellation",
            ["注销户口", "Cancelled registration"],
            ["死亡、服现役、出国定居等原因", "After death, military service or settling abroad"],
        ),
        (
            "migration",
            ["户口迁移", "Move of the household"],
            ["何时从何处迁到何处", "When, from where and to where"],
        ),
    ];
    Question {
        id: "certificate".to_owned(),
        prompt: say(language, ["您要证明什么？", "What should be certified?"]),
        help: say(
            language,
            ["只证明户口登记上有的内容。", "Only what the household register contains can be certified."],
        ),
        asking: Asking::Choices(choices(language, &rows, chosen)),
        answered: chosen.is_some(),
    }
}

fn six(language: Language) -> Question {
    let rows = [
        ("property", ["继承或房产", "Inheritance or property"], ["", ""]),
        ("school", ["入学", "School enrolment"], ["", ""]),
        ("social-insurance", ["社会保险", "Social insurance"], ["", ""]),
        ("notary", ["公证", "Notarisation"], ["", ""]),
        (
            "abroad",
            ["出国或移民", "Going abroad"],
            ["领取时说明国家", "Name the country when you collect it"],
        ),
        ("other", ["其他", "Something else"], ["领取时向窗口说明", "Tell the counter when you collect it"]),
    ];
    Question {
        id: "purpose".to_owned(),
        prompt: say(language, ["证明用来办什么？", "What is it for?"]),
        help: say(language, ["用途会写在证明上。", "The purpose will be printed on the certificate."]),
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

/// Value, label and detail of a choice.
type ChoiceWords<'a> = (&'a str, Words<'a>, Words<'a>);

fn choices(language: Language, rows: &[ChoiceWords], chosen: Option<usize>) -> Vec<Choice> {
    rows.iter()
        .enumerate()
        .map(|(at, (value, label, detail))| Choice {
            value: (*value).to_owned(),
            label: say(language, *label),
            detail: say(language, *detail),
            selected: chosen == Some(at),
        })
        .collect()
}
