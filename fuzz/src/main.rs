//! The engine around one target, which the variable `FUZZ_TARGET` names. Started by `cargo xtask fuzz`.
#![no_main]

use std::sync::LazyLock;

use fuzz::TARGETS;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(name, _)| *name == wanted);
    found.map_or_else(
        || {
            eprintln!("FUZZ_TARGET is none of: {}", TARGETS.map(|(name, _)| name).join(", "));
            std::process::exit(2)
        },
        |(_, target)| *target,
    )
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET(bytes));
