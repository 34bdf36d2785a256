//! The process dies at each boundary of a save and of an erasure. Whatever was promised is there, once and whole.

use std::os::unix::process::ExitStatusExt;

use super::*;

/// Not a test of its own: the child of the test below. It is killed where `OUTBOX_DIE_AT` says.
#[test]
fn child_that_saves_and_acknowledges() {
    let Some(dir) = child::folder() else { return };
    let outbox = child::open(&dir);
    outbox.report();
    if save_draft(&outbox, draft_with_files()).is_ok() {
        fs::write(dir.join("promised"), "3").unwrap();
    }
    let rows = outbox.list().unwrap();
    for row in rows {
        let id = hex::decode(&row.id).unwrap().try_into().unwrap();
        let saved = Saved { case_number: row.case_number, id, seq: row.seq };
        outbox.acknowledge(receipt(&saved, KIOSK, row.seq)).unwrap();
        fs::write(dir.join(format!("acknowledged-{}", row.seq)), "").unwrap();
    }
    // One that comes after everything was erased.
    save(&outbox).unwrap();
    fs::write(dir.join("promised"), "4").unwrap();
}

fn dies_at(place: &str) {
    let bench = Bench::new();
    let outbox = bench.open();
    outbox.report();
    save_draft(&outbox, draft_with_files()).unwrap();
    save(&outbox).unwrap();
    drop(outbox);
    let ended = bench.child("power_cut::child_that_saves_and_acknowledges", &[("OUTBOX_DIE_AT", place)]);
    assert_eq!(ended.signal(), Some(9), "{place} was not reached");

    let outbox = bench.open();
    let report = outbox.report();
    assert!(report.is_intact(), "{place}: {report:?}");
    let promised: u64 =
        fs::read_to_string(bench.dir.path().join("promised")).map_or(2, |p| p.parse().unwrap());
    let queued = bench.queued_and_whole(&outbox);
    let rows = outbox.list().unwrap();
    for seq in 1..=promised {
        let row = rows.iter().find(|row| row.seq == seq).unwrap_or_else(|| panic!("{place}: {seq} is lost"));
        if row.state == QueueState::Acknowledged {
            continue;
        }
        assert!(queued.contains(&seq), "{place}: {seq}");
        assert!(!bench.dir.path().join(format!("acknowledged-{seq}")).exists(), "{place}: {seq} came back");
    }
    let files = files_below(&bench.path().join("attachments")).len();
    let needed: i64 =
        bench.raw().query_row("SELECT count(*) FROM attachments", [], |row| row.get(0)).unwrap();
    assert_eq!(files as i64, needed, "{place}: no file without a request, no request without its file");

    // It goes on, and the second copy alone would do.
    let next = save_draft(&outbox, draft_with_files()).unwrap().seq;
    assert!(next > promised);
    let queued = bench.queued_and_whole(&outbox);
    drop(outbox);
    fs::remove_file(bench.path().join(schema::FILE)).unwrap();
    let outbox = bench.open();
    assert!(outbox.report().rebuilt.is_some(), "{place}");
    let again = bench.queued_and_whole(&outbox);
    assert!(queued.iter().all(|seq| again.contains(seq)), "{place}: {queued:?} {again:?}");
    assert!(save(&outbox).unwrap().seq > next, "{place}: no place is given twice");
}

macro_rules! dies {
    ($($name:ident = $place:literal;)+) => { $(#[test] fn $name() { dies_at($place); })+ };
}

dies! {
    half_an_attachment_written = "attachment-written";
    attachment_synced_but_not_named = "attachment-synced";
    attachment_named_but_folder_not_synced = "attachment-renamed";
    attachments_without_their_request = "attachments-done";
    entry_appended_but_not_committed = "entry-appended";
    everything_written_but_the_commit = "before-commit";
    committed_but_not_answered = "committed";
    receipt_kept_but_nothing_erased = "before-erase";
    erased_but_files_still_there = "erased";
    second_copy_begun_anew = "segment-begun";
}
