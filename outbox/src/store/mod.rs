//! The store: one SQLite file, one thread that writes, one connection that reads.

mod check;
mod error;
mod rows;
mod schema;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;

use faults::Fault;
use jiff::civil::Date;
use rusqlite::Connection;
use tokio::sync::Notify;

pub use check::ChainReport;
pub use error::{OpenError, QueueError, SubmitError};
pub use rows::{Entry, QueueRow, QueueState};

use crate::draft::Draft;
use crate::envelope::{Receipt, RequestId};
use crate::keys::Keys;
use crate::kiosk_id;
use writer::{Change, Command, Prepare, Writer};

/// A request that is on the disk: what the citizen is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The case number, ungrouped: the screen and the slip group it.
    pub case_number: String,
    /// The request's name.
    pub id: RequestId,
    /// Its place in the chain.
    pub seq: u64,
}

/// The handle of the outbox. Clones share it; the last one to go waits for the writer to finish.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    kiosk: String,
    report: ChainReport,
    shared: Arc<Shared>,
    reader: Mutex<Connection>,
    commands: Option<mpsc::Sender<Command>>,
    writer: Option<JoinHandle<()>>,
}

/// What the writer and the handles both know.
#[derive(Default)]
pub(crate) struct Shared {
    /// Rung when a request was saved.
    pub(crate) wake: Notify,
    sending: AtomicU64,
    frozen: AtomicBool,
    damaged: AtomicBool,
    write_fault: Mutex<Option<Fault>>,
}

impl Shared {
    fn write_failed(&self, fault: Option<Fault>) {
        *lock(&self.write_fault) = fault;
    }

    fn checked(&self, frozen: bool, damaged: bool) {
        self.frozen.store(frozen, Ordering::Relaxed);
        self.damaged.store(damaged, Ordering::Relaxed);
    }
}

impl Outbox {
    /// Opens the store of `kiosk` in `dir` (made with mode 0700 on the first start), checks it and starts the writer.
    ///
    /// A damaged request does not keep the store closed: it is held, nothing is erased, and [`Outbox::health`] says so.
    ///
    /// # Errors
    /// [`OpenError`], with every file left as it was.
    pub fn open(dir: &Path, kiosk: &str, keys: Keys) -> Result<Self, OpenError> {
        Self::open_with(dir, kiosk, keys, Arc::new(|_| {}))
    }

    pub(crate) fn open_with(
        dir: &Path,
        kiosk: &str,
        keys: Keys,
        prepare: Prepare,
    ) -> Result<Self, OpenError> {
        if !kiosk_id::is_valid(kiosk) {
            return Err(OpenError::KioskId(kiosk.to_owned()));
        }
        let shared = Arc::new(Shared::default());
        let (writer, report) = Writer::open(dir.to_owned(), kiosk.to_owned(), keys, shared.clone(), prepare)?;
        let reader = Mutex::new(schema::open_reader(dir)?);
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("outbox".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(OpenError::Thread)?;
        let inner = Inner {
            kiosk: kiosk.to_owned(),
            report,
            shared,
            reader,
            commands: Some(sender),
            writer: Some(thread),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Signs the request, gives it its place and its case number, and writes it. `date` is the hall's date and stands
    /// in the case number.
    ///
    /// `answer` is called once, on the writer's thread, when the request is durable or was not taken; it must not
    /// block. A save wakes the forwarder.
    pub fn submit(
        &self,
        draft: Draft,
        date: Date,
        answer: impl FnOnce(Result<Saved, SubmitError>) + Send + 'static,
    ) {
        let command = Command::Submit { draft: Box::new(draft), date, answer: Box::new(answer) };
        if let Err(command) = self.send(command)
            && let Command::Submit { answer, .. } = command
        {
            answer(Err(SubmitError::Closed));
        }
    }

    /// The queue for staff, oldest first: acknowledged requests too, no personal data.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn list(&self) -> Result<Vec<QueueRow>, QueueError> {
        let sending = self.inner.shared.sending.load(Ordering::Relaxed);
        Ok(rows::list(&self.reader(), sending)?)
    }

    /// How many requests wait to be sent; held ones do not count.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn waiting(&self) -> Result<u64, QueueError> {
        Ok(rows::waiting(&self.reader())?)
    }

    /// The oldest request to be sent with a sequence above `after_seq`.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn next_unsent(&self, after_seq: u64) -> Result<Option<Entry>, QueueError> {
        Ok(rows::next_unsent(&self.reader(), after_seq)?)
    }

    /// Stores the receipt and erases the request's body in one transaction. Only a verified [`Receipt`] can be given;
    /// the row, its id and its hash stay, so that the chain can be followed.
    ///
    /// # Errors
    /// [`QueueError`], with nothing erased: unknown request, a receipt about another kiosk or sequence, damage, disk.
    pub fn acknowledge(&self, receipt: Receipt) -> Result<(), QueueError> {
        self.change(Change::Acknowledge(Box::new(receipt)))
    }

    /// Notes that sending failed. `problem` is the problem type of the platform's answer.
    ///
    /// # Errors
    /// [`QueueError::Write`].
    pub fn note_attempt(
        &self,
        id: RequestId,
        fault: Fault,
        problem: Option<String>,
    ) -> Result<(), QueueError> {
        self.change(Change::Attempt { id, fault, problem })
    }

    /// Keeps a request back from sending until [`Outbox::release`].
    ///
    /// # Errors
    /// [`QueueError::Write`].
    pub fn hold(&self, id: RequestId, fault: Fault) -> Result<(), QueueError> {
        self.change(Change::Hold { id, fault })
    }

    /// Puts a held request back into the queue and wakes the forwarder: staff's "try again".
    ///
    /// # Errors
    /// [`QueueError::Damaged`] when its body is not what was signed; [`QueueError::Unknown`].
    pub fn release(&self, id: RequestId) -> Result<(), QueueError> {
        self.change(Change::Release { id })?;
        self.wake();
        Ok(())
    }

    /// Stops intake and sending for good: the platform knows another request under one of our sequences.
    ///
    /// # Errors
    /// [`QueueError::Write`].
    pub fn freeze(&self) -> Result<(), QueueError> {
        self.inner.shared.frozen.store(true, Ordering::Relaxed);
        self.change(Change::Freeze)
    }

    /// What is wrong with the store now; `None` when all is well.
    pub fn health(&self) -> Option<Fault> {
        let shared = &self.inner.shared;
        if shared.frozen.load(Ordering::Relaxed) {
            return Some(Fault::StoreFrozen);
        }
        let write_fault = *lock(&shared.write_fault);
        write_fault.or(shared.damaged.load(Ordering::Relaxed).then_some(Fault::StoreDamaged))
    }

    /// Whether the store was frozen.
    pub fn is_frozen(&self) -> bool {
        self.inner.shared.frozen.load(Ordering::Relaxed)
    }

    /// What the check at the start found.
    pub fn report(&self) -> &ChainReport {
        &self.inner.report
    }

    /// The time of the newest verified receipt, Unix seconds: the clock is at least that late.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn platform_time(&self) -> Result<Option<i64>, QueueError> {
        let time = schema::meta(&self.reader(), "platform_time")?;
        Ok(time.and_then(|time| time.parse().ok()))
    }

    /// The kiosk's id.
    pub fn kiosk(&self) -> &str {
        &self.inner.kiosk
    }

    /// Makes the forwarder try now, such as when the network came back. A save does that by itself.
    pub fn wake(&self) {
        self.inner.shared.wake.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.inner.shared.wake.notified().await;
    }

    /// Marks the sequence that is on the wire; 0 for none.
    pub(crate) fn sending(&self, seq: u64) {
        self.inner.shared.sending.store(seq, Ordering::Relaxed);
    }

    fn change(&self, change: Change) -> Result<(), QueueError> {
        let (answer, changed) = mpsc::sync_channel(1);
        self.send(Command::Change { change, answer }).map_err(|_| QueueError::Closed)?;
        changed.recv().map_err(|_| QueueError::Closed)?
    }

    fn send(&self, command: Command) -> Result<(), Command> {
        match &self.inner.commands {
            Some(commands) => commands.send(command).map_err(|mpsc::SendError(command)| command),
            None => Err(command),
        }
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        lock(&self.inner.reader)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(writer) = self.writer.take()
            // An answer may hold the last handle: the writer cannot wait for itself.
            && writer.thread().id() != std::thread::current().id()
        {
            // A writer that died has nothing left to finish.
            let _ = writer.join();
        }
    }
}

/// A lock whose holder panicked protects nothing that could be half changed here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
