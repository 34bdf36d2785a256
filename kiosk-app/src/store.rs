//! The store of requests, opened with the kiosk's own key and the platform's sealing keys.

use outbox::{Journal, KeyError, Keys, OpenError, Outbox, SealingKeys, SealingKeysError};
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

/// Opens the store for taking requests; key and store are made on first use. What becomes of requests is said in
/// `journal`.
pub fn open(config: &Config, journal: Option<&Journal>) -> Result<Store, StoreError> {
    let folder = keys_folder(&config.kiosk.state);
    let sealing =
        config.platform.as_ref().map_or_else(|| folder.join("sealing.pub"), |p| p.sealing_keys.clone());
    let sealing = SealingKeys::load(&sealing)?;
    let keys = Keys::load_or_create(&folder)?;
    let (folder, epoch) = (config.kiosk.state.join("outbox"), sealing.epoch());
    let outbox = Outbox::open_sealing(&folder, &config.kiosk.id, keys, sealing)?;
    journal.into_iter().for_each(|journal| outbox.attach_journal(journal.clone()));
    Ok(Store { outbox, epoch })
}

/// Opens the store for looking and sending, with the journal: without sealing keys no request is taken.
pub fn open_for_staff(config: &Config) -> Result<Outbox, StoreError> {
    let keys = Keys::load_or_create(&keys_folder(&config.kiosk.state))?;
    let outbox = Outbox::open(&config.kiosk.state.join("outbox"), &config.kiosk.id, keys)?;
    audit::open(&config.kiosk.state).into_iter().for_each(|journal| outbox.attach_journal(journal));
    Ok(outbox)
}
