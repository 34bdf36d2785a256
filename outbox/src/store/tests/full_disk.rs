//! A disk that is full at each step of a save, and erasing on it.

use std::process::Command;

use super::*;

/// A small disk in memory; `None` when this machine does not let us mount one.
pub(super) struct SmallDisk(PathBuf);

impl SmallDisk {
    pub(super) fn mount(dir: &std::path::Path, kilobytes: u32) -> Option<Self> {
        fs::create_dir_all(dir).unwrap();
        let size = format!("size={kilobytes}k,mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir).stderr(std::process::Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then(|| Self(dir.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn intake_closes_before_the_disk_is_full() {
    let bench = Bench::new();
    let greedy = Limits { ballast: 0, high_water: u64::MAX / 2 };
    let outbox = bench.open_limited(greedy, |_| {});
    assert_eq!(save(&outbox).unwrap_err().fault(), Fault::StoreFull);
    assert_eq!(outbox.health(), Some(Fault::StoreFull));
    assert!(outbox.list().unwrap().is_empty());
}

#[test]
fn a_disk_full_at_any_step_harms_nothing_and_erasing_still_works() {
    let bench = Bench::new();
    let Some(_disk) = SmallDisk::mount(&bench.path(), 4096) else {
        eprintln!("not run: mounting a small disk needs root");
        return;
    };
    // No high-water mark: the disk itself says no, at whatever step it happens to be.
    let limits = Limits { ballast: 256 * 1024, high_water: 0 };
    let outbox = bench.open_limited(limits, |_| {});
    outbox.report();
    let mut promised = vec![save_draft(&outbox, draft_with_files()).unwrap()];
    let filler = bench.path().join("filler");
    let mut refused = 0;
    // From room for a whole request down to none, a page less each time.
    for free_kilobytes in (0..=160u64).rev().step_by(4) {
        let _ = fs::remove_file(&filler);
        let free = rustix::fs::statvfs(bench.path()).unwrap();
        let fill = (free.f_bavail * free.f_frsize).saturating_sub(free_kilobytes * 1024);
        fs::write(&filler, vec![0; fill as usize]).unwrap();
        match save_draft(&outbox, draft_with_files()) {
            Ok(saved) => {
                promised.push(saved);
                // Each one goes again, so that there is room for the next step.
                let saved = promised.remove(0);
                outbox.acknowledge(receipt(&saved, KIOSK, saved.seq)).unwrap();
            }
            Err(error) => {
                assert_eq!(error.fault(), Fault::StoreFull, "{error} with {free_kilobytes} KB");
                refused += 1;
            }
        }
        let seqs: Vec<u64> = promised.iter().map(|saved| saved.seq).collect();
        assert_eq!(bench.queued_and_whole(&outbox), seqs, "{free_kilobytes} KB");
    }
    assert!(refused > 5, "the disk never filled");

    // Not a byte is left, and the receipt of what waits comes in.
    let saved = promised.remove(0);
    outbox.acknowledge(receipt(&saved, KIOSK, saved.seq)).unwrap();
    assert!(outbox.next_unsent(0).unwrap().is_none());
    assert!(files_below(&bench.path().join("attachments")).is_empty());
    fs::remove_file(&filler).unwrap();
    save(&outbox).unwrap();
    assert_eq!(outbox.health(), None);
    drop(outbox);
    assert!(bench.open_limited(limits, |_| {}).report().is_intact());
}
