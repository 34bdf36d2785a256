//! The writer's way into the store: open, check, repair, rebuild.

use std::collections::BTreeSet;

use faults::Fault;
use rusqlite::TransactionBehavior;

use super::check::{self, ChainReport, Walk};
use super::error::OpenError;
use super::rows::NewRow;
use super::writer::{Writer, head};
use super::{journal, recover, rows, schema};

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
        let Self { connection: Some(connection), epochs: Some(epochs), journal, files, kiosk, .. } = self
        else {
            return Ok(());
        };
        let Ok(copy) = journal.read() else { return Ok(()) };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        loop {
            let place = rows::next_place(&transaction, epochs.current())?;
            let at = (place.epoch, place.seq);
            let found = copy.records.iter().rev().find(|record| (record.epoch, record.seq) == at);
            let outer =
                found.zip(epochs.key(place.epoch)).and_then(|(found, key)| found.sealed.check(key).ok());
            let (Some(record), Some(outer)) = (found, outer) else { break };
            if (outer.kiosk.as_str(), outer.epoch, outer.seq, outer.prev) != (kiosk, at.0, at.1, place.prev) {
                break;
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
            rows::insert(&transaction, &row)?;
            self.restored.push(place.seq);
        }
        if self.restored.is_empty() { Ok(()) } else { transaction.commit() }
    }

    /// After a failure: open, look, and only then go on.
    pub(super) fn reopen(&mut self) -> Result<(), OpenError> {
        self.open()?;
        let found = match &self.connection {
            Some(connection) => {
                for id in &self.refused {
                    rows::hold(connection, id, Some(Fault::StoreWriteFailed.code()))
                        .map_err(OpenError::Database)?;
                }
                check::quick(connection)
                    .and_then(|()| check::walk(connection, &self.kiosk, &self.files, &|| false))
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
        let rebuilt = recover::rebuild(&self.dir, &self.kiosk, &key, epoch, &self.journal, &self.files)?;
        self.open()?;
        self.shared.open_reader(&self.dir)?;
        let Some(connection) = &self.connection else { return Ok(()) };
        let mut walk = check::walk(connection, &self.kiosk, &self.files, &|| false)?;
        walk.report.rebuilt = Some(rebuilt);
        self.take_in(walk)
    }

    /// Repairs or holds what is damaged, makes the second copy complete, erases what was waiting for this.
    fn take_in(&mut self, mut walk: Walk) -> Result<(), OpenError> {
        self.repair(&mut walk).map_err(OpenError::Database)?;
        walk.report.repaired.append(&mut self.restored);
        check::tell(&walk.report);
        self.checked = true;
        self.complete_journal();
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
        let copy = self.journal.read().unwrap_or_default();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for number in &walk.damaged {
            let (epoch, seq, id) = rows::place_of(&transaction, *number)?;
            let found = copy.records.iter().rev().find(|record| (record.epoch, record.seq) == (epoch, seq));
            let outer = found.zip(epochs.key(epoch)).and_then(|(found, key)| found.sealed.check(key).ok());
            if let (Some(record), Some(outer)) = (found, outer)
                && (outer.kiosk.as_str(), outer.epoch, outer.seq) == (self.kiosk.as_str(), epoch, seq)
            {
                rows::repair(&transaction, *number, &outer.prev, &record.sealed)?;
            }
            if check::one_is_sound(&transaction, *number, &self.kiosk, &self.files)? {
                walk.report.damaged.retain(|damaged| *damaged != seq);
                walk.report.repaired.push(seq);
            } else {
                rows::hold(&transaction, &id, Some(Fault::StoreDamaged.code()))?;
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

    /// The second copy must hold everything that waits: its end may have been torn by a power cut.
    fn complete_journal(&mut self) {
        let Self { connection: Some(connection), journal, .. } = &mut *self else { return };
        let waiting = rows::with_content(connection);
        let complete = journal.read().is_ok_and(|back| {
            let known: BTreeSet<_> = back.records.iter().map(|record| record.sealed.id).collect();
            back.torn == 0
                && waiting
                    .as_ref()
                    .is_ok_and(|rows| rows.iter().all(|(.., sealed)| known.contains(&sealed.id)))
        });
        if !complete {
            self.restore_journal();
        }
    }

    /// Writes the second copy anew from the database.
    pub(super) fn restore_journal(&mut self) {
        let Self { connection: Some(connection), epochs: Some(epochs), journal, kiosk, .. } = self else {
            return;
        };
        let restored = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let rows = rows::with_content(&transaction)?;
            let next = rows::next_place(&transaction, epochs.current())?;
            let first = rows.first().map_or(next, |(place, ..)| *place);
            let records: Vec<u8> = rows
                .iter()
                .flat_map(|(place, number, created, sealed)| {
                    journal::encode(*place, number, *created, sealed)
                })
                .collect();
            Ok::<_, rusqlite::Error>(journal.rewrite(&records, &head(kiosk, epochs, first)))
        })();
        match restored {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the second copy cannot be written anew"),
            Err(error) => tracing::error!(%error, "the second copy cannot be written anew"),
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
