//! Freed memory is overwritten at once: toolkit and C libraries free without wiping.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use tracing::warn;

/// Only the start of glibc reads it.
const VARIABLE: &str = "GLIBC_TUNABLES";
/// Overwrite what is freed; small pieces too, which a thread's cache would keep as they are.
const TUNABLES: &str = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0";

/// A program that was started without it, such as a service command from a shell, starts itself anew. Comes before
/// anything else is begun.
pub fn overwrite_what_is_freed() {
    let Some(tunables) = missing(std::env::var_os(VARIABLE)) else { return };
    let mut words = std::env::args_os();
    let mut again = Command::new("/proc/self/exe");
    if let Some(name) = words.next() {
        again.arg0(name);
    }
    let error = again.args(words).env(VARIABLE, tunables).exec();
    warn!("freed memory is not overwritten: {error}");
}

/// What the variable must be, if it does not say it already. What it says of other matters stays.
fn missing(set: Option<OsString>) -> Option<OsString> {
    let Some(mut set) = set.filter(|set| !set.is_empty()) else { return Some(TUNABLES.into()) };
    if set.to_string_lossy().contains("glibc.malloc.perturb=") {
        return None;
    }
    set.push(":");
    set.push(TUNABLES);
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_set_once_and_leaves_other_tunables_alone() {
        assert_eq!(missing(None), Some(TUNABLES.into()));
        assert_eq!(missing(Some(TUNABLES.into())), None);
        let both = missing(Some("glibc.malloc.check=1".into())).unwrap();
        assert_eq!(both, OsString::from(format!("glibc.malloc.check=1:{TUNABLES}")));
        assert_eq!(missing(Some(both)), None);
    }
}
