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
    pub(super) fn open(&mut self) -> Result<(), OpenError> {
        let key = self.keys.verifying_key();
        let epoch = self.sealing.as_ref().map(|keys| keys.epoch());
        let mut connection = schema::open(&self.dir, &self.kiosk, &key, epoch)?;
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
        self.open()?;
        let found = match &self.connection {
            Some(connection) => {
                for id in &self.refused {
                    rows::hold(connection, id, Some(Fault::StoreWriteFailed.code()), now())
                        .map_err(OpenError::Database)?;
                }
                check::quick(connection)
                    .and_then(|()| check::walk(connection, &self.kiosk, &self.files, &|| false))
                    .map(|walk| walk.with_copy(connection, u64::MAX, self.copy.extent()))
            }
            None => return Ok(()),
        };
        self.refused.clear();
        match found {
            Ok(walk) => self.take_in(walk),
            Err(error) if error.fault() == Fault::StoreDamaged && self.turn.take_alone() => self.rebuild(),
            Err(error) => {
                self.connection = None;
                Err(error)
            }
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
            Err(error) if error.fault() == Fault::StoreDamaged => {
                tracing::error!(%error, code = error.fault().code(), "the database did not pass its check");
                self.connection = None;
                self.shared.close_reader();
                if self.turn.take_alone() { self.rebuild() } else { Err(error) }
            }
            Err(error) => Err(error),
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
        let epoch = self.sealing.as_ref().map(|keys| keys.epoch());
        let rebuilt = recover::rebuild(&self.dir, &self.kiosk, &key, epoch, &self.copy, &self.files)?;
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
        self.sweep();
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
            let found = copies.get(&(epoch, seq)).and_then(Option::as_ref);
            let outer = found.zip(epochs.key(epoch)).and_then(|(found, key)| found.sealed.check(key).ok());
            if let (Some(record), Some(outer)) = (found, outer)
                && (outer.kiosk.as_str(), outer.epoch, outer.seq) == (self.kiosk.as_str(), epoch, seq)
            {
                let unsigned = (record.case_number.as_str(), record.created);
                rows::repair(&transaction, *number, &outer.prev, unsigned, &record.sealed)?;
            }
            if check::one_is_sound(&transaction, *number, &self.kiosk, &self.files)? {
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
            copy.rewrite(&chain_end(kiosk, epochs, first), |write| {
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
        if !self.turn.take_alone() {
            return;
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
