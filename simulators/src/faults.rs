//! Faults are chosen by name.

/// A name that is no fault of this device.
#[derive(Debug, thiserror::Error)]
#[error("no fault is called {0}")]
pub struct UnknownFault(String);

/// Finds a fault in a device's list.
pub(crate) fn by_name<F: Copy>(list: &[(&str, F)], name: &str) -> Result<F, UnknownFault> {
    let found = list.iter().find(|(known, _)| *known == name);
    found.map(|(_, fault)| *fault).ok_or_else(|| UnknownFault(name.to_owned()))
}
