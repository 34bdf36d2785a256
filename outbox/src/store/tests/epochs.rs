//! Enrolled again: a new signing key, a new epoch, a new chain.

use super::*;

fn reopen(bench: &Bench, keys: Keys, epoch: u32) -> Result<Outbox, OpenError> {
    Outbox::open_sealing(&bench.path(), KIOSK, keys, sealing(epoch))
}

#[test]
fn a_new_key_needs_a_new_epoch_and_a_new_epoch_a_new_key() {
    let bench = Bench::new();
    let outbox = bench.open();
    save(&outbox).unwrap();
    drop(outbox);
    assert!(matches!(reopen(&bench, bench.keys(), 2), Err(OpenError::Epoch { store: 1, enrolment: 2 })));
    let new = || Keys::load_or_create(&bench.dir.path().join("new")).unwrap();
    assert!(matches!(reopen(&bench, new(), 1), Err(OpenError::OtherKey)));
    assert!(matches!(Outbox::open(&bench.path(), KIOSK, new()), Err(OpenError::OtherKey)));
    let outbox = reopen(&bench, new(), 2).unwrap();
    let saved = save(&outbox).unwrap();
    assert_eq!((saved.seq, saved.case_number.as_str()), (1, "110101-0007-261121-02-00001"));
    assert!(outbox.report().is_intact());
    let rows = outbox.list().unwrap();
    assert_eq!(rows.iter().map(|row| (row.epoch, row.seq)).collect::<Vec<_>>(), [(1, 1), (2, 1)]);
    drop(outbox);
    assert!(matches!(reopen(&bench, bench.keys(), 3), Err(OpenError::OtherKey)));
}

#[test]
fn an_unused_store_takes_the_epoch_of_its_enrolment() {
    let bench = Bench::new();
    drop(Outbox::open(&bench.path(), KIOSK, bench.keys()).unwrap());
    let outbox = reopen(&bench, bench.keys(), 4).unwrap();
    assert_eq!(save(&outbox).unwrap().case_number, "110101-0007-261121-04-00001");
}

#[test]
fn a_frozen_store_is_free_again_and_its_requests_wait_for_staff() {
    let bench = Bench::new();
    let outbox = bench.open();
    save(&outbox).unwrap();
    outbox.freeze().unwrap();
    drop(outbox);
    let new = Keys::load_or_create(&bench.dir.path().join("new")).unwrap();
    let outbox = reopen(&bench, new, 2).unwrap();
    assert!(!outbox.is_frozen());
    let row = outbox.list().unwrap().remove(0);
    assert_eq!((row.state, row.last_code.as_deref()), (QueueState::Held, Some("OBX-06")));
    save(&outbox).unwrap();
    let entry = outbox.next_unsent(0).unwrap().unwrap();
    assert_eq!((entry.epoch, entry.seq), (2, 1));
}

#[test]
fn without_sealing_keys_nothing_is_taken_and_everything_else_works() {
    let bench = Bench::new();
    let outbox = bench.open();
    save(&outbox).unwrap();
    drop(outbox);
    let outbox = Outbox::open(&bench.path(), KIOSK, bench.keys()).unwrap();
    assert_eq!(save(&outbox).unwrap_err().fault(), Fault::SealingKeyMissing);
    assert_eq!(outbox.waiting().unwrap(), 1);
}

#[test]
fn the_clock_may_be_years_off() {
    let bench = Bench::new();
    let outbox = bench.open();
    for (created, day) in [
        (0, date(1970, 1, 1)),
        (-1, date(1969, 12, 31)),
        (4_102_444_800, date(2100, 1, 1)),
        (1_800_000_000, date(2026, 11, 21)),
    ] {
        let (answer, saved) = mpsc::channel();
        let mut draft = draft();
        draft.created = created;
        outbox.submit(draft, day, move |result| answer.send(result).unwrap());
        saved.recv_timeout(SOON).unwrap().unwrap();
    }
    assert_eq!(bench.queued_and_whole(&outbox), [1, 2, 3, 4]);
    drop(outbox);
    assert!(bench.open().report().is_intact());
}
