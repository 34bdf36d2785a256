//! Signed heads: where a kiosk says its chains stand, compared with what came.

use protocol::envelope::RequestId;
use protocol::envelope::head::Head;
use rusqlite::Connection;

use super::alarms::{self, Kind};
use super::database::Store;
use super::error::StoreError;
use super::kiosks::{Denied, Peer};
use super::requests::find_id;
use super::rows::{all, first, one, value};
use crate::time::now;

/// Ranges of missing sequences that an alarm names; the rest is only said to be there.
const RANGES: usize = 8;

impl Store {
    /// The newest head of a kiosk's epoch that was kept, signed.
    pub fn newest_head(&self, kiosk: &str, epoch: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.one(
            "SELECT signed FROM heads WHERE kiosk = ?1 AND epoch = ?2 ORDER BY number DESC LIMIT 1",
            (kiosk, epoch),
            first,
        )
    }

    /// Judges a kiosk's verified head, keeps it when it continues what came before, and raises what is wrong. `digest` is the
    /// SHA-256 of `signed`.
    ///
    /// A head that came before is not a rollback: an answer may have been lost.
    pub(crate) fn take_head(
        &self,
        peer: &Peer,
        head: Head,
        digest: [u8; 32],
        signed: Vec<u8>,
    ) -> Result<Option<Kind>, Denied> {
        self.write_for(peer, move |connection, _| take(connection, &head, &digest, &signed))
    }

    /// Keeps a signed head of the clerks' journal.
    pub(super) fn keep_clerk_head(
        &self,
        lines: u64,
        hash: [u8; 32],
        at: i64,
        signed: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            let keep = "INSERT INTO clerk_heads (lines, hash, at, signed) VALUES (?1, ?2, ?3, ?4)";
            connection.execute(keep, (lines, hash, at, signed)).map(drop)
        })
    }

    /// The newest signed head of the clerks' journal; `None` before the first.
    pub(crate) fn newest_clerk_head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.one("SELECT signed FROM clerk_heads ORDER BY number DESC LIMIT 1", [], first)
    }
}

fn take(
    connection: &Connection,
    head: &Head,
    digest: &[u8; 32],
    signed: &[u8],
) -> rusqlite::Result<Option<Kind>> {
    let raise = |kind, detail: String| {
        alarms::raise(connection, &head.kiosk, head.epoch, kind, &detail).map(|()| Some(kind))
    };
    let known: bool = value(connection, "SELECT EXISTS (SELECT 1 FROM heads WHERE digest = ?1)", [digest])?;
    if !known {
        if forks(connection, head)? {
            return raise(Kind::Fork, format!("{}", head.seq));
        }
        let newest = newest(connection, head)?;
        if newest > head.seq {
            return raise(Kind::Rollback, format!("{} after {newest}", head.seq));
        }
        if let Some(before) = other_journal(connection, head)? {
            return raise(Kind::Journal, format!("{} after {before}", head.journal_seq));
        }
        keep(connection, head, digest, signed)?;
    }
    let missing = missing(connection, head)?;
    alarms::end_gaps(connection, &head.kiosk, head.epoch, missing.as_deref())?;
    missing.map_or(Ok(None), |missing| raise(Kind::Gap, missing))
}

/// Whether we know another request under the head's place: the request itself, the one that follows it, or an earlier head.
fn forks(connection: &Connection, head: &Head) -> rusqlite::Result<bool> {
    if head.seq == 0 {
        return Ok(false);
    }
    let mut known: Vec<RequestId> = Vec::new();
    known.extend(find_id(connection, &head.kiosk, head.epoch, head.seq)?);
    for query in [
        "SELECT prev FROM requests WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 + 1",
        "SELECT hash FROM heads WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 LIMIT 1",
    ] {
        let place = (&head.kiosk, head.epoch, head.seq);
        let id: Option<RequestId> = one(connection, query, place, first)?;
        known.extend(id);
    }
    Ok(known.iter().any(|id| *id != head.hash))
}

/// The newest sequence of the epoch that we know of, from requests and heads.
fn newest(connection: &Connection, head: &Head) -> rusqlite::Result<u64> {
    value(
        connection,
        "SELECT max(coalesce((SELECT max(seq) FROM requests WHERE kiosk = ?1 AND epoch = ?2), 0),
                        coalesce((SELECT max(seq) FROM heads WHERE kiosk = ?1 AND epoch = ?2), 0))",
        (&head.kiosk, head.epoch),
    )
}

/// The length of the journal that an earlier head of the epoch covers and this one contradicts.
fn other_journal(connection: &Connection, head: &Head) -> rusqlite::Result<Option<u64>> {
    one(
        connection,
        "SELECT journal_seq FROM heads WHERE kiosk = ?1 AND epoch = ?2
                 AND (journal_seq > ?3 OR (journal_seq = ?3 AND journal_hash <> ?4))
             ORDER BY journal_seq DESC LIMIT 1",
        (&head.kiosk, head.epoch, head.journal_seq, head.journal_hash),
        first,
    )
}

fn keep(connection: &Connection, head: &Head, digest: &[u8; 32], signed: &[u8]) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO heads (digest, kiosk, epoch, seq, hash, journal_seq, journal_hash, time, received, signed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        (
            digest,
            &head.kiosk,
            head.epoch,
            head.seq,
            head.hash,
            head.journal_seq,
            head.journal_hash,
            head.time,
            now(),
            signed,
        ),
    )?;
    Ok(())
}

/// Ranges of sequences up to the head's that did not come and that the kiosk does not list as held.
fn missing(connection: &Connection, head: &Head) -> rusqlite::Result<Option<String>> {
    let place = (&head.kiosk, head.epoch);
    let whole: u64 = value(connection, "SELECT head_seq FROM epochs WHERE kiosk = ?1 AND epoch = ?2", place)?;
    let mut there: Vec<u64> = all(
        connection,
        "SELECT seq FROM requests WHERE kiosk = ?1 AND epoch = ?2 AND seq > ?3",
        (&head.kiosk, head.epoch, whole),
        |row| row.get(0),
    )?;
    there.extend(head.held.iter().filter(|seq| **seq > whole));
    there.sort_unstable();
    Ok(holes(whole, &there, head.seq))
}

/// The holes between `whole` and `end` that the sorted sequences leave, in words: `3, 5-7`.
pub(crate) fn holes(whole: u64, there: &[u64], end: u64) -> Option<String> {
    let mut holes = Vec::new();
    let mut next = whole.saturating_add(1);
    for seq in there.iter().copied().take_while(|seq| *seq <= end).chain([end.saturating_add(1)]) {
        if seq > next {
            let last = seq - 1;
            holes.push(if last == next { format!("{next}") } else { format!("{next}-{last}") });
        }
        next = next.max(seq.saturating_add(1));
    }
    let more = holes.len() > RANGES;
    holes.truncate(RANGES);
    if more {
        holes.push("and more".into());
    }
    (!holes.is_empty()).then(|| holes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_named() {
        assert_eq!(holes(0, &[], 0), None);
        assert_eq!(holes(3, &[], 3), None);
        assert_eq!(holes(3, &[4, 5, 5, 6], 6), None);
        assert_eq!(holes(3, &[5], 6).as_deref(), Some("4, 6"));
        assert_eq!(holes(0, &[4, 4, 9], 12).as_deref(), Some("1-3, 5-8, 10-12"));
        assert_eq!(holes(5, &[7, 9], 3), None, "the platform is ahead");
        let every_other: Vec<u64> = (1..40).map(|at| at * 2).collect();
        let named = holes(0, &every_other, 78).unwrap();
        assert!(named.starts_with("1, 3, 5, ") && named.ends_with("15, and more"), "{named}");
        assert_eq!(holes(0, &[], u64::MAX / 2), Some(format!("1-{}", u64::MAX / 2)));
    }
}
