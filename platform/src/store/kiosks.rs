//! Kiosks, their epochs and their certificates: who may ask for anything.

use std::ops::Deref;

use ed25519_dalek::VerifyingKey;
use rusqlite::Connection;

use super::database::Store;
use super::error::StoreError;
use super::journal::Line;
use super::news::Topic;
use super::rows::{first, one, value};
use crate::error::{EnrolmentRefusal, PlatformError};
use crate::signed::verifying_key;

/// An enrolled kiosk.
pub struct Kiosk {
    /// How often it was enrolled with a new signing key.
    pub epoch: u32,
    /// Whether it is refused.
    pub revoked: bool,
}

/// The kiosk that a certificate names, and the certificate's SHA-256: a connection may be older than its revocation.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) kiosk: String,
    /// `None` behind a listener that has no certificates: a tool's.
    pub(crate) certificate: Option<[u8; 32]>,
}

impl Deref for Peer {
    type Target = str;

    fn deref(&self) -> &str {
        &self.kiosk
    }
}

/// Why a kiosk gets no answer, whatever it asks for.
#[derive(Debug)]
pub(crate) enum Denied {
    /// It is not enrolled.
    Unknown,
    /// It was revoked, or its certificate.
    Revoked,
    /// The database does not answer.
    Store(StoreError),
}

impl From<StoreError> for Denied {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
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
        &self,
        kiosk: &str,
        key: &VerifyingKey,
        certificate: [u8; 32],
        again: Again,
        now: i64,
    ) -> Result<u32, PlatformError> {
        let (kiosk, key) = (kiosk.to_owned(), *key);
        let enrolled = self.write(move |connection| {
            let epoch = match find(connection, &kiosk)? {
                None => begin_epoch(connection, &kiosk, 1, &key, now)?,
                Some(found) if find_key(connection, &kiosk, found.epoch)? == Some(key) => {
                    if found.revoked {
                        return Ok(Err(EnrolmentRefusal::Revoked));
                    }
                    found.epoch
                }
                Some(_) if again == Again::No => return Ok(Err(EnrolmentRefusal::OtherKey)),
                Some(_) if knows_key(connection, &kiosk, &key)? => {
                    return Ok(Err(EnrolmentRefusal::OtherKey));
                }
                Some(found) => begin_epoch(connection, &kiosk, found.epoch.saturating_add(1), &key, now)?,
            };
            connection.execute(
                "INSERT INTO certificates (fingerprint, kiosk) VALUES (?1, ?2)",
                (certificate, &kiosk),
            )?;
            Line::of("enrolled").kiosk(&kiosk).subject(&epoch.to_string()).write(connection, now)?;
            Ok(Ok(epoch))
        });
        enrolled?.map_err(PlatformError::Enrolment)
    }

    /// Refuses a kiosk, all its certificates and its epoch from now on.
    ///
    /// # Errors
    /// [`PlatformError::UnknownKiosk`].
    pub fn revoke(&self, kiosk: &str, now: i64) -> Result<(), PlatformError> {
        let id = kiosk.to_owned();
        let known = self.write(move |connection| {
            let mut changed = 0;
            for (table, column) in [("kiosks", "id"), ("epochs", "kiosk"), ("certificates", "kiosk")] {
                let update =
                    format!("UPDATE {table} SET revoked = coalesce(revoked, ?2) WHERE {column} = ?1");
                changed += connection.execute(&update, (&id, now))?;
            }
            if changed > 0 {
                Line::of("revoked").kiosk(&id).write(connection, now)?;
            }
            Ok(changed > 0)
        });
        if known? { Ok(()) } else { Err(PlatformError::UnknownKiosk(kiosk.to_owned())) }
    }

    /// An enrolled kiosk.
    pub fn kiosk(&self, kiosk: &str) -> Result<Option<Kiosk>, StoreError> {
        self.read(|connection| find(connection, kiosk))
    }

    /// What a kiosk's requests of an epoch must verify with, whether or not the epoch is over or revoked.
    pub fn signing_key(&self, kiosk: &str, epoch: u32) -> Result<Option<VerifyingKey>, StoreError> {
        self.read(|connection| find_key(connection, kiosk, epoch))
    }

    /// Whether a kiosk's requests of an epoch are taken: a past epoch's last ones are, a revoked one's are not.
    pub fn takes_epoch(&self, kiosk: &str, epoch: u32) -> Result<bool, StoreError> {
        self.read(|connection| {
            value(
                connection,
                "SELECT EXISTS (SELECT 1 FROM epochs WHERE kiosk = ?1 AND epoch = ?2 AND revoked IS NULL)",
                (kiosk, epoch),
            )
        })
    }

    /// Whether a client certificate with this SHA-256 was given out and not revoked.
    pub fn takes_certificate(&self, fingerprint: &[u8; 32]) -> Result<bool, StoreError> {
        self.read(|connection| takes_certificate(connection, fingerprint))
    }

    /// Whether this kiosk may ask for anything.
    pub(crate) fn admit(&self, peer: &Peer) -> Result<(), Denied> {
        self.read(|connection| admitted(connection, peer))?
    }

    /// Changes something for a kiosk that may ask; it is on disk when this returns. `work` gets the kiosk's id.
    pub(super) fn write_for<T: Send + 'static>(
        &self,
        peer: &Peer,
        work: impl FnOnce(&Connection, &str) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Denied> {
        self.write(if_admitted(peer, work))?
    }

    /// As [`Self::write_for`], when somebody may wait for it.
    pub(super) fn write_for_and_tell<T: Send + 'static>(
        &self,
        topic: Topic,
        peer: &Peer,
        work: impl FnOnce(&Connection, &str) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Denied> {
        self.write_and_tell(topic, if_admitted(peer, work))?
    }
}

fn if_admitted<T>(
    peer: &Peer,
    work: impl FnOnce(&Connection, &str) -> rusqlite::Result<T> + Send + 'static,
) -> impl FnOnce(&Connection) -> rusqlite::Result<Result<T, Denied>> + Send + 'static {
    let peer = peer.clone();
    move |connection| match admitted(connection, &peer)? {
        Ok(()) => work(connection, &peer).map(Ok),
        Err(denied) => Ok(Err(denied)),
    }
}

fn admitted(connection: &Connection, peer: &Peer) -> rusqlite::Result<Result<(), Denied>> {
    Ok(match find(connection, peer)? {
        None => Err(Denied::Unknown),
        Some(kiosk) if kiosk.revoked => Err(Denied::Revoked),
        // The kiosk may be enrolled again while a thief holds a connection open with what was revoked.
        Some(_) => match peer.certificate {
            Some(certificate) if !takes_certificate(connection, &certificate)? => Err(Denied::Revoked),
            Some(_) | None => Ok(()),
        },
    })
}

fn takes_certificate(connection: &Connection, fingerprint: &[u8; 32]) -> rusqlite::Result<bool> {
    value(
        connection,
        "SELECT EXISTS (SELECT 1 FROM certificates WHERE fingerprint = ?1 AND revoked IS NULL)",
        [fingerprint],
    )
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

fn find(connection: &Connection, kiosk: &str) -> rusqlite::Result<Option<Kiosk>> {
    one(connection, "SELECT epoch, revoked IS NOT NULL FROM kiosks WHERE id = ?1", [kiosk], |row| {
        Ok(Kiosk { epoch: row.get(0)?, revoked: row.get(1)? })
    })
}

fn find_key(connection: &Connection, kiosk: &str, epoch: u32) -> rusqlite::Result<Option<VerifyingKey>> {
    let found: Option<String> = one(
        connection,
        "SELECT signing_key FROM epochs WHERE kiosk = ?1 AND epoch = ?2",
        (kiosk, epoch),
        first,
    )?;
    found.map(|key| verifying_key(&key).ok_or(rusqlite::Error::InvalidQuery)).transpose()
}

fn knows_key(connection: &Connection, kiosk: &str, key: &VerifyingKey) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM epochs WHERE kiosk = ?1 AND signing_key = ?2)",
        (kiosk, hex::encode(key.as_bytes())),
        |row| row.get(0),
    )
}
