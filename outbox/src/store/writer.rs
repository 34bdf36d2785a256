//! The one thread that writes: group commit, the chain's places, the case numbers.
//!
//! It takes what lies in its channel without waiting, writes it in one transaction, and answers after the commit: the
//! cost of a sync is shared, and nobody hears "saved" before it is true. A commit that failed is never tried again:
//! after a failed fsync the kernel may have dropped the pages and call the next one good. The connection is closed,
//! the file opened and checked again, and the citizen told that the request was not taken.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use faults::Fault;
use jiff::civil::Date;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::check::{self, ChainReport};
use super::error::{OpenError, QueueError, SubmitError};
use super::rows::{self, NewRow};
use super::schema::{self, ACKNOWLEDGED};
use super::{Saved, Shared};
use crate::draft::Draft;
use crate::envelope::{self, Manifest, Receipt, RequestId};
use crate::keys::Keys;

/// Most commands in one transaction: enough that a burst shares one sync, few enough that its first request does not
/// wait long. A guess; the kiosk itself never has more than a handful.
const MAX_BATCH: usize = 64;

pub(crate) type SaveAnswer = Box<dyn FnOnce(Result<Saved, SubmitError>) + Send>;

/// What the writer is asked for.
pub(crate) enum Command {
    Submit { draft: Box<Draft>, date: Date, answer: SaveAnswer },
    Change { change: Change, answer: mpsc::SyncSender<Result<(), QueueError>> },
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
    pub(crate) shared: Arc<Shared>,
    pub(crate) prepare: Prepare,
    connection: Option<Connection>,
    /// Requests whose commit failed: the citizen was told "not taken", so they must not be sent if they turn up.
    refused: Vec<RequestId>,
}

/// What became of one command inside the transaction.
enum Outcome {
    Saved(Result<Saved, SubmitError>),
    Changed(Result<(), QueueError>),
}

impl Writer {
    /// Opens and checks the store.
    pub(crate) fn open(
        dir: PathBuf,
        kiosk: String,
        keys: Keys,
        shared: Arc<Shared>,
        prepare: Prepare,
    ) -> Result<(Self, ChainReport), OpenError> {
        let mut writer = Self { dir, kiosk, keys, shared, prepare, connection: None, refused: Vec::new() };
        let report = writer.reopen()?;
        Ok((writer, report))
    }

    /// Works until every handle is gone.
    pub(crate) fn run(mut self, commands: &mpsc::Receiver<Command>) {
        while let Ok(first) = commands.recv() {
            let mut batch = vec![first];
            while batch.len() < MAX_BATCH
                && let Ok(next) = commands.try_recv()
            {
                batch.push(next);
            }
            self.work(batch);
        }
    }

    fn work(&mut self, mut batch: Vec<Command>) {
        if self.connection.is_none()
            && let Err(error) = self.reopen()
        {
            tracing::error!(code = error.fault().code(), "the store does not open again");
            self.shared.write_failed(Some(error.fault()));
            answer_all(batch, &SubmitError::Open(Arc::new(error)));
            return;
        }
        match self.transact(&mut batch) {
            Ok(outcomes) => {
                self.shared.write_failed(None);
                let saved = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Saved(Ok(_))));
                for (command, outcome) in batch.into_iter().zip(outcomes) {
                    answer(command, outcome);
                }
                if saved {
                    self.shared.wake.notify_one();
                }
            }
            Err(error) => {
                let error = self.fail(error);
                tracing::error!(code = error.fault().code(), requests = batch.len(), "a commit failed");
                self.shared.write_failed(Some(error.fault()));
                answer_all(batch, &error);
            }
        }
    }

    /// Writes the batch in one transaction. On an error nothing of it is kept, as far as SQLite knows.
    fn transact(&mut self, batch: &mut [Command]) -> rusqlite::Result<Vec<Outcome>> {
        let Self { connection, kiosk, keys, refused, .. } = self;
        let Some(connection) = connection else { return Ok(Vec::new()) };
        let mut erased = false;
        let mut new = Vec::new();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for command in batch {
            outcomes.push(match command {
                Command::Submit { draft, date, .. } => {
                    let saved = save(&transaction, draft, *date, kiosk, keys)?;
                    if let Ok(saved) = &saved {
                        new.push(saved.id);
                    }
                    Outcome::Saved(saved)
                }
                Command::Change { change, .. } => {
                    erased |= matches!(change, Change::Acknowledge(_));
                    Outcome::Changed(apply(&transaction, change, kiosk, keys)?)
                }
            });
        }
        if let Err(error) = transaction.commit() {
            if !is_clean(&error) {
                refused.extend(new);
            }
            return Err(error);
        }
        if erased && rows::waiting(connection)? == 0 {
            // What was erased still stands in the log until it is cut off. A reader in the way only postpones it.
            let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        Ok(outcomes)
    }

    /// Sorts a failure; whatever may have been the disk's fault costs the connection.
    fn fail(&mut self, error: rusqlite::Error) -> SubmitError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => SubmitError::Full,
            Some(_) | None if is_clean(&error) => SubmitError::Busy,
            Some(_) | None => {
                self.connection = None;
                SubmitError::Write(Arc::new(error))
            }
        }
    }

    fn reopen(&mut self) -> Result<ChainReport, OpenError> {
        let key = self.keys.verifying_key();
        let mut connection = schema::open(&self.dir, &self.kiosk, &key)?;
        let report = check::run(&mut connection, &self.kiosk, &key)?;
        for id in &self.refused {
            rows::hold(&connection, id, Some(Fault::StoreWriteFailed.code())).map_err(OpenError::Database)?;
        }
        self.refused.clear();
        let frozen = schema::meta(&connection, "frozen").map_err(OpenError::Database)?.is_some();
        self.shared.checked(frozen, !report.is_intact());
        (self.prepare)(&mut connection);
        self.connection = Some(connection);
        Ok(report)
    }
}

/// Whether SQLite surely rolled back and the disk is not to blame.
fn is_clean(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// The inner result is the request's own trouble, the outer one the disk's.
fn save(
    connection: &Connection,
    draft: &mut Draft,
    date: Date,
    kiosk: &str,
    keys: &Keys,
) -> rusqlite::Result<Result<Saved, SubmitError>> {
    if schema::meta(connection, "frozen")?.is_some() {
        return Ok(Err(SubmitError::Frozen));
    }
    let epoch = schema::meta(connection, "epoch")?.and_then(|epoch| epoch.parse().ok()).unwrap_or(1);
    let (seq, prev) = rows::next_place(connection)?;
    let manifest = Manifest {
        kiosk: kiosk.to_owned(),
        epoch,
        seq,
        prev,
        case_number: case_number(kiosk, date, seq),
        matter: std::mem::take(&mut draft.matter),
        matter_revision: draft.matter_revision,
        language: std::mem::take(&mut draft.language),
        notice_version: std::mem::take(&mut draft.notice_version),
        notice_accepted: draft.notice_accepted,
        created: draft.created,
        deadline: std::mem::take(&mut draft.deadline),
        card: draft.card.clone(),
        answers: std::mem::take(&mut draft.answers),
    };
    let signed = match envelope::sign(&manifest, keys.signing()) {
        Ok(signed) => signed,
        Err(error) => return Ok(Err(SubmitError::Envelope(error))),
    };
    rows::insert(
        connection,
        &NewRow {
            seq,
            id: &signed.id,
            prev: &prev,
            case_number: &manifest.case_number,
            created: manifest.created,
            body: &signed.bytes,
        },
    )?;
    Ok(Ok(Saved { case_number: manifest.case_number.clone(), id: signed.id, seq }))
}

/// The kiosk's id, the date as YYMMDD, the sequence in at least five digits: `110101-0007-261121-00047`. Groups that can
/// be read out, and 24 characters: one line of large type on 80 mm paper.
pub(crate) fn case_number(kiosk: &str, date: Date, seq: u64) -> String {
    let year = date.year().rem_euclid(100);
    format!("{kiosk}-{year:02}{:02}{:02}-{seq:05}", date.month(), date.day())
}

fn apply(
    connection: &Connection,
    change: &Change,
    kiosk: &str,
    keys: &Keys,
) -> rusqlite::Result<Result<(), QueueError>> {
    match change {
        Change::Acknowledge(receipt) => acknowledge(connection, receipt, kiosk),
        Change::Attempt { id, fault, problem } => {
            rows::attempt(connection, id, fault.code(), problem.as_deref()).map(Ok)
        }
        Change::Hold { id, fault } => rows::hold(connection, id, Some(fault.code())).map(Ok),
        Change::Release { id } => {
            let Some((seq, ..)) = rows::find(connection, id)? else { return Ok(Err(QueueError::Unknown)) };
            let Some(body) = rows::body(connection, id)? else { return Ok(Ok(())) };
            if !check::is_sound(&body, id, seq, kiosk, &keys.verifying_key()) {
                return Ok(Err(QueueError::Damaged));
            }
            rows::hold(connection, id, None).map(Ok)
        }
        Change::Freeze => schema::set_meta(connection, "frozen", Fault::StoreFrozen.code()).map(Ok),
    }
}

fn acknowledge(
    connection: &Connection,
    receipt: &Receipt,
    kiosk: &str,
) -> rusqlite::Result<Result<(), QueueError>> {
    let statement = receipt.statement();
    let Some((seq, state, code)) = rows::find(connection, &statement.id)? else {
        return Ok(Err(QueueError::Unknown));
    };
    if !receipt.covers(&statement.id, kiosk, seq) {
        return Ok(Err(QueueError::OtherRequest));
    }
    // A second receipt for the same request, after a crash between the answer and here, changes nothing.
    if state == ACKNOWLEDGED {
        return Ok(Ok(()));
    }
    if code.as_deref() == Some(Fault::StoreDamaged.code()) {
        return Ok(Err(QueueError::Damaged));
    }
    rows::acknowledge(connection, receipt)?;
    let known = schema::meta(connection, "platform_time")?.and_then(|time| time.parse::<i64>().ok());
    if known.is_none_or(|known| statement.time > known) {
        schema::set_meta(connection, "platform_time", &statement.time.to_string())?;
    }
    Ok(Ok(()))
}

fn answer(command: Command, outcome: Outcome) {
    match (command, outcome) {
        (Command::Submit { answer, .. }, Outcome::Saved(saved)) => answer(saved),
        // Nobody waiting any more is no reason to stop: the change is kept.
        (Command::Change { answer, .. }, Outcome::Changed(changed)) => drop(answer.send(changed)),
        (Command::Submit { answer, .. }, Outcome::Changed(_)) => answer(Err(SubmitError::Closed)),
        (Command::Change { answer, .. }, Outcome::Saved(_)) => drop(answer.send(Err(QueueError::Closed))),
    }
}

fn answer_all(batch: Vec<Command>, error: &SubmitError) {
    for command in batch {
        match command {
            Command::Submit { answer, .. } => answer(Err(error.clone())),
            Command::Change { answer, .. } => drop(answer.send(Err(QueueError::Write(error.clone())))),
        }
    }
}
