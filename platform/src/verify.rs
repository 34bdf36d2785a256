//! `verify`: everything that is stored of a kiosk, checked again from its first request to its newest head.

use std::path::Path;

use protocol::envelope::RequestId;
use protocol::envelope::head::{self, Head};
use serde::Serialize;

use crate::error::PlatformError;
use crate::store::heads::holes;
use crate::store::{Store, StoredRequest};
use crate::{ca, report};

/// What a kiosk's chains are like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The kiosk.
    pub kiosk: String,
    /// Its epochs, oldest first.
    pub epochs: Vec<Epoch>,
}

/// What one chain is like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Epoch {
    /// Which enrolment, from 1.
    pub epoch: u32,
    /// Requests that are stored.
    pub requests: u64,
    /// Sequences whose stored bytes no longer are what the kiosk signed.
    pub invalid: Vec<u64>,
    /// Sequences that name another request before them than the stored one.
    pub broken: Vec<u64>,
    /// Sequences that are missing and that the newest head does not list as held, in words.
    pub missing: Option<String>,
    /// Sequences that the kiosk holds back, from its newest head.
    pub held: Vec<u64>,
    /// The sequence of the newest signed head; absent when none came.
    pub head: Option<u64>,
    /// Whether that head verifies and names the stored request; absent when none came.
    pub head_verified: Option<bool>,
}

impl Epoch {
    /// Whether nothing is wrong.
    pub fn is_intact(&self) -> bool {
        self.invalid.is_empty()
            && self.broken.is_empty()
            && self.missing.is_none()
            && self.head_verified != Some(false)
    }
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn is_intact(&self) -> bool {
        self.epochs.iter().all(Epoch::is_intact)
    }
}

/// Checks every signature, every link and the newest head of a kiosk.
///
/// # Errors
/// [`PlatformError::UnknownKiosk`]; [`PlatformError`].
pub fn verify(state: &Path, kiosk: &str) -> Result<Verified, PlatformError> {
    let store = Store::open(state)?;
    let keys = ca::opening_keys(state)?;
    let found = store.kiosk(kiosk)?.ok_or_else(|| PlatformError::UnknownKiosk(kiosk.to_owned()))?;
    let mut epochs = Vec::new();
    for epoch in 1..=found.epoch {
        let mut chain = Chain::default();
        store.for_each_of(kiosk, epoch, |stored| {
            let good = report::verified(&store, &stored, &keys)?.is_some();
            chain.take(&stored, good);
            Ok(())
        })?;
        epochs.push(chain.close(&store, kiosk, epoch)?);
    }
    Ok(Verified { kiosk: kiosk.to_owned(), epochs })
}

/// A chain as it is walked, in the order of its sequences.
#[derive(Default)]
struct Chain {
    there: Vec<u64>,
    last: Option<(u64, RequestId)>,
    invalid: Vec<u64>,
    broken: Vec<u64>,
}

impl Chain {
    fn take(&mut self, stored: &StoredRequest, good: bool) {
        if !good {
            self.invalid.push(stored.seq);
        }
        let before = match self.last {
            None if stored.seq == 1 => Some([0; 32]),
            Some((seq, id)) if seq + 1 == stored.seq => Some(id),
            None | Some(_) => None,
        };
        if before.is_some_and(|id| id != stored.prev) {
            self.broken.push(stored.seq);
        }
        self.last = Some((stored.seq, stored.id));
        self.there.push(stored.seq);
    }

    fn close(self, store: &Store, kiosk: &str, epoch: u32) -> Result<Epoch, PlatformError> {
        let head = match store.newest_head(kiosk, epoch)? {
            None => None,
            Some(signed) => {
                let key = store.signing_key(kiosk, epoch)?;
                Some(key.and_then(|key| head::verify(&signed, &key).ok()))
            }
        };
        let verified = match &head {
            None => None,
            Some(None) => Some(false),
            Some(Some(head)) => Some(self.agrees(store, head)?),
        };
        let head = head.flatten();
        let held = head.as_ref().map(|head| head.held.clone()).unwrap_or_default();
        let end = self.last.map_or(0, |(seq, _)| seq).max(head.as_ref().map_or(0, |head| head.seq));
        let requests = self.there.len() as u64;
        let mut there = self.there;
        there.extend(&held);
        there.sort_unstable();
        Ok(Epoch {
            epoch,
            requests,
            invalid: self.invalid,
            broken: self.broken,
            missing: holes(0, &there, end),
            held,
            head: head.map(|head| head.seq),
            head_verified: verified,
        })
    }

    /// Whether the head names the request that is stored at its place; one that has not come says nothing.
    fn agrees(&self, store: &Store, head: &Head) -> Result<bool, PlatformError> {
        let stored = store.id_at(&head.kiosk, head.epoch, head.seq)?;
        Ok(stored.is_none_or(|id| id == head.hash))
    }
}
