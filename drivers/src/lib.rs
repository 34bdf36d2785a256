//! Hardware adapters, a folder a device.
//!
//! Each folder has the same rooms: `transport` moves bytes and is the only seam that tests replace; `wire` parses and
//! emits them without any I/O; the adapter is the behaviour; `profiles` holds the quirks of models as rows of data;
//! `error` says what went wrong and with which code. Nothing here knows a matter or a citizen's wording.

pub mod attendant_call;
pub mod camera;
pub mod document_scanner;
pub mod id_card;
mod link;
mod outage;
pub mod receipt_printer;
pub mod sound;
pub mod status;
mod thread;
