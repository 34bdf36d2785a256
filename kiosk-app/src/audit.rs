//! What the machine did, without personal data: a line in the log, and a record in the audit journal.
//!
//! Records are written on a thread of their own: each waits for the disk, and the loop must not.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use faults::Fault;
use outbox::Journal;
use protocol::journal::{Record, VisitEnd, Word};
use session::{Ending, Note};
use sha2::{Digest, Sha256};
use tracing::{error, info, warn};

use crate::device::Device;
use faults::chain;

/// Where the journal lies in the state folder.
pub fn folder(state: &Path) -> PathBuf {
    state.join("journal")
}

/// Opens the journal of a state folder; what is wrong with it is logged, and then there is none.
pub fn open(state: &Path) -> Option<Journal> {
    let journal = Journal::open(&folder(state));
    journal.inspect_err(|error| error!(code = error.fault().code(), "journal: {}", chain(&error))).ok()
}

/// The journal of one run of the program.
pub struct Audit {
    journal: Option<Journal>,
    records: Option<Sender<Record>>,
    writer: Option<JoinHandle<()>>,
    /// The matter of the visit under way.
    matter: Option<Word>,
}

impl Audit {
    /// Writes into this journal; `None` leaves only the log.
    pub fn new(journal: Option<Journal>) -> Audit {
        let (records, received) = mpsc::channel::<Record>();
        let writer = journal.clone().and_then(|journal| {
            std::thread::Builder::new()
                .name("journal".to_owned())
                .spawn(move || {
                    for record in received {
                        write(&journal, &record);
                    }
                })
                .inspect_err(|error| error!("no thread for the journal: {error}"))
                .ok()
        });
        Audit { journal, records: writer.as_ref().map(|_| records), writer, matter: None }
    }

    /// The journal itself, for the store, which says in it what becomes of requests.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// The program started, with this configuration; `closed` is why it does not serve.
    pub fn started(&self, configuration: Option<&Path>, closed: Option<Fault>) {
        info!(code = closed.map(Fault::code), "started");
        if let Some(version) = Word::new(concat!("v", env!("CARGO_PKG_VERSION"))) {
            self.keep(Record::Started { version });
        }
        if let Some(bytes) = configuration.and_then(|path| std::fs::read(path).ok()) {
            self.installed("configuration", Sha256::digest(bytes).into());
        }
        if let Some(fault) = closed {
            self.keep(Record::Trouble { fault });
        }
    }

    /// A device failed, failed in another way, or is well again. Its driver has told the log.
    pub fn device(&self, device: Device, fault: Option<Fault>) {
        self.device_named(device.name(), fault);
    }

    /// The platform can be reached again, or cannot.
    pub fn platform(&self, fault: Option<Fault>) {
        self.device_named("platform", fault);
    }

    /// The store takes no requests, or takes them again.
    pub fn store(&self, fault: Option<Fault>) {
        info!(code = fault.map(Fault::code), "store");
        self.device_named("store", fault);
    }

    /// A request is durable.
    pub fn saved(&self, epoch: u32, seq: u64) {
        self.keep(Record::Saved { epoch, seq });
    }

    /// A save failed, and the citizen was told so.
    pub fn not_saved(&self, fault: Fault) {
        self.keep(Record::NotSaved { fault });
    }

    /// The catalogue with this hash is in force.
    pub fn catalogue(&self, hash: [u8; 32]) {
        info!("catalogue in force");
        self.installed("catalogue", hash);
    }

    /// A catalogue was refused.
    pub fn refused(&self, fault: Fault) {
        self.keep(Record::Trouble { fault });
    }

    /// What the session notes: shapes and codes, never content.
    pub fn note(&mut self, note: &Note) {
        match note {
            Note::VisitBegan(matter) => {
                info!(matter, "visit began");
                self.matter = Word::new(matter);
            }
            Note::VisitEnded(ending) => {
                info!(?ending, "visit ended");
                let matter = self.matter.take();
                self.keep(Record::Visit { matter, end: end(*ending) });
            }
            Note::FaultShown(fault) => info!(code = fault.code(), "fault shown"),
            Note::LateAnswer(command) => info!(command, "late answer dropped"),
            Note::LateSaved(case_number) => warn!(case_number, "saved after its page had given up"),
            Note::Rated(rating) => info!(rating, "rated"),
            Note::Called => info!("an attendant was called"),
            Note::CallAnswered => info!("an attendant comes"),
            Note::CallOver => info!("the call is over"),
            Note::Paid(case_number) => info!(case_number, "paid"),
            Note::CardLeft => {
                warn!("a card was left on the reader");
                self.keep(Record::Trouble { fault: Fault::CardLeftBehind });
            }
        }
    }

    /// The program ends cleanly; returns when that is on the disk.
    pub fn ended(self) {
        info!("ended");
        self.keep(Record::Stopped);
    }

    fn device_named(&self, name: &str, fault: Option<Fault>) {
        if let Some(device) = Word::new(name) {
            self.keep(Record::Device { device, fault });
        }
    }

    fn installed(&self, what: &str, hash: [u8; 32]) {
        if let Some(what) = Word::new(what) {
            self.keep(Record::Installed { what, hash });
        }
    }

    fn keep(&self, record: Record) {
        // Without a writer the log has said it.
        self.records.iter().for_each(|records| drop(records.send(record.clone())));
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        self.records = None;
        if let Some(writer) = self.writer.take() {
            // A writer that broke down has nothing left to write.
            let _ = writer.join();
        }
    }
}

/// Appends one record; a journal that fails does not keep the machine from serving.
pub fn write(journal: &Journal, record: &Record) {
    if let Err(error) = journal.append(record) {
        error!(code = error.fault().code(), "the journal misses a record: {}", chain(&error));
    }
}

const fn end(ending: Ending) -> VisitEnd {
    match ending {
        Ending::Submitted => VisitEnd::Done,
        Ending::Left => VisitEnd::Left,
        Ending::Idle => VisitEnd::TimedOut,
        Ending::Refused => VisitEnd::Refused,
        Ending::Failed(_) => VisitEnd::Failed,
    }
}

#[cfg(test)]
mod tests {
    use outbox::journal::{each, verify};

    use super::*;

    #[test]
    fn a_run_is_in_the_journal_and_its_chain_holds() {
        let state = tempfile::tempdir().unwrap();
        let configuration = state.path().join("kiosk.toml");
        std::fs::write(&configuration, "[kiosk]").unwrap();
        let mut audit = Audit::new(open(state.path()));
        audit.started(Some(&configuration), None);
        audit.note(&Note::VisitBegan("household-certificate".to_owned()));
        audit.device(Device::Camera, Some(Fault::CameraFrozen));
        audit.note(&Note::VisitEnded(Ending::Idle));
        audit.ended();
        let mut kinds = Vec::new();
        let verified =
            each(&folder(state.path()), |entry| kinds.push(entry.record.unwrap().fields().0)).unwrap();
        assert_eq!(kinds, ["started", "installed", "device", "visit", "stopped"]);
        assert!(verified.broken.is_none() && verified.place.seq == 5);

        let file = std::fs::read_dir(folder(state.path())).unwrap().map(|f| f.unwrap().path());
        let file = file.into_iter().find(|path| path.extension().is_some()).unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        assert!(verify(&folder(state.path())).unwrap().broken.is_some());
    }
}
