//! Is this you?

use jiff::civil::date;
use matters::Language;
use session::view::{Confirm, Page, Personal, Sex};

use super::{Found, Named, renewal, validity, view};

pub fn views(language: Language) -> Vec<Named> {
    let validity = Some(validity(language));
    let with_validity = |long| Confirm { validity: validity.clone(), ..confirm(long) };
    vec![
        ("confirm", view(language, Page::Confirm(confirm(false)))),
        ("confirm-long", view(language, Page::Confirm(confirm(true)))),
        ("confirm-validity", renewal(language, Page::Confirm(with_validity(false)))),
        ("confirm-long-validity", renewal(language, Page::Confirm(with_validity(true)))),
    ]
}

#[rustfmt::skip]
pub const FOUND: &[Found] = &[
    ("confirm", ["这是您本人吗？", "Is this you?"], [&["返回", "是我，继续"], &["Back", "Yes, continue"]]),
    ("confirm-validity", ["新证有效期 20 年（26 至 45 周岁）。", "The new card is valid for 20 years (aged 26 to 45)."],
        [&["返回", "是我，继续"], &["Back", "Yes, continue"]]),
];

/// A card, or the longest that there is.
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
