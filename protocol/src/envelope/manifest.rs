//! What a request says: version 1.
//!
//! | key | field           | type         |
//! |-----|-----------------|--------------|
//! | 1   | version, 1      | uint         |
//! | 2   | kiosk           | text         |
//! | 3   | epoch           | uint         |
//! | 4   | sequence, from 1| uint         |
//! | 5   | id of the previous request, zeros for the first | bytes (32) |
//! | 6   | case number     | text         |
//! | 7   | matter          | text         |
//! | 8   | matter revision | uint         |
//! | 9   | language        | text         |
//! | 10  | notice version  | text         |
//! | 11  | notice accepted, Unix seconds | int |
//! | 12  | created, Unix seconds         | int |
//! | 13  | deadline, `YYYY-MM-DD`        | text |
//! | 14  | card record     | bytes        |
//! | 15  | answers         | array of `[text, text]` |
//! | 16  | ids of the keys it is sealed to | array of bytes (8) |
//! | 17  | attachments     | array of `{1: name, 2: media type, 3: length, 4: hash, 5: content key}` |
//!
//! The recipients stand inside the signature, so that nobody who opens a request can seal it on to somebody else and
//! have it look as if the kiosk had.
//!
//! A reader refuses further keys: a new field is a new version.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::attachment::Described;
use super::cbor::{self, Writer};
use super::error::EnvelopeError;
use super::sealing::KeyId;
use crate::kiosk_id;

/// The version that is written and read.
pub const VERSION: u64 = 1;

/// Room for everything but the card and the answers.
const FIXED: usize = 1024;

/// The record exactly as the card gave it: text, photo and, where the reader gives their lengths, those too.
///
/// The outbox never looks inside. Only the platform does.
#[derive(Clone)]
pub struct CardRecord(Zeroizing<Vec<u8>>);

impl CardRecord {
    /// Takes the record over.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The record's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The signed content of a request. Wiped on drop; no `Debug`, because it is a person.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Manifest {
    /// The kiosk's id.
    pub kiosk: String,
    /// How often this kiosk was enrolled; a chain belongs to one epoch.
    pub epoch: u32,
    /// The place in the chain, from 1.
    pub seq: u64,
    /// The id of the request before, zeros for the first.
    pub prev: [u8; 32],
    /// The case number, from the kiosk's digits, the date and the sequence.
    pub case_number: String,
    /// The matter's id.
    pub matter: String,
    /// The revision of the matter's data.
    pub matter_revision: u32,
    /// The language of the visit.
    pub language: String,
    /// The version of the privacy notice.
    pub notice_version: String,
    /// When the notice was accepted: Unix seconds.
    pub notice_accepted: i64,
    /// When the request was submitted: Unix seconds.
    pub created: i64,
    /// The promised date, `YYYY-MM-DD`.
    pub deadline: String,
    /// The identity card's record as read.
    #[zeroize(skip)]
    pub card: CardRecord,
    /// The answers, `(question, value)`, in order.
    pub answers: Vec<(String, String)>,
    /// The keys it is sealed to; sealing fills them in.
    pub recipients: Vec<KeyId>,
    /// The files that belong to it.
    pub attachments: Vec<Described>,
}

impl Manifest {
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let answers: usize = self.answers.iter().map(|(q, a)| q.len() + a.len() + 24).sum();
        let texts = self.kiosk.len()
            + self.case_number.len()
            + self.matter.len()
            + self.language.len()
            + self.notice_version.len()
            + self.deadline.len();
        let files: usize = self.attachments.iter().map(Described::room).sum();
        let mut out = Writer::with_capacity(FIXED + texts + answers + files + self.card.as_bytes().len());
        out.map(17);
        out.int(1).uint(VERSION);
        out.int(2).text(&self.kiosk);
        out.int(3).uint(self.epoch.into());
        out.int(4).uint(self.seq);
        out.int(5).bytes(&self.prev);
        out.int(6).text(&self.case_number);
        out.int(7).text(&self.matter);
        out.int(8).uint(self.matter_revision.into());
        out.int(9).text(&self.language);
        out.int(10).text(&self.notice_version);
        out.int(11).int(self.notice_accepted);
        out.int(12).int(self.created);
        out.int(13).text(&self.deadline);
        out.int(14).bytes(self.card.as_bytes());
        out.int(15).array(self.answers.len());
        for (question, answer) in &self.answers {
            out.array(2).text(question).text(answer);
        }
        out.int(16).array(self.recipients.len());
        for id in &self.recipients {
            out.bytes(id);
        }
        out.int(17).array(self.attachments.len());
        for file in &self.attachments {
            file.encode(&mut out);
        }
        out.finish()
    }

    pub(super) fn decode(payload: &[u8]) -> Result<Self, EnvelopeError> {
        let mut fields = cbor::parse(payload)?.into_fields()?;
        let version = fields.next(1)?.int()?;
        if version != VERSION {
            return Err(EnvelopeError::Version(version));
        }
        let manifest = Self {
            kiosk: fields.next(2)?.text()?,
            epoch: fields.next(3)?.int()?,
            seq: fields.next(4)?.int()?,
            prev: fields.next(5)?.hash()?,
            case_number: fields.next(6)?.text()?,
            matter: fields.next(7)?.text()?,
            matter_revision: fields.next(8)?.int()?,
            language: fields.next(9)?.text()?,
            notice_version: fields.next(10)?.text()?,
            notice_accepted: fields.next(11)?.int()?,
            created: fields.next(12)?.int()?,
            deadline: fields.next(13)?.text()?,
            card: CardRecord::new(fields.next(14)?.bytes()?),
            answers: fields.next(15)?.text_pairs()?,
            recipients: fields.next(16)?.byte_strings()?,
            attachments: fields
                .next(17)?
                .maps()?
                .into_iter()
                .map(Described::decode)
                .collect::<Result<_, _>>()?,
        };
        fields.end()?;
        if !kiosk_id::is_valid(&manifest.kiosk) {
            return Err(EnvelopeError::Field(2));
        }
        // A sequence is stored as SQLite's signed integer on both sides.
        if manifest.seq == 0 || i64::try_from(manifest.seq).is_err() {
            return Err(EnvelopeError::Field(4));
        }
        Ok(manifest)
    }
}
