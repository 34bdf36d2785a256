//! The record of an identity card: 256 bytes of text in one of four layouts, and the photo as it came.

mod fields;
mod layout;

use jiff::civil::Date;
use standards::{ethnic, number};
use zeroize::Zeroizing;

use super::Payload;
pub use fields::{FieldError, Fields, Text};
use layout::{Layout, TYPE_AT};

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

/// What an identity card says, with the bytes that said it. Personal data: no `Debug`, wiped when dropped.
pub struct Record {
    fields: Fields,
    raw: Zeroizing<Vec<u8>>,
    photo_at: usize,
}

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
        let fields = Layout::of(u16::from_le_bytes(*kind))?.decode(payload.text)?;
        let photo_at = raw.len() - payload.photo.len();
        Ok(Record { fields, raw, photo_at })
    }

    /// What it says, field by field.
    pub fn fields(&self) -> &Fields {
        &self.fields
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
        match self.fields.card_type {
            CardType::Citizen | CardType::Hmt | CardType::Pr2023 => number::gb11643(self.number()),
            CardType::Pr2017 => number::icao731(self.number()),
        }
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

fn view(text: &Option<Text>) -> Option<&str> {
    text.as_ref().map(|text| text.as_str())
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
