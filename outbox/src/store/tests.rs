use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use jiff::civil::date;

use super::*;
use crate::made_up;
use protocol::envelope::receipt::{Statement, sign_receipt};
use protocol::envelope::{self, Attachment, CardRecord, OpeningKey, verify_receipt};

mod child;
mod damage;
mod epochs;
mod for_staff;
mod full_disk;
mod power_cut;
mod rebuild;
mod refused;
mod stolen;

const KIOSK: &str = "110101-0007";
/// Stands in the card record and must be nowhere once the request is erased.
const SECRET: &[u8] = b"\x31\x30SECRET-OF-A-CITIZEN";
/// Longest wait for the writer in a test: an event ends it, not the clock.
const SOON: Duration = Duration::from_secs(30);

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("outbox")
    }

    fn keys(&self) -> Keys {
        Keys::load_or_create(&self.dir.path().join("keys")).unwrap()
    }

    fn open(&self) -> Outbox {
        child::open(self.dir.path())
    }

    fn open_with(&self, prepare: impl Fn(&mut Connection) + Send + Sync + 'static) -> Outbox {
        self.open_limited(Limits::default(), prepare)
    }

    fn open_limited(
        &self,
        limits: Limits,
        prepare: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Outbox {
        let setup = Setup { limits, prepare: Arc::new(prepare), ..Setup::new(Some(sealing(1))) };
        Outbox::open_with(&self.path(), KIOSK, self.keys(), setup).unwrap()
    }

    /// Opens a request as the platform would.
    fn opened(&self, entry: &Entry) -> envelope::Manifest {
        let key = self.keys().verifying_key();
        envelope::Sealed::split(&entry.body).unwrap().open(&key, &[opening_key()]).unwrap()
    }

    /// Sequences of the requests that wait, each opened with its files: what is queued is whole.
    fn queued_and_whole(&self, outbox: &Outbox) -> Vec<u64> {
        let (mut seqs, mut after) = (Vec::new(), 0);
        while let Some(entry) = outbox.next_unsent(after).unwrap() {
            let manifest = self.opened(&entry);
            assert_eq!(manifest.attachments.len(), entry.attachments.len());
            for (described, file) in manifest.attachments.iter().zip(&entry.attachments) {
                let bytes = fs::read(&file.path).unwrap();
                assert_eq!(bytes.len() as u64, file.bytes);
                envelope::open_attachment(&bytes, described).unwrap();
            }
            seqs.push(entry.seq);
            after = entry.number;
        }
        seqs
    }

    /// The database without the outbox: a hostile hand.
    fn raw(&self) -> Connection {
        Connection::open(self.path().join(schema::FILE)).unwrap()
    }
}

fn opening_key() -> OpeningKey {
    OpeningKey::from_bytes(&[9; 32]).unwrap()
}

fn sealing(epoch: u32) -> SealingKeys {
    SealingKeys::new(epoch, vec![opening_key().public()]).unwrap()
}

fn draft() -> Draft {
    let mut card = vec![0x20; 1284];
    card.splice(100..100 + SECRET.len(), SECRET.iter().copied());
    let mut draft = made_up::draft();
    draft.card = CardRecord::new(card);
    draft
}

/// A draft with two files.
fn draft_with_files() -> Draft {
    let mut draft = draft();
    draft.attachments = [3000, 70_000]
        .map(|length| Attachment {
            name: format!("paper-{length}"),
            media_type: "image/jpeg".into(),
            content: SECRET.iter().copied().cycle().take(length).collect(),
        })
        .to_vec();
    draft
}

fn save(outbox: &Outbox) -> Result<Saved, SubmitError> {
    save_draft(outbox, draft())
}

fn save_draft(outbox: &Outbox, draft: Draft) -> Result<Saved, SubmitError> {
    let (answer, saved) = mpsc::channel();
    outbox.submit(draft, date(2026, 11, 21), move |result| answer.send(result).unwrap());
    saved.recv_timeout(SOON).unwrap()
}

fn platform_key() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn receipt(saved: &Saved, kiosk: &str, seq: u64) -> Receipt {
    let statement = Statement {
        id: saved.id,
        kiosk: kiosk.into(),
        seq,
        head: saved.id,
        time: 1_800_000_100,
        acceptance_number: format!("20261121{seq:08}"),
    };
    verify_receipt(&sign_receipt(&statement, &platform_key()), &platform_key().verifying_key()).unwrap()
}

fn holds(bench: &Bench, needle: &[u8]) -> bool {
    files_below(bench.dir.path())
        .iter()
        .any(|file| fs::read(file).unwrap().windows(needle.len()).any(|window| window == needle))
}

fn files_below(dir: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_saved_request_has_its_place_its_number_and_its_signature() {
    let bench = Bench::new();
    let outbox = bench.open();
    let first = save(&outbox).unwrap();
    let second = save(&outbox).unwrap();
    assert_eq!((first.seq, first.case_number.as_str()), (1, "110101-0007-261121-00001"));
    assert_eq!((second.seq, second.case_number.as_str()), (2, "110101-0007-261121-00002"));

    let entry = outbox.next_unsent(0).unwrap().unwrap();
    assert_eq!(entry.id, first.id);
    let manifest = bench.opened(&entry);
    assert_eq!(manifest.prev, [0; 32]);
    assert_eq!(manifest.case_number, first.case_number);
    let entry = outbox.next_unsent(1).unwrap().unwrap();
    let manifest = bench.opened(&entry);
    assert_eq!((manifest.prev, manifest.seq, manifest.epoch), (first.id, 2, 1));
    assert_eq!(manifest.answers, draft().answers);
    assert!(outbox.next_unsent(2).unwrap().is_none());

    let rows = outbox.list().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].state, rows[0].attempts, rows[0].seq), (QueueState::Queued, 0, 1));
    assert_eq!(rows[0].id, hex::encode(first.id));
}

#[test]
fn case_numbers_grow_past_five_digits() {
    assert_eq!(writer::chain::case_number(KIOSK, date(2026, 11, 21), 1, 47), "110101-0007-261121-00047");
    assert_eq!(writer::chain::case_number(KIOSK, date(2100, 1, 2), 1, 123_456), "110101-0007-000102-123456");
    assert_eq!(writer::chain::case_number(KIOSK, date(2026, 11, 21), 2, 1), "110101-0007-261121-02-00001");
}

#[test]
fn the_files_are_private() {
    let bench = Bench::new();
    let outbox = bench.open();
    save(&outbox).unwrap();
    assert_eq!(fs::metadata(bench.path()).unwrap().mode() & 0o777, 0o700);
    let files = files_below(&bench.path());
    for file in &files {
        assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600, "{file:?}");
    }
    assert_eq!(files.len(), 7, "database, log, shared memory, two locks, ballast, second copy: {files:?}");
}

#[test]
fn the_database_has_the_settings_it_needs() {
    let bench = Bench::new();
    drop(bench.open());
    let key = bench.keys().verifying_key();
    let connection = schema::open(&bench.path(), KIOSK, &key, None).unwrap();
    let value = |name: &str| {
        let value: rusqlite::types::Value =
            connection.pragma_query_value(None, name, |row| row.get(0)).unwrap();
        if let rusqlite::types::Value::Integer(number) = value {
            return number.to_string();
        }
        let rusqlite::types::Value::Text(text) = value else { panic!("{name}") };
        text
    };
    for (name, expected) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("busy_timeout", "5000"),
        ("auto_vacuum", "2"),
        ("wal_autocheckpoint", "1000"),
        ("journal_size_limit", "16777216"),
        ("secure_delete", "2"),
        ("user_version", "1"),
    ] {
        assert_eq!(value(name), expected, "{name}");
    }
}

#[test]
fn one_commit_serves_all_that_wait() {
    let bench = Bench::new();
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = commits.clone();
    let outbox = bench.open_with(move |connection| {
        let counted = counted.clone();
        let hook = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            false
        };
        connection.commit_hook(Some(hook)).unwrap();
    });
    let (entered, writer_waits) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    outbox.submit(draft(), date(2026, 11, 21), move |_| {
        entered.send(()).unwrap();
        may_go_on.recv().unwrap();
    });
    writer_waits.recv_timeout(SOON).unwrap();
    let (answer, answers) = mpsc::channel();
    for _ in 0..20 {
        let answer = answer.clone();
        outbox.submit(draft(), date(2026, 11, 21), move |result| answer.send(result.unwrap().seq).unwrap());
    }
    go_on.send(()).unwrap();
    let seqs: Vec<u64> = (0..20).map(|_| answers.recv_timeout(SOON).unwrap()).collect();
    assert_eq!(seqs, (2..=21).collect::<Vec<_>>(), "in the order they were asked");
    assert_eq!(commits.load(Ordering::SeqCst), 2, "one for the first, one for the other twenty");
}

#[test]
fn many_threads_get_one_chain() {
    let bench = Bench::new();
    let outbox = bench.open();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..25).for_each(|_| drop(save(&outbox).unwrap())));
        }
    });
    drop(outbox);
    let outbox = bench.open();
    assert!(outbox.report().is_intact());
    assert_eq!(outbox.waiting().unwrap(), 100);
    assert_eq!(save(&outbox).unwrap().seq, 101);
}

#[test]
fn two_programs_share_one_chain() {
    let bench = Bench::new();
    let (kiosk, service) = (bench.open(), bench.open());
    assert_eq!(save(&kiosk).unwrap().seq, 1);
    assert_eq!(save(&service).unwrap().seq, 2);
    assert_eq!(save(&kiosk).unwrap().seq, 3);
    drop((kiosk, service));
    assert!(bench.open().report().is_intact());
}

#[test]
fn a_receipt_erases_the_content_and_keeps_the_chain() {
    let bench = Bench::new();
    let outbox = bench.open();
    outbox.report();
    let first = save(&outbox).unwrap();
    assert!(!holds(&bench, SECRET), "nobody can read it here");
    let entry = outbox.next_unsent(0).unwrap().unwrap();
    let sealed = envelope::Sealed::split(&entry.body).unwrap();
    let (content, outer) = (&sealed.content[200..260], &sealed.outer[..]);
    assert!(holds(&bench, content), "or this test would prove nothing");
    outbox.acknowledge(receipt(&first, KIOSK, 1)).unwrap();
    drop(outbox);
    let contents: i64 = bench.raw().query_row("SELECT count(*) FROM contents", [], |row| row.get(0)).unwrap();
    assert_eq!(contents, 0);
    let copies = files_below(&bench.path().join("entries"));
    assert!(
        copies.iter().all(|file| fs::metadata(file).unwrap().len() < 300),
        "nothing but a head: {copies:?}"
    );
    assert!(holds(&bench, outer), "the outside stays");
    let outbox = bench.open();

    let row = outbox.list().unwrap().remove(0);
    assert_eq!(row.state, QueueState::Acknowledged);
    assert_eq!(row.acceptance_number.as_deref(), Some("2026112100000001"));
    assert_eq!(outbox.platform_time().unwrap(), Some(1_800_000_100));
    outbox.acknowledge(receipt(&first, KIOSK, 1)).unwrap();
    assert_eq!(outbox.list().unwrap().remove(0), row, "the second receipt changes nothing");

    save(&outbox).unwrap();
    drop(outbox);
    let outbox = bench.open();
    assert!(outbox.report().is_intact());
    assert_eq!(outbox.waiting().unwrap(), 1);
}

#[test]
fn a_receipt_for_something_else_erases_nothing() {
    let bench = Bench::new();
    let outbox = bench.open();
    let first = save(&outbox).unwrap();
    let unknown = Saved { id: [3; 32], ..first.clone() };
    for (receipt, fault) in [
        (receipt(&first, "110101-0008", 1), Fault::ReceiptInvalid),
        (receipt(&first, KIOSK, 2), Fault::ReceiptInvalid),
        (receipt(&unknown, KIOSK, 1), Fault::StoreUnavailable),
    ] {
        assert_eq!(outbox.acknowledge(receipt).unwrap_err().fault(), fault);
    }
    assert_eq!(outbox.waiting().unwrap(), 1);
    assert!(outbox.next_unsent(0).unwrap().is_some());
}

#[test]
fn a_failed_commit_is_told_and_not_repeated() {
    let bench = Bench::new();
    let fail = Arc::new(AtomicBool::new(false));
    let failing = fail.clone();
    let outbox = bench.open_with(move |connection| {
        let failing = failing.clone();
        connection.commit_hook(Some(move || failing.swap(false, Ordering::SeqCst))).unwrap();
    });
    save(&outbox).unwrap();
    fail.store(true, Ordering::SeqCst);
    let error = save(&outbox).unwrap_err();
    assert_eq!(error.fault(), Fault::StoreWriteFailed);
    assert_eq!(outbox.health(), Some(Fault::StoreWriteFailed));
    assert_eq!(outbox.list().unwrap().len(), 1, "not repeated");
    assert_eq!(save(&outbox).unwrap().seq, 2, "the store was opened again");
    assert_eq!(outbox.health(), None);
}

/// Found by `cargo xtask faults`: the store that opened again swept the files of the request that made it open.
#[test]
fn the_request_after_a_failed_commit_keeps_its_files() {
    let bench = Bench::new();
    let fail = Arc::new(AtomicBool::new(false));
    let failing = fail.clone();
    let outbox = bench.open_with(move |connection| {
        let failing = failing.clone();
        connection.commit_hook(Some(move || failing.swap(false, Ordering::SeqCst))).unwrap();
    });
    outbox.report();
    fail.store(true, Ordering::SeqCst);
    save_draft(&outbox, draft_with_files()).unwrap_err();
    save_draft(&outbox, draft_with_files()).unwrap();
    assert_eq!(bench.queued_and_whole(&outbox), [1]);
    assert_eq!(
        files_below(&bench.path().join("attachments")).len(),
        2,
        "and those of the refused one are gone"
    );
}

#[test]
fn a_full_disk_is_told_and_harms_nothing() {
    let bench = Bench::new();
    let outbox = bench.open_with(|connection| {
        connection.pragma_update(None, "max_page_count", 32).unwrap();
    });
    let mut saved = 0;
    let error = loop {
        match save(&outbox) {
            Ok(_) => saved += 1,
            Err(error) => break error,
        }
        assert!(saved < 100, "the disk never fills");
    };
    assert_eq!(error.fault(), Fault::StoreFull);
    assert_eq!(outbox.health(), Some(Fault::StoreFull));
    assert!(saved > 0);
    assert_eq!(outbox.waiting().unwrap(), saved, "what was promised is there");
    drop(outbox);
    let outbox = bench.open();
    assert!(outbox.report().is_intact());
    assert_eq!(save(&outbox).unwrap().seq, saved + 1, "with room again it goes on");
}

/// Without the second copy: what the database alone can tell.
fn forget_copy(bench: &Bench) {
    fs::remove_dir_all(bench.path().join("entries")).unwrap();
}

#[test]
fn a_changed_content_is_found_held_and_kept() {
    let bench = Bench::new();
    let outbox = bench.open();
    let saved: Vec<Saved> = (0..3).map(|_| save(&outbox).unwrap()).collect();
    drop(outbox);
    forget_copy(&bench);
    let content = "SELECT sealed FROM contents WHERE number = 2";
    let mut bytes: Vec<u8> = bench.raw().query_row(content, [], |row| row.get(0)).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    bench.raw().execute("UPDATE contents SET sealed = ?1 WHERE number = 2", [&bytes]).unwrap();

    let outbox = bench.open();
    assert_eq!(outbox.report().damaged, [2]);
    assert_eq!(outbox.health(), Some(Fault::StoreDamaged));
    let row = outbox.list().unwrap().remove(1);
    assert_eq!((row.state, row.last_code.as_deref()), (QueueState::Held, Some("OBX-04")));
    assert_eq!(outbox.release(saved[1].id).unwrap_err().fault(), Fault::StoreDamaged);
    let error = outbox.acknowledge(receipt(&saved[1], KIOSK, 2)).unwrap_err();
    assert_eq!(error.fault(), Fault::StoreDamaged);
    let kept: Vec<u8> = bench.raw().query_row(content, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, bytes, "nothing was erased");
    assert_eq!(outbox.next_unsent(1).unwrap().unwrap().seq, 3, "the others go on");
}

#[test]
fn a_changed_column_a_missing_row_and_a_bent_link_are_found() {
    for (tamper, damaged, broken) in [
        ("UPDATE requests SET prev = zeroblob(32) WHERE seq = 2", &[2][..], &[2][..]),
        ("UPDATE requests SET id = zeroblob(32) WHERE seq = 2", &[2], &[3]),
        ("UPDATE requests SET outer = zeroblob(300) WHERE seq = 2", &[2], &[]),
        ("DELETE FROM contents WHERE number = 2; DELETE FROM requests WHERE seq = 2", &[], &[3]),
        ("UPDATE requests SET seq = 9 WHERE seq = 3", &[9], &[9]),
        ("DELETE FROM contents WHERE number = 2", &[2], &[]),
    ] {
        let bench = Bench::new();
        let outbox = bench.open();
        (0..3).for_each(|_| drop(save(&outbox).unwrap()));
        drop(outbox);
        forget_copy(&bench);
        bench.raw().execute_batch(tamper).unwrap();
        let outbox = bench.open();
        assert_eq!(outbox.report().damaged, damaged, "{tamper}");
        assert_eq!(outbox.report().broken_links, broken, "{tamper}");
        assert_eq!(outbox.health(), Some(Fault::StoreDamaged), "{tamper}");
    }
}

#[test]
fn a_held_request_waits_for_staff() {
    let bench = Bench::new();
    let outbox = bench.open();
    let saved = save(&outbox).unwrap();
    outbox
        .note_attempt(saved.id, Fault::PlatformRefused, Some("urn:bianmin:problem:malformed".into()))
        .unwrap();
    outbox.hold(saved.id, Fault::PlatformRefused).unwrap();
    assert!(outbox.next_unsent(0).unwrap().is_none());
    let row = outbox.list().unwrap().remove(0);
    assert_eq!((row.state, row.attempts), (QueueState::Held, 1));
    assert_eq!(row.last_code.as_deref(), Some("PLT-05"));
    assert_eq!(row.last_problem.as_deref(), Some("urn:bianmin:problem:malformed"));
    outbox.release(saved.id).unwrap();
    assert_eq!(outbox.next_unsent(0).unwrap().unwrap().id, saved.id);
    assert!(matches!(outbox.release([0; 32]), Err(QueueError::Unknown)));
}

#[test]
fn a_frozen_store_takes_nothing_even_after_a_restart() {
    let bench = Bench::new();
    let outbox = bench.open();
    save(&outbox).unwrap();
    outbox.freeze().unwrap();
    assert_eq!(save(&outbox).unwrap_err().fault(), Fault::StoreFrozen);
    drop(outbox);
    let outbox = bench.open();
    assert!(outbox.is_frozen());
    assert_eq!(outbox.health(), Some(Fault::StoreFrozen));
    assert_eq!(save(&outbox).unwrap_err().fault(), Fault::StoreFrozen);
    assert_eq!(outbox.list().unwrap().len(), 1);
}

#[test]
fn a_store_of_another_kiosk_key_or_release_is_refused() {
    let bench = Bench::new();
    drop(bench.open());
    let open =
        |kiosk: &str, keys: Keys| Outbox::open_sealing(&bench.path(), kiosk, keys, sealing(1)).err().unwrap();
    assert!(matches!(open("110101-0008", bench.keys()), OpenError::OtherKiosk(_)));
    let other = Keys::load_or_create(&bench.dir.path().join("other")).unwrap();
    assert_eq!(open(KIOSK, other).fault(), Fault::KeyUnavailable);
    assert_eq!(open("no digits", bench.keys()).fault(), Fault::ConfigInvalid);
    bench.raw().pragma_update(None, "user_version", 2).unwrap();
    assert!(matches!(open(KIOSK, bench.keys()), OpenError::Schema { found: 2, known: 1 }));
}

/// Not a test of its own: the child of the test below, which dies between commit and answer.
#[test]
fn child_that_dies_before_its_answer() {
    let Some(dir) = child::folder() else { return };
    let outbox = child::open(&dir);
    outbox.submit(draft(), date(2026, 11, 21), |_| std::process::abort());
    std::thread::park_timeout(SOON);
}

#[test]
fn a_crash_between_commit_and_answer_is_harmless() {
    let bench = Bench::new();
    let ended = bench.child("child_that_dies_before_its_answer", &[]);
    assert!(!ended.success(), "the child was to abort");
    let outbox = bench.open();
    assert!(outbox.report().is_intact());
    let rows = outbox.list().unwrap();
    assert_eq!(rows.len(), 1, "what was committed is there");
    assert_eq!(rows[0].case_number, "110101-0007-261121-00001");
    assert_eq!(save(&outbox).unwrap().seq, 2);
}

#[test]
fn an_answer_may_hold_the_last_handle() {
    let bench = Bench::new();
    let outbox = bench.open();
    let (done, is_done) = mpsc::channel();
    let held = outbox.clone();
    outbox.submit(draft(), date(2026, 11, 21), move |result| {
        drop(held);
        done.send(result.is_ok()).unwrap();
    });
    drop(outbox);
    assert!(is_done.recv_timeout(SOON).unwrap());
}
