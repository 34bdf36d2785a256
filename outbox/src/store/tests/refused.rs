//! What the citizen was told was not taken stays away, whatever the disk remembers of it.

use std::os::unix::process::ExitStatusExt;

use super::*;

/// A disk whose next syncs of SQLite's log fail, as they do when a sector cannot be written.
#[expect(unsafe_code, reason = "SQLite's own seam for a disk that fails")]
mod disk {
    use std::ffi::{c_char, c_int};
    use std::ptr::{null, null_mut};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use rusqlite::ffi;

    /// How many syncs fail from now on.
    pub static FAILING: AtomicU32 = AtomicU32::new(0);

    type RealSync = unsafe extern "C" fn(*mut ffi::sqlite3_file, c_int) -> c_int;
    static REAL: OnceLock<RealSync> = OnceLock::new();

    unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
        let fails = FAILING.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match REAL.get() {
            // SAFETY: it is the method that stood in this place.
            Some(real) if fails.is_err() => unsafe { real(file, flags) },
            _ => ffi::SQLITE_IOERR_FSYNC,
        }
    }

    unsafe extern "C" fn open(
        _: *mut ffi::sqlite3_vfs,
        name: *const c_char,
        file: *mut ffi::sqlite3_file,
        flags: c_int,
        out: *mut c_int,
    ) -> c_int {
        // SAFETY: the arguments are SQLite's, for its own file system; the methods it puts in are copied and leaked.
        unsafe {
            let real = ffi::sqlite3_vfs_find(c"unix".as_ptr());
            let answer = (*real).xOpen.unwrap()(real, name, file, flags, out);
            if answer == ffi::SQLITE_OK && flags & ffi::SQLITE_OPEN_WAL != 0 {
                let mut methods = *(*file).pMethods;
                REAL.get_or_init(|| methods.xSync.unwrap());
                methods.xSync = Some(sync);
                (*file).pMethods = Box::leak(Box::new(methods));
            }
            answer
        }
    }

    /// From here on SQLite opens its files so.
    pub fn fails() {
        // SAFETY: a copy of SQLite's own file system under another name; it lives as long as the process.
        unsafe {
            let mut vfs = *ffi::sqlite3_vfs_find(null());
            vfs.zName = c"failing".as_ptr();
            vfs.pNext = null_mut();
            vfs.xOpen = Some(open);
            assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1), ffi::SQLITE_OK);
        }
    }
}

/// Not a test of its own: the child of the test below. Its disk fails, it tells the citizen, and the power goes.
#[test]
fn child_whose_disk_fails() {
    let Some(dir) = child::folder() else { return };
    disk::fails();
    let outbox = child::open(&dir);
    outbox.report();
    save(&outbox).unwrap();
    disk::FAILING.store(1, Ordering::SeqCst);
    let draft = if std::env::var_os("OUTBOX_WITH_FILES").is_some() { draft_with_files() } else { draft() };
    if save_draft(&outbox, draft).is_err() {
        fs::write(dir.join("told"), "not taken").unwrap();
    }
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
}

#[test]
fn a_request_refused_after_a_failed_sync_stays_away_after_a_power_cut() {
    for with_files in [&[][..], &[("OUTBOX_WITH_FILES", "1")]] {
        let bench = Bench::new();
        let ended = bench.child("refused::child_whose_disk_fails", with_files);
        assert_eq!(ended.signal(), Some(9));
        assert!(bench.dir.path().join("told").exists(), "or nothing was put to the test");
        let outbox = bench.open();
        assert!(outbox.report().is_intact());
        assert_eq!(bench.queued_and_whole(&outbox), [1], "the citizen was told that it was not taken");
        assert_eq!(save(&outbox).unwrap().seq, 2);
        drop(outbox);
        // A lost database brings nothing back either.
        fs::remove_file(bench.path().join(schema::FILE)).unwrap();
        let outbox = bench.open();
        assert_eq!(outbox.report().rebuilt.map(|rebuilt| rebuilt.restored), Some(2));
    }
}

/// The second copy's end came back with the power: it was cut off, and that was not durable.
#[test]
fn a_refused_record_of_the_second_copy_is_not_taken_for_a_lost_request() {
    let bench = Bench::new();
    let outbox = bench.open();
    save(&outbox).unwrap();
    let second = save(&outbox).unwrap();
    drop(outbox);
    // The record of the second is there, its row is not, and the store knows that it was refused.
    let raw = bench.raw();
    raw.execute_batch("DELETE FROM contents WHERE number = 2; DELETE FROM requests WHERE number = 2")
        .unwrap();
    schema::set_refused(&raw, &second.id).unwrap();
    drop(raw);
    for damaged in [false, true] {
        if damaged {
            rebuild::damage_an_index(&bench);
        }
        let outbox = bench.open();
        assert_eq!(outbox.report().rebuilt.is_some(), damaged);
        assert_eq!(bench.queued_and_whole(&outbox), [1]);
    }
    let outbox = bench.open();
    assert_eq!(save(&outbox).unwrap().seq, 2, "the place was never given");
}
