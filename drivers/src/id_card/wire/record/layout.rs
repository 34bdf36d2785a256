//! The four layouts of the text as data: one table a layout, which both reads and writes.
//!
//! Source: GA/T 490 (citizen, `J`, `I`), the 2023 form by its public description (`Y`).

use zeroize::Zeroizing;

use super::super::payload::TEXT;
use super::super::text::{self, Field};
use super::fields::{FieldError, Fields, Text};
use super::{CardType, RecordError, Sex, ValidTo};

/// Where the character stands that tells the layouts apart.
pub(super) const TYPE_AT: usize = 248;

/// Where the fields of a type of card stand: (name, offset, length), both in bytes.
pub(super) struct Layout {
    card_type: CardType,
    /// The character at [`TYPE_AT`].
    mark: char,
    chinese_name: Field,
    /// In pieces that follow one another; none on cards without such a name.
    english_name: &'static [Field],
    sex: Field,
    birth: Field,
    number: Field,
    valid_from: Field,
    valid_to: Field,
    ethnic_code: Option<Field>,
    nationality: Option<Field>,
    address: Option<Field>,
    issuer: Option<Field>,
    travel_permit: Option<Field>,
    issue_count: Option<Field>,
    old_number_link: Option<Field>,
    version: Option<Field>,
}

const CITIZEN: Layout = Layout {
    card_type: CardType::Citizen,
    mark: ' ',
    chinese_name: ("name", 0, 30),
    english_name: &[],
    sex: ("sex", 30, 2),
    ethnic_code: Some(("ethnicity", 32, 4)),
    birth: ("birth", 36, 16),
    address: Some(("address", 52, 70)),
    number: ("number", 122, 36),
    issuer: Some(("issuer", 158, 30)),
    valid_from: ("valid_from", 188, 16),
    valid_to: ("valid_to", 204, 16),
    nationality: None,
    travel_permit: None,
    issue_count: None,
    old_number_link: None,
    version: None,
};

/// As the citizen's, but for these.
const HMT: Layout = Layout {
    card_type: CardType::Hmt,
    mark: 'J',
    ethnic_code: None,
    travel_permit: Some(("travel_permit", 220, 18)),
    issue_count: Some(("issue_count", 238, 4)),
    ..CITIZEN
};

/// As the citizen's, but for these. The English name goes on where its first 35 characters end: a space at the seam
/// belongs to it.
const PR2023: Layout = Layout {
    card_type: CardType::Pr2023,
    mark: 'Y',
    chinese_name: ("chinese_name", 0, 30),
    english_name: &[("english_name", 52, 70), ("english_name", 220, 22)],
    ethnic_code: None,
    address: None,
    issuer: None,
    issue_count: Some(("issue_count", 32, 4)),
    nationality: Some(("nationality", 242, 6)),
    old_number_link: Some(("old_number_link", 250, 6)),
    ..CITIZEN
};

const PR2017: Layout = Layout {
    card_type: CardType::Pr2017,
    mark: 'I',
    english_name: &[("english_name", 0, 120)],
    sex: ("sex", 120, 2),
    number: ("number", 122, 30),
    nationality: Some(("nationality", 152, 6)),
    chinese_name: ("chinese_name", 158, 30),
    valid_from: ("valid_from", 188, 16),
    valid_to: ("valid_to", 204, 16),
    birth: ("birth", 220, 16),
    version: Some(("version", 236, 4)),
    issuer: Some(("issuer", 240, 8)),
    ethnic_code: None,
    address: None,
    travel_permit: None,
    issue_count: None,
    old_number_link: None,
};

impl Layout {
    /// The layout for the UTF-16 unit at [`TYPE_AT`].
    pub(super) fn of(mark: u16) -> Result<&'static Layout, RecordError> {
        let found =
            [&CITIZEN, &HMT, &PR2023, &PR2017].into_iter().find(|it| u32::from(it.mark) == u32::from(mark));
        found.ok_or(RecordError::Type { code: mark })
    }

    /// The layout of a type of card.
    pub(super) fn for_type(card_type: CardType) -> &'static Layout {
        match card_type {
            CardType::Citizen => &CITIZEN,
            CardType::Hmt => &HMT,
            CardType::Pr2023 => &PR2023,
            CardType::Pr2017 => &PR2017,
        }
    }

    pub(super) fn decode(&self, bytes: &[u8]) -> Result<Fields, RecordError> {
        let maybe = |at: Option<Field>| at.map_or(Ok(None), |at| text::field(bytes, at).map(filled));
        let fields = Fields {
            card_type: self.card_type,
            chinese_name: filled(text::one_dot(&text::field(bytes, self.chinese_name)?)),
            english_name: self.english_name(bytes)?,
            sex: sex(bytes, self.sex)?,
            ethnic_code: maybe(self.ethnic_code)?,
            nationality: maybe(self.nationality)?,
            birth: text::date(bytes, self.birth)?,
            address: maybe(self.address)?,
            number: text::field(bytes, self.number)?,
            issuer: maybe(self.issuer)?,
            valid_from: text::date(bytes, self.valid_from)?,
            valid_to: text::valid_to(bytes, self.valid_to)?,
            travel_permit: maybe(self.travel_permit)?,
            issue_count: maybe(self.issue_count)?,
            old_number_link: maybe(self.old_number_link)?,
            version: maybe(self.version)?,
        };
        check(&fields)?;
        Ok(fields)
    }

    /// The name in Latin letters, its pieces joined as bytes.
    fn english_name(&self, bytes: &[u8]) -> Result<Option<Text>, RecordError> {
        let mut joined = Zeroizing::new(Vec::with_capacity(TEXT));
        for piece in self.english_name {
            joined.extend_from_slice(text::part(bytes, *piece)?);
        }
        text::decode("english_name", &joined).map(filled)
    }

    /// Writes the text. Every value without room is listed.
    pub(super) fn encode(&self, fields: &Fields) -> Result<Zeroizing<Vec<u8>>, Vec<FieldError>> {
        let mut sheet = Sheet { bytes: Zeroizing::new([0x20, 0x00].repeat(TEXT / 2)), errors: Vec::new() };
        sheet.put(&[("type", TYPE_AT, 2)], self.mark.encode_utf8(&mut [0; 4]));
        sheet.put_optional(&fields.chinese_name, "chinese_name", &[self.chinese_name]);
        sheet.put_optional(&fields.english_name, "english_name", self.english_name);
        sheet.put(&[self.sex], sex_code(fields.sex));
        sheet.put_optional(&fields.ethnic_code, "ethnicity", self.ethnic_code.as_slice());
        sheet.put_optional(&fields.nationality, "nationality", self.nationality.as_slice());
        sheet.put(&[self.birth], &text::digits(fields.birth));
        sheet.put_optional(&fields.address, "address", self.address.as_slice());
        sheet.put(&[self.number], &fields.number);
        sheet.put_optional(&fields.issuer, "issuer", self.issuer.as_slice());
        sheet.put(&[self.valid_from], &text::digits(fields.valid_from));
        match fields.valid_to {
            ValidTo::Date(day) => sheet.put(&[self.valid_to], &text::digits(day)),
            ValidTo::LongTerm => sheet.put(&[self.valid_to], text::LONG_TERM),
        }
        sheet.put_optional(&fields.travel_permit, "travel_permit", self.travel_permit.as_slice());
        sheet.put_optional(&fields.issue_count, "issue_count", self.issue_count.as_slice());
        sheet.put_optional(&fields.old_number_link, "old_number_link", self.old_number_link.as_slice());
        sheet.put_optional(&fields.version, "version", self.version.as_slice());
        if sheet.errors.is_empty() { Ok(sheet.bytes) } else { Err(sheet.errors) }
    }
}

/// Refuses a card without name or number, one that ends before it begins, or begins before its holder was born.
fn check(fields: &Fields) -> Result<(), RecordError> {
    if fields.chinese_name.is_none() && fields.english_name.is_none() {
        return Err(RecordError::Empty { field: "name" });
    }
    if fields.number.is_empty() {
        return Err(RecordError::Empty { field: "number" });
    }
    if fields.valid_from < fields.birth {
        return Err(RecordError::Date { field: "valid_from" });
    }
    match fields.valid_to {
        ValidTo::Date(end) if end < fields.valid_from => Err(RecordError::Date { field: "valid_to" }),
        ValidTo::Date(_) | ValidTo::LongTerm => Ok(()),
    }
}

fn filled(text: Text) -> Option<Text> {
    (!text.is_empty()).then_some(text)
}

fn sex(bytes: &[u8], at: Field) -> Result<Sex, RecordError> {
    let code = text::field(bytes, at)?;
    let known = [Sex::Male, Sex::Female, Sex::Unknown, Sex::Unstated];
    known.into_iter().find(|sex| sex_code(*sex) == code.as_str()).ok_or(RecordError::Sex)
}

/// GB/T 2261.1.
const fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Unknown => "0",
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::Unstated => "9",
    }
}

/// A text being written.
struct Sheet {
    bytes: Zeroizing<Vec<u8>>,
    errors: Vec<FieldError>,
}

impl Sheet {
    fn put_optional(&mut self, value: &Option<Text>, field: &'static str, pieces: &[Field]) {
        match value {
            Some(_) if pieces.is_empty() => self.errors.push(FieldError::NotOnCard { field }),
            Some(value) => self.put(pieces, value),
            None => {}
        }
    }

    fn put(&mut self, pieces: &[Field], value: &str) {
        let room: usize = pieces.iter().map(|(_, _, length)| length / 2).sum();
        if value.encode_utf16().count() > room {
            let field = pieces.first().map_or("", |(name, ..)| name);
            self.errors.push(FieldError::TooLong { field, most: room });
            return;
        }
        let places = pieces.iter().flat_map(|(_, at, length)| (*at..at + length).step_by(2));
        for (at, unit) in places.zip(value.encode_utf16()) {
            if let Some(place) = self.bytes.get_mut(at..at + 2) {
                place.copy_from_slice(&unit.to_le_bytes());
            }
        }
    }
}
