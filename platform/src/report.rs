//! `list` and `show`: what is stored, with every signature and every link checked again.

use std::path::Path;

use jiff::Timestamp;
use protocol::envelope::check::{self, Question};
use protocol::envelope::{self, Described, Manifest, OpeningKey, Sealed};
use serde::Serialize;

use crate::card::{self, CardText};
use crate::error::PlatformError;
use crate::store::{Store, StoreError, StoredRequest};
use crate::{attachments, ca};

/// One line of `list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The request's name, 64 hex digits.
    pub id: String,
    /// Its kiosk.
    pub kiosk: String,
    /// The kiosk's epoch.
    pub epoch: u32,
    /// Its place in the kiosk's chain.
    pub seq: u64,
    /// The kiosk's number for it.
    pub case_number: String,
    /// Our number for it.
    pub acceptance_number: String,
    /// The matter's id.
    pub matter: String,
    /// When it came, RFC 3339.
    pub received: String,
    /// `verified`, or `invalid` when the stored bytes no longer are what the kiosk signed.
    pub signature: &'static str,
    /// `intact`; `gap` while the request before it is missing; `broken` when that is another one.
    pub chain: &'static str,
}

/// What `show` prints: the signed content. Holds personal data: no `Debug`.
#[derive(Serialize)]
pub struct Shown {
    /// The line of `list`.
    #[serde(flatten)]
    pub listed: Listed,
    /// The signed content; absent when the signature is invalid.
    pub request: Option<Content>,
}

/// The signed content of a request.
#[derive(Serialize)]
pub struct Content {
    /// The revision of the matter's data.
    pub matter_revision: u32,
    /// The language of the visit.
    pub language: String,
    /// The version of the privacy notice.
    pub notice_version: String,
    /// When the notice was accepted, RFC 3339.
    pub notice_accepted: String,
    /// When the request was submitted, RFC 3339.
    pub created: String,
    /// The promised date.
    pub deadline: String,
    /// The answers in order.
    pub answers: Vec<Answer>,
    /// The card's text; absent when the record has none.
    pub card: Option<CardText>,
    /// The length of the card's record.
    pub card_bytes: usize,
    /// The files.
    pub attachments: Vec<File>,
}

/// One file of a request.
#[derive(Serialize)]
pub struct File {
    /// What it is to the request.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// The length of its content.
    pub bytes: u64,
    /// The name of the sealed file, 64 hex digits.
    pub hash: String,
    /// `verified` when the stored file opens; else `invalid`.
    pub content: &'static str,
}

/// One answer.
#[derive(Serialize)]
pub struct Answer {
    /// The question's id.
    pub question: String,
    /// The value given.
    pub value: String,
}

/// Every stored request, in the order they came.
///
/// # Errors
/// [`PlatformError`].
pub fn list(state: &Path) -> Result<Vec<Listed>, PlatformError> {
    let mut listed = Vec::new();
    let keys = ca::opening_keys(state)?;
    let store = Store::open(state)?;
    store.for_each_request(|stored| {
        let manifest = verified(&store, &stored, &keys)?;
        listed.push(line(&store, &stored, manifest.is_some())?);
        Ok(())
    })?;
    Ok(listed)
}

/// One stored request, by its id, its acceptance number or its case number.
///
/// # Errors
/// [`PlatformError::UnknownRequest`].
pub fn show(state: &Path, name: &str) -> Result<Shown, PlatformError> {
    let store = Store::open(state)?;
    let stored = store.find_request(name)?.ok_or_else(|| PlatformError::UnknownRequest(name.to_owned()))?;
    let manifest = verified(&store, &stored, &ca::opening_keys(state)?)?;
    let listed = line(&store, &stored, manifest.is_some())?;
    Ok(Shown { listed, request: manifest.as_ref().map(|manifest| content(state, manifest)) })
}

/// The signed content, when the stored bytes open, are what the kiosk signed, and the columns say the same.
pub(crate) fn verified(
    store: &Store,
    stored: &StoredRequest,
    keys: &[OpeningKey],
) -> Result<Option<Manifest>, StoreError> {
    let Some(key) = store.signing_key(&stored.kiosk, stored.epoch)? else { return Ok(None) };
    let sealed = Sealed::split(&stored.entry).ok().filter(|sealed| sealed.id == stored.id);
    let manifest = sealed.and_then(|sealed| sealed.open(&key, keys).ok());
    Ok(manifest.filter(|manifest| {
        manifest.kiosk == stored.kiosk
            && manifest.epoch == stored.epoch
            && manifest.seq == stored.seq
            && manifest.prev == stored.prev
            && manifest.case_number == stored.case_number
            && manifest.matter == stored.matter
    }))
}

/// What a kiosk asked before any request, as long as it is kept, and when it is still what the kiosk signed.
pub(crate) fn question(
    store: &Store,
    check: &str,
    keys: &[OpeningKey],
) -> Result<Option<Question>, StoreError> {
    let Some((kiosk, epoch, sealed)) = store.question(check)? else { return Ok(None) };
    let Some(key) = store.signing_key(&kiosk, epoch)? else { return Ok(None) };
    let question = check::open(&sealed, &key, keys).ok();
    Ok(question.filter(|question| question.kiosk == kiosk && hex::encode(question.check) == check))
}

/// What `list` says of a request.
pub(crate) fn line(store: &Store, stored: &StoredRequest, verified: bool) -> Result<Listed, StoreError> {
    let before = match stored.seq.checked_sub(1) {
        None | Some(0) => Some([0; 32]),
        Some(seq) => store.id_at(&stored.kiosk, stored.epoch, seq)?,
    };
    let chain = match before {
        Some(id) if id == stored.prev => "intact",
        Some(_) => "broken",
        None => "gap",
    };
    Ok(Listed {
        id: hex::encode(stored.id),
        kiosk: stored.kiosk.clone(),
        epoch: stored.epoch,
        seq: stored.seq,
        case_number: stored.case_number.clone(),
        acceptance_number: stored.acceptance_number.clone(),
        matter: stored.matter.clone(),
        received: time(stored.received),
        signature: if verified { "verified" } else { "invalid" },
        chain,
    })
}

fn content(state: &Path, manifest: &Manifest) -> Content {
    let answer =
        |(question, value): &(String, String)| Answer { question: question.clone(), value: value.clone() };
    Content {
        matter_revision: manifest.matter_revision,
        language: manifest.language.clone(),
        notice_version: manifest.notice_version.clone(),
        notice_accepted: time(manifest.notice_accepted),
        created: time(manifest.created),
        deadline: manifest.deadline.clone(),
        answers: manifest.answers.iter().map(answer).collect(),
        card: card::decode(manifest.card.as_bytes()),
        card_bytes: manifest.card.as_bytes().len(),
        attachments: manifest.attachments.iter().map(|described| file(state, described)).collect(),
    }
}

fn file(state: &Path, described: &Described) -> File {
    let opens = attachments::read(state, &described.hash)
        .is_some_and(|bytes| envelope::open_attachment(&bytes, described).is_ok());
    File {
        name: described.name.clone(),
        media_type: described.media_type.clone(),
        bytes: described.length,
        hash: hex::encode(described.hash),
        content: if opens { "verified" } else { "invalid" },
    }
}

/// RFC 3339 in UTC; a time outside of the calendar stays a number.
fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}
