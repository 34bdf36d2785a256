//! The values of a record, and how they are written: the inverse of reading.

use faults::Fault;
use jiff::civil::Date;
use zeroize::Zeroizing;

use super::super::Payload;
use super::super::payload::LARGEST_PHOTO;
use super::layout::Layout;
use super::{CardType, Sex, ValidTo};

/// A text of a record.
pub type Text = Zeroizing<String>;

/// What the text of a record says. Personal data: no `Debug`, wiped when dropped.
///
/// Texts are without padding and never empty; the dot in names is U+00B7. What a type of card does not carry is `None`.
#[derive(Clone, PartialEq, Eq)]
pub struct Fields {
    /// The kind of card, which decides the layout.
    pub card_type: CardType,
    /// The name in Chinese characters. Each card has this name or the English one.
    pub chinese_name: Option<Text>,
    /// The name in Latin letters (permanent residence cards).
    pub english_name: Option<Text>,
    /// The sex.
    pub sex: Sex,
    /// The ethnic group's code (GB/T 3304). Citizens only.
    pub ethnic_code: Option<Text>,
    /// The nationality, usually three letters (permanent residence cards).
    pub nationality: Option<Text>,
    /// The day of birth.
    pub birth: Date,
    /// The registered address.
    pub address: Option<Text>,
    /// The number.
    pub number: Text,
    /// Who issued the card; on the 2017 permanent residence card, the code of the accepting authority.
    pub issuer: Option<Text>,
    /// The first day of validity.
    pub valid_from: Date,
    /// The end of validity.
    pub valid_to: ValidTo,
    /// The number of the travel permit (residence permits for Hong Kong, Macao and Taiwan).
    pub travel_permit: Option<Text>,
    /// How often the document was issued or renewed.
    pub issue_count: Option<Text>,
    /// The link to the number before (permanent residence card of 2023).
    pub old_number_link: Option<Text>,
    /// The version of the card (permanent residence card of 2017).
    pub version: Option<Text>,
}

/// A value that cannot stand on the card. Names the field, never its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The value is longer than its field.
    #[error("the field {field} has room for {most} characters")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Its room in UTF-16 units: one for almost every character, two for rare ones. For the photo, bytes.
        most: usize,
    },
    /// This type of card has no such field.
    #[error("such a card has no field {field}")]
    NotOnCard {
        /// The field.
        field: &'static str,
    },
}

impl FieldError {
    /// The code of this failure.
    pub fn fault(&self) -> Fault {
        match self {
            FieldError::TooLong { .. } | FieldError::NotOnCard { .. } => Fault::CardRecordInvalid,
        }
    }
}

impl Fields {
    /// Writes the whole payload: lengths, text in the layout of the type of card, photo as it is in its own coding.
    ///
    /// The inverse of [`Record::decode`](super::Record::decode), which gives these fields back. What is impossible
    /// beyond a field's room (an end before the beginning, a control character) is refused there, not here.
    ///
    /// # Errors
    /// Every value that has no room on this type of card.
    pub fn encode(&self, photo: &[u8]) -> Result<Zeroizing<Vec<u8>>, Vec<FieldError>> {
        let written = Layout::for_type(self.card_type).encode(self);
        if photo.len() <= LARGEST_PHOTO {
            return written.map(|text| Payload { text: &text, photo }.emit());
        }
        let mut errors = written.err().unwrap_or_default();
        errors.push(FieldError::TooLong { field: "photo", most: LARGEST_PHOTO });
        Err(errors)
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        // The texts wipe themselves. `Date` cannot, so its bytes are overwritten where the compiler cannot look.
        self.birth = Date::ZERO;
        self.valid_from = Date::ZERO;
        self.valid_to = ValidTo::LongTerm;
        self.sex = Sex::Unstated;
        std::hint::black_box(&raw const *self);
    }
}
