//! `cargo xtask demo | test | bench | pages`: everything a developer or a build machine does with this house.
//!
//! | module       | what it does                                                         |
//! |--------------|----------------------------------------------------------------------|
//! | `packages`   | the Debian packages the house needs, each with its reason             |
//! | `process`    | children that never outlive their owner                               |
//! | `stage`      | builds, then starts everything around a kiosk: card, printer, platform, display |
//! | `demo`       | one visit, by a person or by the robot                                |
//! | `robot`      | eyes (`atspi`), finger (`touch`), camera (`shot`) and its route (`visit`) |
//! | `bench`      | measurements against their budgets                                    |
//! | `pages`      | pictures of every page of the screens                                 |
//! | `test`       | what a build machine checks                                           |

mod bench;
mod demo;
mod packages;
mod pages;
mod process;
mod robot;
mod stage;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::process::Interrupt;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Demonstrates, tests and measures the kiosk")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows the kiosk in a window with a virtual card reader, printer and platform
    Demo(demo::Arguments),
    /// Everything a build machine checks: format, lints, tests, documentation, licences
    Test,
    /// Measures the budgets and exits 1 when one is missed
    Bench(bench::Arguments),
    /// Draws every page of the screens in every language, shape, size and palette
    Pages(pages::Arguments),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let interrupt = Interrupt::install()?;
    match arguments.task {
        Task::Demo(arguments) => demo::run(&arguments, &interrupt),
        Task::Test => test::run(&interrupt),
        Task::Bench(arguments) => bench::run(&arguments, &interrupt),
        Task::Pages(arguments) => pages::run(&arguments),
    }
}

/// The root of the checkout.
///
/// Cargo tells it at run time, so a moved checkout is still found; the path at compile time is for a bare start of
/// the binary.
fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
