//! A rebuild that fails, is cut off, or finds less than it wants.

use std::os::unix::process::ExitStatusExt;

use super::full_disk::SmallDisk;
use super::*;

/// Makes one index contradict its table: everything can still be read, and SQLite's whole check fails.
pub(super) fn damage_an_index(bench: &Bench) {
    let file = bench.path().join(schema::FILE);
    let root: usize = bench
        .raw()
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_requests_1'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let mut bytes = fs::read(&file).unwrap();
    // The last byte of the page is the last byte of the first key that was inserted.
    let at = root * 4096 - 2;
    bytes[at] ^= 0x10;
    fs::write(file, bytes).unwrap();
}

/// Six requests, every other one with files.
fn six(bench: &Bench) -> Vec<Saved> {
    let outbox = bench.open();
    outbox.report();
    let draft = |at: usize| if at.is_multiple_of(2) { draft() } else { draft_with_files() };
    (0..6).map(|at| save_draft(&outbox, draft(at)).unwrap()).collect()
}

fn attachments(bench: &Bench) -> usize {
    files_below(&bench.path().join("attachments")).len()
}

/// Something in the folder of the second copy that cannot be read.
fn unreadable(bench: &Bench) -> PathBuf {
    let path = bench.path().join("entries/9999.cborseq");
    fs::create_dir(&path).unwrap();
    path
}

#[test]
fn a_rebuild_that_cannot_read_the_second_copy_leaves_everything_as_it_was() {
    let bench = Bench::new();
    six(&bench);
    damage_an_index(&bench);
    let before = fs::read(bench.path().join(schema::FILE)).unwrap();
    let unreadable = unreadable(&bench);
    for _ in 0..2 {
        let outbox = bench.open();
        outbox.report();
        save(&outbox).unwrap_err();
        assert_eq!(outbox.health(), Some(Fault::StoreUnavailable));
        drop(outbox);
        assert!(
            fs::read(bench.path().join(schema::FILE)).unwrap() == before,
            "the database stays where it is"
        );
        assert_eq!(attachments(&bench), 6, "no file was swept");
    }
    fs::remove_dir(unreadable).unwrap();
    let outbox = bench.open();
    assert!(outbox.report().rebuilt.is_some_and(|rebuilt| rebuilt.missing.is_empty()));
    assert_eq!(bench.queued_and_whole(&outbox), [1, 2, 3, 4, 5, 6]);
    assert_eq!(save(&outbox).unwrap().seq, 7);
}

/// Behind serving: the first command after the failure must not find a new, empty store.
#[test]
fn a_store_whose_database_is_gone_is_never_begun_anew() {
    let bench = Bench::new();
    six(&bench);
    let unreadable = unreadable(&bench);
    fs::remove_file(bench.path().join(schema::FILE)).unwrap();
    let error = Outbox::open_sealing(&bench.path(), KIOSK, bench.keys(), sealing(1)).err().unwrap();
    assert_eq!(error.fault(), Fault::StoreUnavailable);
    assert!(!bench.path().join(schema::FILE).exists());
    assert_eq!(attachments(&bench), 6);
    fs::remove_dir(unreadable).unwrap();
    let outbox = bench.open();
    assert_eq!(outbox.report().rebuilt.map(|rebuilt| rebuilt.missing), Some(vec![]));
    assert_eq!(bench.queued_and_whole(&outbox), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn what_was_held_stays_held_and_what_was_sent_stays_sent() {
    let bench = Bench::new();
    let saved = six(&bench);
    let outbox = bench.open();
    outbox.report();
    outbox.hold(saved[2].id, Fault::PlatformRefused).unwrap();
    // Sent and erased, with its files; its record is still in the second copy, because the first one waits.
    outbox.acknowledge(receipt(&saved[3], KIOSK, 4)).unwrap();
    drop(outbox);
    damage_an_index(&bench);
    let outbox = bench.open();
    let report = outbox.report();
    assert!(report.is_intact() && report.rebuilt.is_some(), "{report:?}");
    let rows = outbox.list().unwrap();
    assert_eq!((rows[2].state, rows[2].last_code.as_deref()), (QueueState::Held, Some("PLT-05")));
    assert_eq!(rows[3].state, QueueState::Acknowledged);
    assert_eq!(bench.queued_and_whole(&outbox), [1, 2, 5, 6]);
}

/// One bit of the store's own name must not lock the kiosk out of it.
#[test]
fn a_store_that_forgot_whose_it_is_knows_it_from_the_second_copy() {
    for change in [
        "UPDATE meta SET value = '110101-0006' WHERE key = 'kiosk'",
        "UPDATE epochs SET signing_key = replace(signing_key, substr(signing_key, 1, 1), 'x')",
        "PRAGMA foreign_keys = OFF; UPDATE epochs SET epoch = 3",
    ] {
        let bench = Bench::new();
        six(&bench);
        bench.raw().execute_batch(change).unwrap();
        let outbox = bench.open();
        assert!(outbox.report().is_intact() && outbox.report().rebuilt.is_some(), "{change}");
        assert_eq!(bench.queued_and_whole(&outbox), [1, 2, 3, 4, 5, 6], "{change}");
        assert_eq!(save(&outbox).unwrap().seq, 7);
    }
}

#[test]
fn the_papers_of_a_request_that_is_nowhere_stay() {
    let bench = Bench::new();
    let outbox = bench.open();
    (0..3).for_each(|_| drop(save_draft(&outbox, draft_with_files()).unwrap()));
    drop(outbox);
    // The middle one's record is torn, and the database is gone.
    let entries = files_below(&bench.path().join("entries")).remove(0);
    let mut bytes = fs::read(&entries).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&entries, bytes).unwrap();
    fs::remove_file(bench.path().join(schema::FILE)).unwrap();
    for _ in 0..2 {
        let outbox = bench.open();
        assert!(!outbox.report().is_intact());
        assert_eq!(bench.queued_and_whole(&outbox), [1, 3]);
        drop(outbox);
        assert_eq!(attachments(&bench), 6, "somebody may still need them");
    }
}

/// The second copy was written anew while later requests were erased already; then the database is lost.
#[test]
fn places_whose_requests_are_erased_are_not_given_again() {
    let bench = Bench::new();
    let saved = six(&bench);
    let outbox = bench.open();
    outbox.report();
    saved[1..].iter().for_each(|saved| outbox.acknowledge(receipt(saved, KIOSK, saved.seq)).unwrap());
    drop(outbox);
    let entries = files_below(&bench.path().join("entries")).remove(0);
    let whole = fs::read(&entries).unwrap();
    fs::write(&entries, &whole[..whole.len() - 1]).unwrap();
    bench.open().report();
    fs::remove_file(bench.path().join(schema::FILE)).unwrap();
    let outbox = bench.open();
    outbox.report();
    assert_eq!(bench.queued_and_whole(&outbox), [1]);
    assert_eq!(save(&outbox).unwrap().seq, 7);
    assert_eq!(save(&outbox).unwrap().seq, 8);
}

/// Not a test of its own: the child of the test below, which is killed in its rebuild.
#[test]
fn child_that_rebuilds() {
    let Some(dir) = child::folder() else { return };
    child::open(&dir).report();
}

#[test]
fn a_rebuild_killed_at_any_step_goes_on_from_the_same_damaged_database() {
    for place in ["marked", "put-aside:1", "put-aside:2", "rebuilt", "rebuilt-named", "copy-rewritten"] {
        let bench = Bench::new();
        let saved = six(&bench);
        let outbox = bench.open();
        outbox.report();
        outbox.hold(saved[0].id, Fault::PlatformRefused).unwrap();
        outbox.freeze().unwrap();
        drop(outbox);
        // The last one is only in the database, and that the store is frozen too.
        let entries = files_below(&bench.path().join("entries")).remove(0);
        let whole = fs::read(&entries).unwrap();
        fs::write(&entries, &whole[..whole.len() - 1]).unwrap();
        damage_an_index(&bench);
        let ended = bench.child("rebuild::child_that_rebuilds", &[("OUTBOX_DIE_AT", place)]);
        assert_eq!(ended.signal(), Some(9), "{place} was not reached");
        let outbox = bench.open();
        let report = outbox.report();
        assert!(report.is_intact(), "{place}: {report:?}");
        assert_eq!(bench.queued_and_whole(&outbox), [2, 3, 4, 5, 6], "{place}");
        assert_eq!(outbox.list().unwrap()[0].state, QueueState::Held, "{place}");
        assert!(outbox.is_frozen(), "{place}");
        drop(outbox);
        assert!(bench.open().report().rebuilt.is_none(), "{place}: once is enough");
    }
}

/// A rebuild writes the whole database once more; closing it says nothing when its log cannot be copied into it.
#[test]
fn a_disk_full_at_any_step_of_a_rebuild_loses_nothing() {
    let bench = Bench::new();
    let Some(_disk) = SmallDisk::mount(&bench.path(), 4096) else {
        eprintln!("not run: mounting a small disk needs root");
        return;
    };
    let limits = Limits { ballast: 0, high_water: 0 };
    let outbox = bench.open_limited(limits, |_| {});
    (0..40).for_each(|_| drop(save(&outbox).unwrap()));
    drop(outbox);
    let whole = tempfile::tempdir().unwrap();
    damage_an_index(&bench);
    damage::copy_folder(&bench.path(), whole.path());
    let filler = bench.path().join("filler");
    let mut refused = 0;
    for free_kilobytes in (0..=640u64).rev().step_by(16) {
        for file in files_below(&bench.path()) {
            fs::remove_file(file).unwrap();
        }
        damage::copy_folder(whole.path(), &bench.path());
        let free = rustix::fs::statvfs(bench.path()).unwrap();
        let fill = (free.f_bavail * free.f_frsize).saturating_sub(free_kilobytes * 1024);
        fs::write(&filler, vec![0; fill as usize]).unwrap();
        let setup = Setup { limits, ..Setup::new(Some(sealing(1))) };
        match Outbox::open_with(&bench.path(), KIOSK, bench.keys(), setup) {
            Ok(outbox) => {
                let report = outbox.report();
                refused += u32::from(report.rebuilt.is_none());
            }
            Err(_) => refused += 1,
        }
        fs::remove_file(&filler).unwrap();
        let outbox = bench.open_limited(limits, |_| {});
        let report = outbox.report();
        assert!(report.is_intact(), "{free_kilobytes} KB: {report:?}");
        assert_eq!(bench.queued_and_whole(&outbox).len(), 40, "{free_kilobytes} KB: {report:?}");
        assert_eq!(save(&outbox).unwrap().seq, 41);
    }
    assert!(refused > 5, "the disk never filled: {refused}");
}
