//! The store: one SQLite file, one thread that writes, one connection that reads.
//!
//! | in the folder      | is                                                                      |
//! |--------------------|-------------------------------------------------------------------------|
//! | `outbox.sqlite`    | the queue: what a citizen is promised on                                 |
//! | `attachments/`     | sealed files, named by their hash                                        |
//! | `entries/`         | a second copy of what waits, to rebuild a damaged database from          |
//! | `quarantine/`      | damaged databases, kept                                                  |
//! | `ballast`          | room that is given up when the disk is full, so that erasing still works |
//! | `lock`, `lock.alone` | who has the store open, and who wants to be alone with it              |

mod check;
mod error;
mod files;
mod opening;
mod recover;
mod rows;
mod schema;
mod second_copy;
mod space;
mod turn;
mod writer;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread::JoinHandle;

use faults::Fault;
use jiff::civil::Date;
use rusqlite::{Connection, InterruptHandle};
use tokio::sync::Notify;

pub use check::{ChainReport, Rebuilt};
pub use error::{OpenError, QueueError, SubmitError};
pub use rows::{Entry, Figures, QueueRow, QueueState, RequestDetail, StoredFile};

use crate::draft::Draft;
use crate::journal::Journal as AuditJournal;
use crate::keys::Keys;
use files::Files;
use protocol::envelope::{ContentKey, Receipt, RequestId, SealingKeys};
use protocol::journal::Record;
use protocol::kiosk_id;
use second_copy::{Extent, SecondCopy};
use space::{Limits, Space};
use turn::Turn;
pub(crate) use writer::SignedHead;
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
    /// Without them no request is taken.
    sealing: Option<SealingKeys>,
    files: Files,
    shared: Arc<Shared>,
    commands: Option<mpsc::Sender<Command>>,
    writer: Option<JoinHandle<()>>,
}

/// What the writer, the check and the handles know together.
#[derive(Default)]
pub(crate) struct Shared {
    /// Rung when a request was saved.
    pub(crate) wake: Notify,
    /// `None` while the database is put aside.
    reader: Mutex<Option<Connection>>,
    sending: Mutex<BTreeSet<u64>>,
    journal: OnceLock<AuditJournal>,
    frozen: AtomicBool,
    write_fault: Mutex<Option<Fault>>,
    report: Mutex<Option<ChainReport>>,
    reported: Condvar,
    closing: AtomicBool,
    checking: Mutex<Option<InterruptHandle>>,
}

impl Shared {
    fn write_failed(&self, fault: Option<Fault>) {
        *lock(&self.write_fault) = fault;
    }

    fn set_frozen(&self, frozen: bool) {
        self.frozen.store(frozen, Ordering::Relaxed);
    }

    /// A later check, after a failure, adds to what the first one found.
    fn checked(&self, mut report: ChainReport) {
        self.note_report(&report);
        let mut known = lock(&self.report);
        if let Some(known) = known.take() {
            report.repaired.extend(known.repaired);
            report.rebuilt = report.rebuilt.or(known.rebuilt);
        }
        *known = Some(report);
        self.reported.notify_all();
    }

    fn note(&self, record: &Record) {
        if let Some(journal) = self.journal.get()
            && let Err(error) = journal.append(record)
        {
            tracing::error!(%error, code = error.fault().code(), "the journal misses a record");
        }
    }

    fn note_report(&self, report: &ChainReport) {
        let missing = report.rebuilt.as_ref().map_or(0, |rebuilt| rebuilt.missing.len());
        if !report.is_intact() || report.rebuilt.is_some() || !report.repaired.is_empty() {
            self.note(&Record::StoreRepaired {
                damaged: report.damaged.len() as u64,
                repaired: report.repaired.len() as u64,
                missing: missing as u64,
                rebuilt: report.rebuilt.is_some(),
            });
        }
    }

    fn close_reader(&self) {
        *lock(&self.reader) = None;
    }

    fn open_reader(&self, dir: &Path) -> Result<(), OpenError> {
        *lock(&self.reader) = Some(schema::open_reader(dir)?);
        Ok(())
    }
}

/// How a store is opened.
pub(crate) struct Setup {
    pub(crate) sealing: Option<SealingKeys>,
    pub(crate) limits: Limits,
    pub(crate) prepare: Prepare,
    /// Run before the check behind the start; tests hold it up.
    pub(crate) before_check: Arc<dyn Fn() + Send + Sync>,
}

impl Setup {
    fn new(sealing: Option<SealingKeys>) -> Self {
        let limits = Limits::default();
        Self { sealing, limits, prepare: Arc::new(|_| {}), before_check: Arc::new(|| {}) }
    }
}

impl Outbox {
    /// Opens the store of `kiosk` in `dir` (made with mode 0700 on the first start) for sending and for staff: without
    /// sealing keys no request is taken.
    ///
    /// # Errors
    /// [`OpenError`], with every file left as it was.
    pub fn open(dir: &Path, kiosk: &str, keys: Keys) -> Result<Self, OpenError> {
        let setup = Setup::new(None);
        Self::open_with(dir, kiosk, keys, setup)
    }

    /// Opens the store for taking requests too. It serves at once; the check runs behind it, and until it has passed
    /// nothing is erased.
    ///
    /// A damaged request does not keep the store closed: it is repaired from the second copy or held, and
    /// [`Outbox::health`] says so. A damaged database is put aside and rebuilt.
    ///
    /// With keys of a later epoch than the store's and a new signing key, the kiosk was enrolled again: a new chain
    /// begins, and what waits of the old one is still sent.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_sealing(
        dir: &Path,
        kiosk: &str,
        keys: Keys,
        sealing: SealingKeys,
    ) -> Result<Self, OpenError> {
        let setup = Setup::new(Some(sealing));
        Self::open_with(dir, kiosk, keys, setup)
    }

    pub(crate) fn open_with(dir: &Path, kiosk: &str, keys: Keys, setup: Setup) -> Result<Self, OpenError> {
        if !kiosk_id::is_valid(kiosk) {
            return Err(OpenError::KioskId(kiosk.to_owned()));
        }
        durable::secret_file::private_dir(dir).map_err(OpenError::Folder)?;
        let turn = Turn::take(dir).map_err(|source| OpenError::File { path: dir.to_owned(), source })?;
        let shared = Arc::new(Shared::default());
        let mut writer = Writer {
            dir: dir.to_owned(),
            kiosk: kiosk.to_owned(),
            keys,
            epoch: setup.sealing.as_ref().map(SealingKeys::epoch),
            shared: shared.clone(),
            prepare: setup.prepare,
            space: Space::of(dir, setup.limits),
            files: Files::of(dir),
            copy: SecondCopy::of(dir),
            turn,
            connection: None,
            epochs: None,
            checked: false,
            refused: Vec::new(),
            restored: Vec::new(),
        };
        writer.start()?;
        writer.space.take_ballast();
        shared.open_reader(dir)?;
        let (sender, receiver) = mpsc::channel();
        let files = writer.files.clone();
        if !writer.checked {
            let begun = writer.begun();
            check_behind(dir, kiosk, &files, &shared, sender.clone(), begun, setup.before_check)?;
        }
        let thread = std::thread::Builder::new()
            .name("outbox".to_owned())
            .spawn(move || {
                if writer.turn.is_alone() {
                    // Only starting needed it.
                    let _ = writer.turn.share();
                }
                writer.run(&receiver);
            })
            .map_err(OpenError::Thread)?;
        let (kiosk, sealing) = (kiosk.to_owned(), setup.sealing);
        let (commands, writer) = (Some(sender), Some(thread));
        Ok(Self { inner: Arc::new(Inner { kiosk, sealing, files, shared, commands, writer }) })
    }

    /// Gives the request its place and its case number, signs and seals it, and writes it. `date` is the hall's date and stands
    /// in the case number.
    ///
    /// `answer` is called once when the request is durable or was not taken, nearly always on the writer's thread; it must
    /// not block. A save wakes the forwarder.
    pub fn submit(
        &self,
        draft: Draft,
        date: Date,
        answer: impl FnOnce(Result<Saved, SubmitError>) + Send + 'static,
    ) {
        match self.content_key() {
            Ok(key) => self.submit_under(key, draft, date, answer),
            Err(error) => {
                self.inner.shared.write_failed(Some(error.fault()));
                answer(Err(error));
            }
        }
    }

    /// Makes a content key for one request and wraps it for the platform: the dear part of sealing. It is done on the
    /// caller's thread, because the writer has others' requests to write meanwhile, and it may be done ahead.
    ///
    /// # Errors
    /// [`SubmitError::NoSealingKeys`]; [`SubmitError::Envelope`] when the system has no random numbers.
    pub fn content_key(&self) -> Result<ContentKey, SubmitError> {
        let keys = self.inner.sealing.as_ref().ok_or(SubmitError::NoSealingKeys)?;
        ContentKey::random(keys.keys()).map_err(SubmitError::Envelope)
    }

    /// [`Outbox::submit`] under a key that was made ahead.
    pub fn submit_under(
        &self,
        key: ContentKey,
        draft: Draft,
        date: Date,
        answer: impl FnOnce(Result<Saved, SubmitError>) + Send + 'static,
    ) {
        let (draft, key) = (Box::new(draft), Box::new(key));
        let command = Command::Submit { draft, date, key, answer: Box::new(answer) };
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
        let sending = lock(&self.inner.shared.sending).clone();
        self.read(|reader| rows::list(reader, &sending))
    }

    /// One request for staff, by its id, a beginning of its id of at least six digits, its case number or its acceptance
    /// number. Of several that fit, the newest.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn request(&self, name: &str) -> Result<Option<RequestDetail>, QueueError> {
        let sending = lock(&self.inner.shared.sending).clone();
        self.read(|reader| rows::detail(reader, name.trim(), &sending))
    }

    /// How much waits, and since when: cheap with a hundred thousand requests.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn figures(&self) -> Result<Figures, QueueError> {
        self.read(rows::figures)
    }

    /// Lets the outbox say in the audit journal what becomes of requests, and sign the journal's place with its own. Only
    /// the first one counts.
    pub fn attach_journal(&self, journal: AuditJournal) {
        if self.inner.shared.journal.set(journal).is_ok() {
            let known = lock(&self.inner.shared.report).clone();
            if let Some(report) = known {
                self.inner.shared.note_report(&report);
            }
        }
    }

    /// How many requests wait to be sent; held ones do not count.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn waiting(&self) -> Result<u64, QueueError> {
        self.read(rows::waiting)
    }

    /// The oldest request to be sent with an [`Entry::number`] above `after`.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn next_unsent(&self, after: u64) -> Result<Option<Entry>, QueueError> {
        self.read(|reader| rows::next_unsent(reader, after, &self.inner.files))
    }

    /// Stores the receipt; then the request's content and files are erased. Only a verified [`Receipt`] can be given;
    /// the row and its outer envelope stay, so that the chain can be followed.
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
        let held = self.read(|reader| rows::held_place(reader, &id))?;
        self.change(Change::Release { id })?;
        if let Some((epoch, seq)) = held {
            self.note(&Record::Released { epoch, seq });
        }
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
        let damaged = lock(&shared.report).as_ref().is_some_and(|report| !report.is_intact());
        write_fault.or(damaged.then_some(Fault::StoreDamaged))
    }

    /// Whether the store was frozen.
    pub fn is_frozen(&self) -> bool {
        self.inner.shared.frozen.load(Ordering::Relaxed)
    }

    /// What the check found; waits for the one behind the start.
    pub fn report(&self) -> ChainReport {
        let mut report = lock(&self.inner.shared.report);
        loop {
            match &*report {
                Some(report) => return report.clone(),
                None => {
                    report = self.inner.shared.reported.wait(report).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// The time of the newest verified receipt, Unix seconds: the clock is at least that late.
    ///
    /// # Errors
    /// [`QueueError::Read`].
    pub fn platform_time(&self) -> Result<Option<i64>, QueueError> {
        let time = self.read(|reader| schema::meta(reader, "platform_time"))?;
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

    /// The newest epoch of this store: requests of an older one are the last of theirs.
    pub(crate) fn epoch(&self) -> Result<u32, QueueError> {
        self.read(|reader| Ok(schema::epochs(reader)?.current()))
    }

    /// Marks whether the request with this number is on the wire.
    pub(crate) fn sending(&self, number: u64, is: bool) {
        let mut sending = lock(&self.inner.shared.sending);
        if is {
            sending.insert(number)
        } else {
            sending.remove(&number)
        };
    }

    /// The request with this id, if it is to be sent.
    pub(crate) fn unsent(&self, id: RequestId) -> Result<Option<Entry>, QueueError> {
        self.read(|reader| {
            let Some(found) = rows::find(reader, &id)? else { return Ok(None) };
            let next = rows::next_unsent(reader, found.number.saturating_sub(1), &self.inner.files)?;
            Ok(next.filter(|entry| entry.id == id))
        })
    }

    /// Says it in the audit journal, if there is one. A journal that fails does not keep requests from being sent.
    pub(crate) fn note(&self, record: &Record) {
        self.inner.shared.note(record);
    }

    /// Where the chain and the journal stand, signed; `None` while more is under way than a head can list.
    pub(crate) fn signed_head(&self) -> Result<Option<SignedHead>, QueueError> {
        let journal = self.inner.shared.journal.get().map(AuditJournal::place).transpose();
        let journal = journal.unwrap_or_else(|error| {
            tracing::error!(%error, code = error.fault().code(), "the journal cannot be read");
            None
        });
        let (answer, signed) = mpsc::sync_channel(1);
        let command = Command::Head { journal: journal.unwrap_or_default(), answer };
        self.send(command).map_err(|_| QueueError::Closed)?;
        signed.recv().map_err(|_| QueueError::Closed)?
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

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, QueueError> {
        match &*lock(&self.inner.shared.reader) {
            Some(reader) => Ok(work(reader)?),
            None => Err(QueueError::Closed),
        }
    }
}

/// Checks the database on a thread and a connection of its own, and tells the writer.
fn check_behind(
    dir: &Path,
    kiosk: &str,
    files: &Files,
    shared: &Arc<Shared>,
    sender: mpsc::Sender<Command>,
    begun: (u64, std::io::Result<Extent>),
    before: Arc<dyn Fn() + Send + Sync>,
) -> Result<(), OpenError> {
    let connection = schema::open_reader(dir)?;
    *lock(&shared.checking) = Some(connection.get_interrupt_handle());
    let (kiosk, files, shared) = (kiosk.to_owned(), files.clone(), shared.clone());
    std::thread::Builder::new()
        .name("outbox-check".to_owned())
        .spawn(move || {
            before();
            let closing = || shared.closing.load(Ordering::Relaxed);
            let found = check::database(&connection)
                .and_then(|()| check::walk(&connection, &kiosk, &files, &closing))
                .map(|walk| walk.with_copy(&connection, begun.0, begun.1));
            // Its locks must be gone before the writer may put the database aside.
            drop(connection);
            *lock(&shared.checking) = None;
            // Without a writer nobody needs to know.
            let _ = sender.send(Command::Checked(Box::new(found)));
        })
        .map(drop)
        .map_err(OpenError::Thread)
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.commands = None;
        self.shared.closing.store(true, Ordering::Relaxed);
        if let Some(check) = &*lock(&self.shared.checking) {
            check.interrupt();
        }
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
