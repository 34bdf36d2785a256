//! What is thrown away by itself: the content of identity checks whose time is over, and sealed files that no request names.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::attachments::{Attachments, Held};
use crate::error::PlatformError;
use crate::store::journal::Line;
use crate::store::{Store, names_file, now, uploads};
use crate::ticker::Ticker;

/// How often checks are looked at: their content stays at most so much longer than it should. A guess.
const CHECKS: Duration = Duration::from_secs(30);
/// Rounds between two looks at the files: once an hour.
const FILES: u32 = 120;

/// Sweeps until the handle is dropped.
pub(crate) fn start(mut store: Store, attachments: Arc<Attachments>) -> Result<Ticker, PlatformError> {
    let mut rounds = (0..FILES).cycle();
    // At the start too: what was over while nothing ran goes now.
    Ticker::start("sweeper", CHECKS, move || {
        if let Err(error) = checks(&mut store) {
            tracing::error!(%error, "checks cannot be erased");
        }
        if rounds.next() == Some(0)
            && let Err(error) = files(&mut store, &attachments, SystemTime::now())
        {
            tracing::error!(%error, "files cannot be swept");
        }
    })
}

fn checks(store: &mut Store) -> rusqlite::Result<()> {
    if store.erase_checks(now())? > 0 {
        store.empty_log()?;
    }
    Ok(())
}

fn files(store: &mut Store, attachments: &Attachments, now: SystemTime) -> io::Result<usize> {
    // What a kiosk took back by itself may stand in the log still.
    store.empty_log().map_err(io::Error::other)?;
    let named = |hash: &_| names_file(store.reading(), hash, None).map_err(io::Error::other);
    let swept = attachments.sweep(now, named)?;
    let there = |kiosk: &str, hash: &_| attachments.held(kiosk, hash) != Held::Part(0);
    let tidied = store.change(|connection| {
        let now = crate::store::now();
        uploads::tidy(connection, now, there)?;
        if swept == 0 {
            return Ok(());
        }
        Line::of("files-swept").subject(&swept.to_string()).write(connection, now)
    });
    tidied.map_err(io::Error::other)?;
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use protocol::envelope::attachment::attachment_hash;

    use super::*;
    use crate::attachments::{Piece, UNCLAIMED};
    use crate::ca;

    #[test]
    fn files_of_requests_stay_and_the_journal_says_what_went() {
        let dir = tempfile::tempdir().unwrap();
        ca::init(dir.path(), &["127.0.0.1".to_owned()]).unwrap();
        let mut store = Store::open(dir.path()).unwrap();
        let attachments = Attachments::open(dir.path(), 0).unwrap();
        let [named, loose] = [b"named", b"loose"].map(|bytes| {
            let hash = attachment_hash(bytes);
            attachments.put("k1", &hash, Piece { from: 0, total: 5 }, bytes).unwrap();
            hash
        });
        store
            .change(|connection| {
                connection.pragma_update(None, "defer_foreign_keys", true)?;
                for hash in [&named, &loose] {
                    assert!(uploads::begin(connection, "1", hash, 5, 0)?);
                }
                connection.execute_batch(
                    "INSERT INTO kiosks (id, epoch) VALUES ('1', 1);
                     INSERT INTO epochs (kiosk, epoch, signing_key, enrolled, head_id) VALUES ('1', 1, '', 0, zeroblob(32));
                     INSERT INTO requests (number, id, kiosk, epoch, seq, prev, case_number, matter, received,
                         acceptance_number, receipt, entry)
                     VALUES (1, zeroblob(32), '1', 1, 1, zeroblob(32), 'c', 'm', 0, 'a', zeroblob(0), zeroblob(0));",
                )?;
                connection.execute("INSERT INTO files (hash, request) VALUES (?1, 1)", [named])
            })
            .unwrap();
        assert_eq!(files(&mut store, &attachments, SystemTime::now()).unwrap(), 0);
        let later = SystemTime::now() + UNCLAIMED + Duration::from_secs(60);
        assert_eq!(files(&mut store, &attachments, later).unwrap(), 1);
        assert!(attachments.claim(&named) && !attachments.claim(&loose));
        let journal = store.journal(1).unwrap();
        assert_eq!((journal[0].event.as_str(), journal[0].subject.as_deref()), ("files-swept", Some("1")));
        let counted: u64 =
            store.reading().query_row("SELECT count(*) FROM uploads", [], |row| row.get(0)).unwrap();
        assert_eq!(counted, 0, "what was swept counts no more");
    }
}
