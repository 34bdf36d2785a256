//! What is thrown away by itself: the content of identity checks whose time is over, and sealed files that no request names.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::attachments::{Attachments, Held};
use crate::error::PlatformError;
use crate::store::{Store, StoreError};
use crate::ticker::Ticker;
use crate::time::now;

/// How often checks are looked at: their content stays at most so much longer than it should. A guess.
const CHECKS: Duration = Duration::from_secs(30);
/// Rounds between two looks at the files: once an hour.
const FILES: u32 = 120;

/// Sweeps until the handle is dropped.
pub(crate) fn start(store: Store, attachments: Arc<Attachments>) -> Result<Ticker, PlatformError> {
    let mut rounds = (0..FILES).cycle();
    // At the start too: what was over while nothing ran goes now.
    Ticker::start("sweeper", CHECKS, move || {
        if let Err(error) = checks(&store) {
            tracing::error!(%error, "checks cannot be erased");
        }
        if rounds.next() == Some(0)
            && let Err(error) = files(&store, &attachments, SystemTime::now())
        {
            tracing::error!(%error, "files cannot be swept");
        }
    })
}

fn checks(store: &Store) -> Result<(), StoreError> {
    if store.erase_checks(now())? > 0 {
        store.empty_log()?;
    }
    Ok(())
}

fn files(store: &Store, attachments: &Arc<Attachments>, now: SystemTime) -> io::Result<usize> {
    // What a kiosk took back by itself may stand in the log still.
    store.empty_log().map_err(io::Error::other)?;
    let named = |hash: &_| store.names_file(hash).map_err(io::Error::other);
    let swept = attachments.sweep(now, named)?;
    let attachments = attachments.clone();
    let there = move |kiosk: &str, hash: &_| attachments.held(kiosk, hash) != Held::Part(0);
    store.tidy_uploads(swept, there).map_err(io::Error::other)?;
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use protocol::envelope::attachment::attachment_hash;

    use super::*;
    use crate::attachments::{Piece, UNCLAIMED};

    #[test]
    fn files_of_requests_stay_and_the_journal_says_what_went() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let attachments = Arc::new(Attachments::open(dir.path(), 0).unwrap());
        let [named, loose] = [b"named", b"loose"].map(|bytes| {
            let hash = attachment_hash(bytes);
            attachments.put("k1", &hash, Piece { from: 0, total: 5 }, bytes).unwrap();
            hash
        });
        store.put_for_test(format!(
            "INSERT INTO kiosks (id, epoch) VALUES ('1', 1);
             INSERT INTO epochs (kiosk, epoch, signing_key, enrolled, head_id) VALUES ('1', 1, '', 0, zeroblob(32));
             INSERT INTO requests (number, id, kiosk, epoch, seq, prev, case_number, matter, received,
                 acceptance_number, receipt, entry)
             VALUES (1, zeroblob(32), '1', 1, 1, zeroblob(32), 'c', 'm', 0, 'a', zeroblob(0), zeroblob(0));
             INSERT INTO uploads (kiosk, hash, bytes, begun) VALUES ('1', x'{0}', 5, 0), ('1', x'{1}', 5, 0);
             INSERT INTO files (hash, request) VALUES (x'{0}', 1);",
            hex::encode(named),
            hex::encode(loose)
        ));
        assert_eq!(files(&store, &attachments, SystemTime::now()).unwrap(), 0);
        let later = SystemTime::now() + UNCLAIMED + Duration::from_secs(60);
        assert_eq!(files(&store, &attachments, later).unwrap(), 1);
        assert!(attachments.claim(&named) && !attachments.claim(&loose));
        let journal = store.journal(1).unwrap();
        assert_eq!((journal[0].event.as_str(), journal[0].subject.as_deref()), ("files-swept", Some("1")));
        assert_eq!(store.rows_for_test("uploads"), 0, "what was swept counts no more");
    }
}
