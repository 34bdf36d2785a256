//! `cargo xtask demo | test | bench | faults | fuzz | pages | deb | interop`: everything a developer or a build machine does with this house.
//!
//! | module       | what it does                                                         |
//! |--------------|----------------------------------------------------------------------|
//! | `packages`   | the Debian packages the house needs, each with its reason             |
//! | `stage`      | builds, then starts everything around a kiosk (`hall`) and its display |
//! | `demo`       | one visit, by a person or by the robot                                |
//! | `robot`      | eyes (`atspi`), finger (`touch`), camera (`shot`) and its route (`visit`) |
//! | `bench`      | measurements against their budgets                                    |
//! | `faults`     | programs killed and deceived, and what was lost by it                  |
//! | `fuzz`       | inputs that break a parser                                            |
//! | `pages`      | pictures of every page of the screens                                 |
//! | `deb`        | the Debian package, and a clean tree in which it is tried             |
//! | `interop`    | other people's programs against the envelope and the platform         |
//! | `test`       | what a build machine checks                                           |

mod bench;
mod deb;
mod demo;
mod faults;
mod fuzz;
mod interop;
mod packages;
mod pages;
mod robot;
mod stage;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hall::{process, root};

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
    /// Kills and deceives real programs, and counts what was lost
    Faults(faults::Arguments),
    /// Looks for inputs that break a parser
    Fuzz(fuzz::Arguments),
    /// Draws every page of the screens in every language, shape, size and palette
    Pages(pages::Arguments),
    /// Makes the Debian package
    Deb(deb::Arguments),
    /// Other people's programs against the envelope and the platform of the last debug build
    Interop,
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
        Task::Faults(arguments) => faults::run(&arguments, &interrupt),
        Task::Fuzz(arguments) => fuzz::run(&arguments, &interrupt),
        Task::Pages(arguments) => pages::run(&arguments),
        Task::Deb(arguments) => deb::run(&arguments, &interrupt),
        Task::Interop => interop::run(&interrupt),
    }
}
