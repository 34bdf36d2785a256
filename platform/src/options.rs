//! What an operator may add to the intake.

use std::path::PathBuf;

/// What an operator may add to the intake.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where citizens' phones reach the pay page, such as `https://pay.example`; without it there are no payment orders.
    pub public_url: Option<String>,
    /// A program that compares faces (`docs/platform-api.md`); without it clerks decide.
    pub matcher: Option<PathBuf>,
    /// Room on the disk, in MiB, that kiosks' requests and files never take: while there is less, kiosks keep what they have.
    pub keep_free: u32,
}

/// What the database, its log and the journals need until somebody has made room, in MiB. A guess.
pub const KEEP_FREE: u32 = 1024;

impl Default for Options {
    fn default() -> Self {
        Self { public_url: None, matcher: None, keep_free: KEEP_FREE }
    }
}
