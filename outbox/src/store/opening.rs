//! The writer's way into the store: open, check, repair, rebuild.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use faults::Fault;
use rusqlite::TransactionBehavior;

use super::check::{self, ChainReport, Walk};
use super::error::OpenError;
use super::rows::NewRow;
use super::second_copy::{self, Found, Record};
use super::writer::{Failed, Writer, chain_end, now};
use super::{recover, rows, schema};

impl Writer {
    /// Opens the database without looking into it.
    ///
    /// # Errors
    /// [`OpenError::Damaged`] too when there is none though there were requests: SQLite would begin a new one, and the
    /// sweep after it would take every file.
    pub(super) fn open(&mut self) -> Result<(), OpenError> {
        self.connection = None;
        if recover::is_missing(&self.dir, &self.copy) {
            return Err(OpenError::Damaged("it is missing".to_owned()));
        }
        let key = self.keys.verifying_key();
        let opened = schema::open(&self.dir, &self.kiosk, &key, self.epoch);
        let mut connection = opened.map_err(|error| {
            let is_anothers =
                matches!(error, OpenError::OtherKiosk(_) | OpenError::OtherKey | OpenError::Epoch { .. });
            // Somebody else's store would have somebody else's second copy.
            if is_anothers && self.copy.is_of(&self.kiosk, key.as_bytes(), self.epoch) {
                OpenError::Damaged(error.to_string())
            } else {
                error
            }
        })?;
        let frozen = schema::meta(&connection, "frozen").map_err(OpenError::Database)?.is_some();
        self.shared.set_frozen(frozen);
        self.epochs = Some(schema::epochs(&connection).map_err(OpenError::Database)?);
        (self.prepare)(&mut connection);
        self.connection = Some(connection);
        self.checked = false;
        Ok(())
    }

    /// Puts back what the second copy has and the end of the database has lost: SQLite drops everything behind a torn
    /// frame of its log without a word. It happens before serving, so that no place is given twice.
    ///
    /// A request that was appended but not committed when the power went comes back too: it is whole, the citizen had
    /// submitted it, and nobody was told that it was refused.
    /// One that the citizen was told was not taken stays away.
    ///
    /// # Errors
    /// The database's: then nothing may be taken, or a place would be given twice.
    pub(super) fn catch_up(&mut self) -> rusqlite::Result<()> {
        let Self { connection: Some(connection), epochs: Some(epochs), copy, files, kiosk, .. } = self else {
            return Ok(());
        };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut place = rows::next_place(&transaction, epochs.current())?;
        let Ok(end) = copy.extent_since(place.number) else { return Ok(()) };
        // Of two records of one place the newer was committed: the older one was taken back.
        let (mut newest, mut at) = (BTreeMap::new(), 0u64);
        let noted = end.scan(|found| {
            if let Found::Record(record) = found {
                at += 1;
                newest.insert((record.epoch, record.seq), at);
            }
        });
        if noted.is_err() || !newest.contains_key(&(place.epoch, place.seq)) {
            return Ok(());
        }
        let (mut at, mut failed) = (0, None);
        let read = end.scan(|found| {
            let Found::Record(record) = found else { return };
            at += 1;
            let here = (place.epoch, place.seq);
            if failed.is_some() || (record.epoch, record.seq) != here || newest.get(&here) != Some(&at) {
                return;
            }
            match schema::is_refused(&transaction, &record.sealed.id) {
                Ok(false) => {}
                Ok(true) => return,
                Err(error) => return failed = Some(error),
            }
            let Some(outer) = epochs.key(place.epoch).and_then(|key| record.sealed.check(key).ok()) else {
                return;
            };
            if (outer.kiosk.as_str(), outer.epoch, outer.seq, outer.prev)
                != (kiosk, here.0, here.1, place.prev)
            {
                return;
            }
            let attachments: Vec<_> =
                outer.attachments.iter().map(|hash| (*hash, files.length(hash))).collect();
            let row = NewRow {
                place,
                case_number: &record.case_number,
                created: record.created,
                sealed: &record.sealed,
                attachments: &attachments,
            };
            match rows::insert(&transaction, &row).and_then(|()| rows::next_place(&transaction, here.0)) {
                Ok(next) => {
                    self.restored.push(here.1);
                    place = next;
                }
                Err(error) => failed = Some(error),
            }
        });
        match failed {
            Some(error) => Err(error),
            None if self.restored.is_empty() || read.is_err() => Ok(()),
            None => transaction.commit(),
        }
    }

    /// What the check behind the start compares: the number that the next request gets, and the second copy as it is.
    pub(super) fn begun(&self) -> (u64, std::io::Result<second_copy::Extent>) {
        let next = self.connection.as_ref().zip(self.epochs.as_ref());
        let next = next.and_then(|(connection, epochs)| rows::next_place(connection, epochs.current()).ok());
        // The database first: whatever is in it was appended before.
        (next.map_or(0, |next| next.number), self.copy.extent())
    }

    /// After a failure: open, look, and only then go on.
    pub(super) fn reopen(&mut self) -> Result<(), OpenError> {
        let reopened = self.try_reopen();
        if reopened.is_err() {
            // One that was not looked at to the end is not worked with.
            self.connection = None;
        }
        reopened
    }

    fn try_reopen(&mut self) -> Result<(), OpenError> {
        let found = self.open().and_then(|()| self.settle_refused()).and_then(|()| match &self.connection {
            Some(connection) => {
                check::database(connection)?;
                let walk = check::walk(connection, &self.kiosk, &self.files, &|| false)?;
                Ok(walk.with_copy(connection, u64::MAX, self.copy.extent()))
            }
            None => Ok(Walk::default()),
        });
        match found {
            Ok(walk) => {
                self.shared.open_reader(&self.dir)?;
                self.take_in(walk)
            }
            Err(error) => self.rebuild_after(error),
        }
    }

    /// Rebuilds the database if it was found damaged and nobody else has it open; otherwise gives the error back.
    pub(super) fn rebuild_after(&mut self, error: OpenError) -> Result<(), OpenError> {
        if error.fault() != Fault::StoreDamaged {
            return Err(error);
        }
        self.connection = None;
        tracing::error!(%error, code = error.fault().code(), "the database is damaged");
        if self.take_alone()? { self.rebuild() } else { Err(error) }
    }

    fn take_alone(&mut self) -> Result<bool, OpenError> {
        let path = &self.dir;
        self.turn.take_alone().map_err(|source| OpenError::File { path: path.clone(), source })
    }

    /// Writes down which requests the citizen was told were not taken: after a failed sync their frames may still stand in
    /// the log, unseen, and a power cut would bring them back. What is written now lies over them. Those that came back
    /// already are held.
    fn settle_refused(&mut self) -> Result<(), OpenError> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        if self.refused.is_empty() {
            return Ok(());
        }
        let refused = &self.refused;
        let settled = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for id in refused {
                schema::set_refused(&transaction, id)?;
                rows::hold(&transaction, id, Some(Fault::StoreWriteFailed.code()), now())?;
            }
            transaction.commit()
        })();
        settled.map_err(OpenError::Database)?;
        self.refused.clear();
        Ok(())
    }

    /// Does that at once after a failed commit, before the citizen is told: until then a power cut may bring the request
    /// back, and afterwards not. A connection opened for it is not worked with: the next command opens the store and looks.
    pub(super) fn refuse_for_good(&mut self) {
        if self.refused.is_empty() {
            return;
        }
        let was_open = self.connection.is_some();
        let opened = if was_open { Ok(()) } else { self.open() };
        let settled = opened.and_then(|()| self.settle_refused());
        if !was_open || settled.is_err() {
            self.connection = None;
        }
        if let Err(error) = settled {
            tracing::error!(%error, code = error.fault().code(), "what was refused may come back after a power cut");
        }
    }

    /// What the check behind serving found.
    pub(super) fn heed(&mut self, result: Result<Walk, OpenError>) {
        let heeded = match result {
            // Meanwhile the store was opened again and checked then.
            _ if self.checked || self.connection.is_none() => Ok(()),
            // A short command ended before its check: the next start checks again.
            Err(_) if self.shared.closing.load(Ordering::Relaxed) => Ok(()),
            Ok(walk) => self.take_in(walk),
            Err(error) => {
                if error.fault() == Fault::StoreDamaged {
                    self.shared.close_reader();
                }
                self.rebuild_after(error)
            }
        };
        if let Err(error) = heeded {
            tracing::error!(%error, code = error.fault().code(), "the store is not checked: nothing is erased");
            self.shared.write_failed(Some(error.fault()));
            self.shared.checked(ChainReport::default());
        }
    }

    /// Puts the database aside and goes on with a new one.
    pub(super) fn rebuild(&mut self) -> Result<(), OpenError> {
        self.connection = None;
        self.shared.close_reader();
        let key = self.keys.verifying_key();
        let epoch = self.epoch;
        let rebuild = |writer: &Self| {
            recover::rebuild(&writer.dir, &writer.kiosk, &key, epoch, &writer.copy, &writer.files)
        };
        let rebuilt = match rebuild(self) {
            Err(error) if error.is_full() && self.space.drop_ballast() => {
                tracing::warn!(code = Fault::StoreFull.code(), "the disk is full: the ballast is given up");
                rebuild(self)?
            }
            other => other?,
        };
        self.open()?;
        self.shared.open_reader(&self.dir)?;
        let Some(connection) = &self.connection else { return Ok(()) };
        let walk = check::walk(connection, &self.kiosk, &self.files, &|| false)?;
        let mut walk = walk.with_copy(connection, u64::MAX, self.copy.extent());
        walk.report.rebuilt = Some(rebuilt);
        self.take_in(walk)
    }

    /// Repairs or holds what is damaged, makes the second copy complete, erases what was waiting for this.
    fn take_in(&mut self, mut walk: Walk) -> Result<(), OpenError> {
        self.repair(&mut walk).map_err(OpenError::Database)?;
        walk.report.repaired.append(&mut self.restored);
        check::tell(&walk.report);
        self.checked = true;
        if !walk.copy_is_complete || !walk.report.repaired.is_empty() {
            self.restore_copy();
        }
        // While anything is damaged or missing, nobody knows whose a file is.
        if walk.report.is_intact() {
            self.sweep();
        }
        self.erase();
        self.shared.checked(walk.report);
        Ok(())
    }

    /// Puts damaged requests right from the second copy; those it does not have are held.
    fn repair(&mut self, walk: &mut Walk) -> rusqlite::Result<()> {
        let Self { connection: Some(connection), epochs: Some(epochs), .. } = self else { return Ok(()) };
        if walk.damaged.is_empty() {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut copies: BTreeMap<(u32, u64), Option<Box<Record>>> = BTreeMap::new();
        for number in &walk.damaged {
            let (epoch, seq, _) = rows::place_of(&transaction, *number)?;
            copies.insert((epoch, seq), None);
        }
        // Where it cannot be read it does not help.
        let _ = self.copy.scan(|found| {
            if let Found::Record(record) = found
                && let Some(copy) = copies.get_mut(&(record.epoch, record.seq))
            {
                *copy = Some(record);
            }
        });
        for number in &walk.damaged {
            let (epoch, seq, id) = rows::place_of(&transaction, *number)?;
            let mut found = check::one(&transaction, *number, &self.kiosk, &self.files)?;
            let copied = copies.get(&(epoch, seq)).and_then(Option::as_ref);
            // It may have been acknowledged since it was looked at, and erased: nothing of it is to come back.
            let unsigned = copied.map(|record| (record.case_number.as_str(), record.created));
            let says_the_same = unsigned.is_none_or(|unsigned| found.says(unsigned));
            if found.is_acknowledged || (found.is_whole && says_the_same) {
                if found.is_whole {
                    walk.report.damaged.retain(|damaged| *damaged != seq);
                }
                continue;
            }
            let outer = copied.zip(epochs.key(epoch)).and_then(|(found, key)| found.sealed.check(key).ok());
            if let (Some(record), Some(outer)) = (copied, outer)
                && (outer.kiosk.as_str(), outer.epoch, outer.seq) == (self.kiosk.as_str(), epoch, seq)
            {
                let unsigned = (record.case_number.as_str(), record.created);
                rows::repair(&transaction, *number, &outer.prev, unsigned, &record.sealed)?;
                found = check::one(&transaction, *number, &self.kiosk, &self.files)?;
            }
            // Which files it has is signed: no copy is needed to know.
            if let Some(outer) = found.outer.as_ref().filter(|_| !found.is_whole) {
                let files: Vec<_> =
                    outer.attachments.iter().map(|hash| (*hash, self.files.length(hash))).collect();
                rows::repair_files(&transaction, *number, &files)?;
                found = check::one(&transaction, *number, &self.kiosk, &self.files)?;
            }
            if found.is_whole {
                walk.report.damaged.retain(|damaged| *damaged != seq);
                walk.report.repaired.push(seq);
            } else {
                rows::hold(&transaction, &id, Some(Fault::StoreDamaged.code()), now())?;
            }
        }
        transaction.commit()?;
        if !walk.report.repaired.is_empty() {
            let again = check::walk(connection, &self.kiosk, &self.files, &|| false);
            if let Ok(again) = again {
                walk.report.broken_links = again.report.broken_links;
            }
        }
        Ok(())
    }

    /// Writes the second copy anew from the database.
    pub(super) fn restore_copy(&mut self) {
        let Self { connection: Some(connection), epochs: Some(epochs), copy, kiosk, .. } = self else {
            return;
        };
        let restored = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let next = rows::next_place(&transaction, epochs.current())?;
            let first = rows::first_content(&transaction)?.unwrap_or(next);
            let (first, end) = (chain_end(kiosk, epochs, first), chain_end(kiosk, epochs, next));
            copy.rewrite(&first, &end, |write| {
                rows::each_content(&transaction, |place, number, created, sealed| {
                    Ok(write(place, &second_copy::encode(place, number, created, sealed))?)
                })
            })
        })();
        match restored {
            Ok(()) => {}
            Err(Failed::Database(error)) => tracing::error!(%error, "the second copy cannot be written anew"),
            Err(Failed::Copy(error)) => tracing::error!(%error, "the second copy cannot be written anew"),
        }
    }

    /// Takes away files that no request needs.
    fn sweep(&mut self) {
        match self.take_alone() {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                // Without its place among those who have the store open it must not be written.
                tracing::error!(%error, code = error.fault().code(), "the store's lock is lost");
                self.connection = None;
                return;
            }
        }
        let needed = self.connection.as_ref().and_then(|connection| rows::needed_files(connection).ok());
        if let Some(needed) = needed {
            match self.files.sweep(&needed) {
                Ok(0) => {}
                Ok(swept) => tracing::info!(swept, "files without a request were taken away"),
                Err(error) => tracing::warn!(%error, "files without a request cannot be taken away"),
            }
        }
        if let Err(error) = self.turn.share() {
            tracing::warn!(%error, "the store cannot be shared");
        }
    }
}
