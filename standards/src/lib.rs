//! What standards say that several rooms need to know: tables and check digits, each with its source.
//!
//! No I/O, no dependencies, no personal data kept. The simulators have their own copies on purpose: they are what the
//! drivers are tested against.

pub mod ethnic;
pub mod number;
