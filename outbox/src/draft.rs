//! What a visit hands over to be kept.

use protocol::envelope::{Attachment, CardRecord};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A finished request, before it has a place in the chain. Wiped on drop; it has no `Debug` because it is a person.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Draft {
    /// The matter's id in the catalogue.
    pub matter: String,
    /// The revision of the matter's data that asked the questions.
    pub matter_revision: u32,
    /// The language of the visit, such as `zh-Hans`.
    pub language: String,
    /// The version of the privacy notice that was shown.
    pub notice_version: String,
    /// When the notice was accepted: Unix seconds.
    pub notice_accepted: i64,
    /// When the request was submitted: Unix seconds.
    pub created: i64,
    /// The identity card's record.
    #[zeroize(skip)]
    pub card: CardRecord,
    /// The answers, `(question, value)`, in the order they were asked.
    pub answers: Vec<(String, String)>,
    /// The date promised to the citizen, `YYYY-MM-DD`.
    pub deadline: String,
    /// Files that belong to it, at most 16.
    pub attachments: Vec<Attachment>,
}
