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
pub const TARGETS: [Target; 16] = [
    ("camera-stream", drivers::camera::fuzzing::stream),
    ("card-answers", drivers::id_card::fuzzing::answers),
    ("card-record", targets::card_record),
    ("catalogue", targets::catalogue),
    ("config", targets::config),
    ("envelope-catalogue", protocol::envelope::fuzzing::catalogue),
    ("envelope-entry", protocol::envelope::fuzzing::entry),
    ("envelope-head", protocol::envelope::fuzzing::head),
    ("envelope-payload", protocol::envelope::fuzzing::payload),
    ("envelope-receipt", protocol::envelope::fuzzing::receipt),
    ("printer-answers", drivers::receipt_printer::fuzzing::printer),
    ("scanner-answers", drivers::document_scanner::fuzzing::answers),
    ("scanner-frames", targets::scanner_frames),
    ("scanner-helper", targets::scanner_helper),
    ("scanner-options", targets::scanner_options),
    ("store-records", protocol::envelope::fuzzing::records),
];
