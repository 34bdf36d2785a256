//! The store of requests, opened with the kiosk's own key and the platform's sealing keys.

use std::path::{Path, PathBuf};

use outbox::identity::KEY_FILE;
use outbox::sealing_keys::{self, SealingKeysError};
use outbox::{Journal, KeyError, Keys, OpenError, Outbox};
use thiserror::Error;

use faults::Fault;

use crate::audit;
use crate::config::{Config, keys_folder};

/// Why the store does not open.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The signing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The kiosk has a signing key, but not here: a credential that only the service is given, or a file that is lost.
    #[error(
        "the signing key is not in {folder} and was not given to this process as a credential",
        folder = folder.display()
    )]
    KeyElsewhere {
        /// Where its file would be.
        folder: PathBuf,
    },
    /// The platform's sealing keys.
    #[error(transparent)]
    Sealing(#[from] SealingKeysError),
    /// The store itself.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl StoreError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            StoreError::Key(error) => error.fault(),
            StoreError::KeyElsewhere { .. } => Fault::KeyUnavailable,
            StoreError::Sealing(error) => error.fault(),
            StoreError::Open(error) => error.fault(),
        }
    }
}

/// A store that takes requests.
pub struct Store {
    /// The requests.
    pub outbox: Outbox,
    /// The epoch in which new requests are signed.
    pub epoch: u32,
}

/// The kiosk's signing key, made on first use.
///
/// It is made only together with its other key: where that one is there already, a missing signing key is a credential
/// that was not given to this process, or a file that is lost, and a new one would be another kiosk's.
///
/// # Errors
/// [`StoreError::Key`], [`StoreError::KeyElsewhere`].
pub fn keys(config: &Config) -> Result<Keys, StoreError> {
    let folder = keys_folder(&config.kiosk.state);
    match found_keys(config)? {
        Some(keys) => Ok(keys),
        None if folder.join(KEY_FILE).exists() => Err(StoreError::KeyElsewhere { folder }),
        None => Ok(Keys::load_or_create(&folder)?),
    }
}

/// The signing key where there is one. Makes none.
///
/// # Errors
/// [`StoreError::Key`].
pub fn found_keys(config: &Config) -> Result<Option<Keys>, StoreError> {
    let folder = keys_folder(&config.kiosk.state);
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let is_there = |folder: &Path| folder.join(outbox::keys::FILE).exists();
    let there = credentials.is_some_and(|folder| is_there(&folder)) || is_there(&folder);
    Ok(there.then(|| Keys::load_or_create(&folder)).transpose()?)
}

/// Opens the store for taking requests; key and store are made on first use. What becomes of requests is said in
/// `journal`.
pub fn open(config: &Config, journal: Option<&Journal>) -> Result<Store, StoreError> {
    let folder = keys_folder(&config.kiosk.state);
    let sealing =
        config.platform.as_ref().map_or_else(|| folder.join("sealing.pub"), |p| p.sealing_keys.clone());
    let sealing = sealing_keys::load(&sealing)?;
    let keys = keys(config)?;
    let (folder, epoch) = (config.kiosk.state.join("outbox"), sealing.epoch());
    let outbox = Outbox::open_sealing(&folder, &config.kiosk.id, keys, sealing)?;
    journal.into_iter().for_each(|journal| outbox.attach_journal(journal.clone()));
    Ok(Store { outbox, epoch })
}

/// Opens the store for looking and sending, with the journal: without sealing keys no request is taken.
pub fn open_for_staff(config: &Config) -> Result<Outbox, StoreError> {
    let keys = keys(config)?;
    let outbox = Outbox::open(&config.kiosk.state.join("outbox"), &config.kiosk.id, keys)?;
    audit::open(&config.kiosk.state).into_iter().for_each(|journal| outbox.attach_journal(journal));
    Ok(outbox)
}
