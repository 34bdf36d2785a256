//! Reads one identity card and prints how many milliseconds passed from noticing it to its decoded record. Nothing of
//! the card is printed.
//!
//! `cargo run -p drivers --example read_card -- [PART OF THE READER'S NAME] [TIMEOUT IN SECONDS]`

use std::process::ExitCode;
use std::time::Duration;

use drivers::id_card::{Config, Profile, read_once};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let reader = arguments.next().unwrap_or_default();
    let timeout = arguments.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(30);
    match read_once(&Config { reader, profile: Profile::StorageCard }, Duration::from_secs(timeout)) {
        Ok((_, elapsed)) => {
            println!("{:.3}", elapsed.as_secs_f64() * 1000.0);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", error.fault().code());
            ExitCode::FAILURE
        }
    }
}
