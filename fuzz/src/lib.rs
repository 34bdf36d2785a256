//! One target for each parser of what comes from outside: cards, printers, cameras, networks, disks, files.
//!
//! `corpus/TARGET/` holds the inputs of each target: whatever reached a new place in the code, and whatever once broke
//! something. A test replays them all, on any machine. `cargo xtask fuzz` looks for new ones with libFuzzer: the stable
//! compiler can count the places reached ([`instrument.sh`](../instrument.sh)), so no other compiler is needed.
//!
//! A target panics when the input breaks a promise of the parser; most promise that what was read can be written again.

mod targets;

/// A target: its name, which is also its folder's, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 11] = [
    ("camera-stream", drivers::camera::fuzzing::stream),
    ("card-record", targets::card_record),
    ("catalogue", targets::catalogue),
    ("config", targets::config),
    ("envelope-entry", outbox::envelope::fuzzing::entry),
    ("envelope-head", outbox::envelope::fuzzing::head),
    ("envelope-payload", outbox::envelope::fuzzing::payload),
    ("envelope-receipt", outbox::envelope::fuzzing::receipt),
    ("printer-answers", drivers::receipt_printer::fuzzing::printer),
    ("scanner-helper", targets::scanner_helper),
    ("store-records", outbox::envelope::fuzzing::records),
];
