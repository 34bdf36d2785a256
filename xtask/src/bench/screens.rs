//! The drawing of the screens, without a display, against the bare filling of as many pixels.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::table::Table;
use crate::process::{self, Interrupt};
use crate::stage::{Build, cargo};

/// Every page in every language, drawn by the renderer of the machine.
const EXAMPLE: &str = "drawing_cost";

/// The densest page drawn whole (ours: far below the 16.7 ms of a frame).
const FULL_MS: f64 = 6.0;

/// A key's touch until its pixels have changed (ours: felt as at once).
const KEY_MS: f64 = 2.0;

/// One page to any other (ours: a frame).
const CHANGE_MS: f64 = 16.0;

/// One core's share of the camera's picture at 15 frames a second (ours).
const PREVIEW_PERCENT: f64 = 10.0;

/// Builds and runs the measure.
///
/// # Errors
/// When it cannot be built or does not say its figures.
pub fn measure(table: &mut Table, interrupt: &Interrupt) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--locked", "--release", "--example", EXAMPLE]).stdout(std::io::stderr());
    let status = process::run_to_end(&mut build, interrupt)?;
    if !status.success() {
        bail!("cargo build failed ({status})");
    }
    let said = process::output_of(&mut Command::new(Build::Release.binary("examples").join(EXAMPLE)))?;
    let figures: Value = serde_json::from_str(&said).context("the measure prints one JSON object")?;
    let row = |table: &mut Table, name: &str, of: &str, budget| -> Result<()> {
        let (time, floor) = (figure(&figures, of, "ms")?, figure(&figures, of, "floor_ms")?);
        table.at_most(name, "ms", time, Some(floor), budget);
        Ok(())
    };
    row(table, "densest page drawn whole, 1080 × 1920", "full_redraw", FULL_MS)?;
    row(table, "key touched → pixels changed", "key_press", KEY_MS)?;
    row(table, "page → another page, the slowest", "page_change", CHANGE_MS)?;
    let share = figure(&figures, "preview", "core_percent")?;
    table.at_most("camera's picture drawn, 15 a second", "%", share, None, PREVIEW_PERCENT);
    Ok(())
}

fn figure(figures: &Value, of: &str, name: &str) -> Result<f64> {
    let value = figures.get(of).and_then(|part| part.get(name)).and_then(Value::as_f64);
    value.with_context(|| format!("the measure says no {of}.{name}"))
}
