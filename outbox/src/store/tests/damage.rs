//! Torn and flipped bytes in the database, its log, the second copy and the files.

use super::*;

/// A store with six requests, two of them acknowledged, as a power cut leaves it: with its log.
pub(super) fn torn_off(bench: &Bench) -> tempfile::TempDir {
    copies(bench).0
}

/// The same store as a power cut leaves it, and as it is after an orderly end: without a log.
fn copies(bench: &Bench) -> (tempfile::TempDir, tempfile::TempDir) {
    let outbox = bench.open();
    outbox.report();
    for seq in 1..=6 {
        let saved = save_draft(&outbox, if seq % 2 == 0 { draft() } else { draft_with_files() }).unwrap();
        if seq <= 2 {
            outbox.acknowledge(receipt(&saved, KIOSK, seq)).unwrap();
        }
    }
    let (cut, closed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_folder(&bench.path(), cut.path());
    drop(outbox);
    copy_folder(&bench.path(), closed.path());
    (cut, closed)
}

pub(super) fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let (from, to) = (file.path(), to.join(file.file_name()));
        // The shared memory is not on the disk, and the ballast is large.
        if from.is_dir() {
            copy_folder(&from, &to);
        } else if !from.to_string_lossy().ends_with("-shm") && !from.ends_with("ballast") {
            fs::copy(from, to).unwrap();
        }
    }
}

/// Puts the torn-off store back, changed, and looks whether everything promised is there.
pub(super) fn survives(
    bench: &Bench,
    copy: &std::path::Path,
    what: &str,
    change: impl Fn(&std::path::Path),
) -> ChainReport {
    fs::remove_dir_all(bench.path()).unwrap();
    copy_folder(copy, &bench.path());
    change(&bench.path());
    let outbox = bench.open();
    let report = outbox.report();
    // Of the first two the platform has everything, and nothing is left here to put them right from.
    assert!(report.damaged.iter().all(|seq| *seq <= 2), "{what}: {report:?}");
    assert_eq!(
        bench.queued_and_whole(&outbox).iter().filter(|seq| **seq > 2).count(),
        4,
        "{what}: {report:?}"
    );
    let next = save(&outbox).unwrap();
    assert!(next.seq > 6, "{what}: a place was given twice");
    report
}

/// Evenly spread places of a file, and its edges.
fn places(length: usize, count: usize) -> impl Iterator<Item = usize> {
    [0, length - 1]
        .into_iter()
        .chain((0..count).map(move |at| at * length / count + 7).filter(move |at| *at < length))
}

#[test]
fn a_flipped_byte_anywhere_in_the_database_or_its_log_loses_nothing() {
    let bench = Bench::new();
    let (cut, closed) = copies(&bench);
    let mut rebuilt = 0;
    for (copy, name) in [(&closed, "outbox.sqlite"), (&cut, "outbox.sqlite"), (&cut, "outbox.sqlite-wal")] {
        let whole = fs::read(copy.path().join(name)).unwrap();
        assert!(!whole.is_empty(), "{name}");
        for at in places(whole.len(), 40) {
            let report = survives(&bench, copy.path(), &format!("{name} at {at}"), |dir| {
                let mut bytes = whole.clone();
                bytes[at] ^= 0xff;
                fs::write(dir.join(name), bytes).unwrap();
            });
            rebuilt += u32::from(report.rebuilt.is_some());
        }
    }
    assert!(rebuilt > 0, "or nothing was put to the test");
}

/// Where the cells of an index's only page begin (SQLite, "B-tree Pages").
fn cells(page: &[u8]) -> Vec<usize> {
    assert_eq!(page[0], 0x0a, "a leaf of an index");
    let word = |at: usize| usize::from(u16::from_be_bytes([page[at], page[at + 1]]));
    (0..word(3)).map(|cell| word(8 + 2 * cell)).collect()
}

/// SQLite's quick check does not compare indexes with tables; a request that an index hides is not sent, and a file that
/// one hides is swept.
#[test]
fn a_flipped_byte_in_any_cell_of_any_index_loses_nothing() {
    let bench = Bench::new();
    let (_, closed) = copies(&bench);
    let whole = fs::read(closed.path().join("outbox.sqlite")).unwrap();
    let indexes: Vec<(String, usize)> = Connection::open(closed.path().join("outbox.sqlite"))
        .unwrap()
        .prepare("SELECT name, rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name <> 'epochs'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut rebuilt = 0;
    for (index, root) in indexes {
        let page = &whole[(root - 1) * 4096..root * 4096];
        for cell in cells(page) {
            // The record's header, its first and its last byte.
            let length = usize::from(page[cell]);
            for at in [cell + 1, cell + 1 + usize::from(page[cell + 1]), cell + length] {
                let at = (root - 1) * 4096 + at;
                let report = survives(&bench, closed.path(), &format!("{index} at {at}"), |dir| {
                    let mut bytes = whole.clone();
                    bytes[at] ^= 0x01;
                    fs::write(dir.join("outbox.sqlite"), bytes).unwrap();
                });
                rebuilt += u32::from(report.rebuilt.is_some());
            }
        }
    }
    assert!(rebuilt > 40, "{rebuilt}");
}

/// By a hostile hand, so that the indexes agree with it.
#[test]
fn a_changed_list_of_files_comes_back_from_the_signature_and_the_files_stay() {
    for with_copy in [true, false] {
        let bench = Bench::new();
        let outbox = bench.open();
        (0..2).for_each(|_| drop(save_draft(&outbox, draft_with_files()).unwrap()));
        drop(outbox);
        if !with_copy {
            forget_copy(&bench);
        }
        for change in [
            "UPDATE attachments SET hash = randomblob(32) WHERE number = 1 AND place = 2",
            "DELETE FROM attachments WHERE number = 1",
            "UPDATE attachments SET number = 2, place = 7 WHERE number = 1 AND place = 1",
        ] {
            bench.raw().execute_batch(change).unwrap();
            let outbox = bench.open();
            let report = outbox.report();
            assert!(report.damaged.is_empty() && report.repaired.contains(&1), "{change}: {report:?}");
            assert_eq!(bench.queued_and_whole(&outbox), [1, 2], "{change}");
        }
    }
}

#[test]
fn what_was_erased_since_the_check_looked_is_not_put_back() {
    let bench = Bench::new();
    let kiosk = bench.open();
    kiosk.report();
    let saved = save_draft(&kiosk, draft_with_files()).unwrap();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let before_check = Arc::new(move || {
        let _ = lock(&may_go_on).recv();
    });
    let setup = Setup { before_check, ..Setup::new(None) };
    let service = Outbox::open_with(&bench.path(), KIOSK, bench.keys(), setup).unwrap();
    // Another waits, so that its record is still in the second copy.
    save(&kiosk).unwrap();
    kiosk.acknowledge(receipt(&saved, KIOSK, 1)).unwrap();
    let report = ChainReport { damaged: vec![1], ..ChainReport::default() };
    let walk = check::Walk { report, damaged: vec![1], copy_is_complete: true };
    assert!(service.send(Command::Checked(Box::new(Ok(walk)))).is_ok());
    assert_eq!(service.report(), ChainReport::default());
    let contents: i64 = bench.raw().query_row("SELECT count(*) FROM contents", [], |row| row.get(0)).unwrap();
    assert_eq!(contents, 1, "nothing but the one that waits");
    drop(go_on);
}

/// A database that the power cut before its last request, and another request under its case number.
#[test]
fn an_end_that_contradicts_the_second_copy_is_rebuilt_and_no_place_is_given_twice() {
    let bench = Bench::new();
    let outbox = bench.open();
    let saved: Vec<Saved> = (0..3).map(|_| save(&outbox).unwrap()).collect();
    drop(outbox);
    let number = &saved[2].case_number;
    bench
        .raw()
        .execute_batch(&format!(
            "DELETE FROM contents WHERE number = 3; DELETE FROM requests WHERE number = 3;
             UPDATE requests SET case_number = '{number}' WHERE number = 2;"
        ))
        .unwrap();
    let outbox = bench.open();
    assert!(outbox.report().rebuilt.is_some());
    assert_eq!(bench.queued_and_whole(&outbox), [1, 2, 3]);
    assert_eq!(save(&outbox).unwrap().seq, 4);
}

#[test]
fn a_request_that_lacks_only_a_file_can_be_released_and_no_other_damage_can() {
    let bench = Bench::new();
    let outbox = bench.open();
    let saved = save_draft(&outbox, draft_with_files()).unwrap();
    let file = outbox.next_unsent(0).unwrap().unwrap().attachments.remove(0).path;
    drop(outbox);
    fs::remove_file(file).unwrap();
    let outbox = bench.open();
    assert_eq!(outbox.report().damaged, [1]);
    outbox.release(saved.id).unwrap();
    let entry = outbox.next_unsent(0).unwrap().unwrap();
    assert_eq!((entry.id, entry.attachments.len()), (saved.id, 2), "the platform is asked what it has");
}

#[test]
fn a_database_or_log_cut_off_anywhere_loses_nothing() {
    let bench = Bench::new();
    let (cut, closed) = copies(&bench);
    for (copy, name) in [(&closed, "outbox.sqlite"), (&cut, "outbox.sqlite"), (&cut, "outbox.sqlite-wal")] {
        let whole = fs::read(copy.path().join(name)).unwrap();
        for length in places(whole.len(), 12) {
            survives(&bench, copy.path(), &format!("{name} of {length}"), |dir| {
                fs::write(dir.join(name), &whole[..length]).unwrap();
            });
        }
    }
}

#[test]
fn a_damaged_second_copy_is_written_anew() {
    let bench = Bench::new();
    let copy = torn_off(&bench);
    let newest = files_below(&copy.path().join("entries")).into_iter().max().unwrap();
    let whole = fs::read(&newest).unwrap();
    for at in places(whole.len(), 20) {
        survives(&bench, copy.path(), &format!("second copy at {at}"), |dir| {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            fs::write(dir.join("entries").join(newest.file_name().unwrap()), bytes).unwrap();
        });
        let back = SecondCopy::of(&bench.path()).read().unwrap();
        assert_eq!((back.torn, back.records.len()), (0, 5), "four that waited and the new one");
    }
    survives(&bench, copy.path(), "no second copy", |dir| fs::remove_dir_all(dir.join("entries")).unwrap());
}

#[test]
fn a_damaged_database_is_kept_as_it_was() {
    let bench = Bench::new();
    let copy = torn_off(&bench);
    let file = "outbox.sqlite";
    let mut bytes = fs::read(copy.path().join(file)).unwrap();
    bytes[..64].fill(0xa5);
    let report = survives(&bench, copy.path(), "no database at all", |dir| {
        fs::write(dir.join(file), &bytes).unwrap();
        // With its log SQLite would mend it by itself.
        fs::remove_file(dir.join("outbox.sqlite-wal")).unwrap();
    });
    assert_eq!(report.rebuilt.map(|rebuilt| rebuilt.missing), Some(vec![]));
    assert!(fs::read(bench.path().join("quarantine/0001").join(file)).unwrap() == bytes);
    assert!(bench.open().report().is_intact(), "the next start finds a sound one");
}

#[test]
fn a_rebuild_that_was_cut_off_is_done_again() {
    let bench = Bench::new();
    let copy = torn_off(&bench);
    for part in ["", "-wal"] {
        let report = survives(&bench, copy.path(), &format!("moved away: {part}"), |dir| {
            let aside = dir.join("quarantine/0001");
            fs::create_dir_all(&aside).unwrap();
            let name = format!("outbox.sqlite{part}");
            fs::rename(dir.join("outbox.sqlite"), aside.join("outbox.sqlite")).unwrap();
            if part == "-wal" {
                fs::rename(dir.join(&name), aside.join(&name)).unwrap();
            }
            fs::write(dir.join("rebuilt.sqlite"), "half of it").unwrap();
        });
        assert!(report.rebuilt.is_some());
    }
}

#[test]
fn a_damaged_file_holds_its_request_and_no_other() {
    let bench = Bench::new();
    let outbox = bench.open();
    save_draft(&outbox, draft_with_files()).unwrap();
    save_draft(&outbox, draft_with_files()).unwrap();
    let file = outbox.next_unsent(0).unwrap().unwrap().attachments.remove(1).path;
    drop(outbox);
    let whole = fs::read(&file).unwrap();
    for change in [vec![], whole[..1000].to_vec(), [&whole[..], b"more"].concat()] {
        fs::write(&file, change).unwrap();
        let outbox = bench.open();
        assert_eq!(outbox.report().damaged, [1]);
        assert_eq!(outbox.list().unwrap()[0].state, QueueState::Held);
        assert_eq!(bench.queued_and_whole(&outbox), [2]);
    }
}

#[test]
fn nothing_is_erased_before_the_check_has_passed() {
    let bench = Bench::new();
    let outbox = bench.open();
    let saved = save_draft(&outbox, draft_with_files()).unwrap();
    drop(outbox);
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let before_check = Arc::new(move || {
        let _ = lock(&may_go_on).recv();
    });
    let setup = Setup { before_check, ..Setup::new(Some(sealing(1))) };
    let outbox = Outbox::open_with(&bench.path(), KIOSK, bench.keys(), setup).unwrap();
    outbox.acknowledge(receipt(&saved, KIOSK, 1)).unwrap();
    assert_eq!(outbox.list().unwrap()[0].state, QueueState::Acknowledged, "it serves all the same");
    assert_eq!(files_below(&bench.path().join("attachments")).len(), 2);
    go_on.send(()).unwrap();
    outbox.report();
    assert!(files_below(&bench.path().join("attachments")).is_empty(), "after the check they go");
}

#[test]
fn a_check_that_ends_beside_a_save_takes_no_file_of_it() {
    let bench = Bench::new();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let before_check = Arc::new(move || {
        let _ = lock(&may_go_on).recv();
    });
    let setup = Setup { before_check, ..Setup::new(Some(sealing(1))) };
    let outbox = Outbox::open_with(&bench.path(), KIOSK, bench.keys(), setup).unwrap();
    // While the writer is held up, a save and then the end of a check come into its channel: one batch.
    let (entered, writer_waits) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    outbox.submit(draft(), date(2026, 11, 21), move |_| {
        entered.send(()).unwrap();
        released.recv().unwrap();
    });
    writer_waits.recv_timeout(SOON).unwrap();
    let (answer, saved) = mpsc::channel();
    outbox.submit(draft_with_files(), date(2026, 11, 21), move |result| answer.send(result).unwrap());
    assert!(outbox.send(Command::Checked(Box::new(Ok(check::Walk::default())))).is_ok());
    release.send(()).unwrap();
    saved.recv_timeout(SOON).unwrap().unwrap();
    go_on.send(()).unwrap();
    outbox.report();
    assert_eq!(bench.queued_and_whole(&outbox), [1, 2]);
}

#[test]
fn a_changed_case_number_comes_back_from_the_second_copy() {
    let bench = Bench::new();
    let outbox = bench.open();
    let saved: Vec<Saved> = (0..3).map(|_| save(&outbox).unwrap()).collect();
    drop(outbox);
    for change in ["'110101-0007-261121-99999'", "CAST(x'31313031ff' AS TEXT)"] {
        let sql = format!("UPDATE requests SET case_number = {change}, created = 7 WHERE seq = 2");
        bench.raw().execute_batch(&sql).unwrap();
        let outbox = bench.open();
        assert_eq!((outbox.report().repaired, outbox.report().damaged), (vec![2], vec![]), "{change}");
        let row = outbox.list().unwrap().remove(1);
        assert_eq!((row.case_number.as_str(), row.created), (saved[1].case_number.as_str(), 1_800_000_060));
    }
}
