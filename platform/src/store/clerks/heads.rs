//! The signed head of the clerks' journal: so many lines, and the hash of the last. The receipt key signs it at the start
//! and every hour, and it is kept in the platform's own database: whoever shortens the journal, or writes it anew, needs the key
//! or has to change both databases. An operator keeps one elsewhere with `kiosk-platform clerk head`.
//!
//! `COSE_Sign1`, content type `application/vnd.bianmin.clerk-head+cbor`, payload `{1: 1, 2: lines, 3: hash, 4: Unix seconds}`.

use ciborium::Value;
use ed25519_dalek::{SigningKey, VerifyingKey};

use super::accounts::Accounts;
use super::error::ClerkError;
use super::journal;
use crate::signed;
use crate::store::database::Store;
use crate::time::now;

const CONTENT_TYPE: &str = "application/vnd.bianmin.clerk-head+cbor";
const VERSION: u64 = 1;

/// Where the journal stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    lines: u64,
    hash: [u8; 32],
}

/// Signs the journal's head, unless the newest one says the same.
pub(crate) fn sign(store: &Store, accounts: &Accounts, key: &SigningKey) -> Result<(), ClerkError> {
    let (lines, hash) = journal::last(&accounts.connection)?;
    let head = Head { lines, hash };
    let newest = store.newest_clerk_head()?.and_then(|signed| read(&signed, &key.verifying_key()));
    if lines == 0 || newest == Some(head) {
        return Ok(());
    }
    let at = now();
    let payload = Value::Map(vec![
        (1.into(), VERSION.into()),
        (2.into(), lines.into()),
        (3.into(), Value::Bytes(hash.to_vec())),
        (4.into(), at.into()),
    ]);
    let Some(signed) = signed::sign(CONTENT_TYPE, &payload, key) else { return Ok(()) };
    Ok(store.keep_clerk_head(lines, hash, at, signed)?)
}

/// Checks that the journal goes on from its newest signed head; gives that head's lines, 0 when none was signed.
///
/// # Errors
/// [`ClerkError::JournalHead`] when it does not, or when the head is not ours.
pub(crate) fn check(store: &Store, accounts: &Accounts, key: &VerifyingKey) -> Result<u64, ClerkError> {
    let Some(signed) = store.newest_clerk_head()? else { return Ok(0) };
    let head = read(&signed, key).ok_or(ClerkError::JournalHead(0))?;
    let there = accounts.hash_of_line(head.lines)?;
    if there == Some(head.hash) { Ok(head.lines) } else { Err(ClerkError::JournalHead(head.lines)) }
}

fn read(bytes: &[u8], key: &VerifyingKey) -> Option<Head> {
    let payload = signed::open(CONTENT_TYPE, bytes, key)?.into_map().ok()?;
    let mut fields = payload.into_iter().map(|(_, value)| value);
    let mut next = || fields.next();
    let version: u64 = next()?.into_integer().ok()?.try_into().ok()?;
    let lines = next()?.into_integer().ok()?.try_into().ok()?;
    let hash = next()?.into_bytes().ok()?.try_into().ok()?;
    (version == VERSION).then_some(Head { lines, hash })
}

#[cfg(test)]
mod tests {
    use super::super::journal::Deed;
    use super::*;

    #[test]
    fn a_journal_that_was_shortened_or_written_anew_shows() {
        let dir = tempfile::tempdir().unwrap();
        let (store, mut accounts) = (Store::create(dir.path()).unwrap(), Accounts::open(dir.path()).unwrap());
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key();
        sign(&store, &accounts, &key).unwrap();
        assert_eq!(check(&store, &accounts, &public).unwrap(), 0, "nothing to sign");
        let write = |accounts: &mut Accounts, clerk: &str, times: usize| {
            for _ in 0..times {
                accounts.write(clerk, Deed::Opened, ("2026112100000047", None), 5).unwrap();
            }
        };
        write(&mut accounts, "li", 3);
        sign(&store, &accounts, &key).unwrap();
        sign(&store, &accounts, &key).unwrap();
        assert_eq!(store.rows_for_test("clerk_heads"), 1, "the same head is signed once");
        write(&mut accounts, "li", 1);
        assert_eq!(check(&store, &accounts, &public).unwrap(), 3);

        // Its last lines cut off, or all of it written again with good links: only the head tells.
        accounts.connection.execute("DELETE FROM views WHERE number >= 3", []).unwrap();
        assert_eq!(accounts.verify_journal().unwrap(), Ok(2));
        assert!(matches!(check(&store, &accounts, &public), Err(ClerkError::JournalHead(3))));
        accounts.connection.execute("DELETE FROM views", []).unwrap();
        write(&mut accounts, "wang", 4);
        assert_eq!(accounts.verify_journal().unwrap(), Ok(4));
        assert!(matches!(check(&store, &accounts, &public), Err(ClerkError::JournalHead(3))));
        assert!(store.write(|connection| connection.execute("DELETE FROM clerk_heads", [])).is_err());
        let other = SigningKey::from_bytes(&[9; 32]).verifying_key();
        assert!(matches!(check(&store, &accounts, &other), Err(ClerkError::JournalHead(0))));
    }
}
