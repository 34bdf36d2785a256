//! Kiosks, their epochs and their certificates.

use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::{Store, journal};
use crate::ca;
use crate::error::{EnrolmentRefusal, PlatformError};

/// An enrolled kiosk.
pub struct Kiosk {
    /// How often it was enrolled with a new signing key.
    pub epoch: u32,
    /// Whether it is refused.
    pub revoked: bool,
}

/// Whether an enrolment may begin a new epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Another signing key is a mistake.
    No,
    /// Another signing key begins a new epoch.
    Yes,
}

impl Store {
    /// Records a kiosk and its certificate's fingerprint; gives its epoch.
    ///
    /// # Errors
    /// [`PlatformError::Enrolment`] for another signing key without [`Again::Yes`], for a signing key of an epoch that
    /// is over, and for a revoked kiosk with its old key.
    pub fn enrol(
        &mut self,
        kiosk: &str,
        key: &VerifyingKey,
        certificate: [u8; 32],
        again: Again,
        now: i64,
    ) -> Result<u32, PlatformError> {
        let refused = |why| Err(PlatformError::Enrolment(why));
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let epoch = match find(&transaction, kiosk)? {
            None => begin_epoch(&transaction, kiosk, 1, key, now)?,
            Some(found) if find_key(&transaction, kiosk, found.epoch)? == Some(*key) => {
                if found.revoked {
                    return refused(EnrolmentRefusal::Revoked);
                }
                found.epoch
            }
            Some(_) if again == Again::No => return refused(EnrolmentRefusal::OtherKey),
            Some(_) if knows_key(&transaction, kiosk, key)? => return refused(EnrolmentRefusal::OtherKey),
            Some(found) => begin_epoch(&transaction, kiosk, found.epoch.saturating_add(1), key, now)?,
        };
        transaction
            .execute("INSERT INTO certificates (fingerprint, kiosk) VALUES (?1, ?2)", (certificate, kiosk))?;
        journal::Line::of("enrolled").kiosk(kiosk).subject(&epoch.to_string()).write(&transaction, now)?;
        transaction.commit()?;
        Ok(epoch)
    }

    /// Refuses a kiosk, all its certificates and its epoch from now on.
    ///
    /// # Errors
    /// [`PlatformError::UnknownKiosk`].
    pub fn revoke(&mut self, kiosk: &str, now: i64) -> Result<(), PlatformError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changed = 0;
        for (table, column) in [("kiosks", "id"), ("epochs", "kiosk"), ("certificates", "kiosk")] {
            let update = format!("UPDATE {table} SET revoked = coalesce(revoked, ?2) WHERE {column} = ?1");
            changed += transaction.execute(&update, (kiosk, now))?;
        }
        if changed == 0 {
            return Err(PlatformError::UnknownKiosk(kiosk.to_owned()));
        }
        journal::Line::of("revoked").kiosk(kiosk).write(&transaction, now)?;
        transaction.commit()?;
        Ok(())
    }

    /// An enrolled kiosk.
    ///
    /// # Errors
    /// The database's.
    pub fn kiosk(&self, kiosk: &str) -> rusqlite::Result<Option<Kiosk>> {
        find(&self.connection, kiosk)
    }

    /// What a kiosk's requests of an epoch must verify with, whether or not the epoch is over or revoked.
    ///
    /// # Errors
    /// The database's.
    pub fn signing_key(&self, kiosk: &str, epoch: u32) -> rusqlite::Result<Option<VerifyingKey>> {
        find_key(&self.connection, kiosk, epoch)
    }

    /// Whether a kiosk's requests of an epoch are taken: a past epoch's last ones are, a revoked one's are not.
    ///
    /// # Errors
    /// The database's.
    pub fn takes_epoch(&self, kiosk: &str, epoch: u32) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM epochs WHERE kiosk = ?1 AND epoch = ?2 AND revoked IS NULL)",
            )?
            .query_row((kiosk, epoch), |row| row.get(0))
    }

    /// Whether a client certificate with this SHA-256 was given out and not revoked.
    ///
    /// # Errors
    /// The database's.
    pub fn takes_certificate(&self, fingerprint: &[u8; 32]) -> rusqlite::Result<bool> {
        takes_certificate(&self.connection, fingerprint)
    }
}

/// As [`Store::takes_certificate`].
pub(crate) fn takes_certificate(connection: &Connection, fingerprint: &[u8; 32]) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM certificates WHERE fingerprint = ?1 AND revoked IS NULL)",
        )?
        .query_row([fingerprint], |row| row.get(0))
}

fn begin_epoch(
    connection: &Connection,
    kiosk: &str,
    epoch: u32,
    key: &VerifyingKey,
    now: i64,
) -> rusqlite::Result<u32> {
    connection.execute(
        "INSERT INTO kiosks (id, epoch) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET epoch = ?2, revoked = NULL",
        (kiosk, epoch),
    )?;
    connection.execute(
        "INSERT INTO epochs (kiosk, epoch, signing_key, enrolled, head_id) VALUES (?1, ?2, ?3, ?4, zeroblob(32))",
        (kiosk, epoch, hex::encode(key.as_bytes()), now),
    )?;
    Ok(epoch)
}

/// An enrolled kiosk.
pub(crate) fn find(connection: &Connection, kiosk: &str) -> rusqlite::Result<Option<Kiosk>> {
    connection
        .prepare_cached("SELECT epoch, revoked IS NOT NULL FROM kiosks WHERE id = ?1")?
        .query_row([kiosk], |row| Ok(Kiosk { epoch: row.get(0)?, revoked: row.get(1)? }))
        .optional()
}

fn find_key(connection: &Connection, kiosk: &str, epoch: u32) -> rusqlite::Result<Option<VerifyingKey>> {
    let found = connection
        .prepare_cached("SELECT signing_key FROM epochs WHERE kiosk = ?1 AND epoch = ?2")?
        .query_row((kiosk, epoch), |row| row.get::<_, String>(0))
        .optional()?;
    found.map(|key| ca::verifying_key(&key).ok_or(rusqlite::Error::InvalidQuery)).transpose()
}

fn knows_key(connection: &Connection, kiosk: &str, key: &VerifyingKey) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM epochs WHERE kiosk = ?1 AND signing_key = ?2)",
        (kiosk, hex::encode(key.as_bytes())),
        |row| row.get(0),
    )
}
