//! `cargo xtask pages`: pictures of every page of the screens, drawn without a display, and contact sheets of them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// `cargo xtask pages`
#[derive(clap::Args)]
pub struct Arguments {
    /// Where the pictures go; the contact sheets into its folder `sheets`
    #[arg(long, value_name = "DIR", default_value = "target/pages")]
    out: PathBuf,
    /// `portrait` or `landscape`, with `-large`, `-contrast` or `-large-contrast`; all eight without it
    #[arg(long, value_name = "MODE")]
    mode: Vec<String>,
    /// Draws the contact sheets only
    #[arg(long)]
    sheets: bool,
    /// Draws the pages of these names only
    names: Vec<String>,
}

/// Draws the pages.
///
/// # Errors
/// When the example that draws them cannot be built or fails.
pub fn run(arguments: &Arguments) -> Result<()> {
    // A path that was given is relative to where the command was typed, not to the root of the checkout.
    let out = std::path::absolute(&arguments.out).context("the folder for the pictures")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(crate::root()).args(["run", "--example", "pages", "--"]).arg(out);
    for mode in &arguments.mode {
        command.args(["--mode", mode]);
    }
    if arguments.sheets {
        command.arg("--sheets");
    }
    let status = command.args(&arguments.names).status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("the pages were not drawn");
    }
    Ok(())
}
