//! Where a chain goes on: places, case numbers, signed and sealed requests.

use jiff::civil::Date;
use protocol::envelope::{self, Manifest, RequestId};
use rusqlite::Connection;

use super::Prepared;
use crate::keys::Keys;
use crate::store::error::SubmitError;
use crate::store::rows::{self, NewRow, Place};
use crate::store::{Saved, second_copy};

/// The chain as a batch makes it longer.
pub(super) struct Chain<'a> {
    pub(super) kiosk: &'a str,
    pub(super) keys: &'a Keys,
    /// Where the next request goes.
    pub(super) next: Place,
    /// For the second copy.
    pub(super) records: Vec<u8>,
    pub(super) new: Vec<RequestId>,
}

impl Chain<'_> {
    /// Signs, seals and writes a request. The inner result is the request's own trouble, the outer one the disk's.
    pub(super) fn save(
        &mut self,
        connection: &Connection,
        prepared: &mut Prepared,
    ) -> rusqlite::Result<Result<Saved, SubmitError>> {
        let (place, Prepared { draft, date, key, files }) = (self.next, prepared);
        let Some(key) = key.take() else { return Ok(Err(SubmitError::NoSealingKeys)) };
        let mut manifest = Manifest {
            kiosk: self.kiosk.to_owned(),
            epoch: place.epoch,
            seq: place.seq,
            prev: place.prev,
            case_number: case_number(self.kiosk, *date, place.epoch, place.seq),
            matter: std::mem::take(&mut draft.matter),
            matter_revision: draft.matter_revision,
            language: std::mem::take(&mut draft.language),
            notice_version: std::mem::take(&mut draft.notice_version),
            notice_accepted: draft.notice_accepted,
            created: draft.created,
            deadline: std::mem::take(&mut draft.deadline),
            card: draft.card.clone(),
            answers: std::mem::take(&mut draft.answers),
            recipients: Vec::new(),
            attachments: files.iter().map(|(file, _)| file.clone()).collect(),
        };
        let sealed = match envelope::seal_with(&mut manifest, self.keys.signing(), *key) {
            Ok(sealed) => sealed,
            Err(error) => return Ok(Err(SubmitError::Envelope(error))),
        };
        let attachments: Vec<_> = files.iter().map(|(file, bytes)| (file.hash, *bytes)).collect();
        let (case_number, created) = (manifest.case_number.clone(), manifest.created);
        let row =
            NewRow { place, case_number: &case_number, created, sealed: &sealed, attachments: &attachments };
        rows::insert(connection, &row)?;
        self.records.extend(second_copy::encode(place, &case_number, created, &sealed));
        self.new.push(sealed.id);
        self.next = place.after(sealed.id);
        Ok(Ok(Saved { case_number, id: sealed.id, seq: place.seq }))
    }
}

/// The kiosk's id, the date as YYMMDD, the sequence in at least five digits: `110101-0007-261121-00047`. Groups that can
/// be read out, and 24 characters: one line of large type on 80 mm paper.
///
/// Sequences begin anew in each epoch, and an epoch may begin within a day: from the second on it stands before the
/// sequence, `110101-0007-261121-02-00001`.
pub(crate) fn case_number(kiosk: &str, date: Date, epoch: u32, seq: u64) -> String {
    let year = date.year().rem_euclid(100);
    let epoch = if epoch > 1 { format!("{epoch:02}-") } else { String::new() };
    format!("{kiosk}-{year:02}{:02}{:02}-{epoch}{seq:05}", date.month(), date.day())
}
