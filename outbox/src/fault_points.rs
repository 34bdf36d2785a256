//! Places where a test may pull the plug. Without the feature `fault-points`, and outside of this crate's tests, they are
//! nothing at all.

/// Does nothing.
#[cfg(not(any(test, feature = "fault-points")))]
#[inline(always)]
pub(crate) fn reach(_place: &'static str) {}

/// Kills this process, as a power cut would, when `OUTBOX_DIE_AT` names the place: `committed`, or `committed:3` for the
/// third time it is reached.
#[cfg(any(test, feature = "fault-points"))]
pub(crate) fn reach(place: &'static str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static REACHED: AtomicU32 = AtomicU32::new(0);
    let Ok(named) = std::env::var("OUTBOX_DIE_AT") else { return };
    let (name, times) = named.split_once(':').unwrap_or((&named, "1"));
    if name == place && times.parse() == Ok(REACHED.fetch_add(1, Ordering::Relaxed) + 1) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}
