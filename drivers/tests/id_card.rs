//! The built-in cards of the bench, decoded: encoder and decoder were written apart, from the same standards.

// The lints know tests by `#[test]`, not the helpers between them.
#![allow(clippy::unwrap_used)]

use drivers::id_card::{CardType, Record, RecordError, Sex, ValidTo};
use jiff::civil::date;
use simulators::card::{BUILT_IN, load};

fn decode(name: &str) -> Result<Record, RecordError> {
    Record::decode(load(name).unwrap().file.into())
}

#[test]
fn sound_cards_decode() {
    let sound = [
        ("zhang", CardType::Citizen, "张伟", true),
        ("li", CardType::Citizen, "李秀兰", true),
        ("rare-name", CardType::Citizen, "欧阳\u{2CB5A}㐂·阿卜杜热合曼", true),
        ("long-name", CardType::Citizen, "买买提热依木·阿卜杜克里木汗江", true),
        ("wrong-check-digit", CardType::Citizen, "赵试", false),
        ("expired", CardType::Citizen, "钱过期", true),
        ("ending", CardType::Citizen, "周到期", true),
        ("hmt", CardType::Hmt, "陈大文", true),
        ("pr2023", CardType::Pr2023, "玛丽亚", true),
        ("pr2017", CardType::Pr2017, "KHAN, AHMED", true),
    ];
    for (card, kind, name, number_valid) in sound {
        let record = decode(card).unwrap_or_else(|error| panic!("{card}: {error}"));
        assert_eq!((record.card_type(), record.name()), (kind, name), "{card}");
        assert_eq!(record.number_valid(), number_valid, "{card}");
        assert_eq!(record.photo().len(), 1024, "{card}");
    }
    let li = decode("li").unwrap();
    assert_eq!((li.sex(), li.ethnicity(), li.valid_to()), (Sex::Female, Some("满"), ValidTo::LongTerm));
    assert_eq!(decode("expired").unwrap().valid_to(), ValidTo::Date(date(2019, 3, 1)));
    let english = decode("pr2023").unwrap();
    assert_eq!(english.english_name(), Some("MARIA ALEJANDRA DE LOS ANGELES OCHOA BECERRIL"));
}

#[test]
fn hostile_cards_are_refused() {
    for (card, expected) in [
        ("surrogate", RecordError::Characters { field: "name" }),
        ("length-lies", RecordError::Lengths),
        ("bad-date", RecordError::Date { field: "birth" }),
        ("bank-card", RecordError::Lengths),
    ] {
        assert_eq!(decode(card).err(), Some(expected), "{card}");
    }
    assert_eq!(BUILT_IN.len(), 15, "a new card needs its line here");
}
