//! What is signed and sent: everything the citizen gave, and nothing else.

use jiff::civil::Date;
use matters::Language;
use zeroize::Zeroizing;

/// A request, ready to be signed and written to disk. No `Debug`; what is personal is wiped on drop.
pub struct Request {
    /// The matter's id.
    pub matter: String,
    /// The version of the matter's file.
    pub revision: u32,
    /// The language in which it was asked and answered.
    pub language: Language,
    /// The version of the notice that was accepted.
    pub notice_version: String,
    /// When it was accepted, in seconds since 1970.
    pub notice_accepted: i64,
    /// When it was submitted, in seconds since 1970.
    pub created: i64,
    /// The day of submission at the hall: part of the case number.
    pub day: Date,
    /// The last day by which it is handled, as promised to the citizen.
    pub deadline: Date,
    /// The card's record, untouched.
    pub record: Zeroizing<Vec<u8>>,
    /// Each question's id with the answer.
    pub answers: Vec<(String, Zeroizing<String>)>,
    /// 告知承诺: `true` when the citizen committed in writing; `None` where there was nothing to commit to.
    pub committed: Option<bool>,
    /// True when the portrait is taken at the counter.
    pub portrait_at_counter: bool,
    /// Portrait, pages and signature.
    pub attachments: Vec<Attachment>,
}

/// A file of a request. No `Debug`; wiped on drop.
pub struct Attachment {
    /// `portrait`, `signature`, or a paper's id with the page's number.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: Zeroizing<Vec<u8>>,
}
