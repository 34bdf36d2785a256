//! Hardware adapters, a folder a device.
//!
//! [`device`] is what all have in common: a thread, a handle, one look, one job. `link` moves bytes and is the seam that
//! tests replace; the camera has HTTP on top of it, in a `transport` of its own. In a folder `wire` parses and emits bytes
//! without any I/O, `adapter` is the behaviour, `profiles` holds what differs between models as rows of data, `error` says
//! what went wrong and with which code. Nothing here knows a matter or a citizen's wording.

pub mod attendant_call;
pub mod camera;
pub mod device;
pub mod document_scanner;
pub mod id_card;
mod link;
mod outage;
pub mod receipt_printer;
pub mod sound;
pub mod status;
