//! What staff and the platform are told: one request, the figures, the signed head, the audit journal.

use super::*;
use crate::journal;
use protocol::envelope::head;

fn signed_head(bench: &Bench, outbox: &Outbox) -> head::Head {
    let signed = outbox.signed_head().unwrap().unwrap();
    let head = head::verify(&signed.bytes, &bench.keys().verifying_key()).unwrap();
    assert_eq!(signed.seq, head.seq);
    head
}

#[test]
fn one_request_is_found_by_each_of_its_names() {
    let bench = Bench::new();
    let outbox = bench.open();
    outbox.report();
    let first = save_draft(&outbox, draft_with_files()).unwrap();
    let second = save(&outbox).unwrap();
    outbox.acknowledge(receipt(&first, KIOSK, 1)).unwrap();
    let id = hex::encode(first.id);
    for name in [id.as_str(), &id[..6], &id[..13], &id.to_uppercase(), &first.case_number, "2026112100000001"]
    {
        assert_eq!(outbox.request(name).unwrap().unwrap().row.seq, 1, "{name}");
    }
    for name in ["", "1", &id[..5], "110101-0007-261121-00009", "zzzzzzzz", "' OR 1=1 --"] {
        assert_eq!(outbox.request(name).unwrap(), None, "{name}");
    }
    let erased = outbox.request(&first.case_number).unwrap().unwrap();
    assert_eq!((erased.bytes, erased.files.len()), (0, 0));
    assert!(erased.row.erased.is_some() && erased.row.changed.is_some() && erased.row.attempted.is_some());
    let waiting = outbox.request(&second.case_number).unwrap().unwrap();
    assert!(waiting.bytes > 1000);
    assert_eq!((waiting.prev, waiting.row.attempted, waiting.row.changed), (id, None, None));
}

#[test]
fn figures_count_what_waits_and_since_when() {
    let bench = Bench::new();
    let outbox = bench.open();
    assert_eq!(outbox.figures().unwrap(), Figures::default());
    let saved: Vec<Saved> = (0..4)
        .map(|at| {
            let mut draft = draft();
            draft.created += at;
            save_draft(&outbox, draft).unwrap()
        })
        .collect();
    outbox.acknowledge(receipt(&saved[0], KIOSK, 1)).unwrap();
    outbox.hold(saved[1].id, Fault::PlatformRefused).unwrap();
    let figures = outbox.figures().unwrap();
    assert_eq!(figures, Figures { queued: 2, held: 1, oldest: Some(1_800_000_061) });
}

#[test]
fn the_head_ends_with_the_newest_request_and_lists_what_the_platform_cannot_have() {
    let bench = Bench::new();
    let outbox = bench.open();
    let empty = signed_head(&bench, &outbox);
    assert_eq!((empty.seq, empty.hash, empty.held), (0, [0; 32], vec![]));
    let saved: Vec<Saved> = (0..4).map(|_| save(&outbox).unwrap()).collect();
    outbox.acknowledge(receipt(&saved[0], KIOSK, 1)).unwrap();
    outbox.acknowledge(receipt(&saved[2], KIOSK, 3)).unwrap();
    outbox.hold(saved[1].id, Fault::PlatformRefused).unwrap();
    let head = signed_head(&bench, &outbox);
    assert_eq!((head.epoch, head.seq, head.hash), (1, 4, saved[3].id));
    assert_eq!((head.held, head.journal_seq, head.journal_hash), (vec![2, 4], 0, [0; 32]));
}

#[test]
fn the_journal_stands_in_the_head_and_says_what_was_released_and_repaired() {
    let bench = Bench::new();
    let folder = bench.dir.path().join("journal");
    let outbox = bench.open();
    let saved = save(&outbox).unwrap();
    outbox.attach_journal(journal::Journal::open(&folder).unwrap());
    outbox.hold(saved.id, Fault::PlatformRefused).unwrap();
    outbox.release(saved.id).unwrap();
    outbox.release(saved.id).unwrap();
    let head = signed_head(&bench, &outbox);
    assert_eq!(head.journal_seq, 1);
    drop(outbox);
    // A hostile hand: the second copy puts it right, and the journal says so.
    bench.raw().execute_batch("DELETE FROM contents").unwrap();
    let outbox = bench.open();
    outbox.attach_journal(journal::Journal::open(&folder).unwrap());
    outbox.report();
    let mut records = Vec::new();
    let verified = journal::each(&folder, |entry| records.extend(entry.record)).unwrap();
    assert_eq!(verified.broken, None);
    let repaired = Record::StoreRepaired { damaged: 0, repaired: 1, missing: 0, rebuilt: false };
    assert_eq!(records, [Record::Released { epoch: 1, seq: 1 }, repaired]);
    assert_eq!(signed_head(&bench, &outbox).journal_hash, verified.place.hash);
}

#[test]
fn a_store_of_the_release_before_gets_its_new_columns_and_stays_readable_to_it() {
    let bench = Bench::new();
    let outbox = bench.open();
    save(&outbox).unwrap();
    drop(outbox);
    bench
        .raw()
        .execute_batch(
            "DROP INDEX requests_held; DROP INDEX requests_accepted; ALTER TABLE requests DROP COLUMN attempted;
             ALTER TABLE requests DROP COLUMN changed; ALTER TABLE requests DROP COLUMN erased;",
        )
        .unwrap();
    let outbox = bench.open();
    assert!(outbox.report().is_intact());
    assert_eq!(outbox.list().unwrap()[0].attempted, None);
    assert_eq!(save(&outbox).unwrap().seq, 2);
    let version: i64 = bench.raw().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
}
