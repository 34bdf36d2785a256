//! The record of an identity card: 256 bytes of text in one of four layouts, and the photo as it came.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::text::{self, Field};
use super::{Payload, ethnic, number};

/// What makes a record impossible. Names the field, never its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The lengths in front do not fit the bytes, or no record has such lengths.
    #[error("the record's lengths do not fit its bytes")]
    Lengths,
    /// The character that tells the layouts apart is none of the four.
    #[error("the type of card {code:#06x} is unknown")]
    Type {
        /// The UTF-16 unit at offset 248.
        code: u16,
    },
    /// Half a surrogate pair, a control character or the like.
    #[error("the field {field} holds characters that no card holds")]
    Characters {
        /// The field.
        field: &'static str,
    },
    /// A field that every card of the type carries is blank.
    #[error("the field {field} is empty")]
    Empty {
        /// The field.
        field: &'static str,
    },
    /// A day that is not in the calendar, or an end before its beginning.
    #[error("the field {field} is no possible date")]
    Date {
        /// The field.
        field: &'static str,
    },
    /// The sex is none of the four codes of GB/T 2261.1.
    #[error("the field sex holds an unknown code")]
    Sex,
}

/// The four kinds of card in circulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardType {
    /// Resident identity card.
    Citizen,
    /// Residence permit for Hong Kong, Macao and Taiwan residents.
    Hmt,
    /// Permanent residence card for foreigners, form of 2023.
    Pr2023,
    /// Permanent residence card for foreigners, form of 2017.
    Pr2017,
}

impl CardType {
    /// The word for service commands and requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            CardType::Citizen => "citizen",
            CardType::Hmt => "hmt",
            CardType::Pr2023 => "pr2023",
            CardType::Pr2017 => "pr2017",
        }
    }
}

/// The sex as stored (GB/T 2261.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Code 1.
    Male,
    /// Code 2.
    Female,
    /// Code 0.
    Unknown,
    /// Code 9.
    Unstated,
}

impl Sex {
    /// The word for service commands and requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Sex::Male => "male",
            Sex::Female => "female",
            Sex::Unknown => "unknown",
            Sex::Unstated => "unstated",
        }
    }
}

/// When a card ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidTo {
    /// The last day.
    Date(Date),
    /// Never (长期).
    LongTerm,
}

/// What an identity card says. Personal data: no `Debug`, wiped when dropped.
///
/// Texts are trimmed of padding; the dot in names is U+00B7. What a type of card does not carry is `None`.
pub struct Record {
    fields: Fields,
    raw: Zeroizing<Vec<u8>>,
    photo_at: usize,
}

type Text = Zeroizing<String>;

/// The decoded text.
struct Fields {
    card_type: CardType,
    chinese_name: Option<Text>,
    english_name: Option<Text>,
    sex: Sex,
    ethnic_code: Option<Text>,
    nationality: Option<Text>,
    birth: Date,
    address: Option<Text>,
    number: Text,
    number_valid: bool,
    issuer: Option<Text>,
    valid_from: Date,
    valid_to: ValidTo,
    travel_permit: Option<Text>,
    issue_count: Option<Text>,
    old_number_link: Option<Text>,
    version: Option<Text>,
}

/// Where the character stands that tells the layouts apart.
const TYPE_AT: usize = 248;

impl Record {
    /// Decodes a whole payload: lengths, text and photo.
    ///
    /// A wrong check digit is no error: such cards exist, and [`Record::number_valid`] says it.
    ///
    /// # Errors
    /// Any [`RecordError`]: a record whose lengths, type, characters or dates are impossible is refused as a whole.
    ///
    /// Source: GA/T 490 (citizen, `J`, `I`), the 2023 form by its public description (`Y`).
    pub fn decode(raw: Zeroizing<Vec<u8>>) -> Result<Self, RecordError> {
        let payload = Payload::parse(&raw)?;
        let kind =
            payload.text.get(TYPE_AT..).and_then(<[u8]>::first_chunk::<2>).ok_or(RecordError::Lengths)?;
        let fields = match u16::from_le_bytes(*kind) {
            0x0020 => citizen(payload.text)?,
            0x004A => hmt(payload.text)?,
            0x0059 => permanent_2023(payload.text)?,
            0x0049 => permanent_2017(payload.text)?,
            code => return Err(RecordError::Type { code }),
        };
        let photo_at = raw.len() - payload.photo.len();
        Ok(Record { fields: fields.checked()?, raw, photo_at })
    }

    /// The kind of card.
    pub fn card_type(&self) -> CardType {
        self.fields.card_type
    }

    /// The name to address the holder by: the Chinese one, or the English one where the card has no Chinese one.
    pub fn name(&self) -> &str {
        self.fields
            .chinese_name
            .as_ref()
            .or(self.fields.english_name.as_ref())
            .map_or("", |name| name.as_str())
    }

    /// The name in Chinese characters.
    pub fn chinese_name(&self) -> Option<&str> {
        view(&self.fields.chinese_name)
    }

    /// The name in Latin letters (permanent residence cards).
    pub fn english_name(&self) -> Option<&str> {
        view(&self.fields.english_name)
    }

    /// The sex.
    pub fn sex(&self) -> Sex {
        self.fields.sex
    }

    /// The ethnic group by name (满), or the stored code where the standard has no name for it. Citizens only.
    pub fn ethnicity(&self) -> Option<&str> {
        let code = view(&self.fields.ethnic_code)?;
        Some(ethnic::name(code).unwrap_or(code))
    }

    /// The nationality, usually three letters (permanent residence cards).
    pub fn nationality(&self) -> Option<&str> {
        view(&self.fields.nationality)
    }

    /// The day of birth.
    pub fn birth(&self) -> Date {
        self.fields.birth
    }

    /// The registered address as stored on the card, which may be old.
    pub fn address(&self) -> Option<&str> {
        view(&self.fields.address)
    }

    /// The number, as stored.
    pub fn number(&self) -> &str {
        &self.fields.number
    }

    /// Whether the number ends with its check digit.
    pub fn number_valid(&self) -> bool {
        self.fields.number_valid
    }

    /// Who issued the card; on the 2017 permanent residence card, the code of the accepting authority.
    pub fn issuer(&self) -> Option<&str> {
        view(&self.fields.issuer)
    }

    /// The first day of validity.
    pub fn valid_from(&self) -> Date {
        self.fields.valid_from
    }

    /// The end of validity.
    pub fn valid_to(&self) -> ValidTo {
        self.fields.valid_to
    }

    /// The number of the travel permit (residence permits for Hong Kong, Macao and Taiwan).
    pub fn travel_permit(&self) -> Option<&str> {
        view(&self.fields.travel_permit)
    }

    /// How often the document was issued or renewed, as stored.
    pub fn issue_count(&self) -> Option<&str> {
        view(&self.fields.issue_count)
    }

    /// The link to the number before (permanent residence card of 2023).
    pub fn old_number_link(&self) -> Option<&str> {
        view(&self.fields.old_number_link)
    }

    /// The version of the card (permanent residence card of 2017).
    pub fn version(&self) -> Option<&str> {
        view(&self.fields.version)
    }

    /// All bytes as they came from the card: lengths, text, photo. Usually 1284.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The photo in its own coding (WLT), undecoded. Usually 1024 bytes.
    pub fn photo(&self) -> &[u8] {
        self.raw.get(self.photo_at..).unwrap_or_default()
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // The texts wipe themselves. `Date` cannot, so its bytes are overwritten where the compiler cannot look.
        self.fields.birth = Date::ZERO;
        self.fields.valid_from = Date::ZERO;
        self.fields.valid_to = ValidTo::LongTerm;
        self.fields.sex = Sex::Unstated;
        std::hint::black_box(&raw const *self);
    }
}

fn view(text: &Option<Zeroizing<String>>) -> Option<&str> {
    text.as_ref().map(|text| text.as_str())
}

// The four layouts. A field is (name, offset, length), both in bytes.

fn citizen(text: &[u8]) -> Result<Fields, RecordError> {
    let number = required(text, ("number", 122, 36))?;
    Ok(Fields {
        card_type: CardType::Citizen,
        chinese_name: Some(text::one_dot(&required(text, ("name", 0, 30))?)),
        english_name: None,
        sex: sex(text, ("sex", 30, 2))?,
        ethnic_code: optional(text, ("ethnicity", 32, 4))?,
        nationality: None,
        birth: text::date(text, ("birth", 36, 16))?,
        address: optional(text, ("address", 52, 70))?,
        number_valid: number::gb11643(&number),
        number,
        issuer: optional(text, ("issuer", 158, 30))?,
        valid_from: text::date(text, ("valid_from", 188, 16))?,
        valid_to: text::valid_to(text, ("valid_to", 204, 16))?,
        travel_permit: None,
        issue_count: None,
        old_number_link: None,
        version: None,
    })
}

fn hmt(text: &[u8]) -> Result<Fields, RecordError> {
    let number = required(text, ("number", 122, 36))?;
    Ok(Fields {
        card_type: CardType::Hmt,
        chinese_name: Some(text::one_dot(&required(text, ("name", 0, 30))?)),
        english_name: None,
        sex: sex(text, ("sex", 30, 2))?,
        ethnic_code: None,
        nationality: None,
        birth: text::date(text, ("birth", 36, 16))?,
        address: optional(text, ("address", 52, 70))?,
        number_valid: number::gb11643(&number),
        number,
        issuer: optional(text, ("issuer", 158, 30))?,
        valid_from: text::date(text, ("valid_from", 188, 16))?,
        valid_to: text::valid_to(text, ("valid_to", 204, 16))?,
        travel_permit: optional(text, ("travel_permit", 220, 18))?,
        issue_count: optional(text, ("issue_count", 238, 4))?,
        old_number_link: None,
        version: None,
    })
}

fn permanent_2023(text: &[u8]) -> Result<Fields, RecordError> {
    let number = required(text, ("number", 122, 36))?;
    let chinese_name = optional(text, ("chinese_name", 0, 30))?.map(|name| text::one_dot(&name));
    // Characters 1 to 35 and 36 to 46: joined as bytes, because a space at the seam belongs to the name.
    let mut latin = Zeroizing::new(Vec::with_capacity(92));
    latin.extend_from_slice(text::part(text, ("english_name", 52, 70))?);
    latin.extend_from_slice(text::part(text, ("english_name", 220, 22))?);
    let english_name = filled(text::decode("english_name", &latin)?);
    if chinese_name.is_none() && english_name.is_none() {
        return Err(RecordError::Empty { field: "name" });
    }
    Ok(Fields {
        card_type: CardType::Pr2023,
        chinese_name,
        english_name,
        sex: sex(text, ("sex", 30, 2))?,
        ethnic_code: None,
        nationality: optional(text, ("nationality", 242, 6))?,
        birth: text::date(text, ("birth", 36, 16))?,
        address: None,
        number_valid: number::gb11643(&number),
        number,
        issuer: None,
        valid_from: text::date(text, ("valid_from", 188, 16))?,
        valid_to: text::valid_to(text, ("valid_to", 204, 16))?,
        travel_permit: None,
        issue_count: optional(text, ("issue_count", 32, 4))?,
        old_number_link: optional(text, ("old_number_link", 250, 6))?,
        version: None,
    })
}

fn permanent_2017(text: &[u8]) -> Result<Fields, RecordError> {
    let number = required(text, ("number", 122, 30))?;
    let chinese_name = optional(text, ("chinese_name", 158, 30))?.map(|name| text::one_dot(&name));
    let english_name = optional(text, ("english_name", 0, 120))?;
    if chinese_name.is_none() && english_name.is_none() {
        return Err(RecordError::Empty { field: "name" });
    }
    Ok(Fields {
        card_type: CardType::Pr2017,
        chinese_name,
        english_name,
        sex: sex(text, ("sex", 120, 2))?,
        ethnic_code: None,
        nationality: optional(text, ("nationality", 152, 6))?,
        birth: text::date(text, ("birth", 220, 16))?,
        address: None,
        number_valid: number::icao731(&number),
        number,
        issuer: optional(text, ("issuer", 240, 8))?,
        valid_from: text::date(text, ("valid_from", 188, 16))?,
        valid_to: text::valid_to(text, ("valid_to", 204, 16))?,
        travel_permit: None,
        issue_count: None,
        old_number_link: None,
        version: optional(text, ("version", 236, 4))?,
    })
}

impl Fields {
    /// Refuses a card that ends before it begins, or begins before its holder was born.
    fn checked(self) -> Result<Self, RecordError> {
        if self.valid_from < self.birth {
            return Err(RecordError::Date { field: "valid_from" });
        }
        match self.valid_to {
            ValidTo::Date(end) if end < self.valid_from => Err(RecordError::Date { field: "valid_to" }),
            ValidTo::Date(_) | ValidTo::LongTerm => Ok(self),
        }
    }
}

fn required(text: &[u8], at: Field) -> Result<Text, RecordError> {
    optional(text, at)?.ok_or(RecordError::Empty { field: at.0 })
}

fn optional(text: &[u8], at: Field) -> Result<Option<Text>, RecordError> {
    text::field(text, at).map(filled)
}

fn filled(text: Text) -> Option<Text> {
    (!text.is_empty()).then_some(text)
}

fn sex(text: &[u8], at: Field) -> Result<Sex, RecordError> {
    match text::field(text, at)?.as_str() {
        "1" => Ok(Sex::Male),
        "2" => Ok(Sex::Female),
        "0" => Ok(Sex::Unknown),
        "9" => Ok(Sex::Unstated),
        _ => Err(RecordError::Sex),
    }
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
