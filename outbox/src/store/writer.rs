//! The one thread that writes: group commit, the chain's places, the case numbers.
//!
//! It takes what lies in its channel without waiting, writes it in one transaction, and answers after the commit: the
//! cost of a sync is shared, and nobody hears "saved" before it is true. A commit that failed is never tried again:
//! after a failed fsync the kernel may have dropped the pages and call the next one good. The connection is closed,
//! the file opened and checked again, and the citizen told that the request was not taken.

pub(super) mod chain;
mod change;

use std::path::PathBuf;
use std::sync::{Arc, Once, mpsc};
use std::time::{Duration, Instant};

use faults::Fault;
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::check::Walk;
use super::error::{OpenError, QueueError, SubmitError};
use super::files::Files;
use super::rows::{self, Place};
use super::schema::{self, Epochs};
use super::second_copy::{Head, SecondCopy};
use super::space::{MAX_REQUEST, Space};
use super::turn::Turn;
use super::{Saved, Shared};
use crate::draft::Draft;
use crate::fault_points::reach;
use crate::journal;
use crate::keys::Keys;
use chain::Chain;
use change::apply;
use protocol::envelope::attachment::{AttachmentHash, MAX_ATTACHMENTS};
use protocol::envelope::{self, ContentKey, Described, MAX_ENVELOPE, Receipt, RequestId, head};

/// Most commands in one transaction: enough that a burst shares one sync, few enough that its first request does not
/// wait long. A guess; the kiosk itself never has more than a handful.
const MAX_BATCH: usize = 64;

/// How long an appended entry may wait for its sync: the database is already durable.
const COPY_SYNC: Duration = Duration::from_secs(1);

/// Most requests whose content is erased in one transaction.
const MAX_ERASED: u32 = 64;

pub(crate) type SaveAnswer = Box<dyn FnOnce(Result<Saved, SubmitError>) + Send>;

/// What the writer is asked for.
pub(crate) enum Command {
    Submit {
        draft: Box<Draft>,
        date: Date,
        key: Box<ContentKey>,
        answer: SaveAnswer,
    },
    Change {
        change: Change,
        answer: mpsc::SyncSender<Result<(), QueueError>>,
    },
    /// Where the chain stands, signed.
    Head {
        journal: journal::Place,
        answer: mpsc::SyncSender<Result<Option<SignedHead>, QueueError>>,
    },
    /// The check behind serving is done.
    Checked(Box<Result<Walk, OpenError>>),
}

/// A signed head and the sequence it ends with.
pub(crate) struct SignedHead {
    pub(crate) seq: u64,
    pub(crate) bytes: Vec<u8>,
}

/// A change of the queue.
pub(crate) enum Change {
    Acknowledge(Box<Receipt>),
    Attempt { id: RequestId, fault: Fault, problem: Option<String> },
    Hold { id: RequestId, fault: Fault },
    Release { id: RequestId },
    Freeze,
}

/// Run on each new connection; tests break the disk with it.
pub(crate) type Prepare = Arc<dyn Fn(&mut Connection) + Send + Sync>;

pub(crate) struct Writer {
    pub(crate) dir: PathBuf,
    pub(crate) kiosk: String,
    pub(crate) keys: Keys,
    /// The epoch that the platform enrolled this kiosk for; `None` for a program that takes no requests.
    pub(crate) epoch: Option<u32>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) prepare: Prepare,
    pub(crate) space: Space,
    pub(crate) files: Files,
    pub(crate) copy: SecondCopy,
    pub(crate) turn: Turn,
    pub(crate) connection: Option<Connection>,
    pub(crate) epochs: Option<Epochs>,
    /// Whether the database has passed its check: before that, nothing is erased.
    pub(crate) checked: bool,
    /// Requests whose commit failed: the citizen was told "not taken", so they must not be sent if they turn up.
    pub(crate) refused: Vec<RequestId>,
    /// Sequences that the end of the database had lost and the second copy gave back.
    pub(crate) restored: Vec<u64>,
}

/// A command of a batch, with what was prepared for it before the transaction.
enum Job {
    Submit(Box<Prepared>, SaveAnswer),
    Change { change: Change, answer: mpsc::SyncSender<Result<(), QueueError>> },
}

/// A request whose files lie on the disk.
struct Prepared {
    draft: Box<Draft>,
    date: Date,
    /// Taken when it is sealed.
    key: Option<Box<ContentKey>>,
    files: Vec<(Described, u64)>,
}

/// What became of one command inside the transaction.
enum Outcome {
    Saved(Result<Saved, SubmitError>),
    Changed(Result<(), QueueError>),
}

/// Why something was not kept.
pub(crate) enum Failed {
    Database(rusqlite::Error),
    Copy(std::io::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::Copy(error)
    }
}

impl Failed {
    fn is_full(&self) -> bool {
        match self {
            Self::Database(error) => error.sqlite_error_code() == Some(ErrorCode::DiskFull),
            Self::Copy(error) => error.kind() == std::io::ErrorKind::StorageFull,
        }
    }

    /// Whether the database surely rolled back.
    fn is_clean(&self) -> bool {
        match self {
            Self::Database(error) => is_clean(error),
            Self::Copy(_) => true,
        }
    }
}

impl Writer {
    /// Opens the database; a damaged one is put aside and rebuilt.
    pub(crate) fn start(&mut self) -> Result<(), OpenError> {
        self.files.prepare().map_err(OpenError::Folder)?;
        self.copy.prepare().map_err(OpenError::Folder)?;
        let opened = match self.open_and_catch_up() {
            // SQLite needs a little room even to open; without it nothing could be sent, and the disk would stay full.
            Err(error) if error.is_full() && self.space.drop_ballast() => {
                tracing::warn!(code = Fault::StoreFull.code(), "the disk is full: the ballast is given up");
                self.open_and_catch_up()
            }
            other => other,
        };
        opened.or_else(|error| self.rebuild_after(error))
    }

    fn open_and_catch_up(&mut self) -> Result<(), OpenError> {
        self.open()?;
        if self.turn.is_alone() {
            self.restored.clear();
            self.catch_up().map_err(|error| match error.sqlite_error_code() {
                // What the second copy has does not fit with what stands here.
                Some(ErrorCode::ConstraintViolation) => OpenError::Damaged(error.to_string()),
                _ => OpenError::Database(error),
            })?;
        }
        Ok(())
    }

    /// Works until every handle is gone.
    pub(crate) fn run(mut self, commands: &mpsc::Receiver<Command>) {
        // When the second copy is to be synced, however busy it is here.
        let mut due: Option<Instant> = None;
        loop {
            if due.is_some_and(|due| due <= Instant::now()) {
                self.sync_copy();
                due = None;
            }
            let first = match due {
                None => commands.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
                Some(due) => commands.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            let first = match first {
                Ok(first) => first,
                Err(mpsc::RecvTimeoutError::Timeout) => continue,
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            };
            let mut batch = vec![first];
            while batch.len() < MAX_BATCH
                && let Ok(next) = commands.try_recv()
            {
                batch.push(next);
            }
            self.work(batch);
            if !self.copy.is_synced() {
                due.get_or_insert_with(|| Instant::now() + COPY_SYNC);
            }
        }
        self.sync_copy();
    }

    fn work(&mut self, batch: Vec<Command>) {
        // The check sweeps files without a row: it is heeded before any file of this batch is written.
        let (checks, batch): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|command| matches!(command, Command::Checked(_)));
        for check in checks {
            if let Command::Checked(result) = check {
                self.heed(*result);
            }
        }
        if batch.is_empty() {
            return;
        }
        // Opening sweeps files without a row, too: it comes before any file of this batch is written.
        if self.connection.is_none()
            && let Err(error) = self.reopen()
        {
            tracing::error!(code = error.fault().code(), "the store does not open again");
            self.shared.write_failed(Some(error.fault()));
            refuse_all(batch, &SubmitError::Open(Arc::new(error)));
            return;
        }
        let mut jobs = Vec::with_capacity(batch.len());
        let mut heads = Vec::new();
        for command in batch {
            match command {
                Command::Submit { mut draft, date, key, answer } => match self.write_files(&mut draft) {
                    Ok(files) => {
                        let prepared = Prepared { draft, date, key: Some(key), files };
                        jobs.push(Job::Submit(Box::new(prepared), answer));
                    }
                    Err(error) => {
                        self.shared.write_failed(Some(error.fault()));
                        answer(Err(error));
                    }
                },
                Command::Change { change, answer } => jobs.push(Job::Change { change, answer }),
                Command::Head { journal, answer } => heads.push((journal, answer)),
                Command::Checked(_) => {}
            }
        }
        if !jobs.is_empty() {
            self.commit(jobs);
        }
        for (journal, answer) in heads {
            let head = self.sign_head(journal).map_err(QueueError::from);
            drop(answer.send(head));
        }
    }

    /// Signs where the chain stands, after everything of this batch.
    fn sign_head(&self, journal: journal::Place) -> rusqlite::Result<Option<SignedHead>> {
        let (Some(connection), Some(epochs)) = (&self.connection, &self.epochs) else { return Ok(None) };
        let next = rows::next_place(connection, epochs.current())?;
        let held = rows::not_sent(connection, next.epoch, head::MAX_HELD + 1)?;
        if held.len() > head::MAX_HELD {
            static TOLD: Once = Once::new();
            TOLD.call_once(|| {
                tracing::warn!(
                    most = head::MAX_HELD,
                    "more requests wait than a head can list: none is signed"
                );
            });
            return Ok(None);
        }
        let head = envelope::head::Head {
            kiosk: self.kiosk.clone(),
            epoch: next.epoch,
            seq: next.seq.saturating_sub(1),
            hash: next.prev,
            journal_seq: journal.seq,
            journal_hash: journal.hash,
            held,
            time: Timestamp::now().as_second(),
        };
        let bytes = head::sign(&head, self.keys.signing()).to_vec();
        Ok(Some(SignedHead { seq: head.seq, bytes }))
    }

    /// Seals and writes a request's files: what can be done without the database is done before its lock is taken.
    fn write_files(&self, draft: &mut Draft) -> Result<Vec<(Described, u64)>, SubmitError> {
        let count = draft.attachments.len();
        let bytes: u64 = draft.attachments.iter().map(|file| file.content.len() as u64).sum();
        if count > MAX_ATTACHMENTS || bytes > MAX_REQUEST {
            return Err(SubmitError::Attachments(count));
        }
        if !self.space.has_room_for(bytes + 2 * MAX_ENVELOPE as u64) {
            return Err(SubmitError::Full);
        }
        let mut files: Vec<(Described, u64)> = Vec::with_capacity(count);
        for attachment in std::mem::take(&mut draft.attachments) {
            let written =
                envelope::seal_attachment(&attachment).map_err(SubmitError::Envelope).and_then(|sealed| {
                    match self.files.write(&sealed.described.hash, &sealed.bytes) {
                        Ok(()) => Ok((sealed.described, sealed.bytes.len() as u64)),
                        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                            Err(SubmitError::Full)
                        }
                        Err(error) => Err(SubmitError::File(Arc::new(error))),
                    }
                });
            match written {
                Ok(file) => files.push(file),
                Err(error) => {
                    self.files.remove(&hashes(&files));
                    return Err(error);
                }
            }
        }
        reach("attachments-done");
        Ok(files)
    }

    fn commit(&mut self, mut jobs: Vec<Job>) {
        let known = self.refused.len();
        match self.transact(&mut jobs) {
            Ok(outcomes) => {
                reach("committed");
                self.copy.keep();
                self.shared.write_failed(None);
                // A citizen does not wait for the erasing of others' requests; whoever acknowledges does.
                let (saves, changes): (Vec<_>, Vec<_>) =
                    jobs.into_iter().zip(outcomes).partition(|(job, _)| matches!(job, Job::Submit(..)));
                let saved = saves.iter().any(|(_, outcome)| matches!(outcome, Outcome::Saved(Ok(_))));
                for (job, outcome) in saves {
                    self.answer(job, outcome);
                }
                if saved {
                    self.shared.wake.notify_one();
                }
                if !changes.is_empty() {
                    self.erase();
                    self.space.take_ballast();
                }
                for (job, outcome) in changes {
                    self.answer(job, outcome);
                }
            }
            Err(error) => {
                let clean = error.is_clean();
                match self.copy.take_back() {
                    // Nothing of it is left anywhere.
                    Ok(()) if clean => self.refused.truncate(known),
                    Ok(()) => {}
                    Err(error) => tracing::warn!(%error, "the second copy holds what was refused"),
                }
                let error = self.fail(error);
                self.refuse_for_good();
                self.shared.write_failed(Some(error.fault()));
                self.failed(jobs, &error, clean);
            }
        }
    }

    /// Tells those whose commit failed.
    fn failed(&mut self, jobs: Vec<Job>, error: &SubmitError, clean: bool) {
        let (changes, saves): (Vec<Job>, Vec<Job>) =
            jobs.into_iter().partition(|job| matches!(job, Job::Change { .. }));
        refuse(saves, error, |hashes| {
            // After a commit that may have happened all the same, the row would miss its files: the sweep decides.
            if clean {
                self.files.remove(hashes);
            }
        });
        // Acknowledging and erasing must work on a full disk: the ballast's room is theirs.
        let is_full = matches!(error, SubmitError::Full);
        if is_full && !changes.is_empty() && self.space.drop_ballast() {
            tracing::warn!(code = Fault::StoreFull.code(), "the disk is full: the ballast is given up");
            self.commit(changes);
            return;
        }
        if !is_full {
            tracing::error!(code = error.fault().code(), "a commit failed");
        }
        refuse(changes, error, |_| {});
    }

    /// Writes the batch in one transaction. On an error nothing of it is kept, as far as SQLite knows.
    fn transact(&mut self, jobs: &mut [Job]) -> Result<Vec<Outcome>, Failed> {
        let Self { connection, kiosk, keys, refused, epochs, copy, files, .. } = self;
        let (Some(connection), Some(epochs)) = (connection, epochs) else { return Ok(Vec::new()) };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let first = rows::next_place(&transaction, epochs.current())?;
        let mut chain = Chain { kiosk, keys, next: first, records: Vec::new(), new: Vec::new() };
        let mut frozen = schema::meta(&transaction, "frozen")?.is_some();
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            outcomes.push(match job {
                Job::Submit(..) if frozen => Outcome::Saved(Err(SubmitError::Frozen)),
                Job::Submit(prepared, _) => Outcome::Saved(chain.save(&transaction, prepared)?),
                Job::Change { change, .. } => {
                    frozen |= matches!(change, Change::Freeze);
                    Outcome::Changed(apply(&transaction, change, kiosk, files)?)
                }
            });
        }
        let Chain { records, new, .. } = chain;
        let kept = if records.is_empty() {
            Ok(())
        } else {
            copy.append(&records, &chain_end(kiosk, epochs, first)).map_err(Failed::Copy)
        };
        let kept = kept.and_then(|()| {
            reach("before-commit");
            transaction.commit().map_err(Failed::Database)
        });
        // They may turn up again all the same.
        kept.inspect_err(|_| refused.extend(new))?;
        Ok(outcomes)
    }

    /// Erases what the platform has, once the database is known to be sound. Trouble here is met again with the next
    /// acknowledgement, or at the next start.
    pub(super) fn erase(&mut self) {
        if self.checked
            && let Err(error) = self.try_erase()
        {
            let error = self.fail(error);
            tracing::warn!(code = error.fault().code(), %error, "acknowledged requests are not erased yet");
        }
    }

    fn try_erase(&mut self) -> Result<(), Failed> {
        loop {
            let Self { connection, kiosk, epochs, copy, files, .. } = self;
            let (Some(connection), Some(epochs)) = (connection, epochs) else { return Ok(()) };
            if !rows::to_erase(connection)? {
                return Ok(());
            }
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let gone = rows::erase(&transaction, MAX_ERASED, now())?;
            let oldest = rows::oldest_content(&transaction)?;
            let next = rows::next_place(&transaction, epochs.current())?;
            let finished = copy.finished(oldest, &chain_end(kiosk, epochs, next)).map_err(Failed::Copy)?;
            let more = rows::to_erase(&transaction)?;
            reach("before-erase");
            transaction.commit()?;
            reach("erased");
            files.remove(&gone);
            for path in finished {
                let _ = std::fs::remove_file(path);
            }
            if !more {
                if oldest.is_none() {
                    // What was erased still stands in the log until it is cut off. A reader only postpones it.
                    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
                    let _ = connection.execute_batch("PRAGMA incremental_vacuum");
                }
                return Ok(());
            }
        }
    }

    /// Sorts a failure; whatever may have been the disk's fault costs the connection.
    fn fail(&mut self, error: Failed) -> SubmitError {
        match error {
            failed if failed.is_full() => SubmitError::Full,
            Failed::Database(error) if is_clean(&error) => SubmitError::Busy,
            Failed::Database(error) => {
                self.connection = None;
                SubmitError::Write(Arc::new(error))
            }
            Failed::Copy(error) => SubmitError::File(Arc::new(error)),
        }
    }

    fn answer(&self, job: Job, outcome: Outcome) {
        match (job, outcome) {
            (Job::Submit(prepared, answer), Outcome::Saved(saved)) => {
                if saved.is_err() {
                    self.files.remove(&hashes(&prepared.files));
                }
                answer(saved);
            }
            // Nobody waiting any more is no reason to stop: the change is kept.
            (Job::Change { answer, .. }, Outcome::Changed(changed)) => drop(answer.send(changed)),
            (Job::Submit(_, answer), Outcome::Changed(_)) => answer(Err(SubmitError::Closed)),
            (Job::Change { answer, .. }, Outcome::Saved(_)) => drop(answer.send(Err(QueueError::Closed))),
        }
    }

    fn sync_copy(&mut self) {
        // Not tried again: the next file, or a rebuild of this one, begins with a sync of its own.
        if let Err(error) = self.copy.sync() {
            tracing::error!(%error, code = Fault::StoreWriteFailed.code(), "the second copy is not on the disk");
            self.shared.write_failed(Some(Fault::StoreWriteFailed));
            self.restore_copy();
        }
    }
}

/// Answers that nothing was kept; `files` gets what was written for it.
fn refuse(jobs: Vec<Job>, error: &SubmitError, files: impl Fn(&[AttachmentHash])) {
    for job in jobs {
        match job {
            Job::Submit(prepared, answer) => {
                files(&hashes(&prepared.files));
                answer(Err(error.clone()));
            }
            Job::Change { answer, .. } => drop(answer.send(Err(QueueError::Write(error.clone())))),
        }
    }
}

/// Answers commands that nothing was done for.
fn refuse_all(batch: Vec<Command>, error: &SubmitError) {
    for command in batch {
        match command {
            Command::Submit { answer, .. } => answer(Err(error.clone())),
            Command::Change { answer, .. } => drop(answer.send(Err(QueueError::Write(error.clone())))),
            Command::Head { answer, .. } => drop(answer.send(Err(QueueError::Write(error.clone())))),
            Command::Checked(_) => {}
        }
    }
}

/// Whether SQLite surely rolled back and the disk is not to blame.
fn is_clean(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn hashes(files: &[(Described, u64)]) -> Vec<AttachmentHash> {
    files.iter().map(|(file, _)| file.hash).collect()
}

/// The machine's time, for the rows: it may be wrong, and nothing depends on it.
pub(super) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// Where a chain goes on, for the second copy.
pub(crate) fn chain_end(kiosk: &str, epochs: &Epochs, next: Place) -> Head {
    Head { kiosk: kiosk.to_owned(), epochs: epochs.all().collect(), next }
}
