//! Card noticed → decoded, against the bare exchange of the same bytes in the same reader at the same moment.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::table::Table;
use super::{Arguments, CARD_RATIO, median};
use crate::process::{self, Interrupt};
use crate::stage::{Build, Stage, cargo};

/// Reads the card with the kiosk's driver.
const DRIVER: &str = "read_card";

/// Exchanges the same bytes with the card and does nothing with them.
const BARE: &str = "bare_apdu";

/// Exchanges in each run. One takes half a millisecond on the virtual reader, so the scheduler's whims need many.
const TIMES: usize = 5;

/// Measures both in turn, so that a change of the machine's mood hits both alike.
pub fn measure(
    stage: &mut Stage,
    table: &mut Table,
    arguments: &Arguments,
    interrupt: &Interrupt,
) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--locked", "--release", "--example", DRIVER, "--example", BARE]);
    build.stdout(std::io::stderr());
    let status = process::run_to_end(&mut build, interrupt)?;
    if !status.success() {
        bail!("cargo build failed ({status})");
    }
    stage.control.send(&format!("card insert {}", arguments.card))?;
    let (mut driver, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..arguments.runs * TIMES {
        interrupt.check()?;
        bare.push(milliseconds(BARE, &stage.reader.name())?);
        driver.push(milliseconds(DRIVER, &stage.reader.name())?);
    }
    stage.control.send("card remove")?;
    table.ratio("card noticed → decoded", "ms", median(&driver), median(&bare), CARD_RATIO);
    Ok(())
}

/// Runs an example of the drivers on the virtual reader; its last word is a time in milliseconds.
fn milliseconds(example: &str, reader: &str) -> Result<f64> {
    let program = Build::Release.binary("examples").join(example);
    let said = process::output_of(Command::new(program).arg(reader))?;
    last_number(&said).with_context(|| format!("{example} printed no time: {said}"))
}

/// The last number of a text, as in `12.3 ms`.
fn last_number(text: &str) -> Option<f64> {
    text.split(|character: char| !character.is_ascii_digit() && character != '.')
        .rev()
        .find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_the_last_number() {
        assert_eq!(last_number("6 blocks\n12.75 ms\n"), Some(12.75));
        assert_eq!(last_number("{\"elapsed_ms\": 8}"), Some(8.0));
        assert_eq!(last_number("no card\n"), None);
    }
}
