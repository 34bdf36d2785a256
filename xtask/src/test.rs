//! `cargo xtask test`: what a build machine checks, in order, with a heading and a time each.

mod programs;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use self::programs::Job;
use crate::process::{self, Interrupt};
use crate::stage::cargo;
use crate::{deb, interop, packages};

/// The version of cargo-deny that deny.toml is written for.
const DENY: &str = "0.20.2";

/// Runs every check.
///
/// # Errors
/// At the first check that fails.
pub fn run(interrupt: &Interrupt) -> Result<()> {
    let mut report = Report::default();
    report.step("Debian packages", || packages::install(interrupt))?;
    report.step("format", || check(cargo().args(["fmt", "--all", "--check"]), interrupt))?;
    report.step("lints", || {
        let mut clippy = cargo();
        clippy.args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]);
        check(&mut clippy, interrupt)
    })?;
    // The journeys start the programs themselves, and `cargo test` alone leaves out those of packages without a test
    // folder. They start and end the smart card service too, because some of them kill it.
    report.step("programs", || check(cargo().args(["build", "--workspace", "--locked"]), interrupt))?;
    report.step("tests and documentation", || programs::run(documentation(), interrupt))?;
    report.step("interoperability", || interop::run(interrupt))?;
    report.step("package in a clean tree", || deb::test(interrupt))?;
    report.step("licences, sources, bans", || licences(interrupt))?;
    report.print();
    Ok(())
}

/// What keeps a core busy while the tests wait.
fn documentation() -> Vec<Job> {
    let mut examples = cargo();
    examples.args(["test", "--workspace", "--locked", "--doc"]);
    let mut pages = cargo();
    pages.env("RUSTDOCFLAGS", "-D warnings");
    pages.args(["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"]);
    vec![Job::new("examples in documentation", examples), Job::new("documentation", pages)]
}

/// cargo-deny over the crates that are linked into our binaries.
fn licences(interrupt: &Interrupt) -> Result<()> {
    let tools = crate::root().join("target/tools");
    let deny = tools.join("bin/cargo-deny");
    if !is_version(&deny, DENY) {
        let mut install = cargo();
        install.args(["install", "cargo-deny", "--locked", "--version", DENY, "--root"]).arg(&tools);
        check(&mut install, interrupt)?;
    }
    let mut command = Command::new(deny);
    command.current_dir(crate::root()).args(["--workspace", "--locked", "check", "--hide-inclusion-graph"]);
    command.args(["bans", "licenses", "sources"]);
    check(&mut command, interrupt)
}

/// True when the tool is there in this version.
fn is_version(tool: &PathBuf, version: &str) -> bool {
    process::output_of(Command::new(tool).arg("--version"))
        .is_ok_and(|said| said.split_whitespace().any(|word| word == version))
}

fn check(command: &mut Command, interrupt: &Interrupt) -> Result<()> {
    let arguments: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let name = PathBuf::from(command.get_program());
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    println!("$ {name} {}", arguments.join(" "));
    let status = process::run_to_end(command, interrupt)?;
    if !status.success() {
        bail!("{name} {} failed ({status})", arguments.first().map_or("", String::as_str));
    }
    Ok(())
}

/// How long each step took.
#[derive(Default)]
struct Report {
    steps: Vec<(&'static str, Duration)>,
}

impl Report {
    fn step(&mut self, name: &'static str, run: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n==> {name}");
        let begin = Instant::now();
        run().with_context(|| format!("step {name}"))?;
        let took = begin.elapsed();
        println!("==> {name}: good, {:.1} s", took.as_secs_f64());
        self.steps.push((name, took));
        Ok(())
    }

    fn print(&self) {
        println!();
        for (name, took) in &self.steps {
            println!("{name:<26} {:>7.1} s", took.as_secs_f64());
        }
        let all: Duration = self.steps.iter().map(|(_, took)| took).sum();
        println!("{:<26} {:>7.1} s", "everything", all.as_secs_f64());
    }
}
