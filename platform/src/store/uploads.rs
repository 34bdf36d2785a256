//! Sealed files that came and that no request names yet: who sent them, so that one kiosk cannot fill the disk.

use protocol::envelope::attachment::{AttachmentHash, MAX_ATTACHMENTS, MAX_SEALED_ATTACHMENT};
use rusqlite::Connection;

use super::database::Store;
use super::error::StoreError;
use super::files::names_file;
use super::journal::Line;
use super::kiosks::{Denied, Peer};
use super::rows::{all, first, one};
use crate::time::now;

/// Files of one kiosk that may wait for their requests: sixteen of the largest requests, or the usual handful each of fifty
/// that were refused and wait for staff. A guess.
const FILES: u64 = 16 * MAX_ATTACHMENTS as u64;
/// Bytes of them: twice what the largest request may have, so that one that was refused never keeps another one out.
const BYTES: u64 = 2 * MAX_ATTACHMENTS as u64 * MAX_SEALED_ATTACHMENT as u64;
/// Seconds after which a file that was announced and is not there is forgotten: longer than any request lasts. A guess.
const ANNOUNCED: i64 = 3600;

impl Store {
    /// Notes that a kiosk sends a file of so many bytes, before the first of them is kept. False when too many files of this
    /// kiosk wait for a request already.
    pub(crate) fn begin_upload(&self, peer: &Peer, hash: AttachmentHash, bytes: u64) -> Result<bool, Denied> {
        self.write_for(peer, move |connection, kiosk| begin(connection, kiosk, &hash, bytes, now()))
    }

    /// Whether a request names this sealed file.
    pub(crate) fn names_file(&self, hash: &AttachmentHash) -> Result<bool, StoreError> {
        self.read(|connection| names_file(connection, hash, None))
    }

    /// Forgets files that a request names by now, and those that are not there; writes down how many were swept. `there` says
    /// whether anything of a kiosk's file is.
    pub(crate) fn tidy_uploads(
        &self,
        swept: usize,
        there: impl Fn(&str, &AttachmentHash) -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            let now = now();
            tidy(connection, now, there)?;
            if swept == 0 {
                return Ok(());
            }
            Line::of("files-swept").subject(&swept.to_string()).write(connection, now)
        })
    }
}

fn begin(
    connection: &Connection,
    kiosk: &str,
    hash: &AttachmentHash,
    bytes: u64,
    now: i64,
) -> rusqlite::Result<bool> {
    let noted: Option<u64> =
        one(connection, "SELECT bytes FROM uploads WHERE kiosk = ?1 AND hash = ?2", (kiosk, hash), first)?;
    if noted.is_some_and(|noted| noted >= bytes) || names_file(connection, hash, None)? {
        return Ok(true);
    }
    let (files, held): (u64, u64) = connection
        .prepare_cached(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM uploads WHERE kiosk = ?1 AND hash <> ?2
                 AND NOT EXISTS (SELECT 1 FROM files WHERE files.hash = uploads.hash)",
        )?
        .query_row((kiosk, hash), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if files >= FILES || held.saturating_add(bytes) > BYTES {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "INSERT INTO uploads (kiosk, hash, bytes, begun) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET bytes = excluded.bytes",
        )?
        .execute((kiosk, hash, bytes, now))?;
    Ok(true)
}

fn tidy(
    connection: &Connection,
    now: i64,
    there: impl Fn(&str, &AttachmentHash) -> bool,
) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM uploads WHERE hash IN (SELECT hash FROM files)", [])?;
    let old: Vec<(String, AttachmentHash)> =
        all(connection, "SELECT kiosk, hash FROM uploads WHERE begun <= ?1", [now - ANNOUNCED], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut forget = connection.prepare("DELETE FROM uploads WHERE kiosk = ?1 AND hash = ?2")?;
    for (kiosk, hash) in old.iter().filter(|(kiosk, hash)| !there(kiosk, hash)) {
        forget.execute((kiosk, hash))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGEST: u64 = MAX_SEALED_ATTACHMENT as u64;

    fn name(number: u64) -> AttachmentHash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        hash
    }

    fn in_store(work: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        store
            .write(|connection| {
                connection.pragma_update(None, "defer_foreign_keys", true)?;
                connection.execute_batch("INSERT INTO kiosks (id, epoch) VALUES ('1', 1), ('2', 1)")?;
                work(connection)?;
                connection.execute_batch("DELETE FROM files")
            })
            .unwrap();
    }

    #[test]
    fn a_kiosk_may_leave_so_many_files_and_so_many_bytes() {
        in_store(|connection| {
            for number in 0..FILES {
                assert!(begin(connection, "1", &name(number), 1, 0)?);
            }
            assert!(!begin(connection, "1", &name(FILES), 1, 0)?);
            assert!(begin(connection, "1", &name(0), 1, 0)?, "one that is on its way goes on");
            assert!(begin(connection, "2", &name(FILES), 1, 0)?, "another kiosk is not to blame");
            Ok(())
        });
        in_store(|connection| {
            for number in 0..BYTES / LARGEST {
                assert!(begin(connection, "1", &name(number), LARGEST, 0)?);
            }
            assert!(!begin(connection, "1", &name(99), 1, 0)?);
            Ok(())
        });
        in_store(|connection| {
            for number in 0..=BYTES / LARGEST {
                assert!(begin(connection, "1", &name(number), 1, 0)?);
            }
            for number in 0..BYTES / LARGEST - 1 {
                assert!(begin(connection, "1", &name(number), LARGEST, 0)?);
            }
            assert!(
                !begin(connection, "1", &name(BYTES / LARGEST - 1), LARGEST, 0)?,
                "one that grows is counted again"
            );
            Ok(())
        });
    }

    #[test]
    fn what_a_request_names_or_nobody_has_counts_no_more() {
        in_store(|connection| {
            for number in 0..FILES {
                begin(connection, "1", &name(number), 1, 0)?;
            }
            connection.execute("INSERT INTO files (hash, request) VALUES (?1, 1)", [name(0)])?;
            assert!(begin(connection, "1", &name(FILES), 1, 0)?, "a request names the first one");
            assert!(!begin(connection, "1", &name(FILES + 1), 1, 0)?);
            tidy(connection, ANNOUNCED - 1, |_, _| false)?;
            assert!(!begin(connection, "1", &name(FILES + 1), 1, 0)?, "it may be on its way");
            tidy(connection, ANNOUNCED, |kiosk, hash| (kiosk, hash) != ("1", &name(7)))?;
            assert!(begin(connection, "1", &name(FILES + 1), 1, 0)?, "the eighth is not there");
            let left: u64 = connection.query_row("SELECT count(*) FROM uploads", [], |row| row.get(0))?;
            assert_eq!(left, FILES);
            Ok(())
        });
    }
}
