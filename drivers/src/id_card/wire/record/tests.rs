use jiff::civil::date;
use proptest::prelude::*;

use super::samples::{citizen, payload};
use super::*;

fn refusal(raw: Zeroizing<Vec<u8>>) -> RecordError {
    match Record::decode(raw) {
        Ok(_) => panic!("decoded"),
        Err(error) => error,
    }
}

#[test]
fn citizen_in_full() {
    let raw = citizen(&[]);
    let record = Record::decode(raw.clone()).unwrap();
    assert_eq!(record.card_type().as_str(), "citizen");
    assert_eq!(record.name(), "王小明");
    assert_eq!(record.english_name(), None);
    assert_eq!(record.sex().as_str(), "male");
    assert_eq!(record.ethnicity(), Some("满"));
    assert_eq!(record.birth(), date(1880, 1, 1));
    assert_eq!(record.address(), Some("广东省汕头市某某街道1号"));
    assert_eq!(record.number(), "440524188001010014");
    assert!(record.number_valid());
    assert_eq!(record.issuer(), Some("某某市公安局"));
    assert_eq!(record.valid_from(), date(2007, 3, 5));
    assert_eq!(record.valid_to(), ValidTo::Date(date(2027, 3, 5)));
    assert_eq!(record.raw(), raw.as_slice());
    assert_eq!(record.photo(), &raw[260..]);
}

#[test]
fn oddities_that_are_no_errors() {
    let record = Record::decode(citizen(&[(122, "440524188001010015"), (32, "77"), (204, "长期")])).unwrap();
    assert!(!record.number_valid());
    assert_eq!(record.ethnicity(), Some("77"));
    assert_eq!(record.valid_to(), ValidTo::LongTerm);
    let record = Record::decode(citizen(&[(0, "阿卜杜拉•买买提"), (32, "  "), (52, "")])).unwrap();
    assert_eq!(record.name(), "阿卜杜拉·买买提");
    assert_eq!(record.ethnicity(), None);
    assert_eq!(record.address(), None);
}

#[test]
fn residence_permit() {
    let fields = [
        (0, "陈大文"),
        (30, "2"),
        (36, "19940823"),
        (52, "广东省深圳市某某路2号"),
        (122, "810000199408230021"),
        (158, "深圳市公安局"),
        (188, "20200101"),
        (204, "20250101"),
        (220, "H12345678"),
        (238, "01"),
    ];
    let record = Record::decode(payload('J', &fields)).unwrap();
    assert_eq!(record.card_type().as_str(), "hmt");
    assert!(record.number_valid());
    assert_eq!(record.ethnicity(), None);
    assert_eq!(record.travel_permit(), Some("H12345678"));
    assert_eq!(record.issue_count(), Some("01"));
    assert_eq!(record.sex(), Sex::Female);
}

#[test]
fn permanent_residence_2023_joins_its_english_name() {
    let fields = [
        (0, "马丽"),
        (30, "2"),
        (32, "01"),
        (36, "19850101"),
        (52, "MARIA ALEJANDRA DE LOS ANGELES OCH "),
        (122, "932682198501010017"),
        (188, "20240101"),
        (204, "20340101"),
        (220, "OA BECERRIL"),
        (242, "GEO"),
        (250, "123"),
    ];
    let record = Record::decode(payload('Y', &fields)).unwrap();
    assert_eq!(record.card_type().as_str(), "pr2023");
    assert_eq!(record.english_name(), Some("MARIA ALEJANDRA DE LOS ANGELES OCH OA BECERRIL"));
    assert_eq!(record.name(), "马丽");
    assert!(record.number_valid());
    assert_eq!(record.nationality(), Some("GEO"));
    assert_eq!(record.old_number_link(), Some("123"));
    assert_eq!(record.issuer(), None);
}

#[test]
fn permanent_residence_2017_without_a_chinese_name() {
    let fields = [
        (0, "AHMED, KHAN"),
        (120, "1"),
        (122, "PAK310080010103"),
        (152, "PAK"),
        (188, "20170901"),
        (204, "20270831"),
        (220, "19800101"),
        (236, "01"),
        (240, "1500"),
    ];
    let record = Record::decode(payload('I', &fields)).unwrap();
    assert_eq!(record.card_type().as_str(), "pr2017");
    assert_eq!(record.name(), "AHMED, KHAN");
    assert_eq!(record.chinese_name(), None);
    assert!(record.number_valid());
    assert_eq!(record.issuer(), Some("1500"));
    assert_eq!(record.birth(), date(1980, 1, 1));
    assert_eq!(record.version(), Some("01"));
}

#[test]
fn impossible_records_are_refused() {
    assert_eq!(refusal(citizen(&[(248, "Q")])), RecordError::Type { code: 0x51 });
    assert_eq!(refusal(citizen(&[(30, "3")])), RecordError::Sex);
    assert_eq!(refusal(citizen(&[(0, "")])), RecordError::Empty { field: "name" });
    assert_eq!(refusal(citizen(&[(36, "19880230")])), RecordError::Date { field: "birth" });
    assert_eq!(refusal(citizen(&[(204, "20070304")])), RecordError::Date { field: "valid_to" });
    assert_eq!(refusal(citizen(&[(188, "18791231")])), RecordError::Date { field: "valid_from" });
    assert_eq!(refusal(citizen(&[(52, "a\nb")])), RecordError::Characters { field: "address" });

    let mut raw = citizen(&[]);
    raw[4..6].copy_from_slice(&[0x40, 0xD8]);
    assert_eq!(refusal(raw), RecordError::Characters { field: "name" });

    let mut raw = citizen(&[]);
    raw[2] = 0x03;
    assert_eq!(refusal(raw), RecordError::Lengths);
    assert_eq!(refusal(Zeroizing::new(Vec::new())), RecordError::Lengths);
}

#[test]
fn what_has_no_room_is_listed() {
    let mut fields = Record::decode(citizen(&[])).unwrap().fields().clone();
    fields.chinese_name = Some(Text::new("长".repeat(16)));
    fields.address = Some(Text::new("𬭚".repeat(18)));
    fields.english_name = Some(Text::new("A".to_owned()));
    fields.nationality = Some(Text::new("GEO".to_owned()));
    let too_long = |field, most| FieldError::TooLong { field, most };
    assert_eq!(
        fields.encode(&[0; 0x8000]).unwrap_err(),
        [
            too_long("name", 15),
            FieldError::NotOnCard { field: "english_name" },
            FieldError::NotOnCard { field: "nationality" },
            too_long("address", 35),
            too_long("photo", 0x7FFF - 260),
        ]
    );
}

/// The generator wants to show its values; these are made up, but the type stays without `Debug` elsewhere.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a card of type {}", self.card_type.as_str())
    }
}

fn text(most: usize) -> impl Strategy<Value = Text> {
    // Inner and leading spaces belong to a text, trailing ones are padding.
    let pattern = format!("[ A-Z0-9一-龥·㐀-䶵]{{0,{}}}[A-Z一-龥]", most - 1);
    proptest::string::string_regex(&pattern).unwrap().prop_map(Text::new)
}

fn maybe(most: usize) -> impl Strategy<Value = Option<Text>> {
    proptest::option::of(text(most))
}

fn day(years: std::ops::Range<i16>) -> impl Strategy<Value = Date> {
    (years, 1i8..13, 1i8..29).prop_map(|(year, month, day)| date(year, month, day))
}

/// Everything that a card of this type can say.
fn sayings(card_type: CardType) -> impl Strategy<Value = Fields> {
    use CardType::{Citizen, Hmt, Pr2017, Pr2023};
    let on = move |types: &[CardType]| types.contains(&card_type);
    let only = move |types: &'static [CardType], most: usize| {
        maybe(most).prop_map(move |text| text.filter(|_| on(types)))
    };
    let english = match card_type {
        Pr2023 => 46,
        Citizen | Hmt | Pr2017 => 60,
    };
    let number = if card_type == Pr2017 { 15 } else { 18 };
    let issuer = if card_type == Pr2017 { 4 } else { 15 };
    let names =
        (text(15), maybe(15), only(&[Pr2023, Pr2017], english)).prop_map(move |(name, other, latin)| {
            if latin.is_none() { (Some(name), None) } else { (other, latin) }
        });
    let sex = prop_oneof![Just(Sex::Male), Just(Sex::Female), Just(Sex::Unknown), Just(Sex::Unstated)];
    let valid_to = prop_oneof![day(2020..3000).prop_map(ValidTo::Date), Just(ValidTo::LongTerm)];
    let dates = (day(1..1990), day(1990..2020), valid_to);
    let further = (
        only(&[Citizen], 2),
        only(&[Pr2023, Pr2017], 3),
        only(&[Citizen, Hmt], 35),
        only(&[Citizen, Hmt, Pr2017], issuer),
        only(&[Hmt], 9),
        only(&[Hmt, Pr2023], 2),
        only(&[Pr2023], 3),
        only(&[Pr2017], 2),
    );
    (names, sex, text(number), dates, further).prop_map(move |(names, sex, number, dates, further)| Fields {
        card_type,
        chinese_name: names.0,
        english_name: names.1,
        sex,
        ethnic_code: further.0,
        nationality: further.1,
        birth: dates.0,
        address: further.2,
        number,
        issuer: further.3,
        valid_from: dates.1,
        valid_to: dates.2,
        travel_permit: further.4,
        issue_count: further.5,
        old_number_link: further.6,
        version: further.7,
    })
}

fn any_card() -> impl Strategy<Value = Fields> {
    use CardType::{Citizen, Hmt, Pr2017, Pr2023};
    prop_oneof![sayings(Citizen), sayings(Hmt), sayings(Pr2023), sayings(Pr2017)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Both ways round: what is written is read as it was meant, and what was read is written as it was.
    #[test]
    fn writing_is_the_inverse_of_reading(
        fields in any_card(),
        photo in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let bytes = fields.encode(&photo).unwrap();
        let record = Record::decode(bytes.clone()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(*record.fields() == fields);
        prop_assert_eq!(record.photo(), &photo);
        prop_assert!(*record.fields().encode(record.photo()).unwrap() == *bytes);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..1400)) {
        let _ = Record::decode(Zeroizing::new(bytes));
    }

    #[test]
    fn arbitrary_text_never_panics(text in proptest::collection::vec(any::<u8>(), 256), kind in 0..4usize) {
        let mut raw = payload([' ', 'J', 'Y', 'I'][kind], &[]);
        raw[4..252].copy_from_slice(&text[..248]);
        if let Ok(record) = Record::decode(raw) {
            // Whatever a card says can be written, and then says the same.
            let again = Record::decode(record.fields().encode(record.photo()).unwrap()).unwrap();
            prop_assert!(again.fields() == record.fields());
        }
    }

    #[test]
    fn a_flipped_byte_never_panics(at in 0..1284usize, byte: u8) {
        let mut raw = citizen(&[]);
        raw[at] = byte;
        if let Ok(record) = Record::decode(raw) {
            prop_assert_eq!(record.raw().len(), 1284);
            let again = Record::decode(record.fields().encode(record.photo()).unwrap()).unwrap();
            prop_assert!(again.fields() == record.fields());
        }
    }
}
