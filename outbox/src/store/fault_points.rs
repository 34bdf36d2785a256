//! Places where a test may pull the plug. Outside of this crate's tests they are nothing at all.

/// Does nothing.
#[cfg(not(test))]
#[inline(always)]
pub(crate) fn reach(_place: &'static str) {}

/// Kills this process, as a power cut would, when `OUTBOX_DIE_AT` names the place.
#[cfg(test)]
pub(crate) fn reach(place: &'static str) {
    if std::env::var_os("OUTBOX_DIE_AT").is_some_and(|named| named == place) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}
