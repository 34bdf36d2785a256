//! What is signed and sent: everything the citizen gave, and nothing else.

use jiff::civil::Date;
use matters::Language;
use zeroize::Zeroizing;

use crate::draft::Draft;
use crate::event::Now;

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

/// The name of the portrait in a request and in [`crate::Action::Change`].
pub(crate) const PORTRAIT: &str = "portrait";
const JPEG: &str = "image/jpeg";
const SVG: &str = "image/svg+xml";

impl Request {
    /// Takes everything out of a draft; `None` while nobody is known or has accepted the notice.
    pub(crate) fn new(draft: &mut Draft, language: Language, now: Now) -> Option<Request> {
        let photographs = draft.photographs(now);
        let committed = draft.given.committed.filter(|_| draft.may_commit(now));
        let attachments = attachments(draft, now);
        let portrait_at_counter = photographs && !attachments.iter().any(|file| file.name == PORTRAIT);
        let (consent, citizen, matter) = (draft.consent?, draft.person.take()?, &draft.matter);
        let day = now.wall.date();
        Some(Request {
            matter: matter.id.clone(),
            revision: matter.revision,
            language,
            notice_version: matter.notice.version.clone(),
            notice_accepted: consent.unix,
            created: now.unix,
            day,
            deadline: matter.deadline(day),
            record: citizen.record,
            answers: draft
                .given
                .form
                .answers()
                .map(|(q, v)| (q.to_owned(), Zeroizing::new(v.to_owned())))
                .collect(),
            committed,
            portrait_at_counter,
            attachments,
        })
    }
}

/// Everything that travels as a file beside the answers.
fn attachments(draft: &mut Draft, now: Now) -> Vec<Attachment> {
    let mut attachments = Vec::new();
    if let Some(chosen) = draft.chosen_portrait(now) {
        let taken = draft.given.portrait.taken.swap_remove(chosen);
        attachments.push(Attachment { name: PORTRAIT.to_owned(), media_type: JPEG, bytes: taken.jpeg });
    }
    let wanted: Vec<(usize, String)> = draft.wanted(now).map(|(at, paper)| (at, paper.id.clone())).collect();
    for (at, id) in wanted {
        let pages = draft.given.papers.get_mut(at).map(|paper| std::mem::take(&mut paper.pages));
        for (number, page) in pages.unwrap_or_default().into_iter().enumerate() {
            let name = format!("{id}-{}", number + 1);
            attachments.push(Attachment { name, media_type: JPEG, bytes: page.jpeg });
        }
    }
    if draft.given.signature.is_one() {
        let bytes = draft.given.signature.svg();
        attachments.push(Attachment { name: "signature".to_owned(), media_type: SVG, bytes });
    }
    attachments
}
