//! Looks for inputs that break a parser: libFuzzer over the targets of `fuzz/`, with the stable compiler. What it finds
//! goes to `target/fuzz`; the corpus is replayed by an ordinary test.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{self, Interrupt};
use crate::stage::{Build, cargo};

/// `cargo xtask fuzz …`
#[derive(clap::Args)]
pub struct Arguments {
    /// One target, a folder of fuzz/corpus; all of them one after the other when none is named
    target: Option<String>,
    /// How long to look, for each target
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
    /// Adds what reached new places to the corpus
    #[arg(long)]
    keep: bool,
}

/// Builds the engine with counters in our own crates and runs it.
///
/// # Errors
/// When a target cannot be built, or an input breaks one; the input's file is named.
pub fn run(arguments: &Arguments, interrupt: &Interrupt) -> Result<()> {
    let corpus = crate::root().join("fuzz/corpus");
    let found = crate::root().join("target/fuzz");
    let mut build = cargo();
    build.args(["build", "--package", "fuzz", "--features", "engine", "--locked"]);
    build.env("RUSTC_WORKSPACE_WRAPPER", crate::root().join("fuzz/instrument.sh"));
    if !process::run_to_end(&mut build, interrupt)?.success() {
        bail!("the engine cannot be built");
    }
    let mut broken = Vec::new();
    for target in targets(&corpus, arguments.target.as_deref())? {
        let (committed, new) = (corpus.join(&target), found.join(&target));
        fs::create_dir_all(&new)?;
        let engine = || {
            let mut engine = Command::new(Build::Debug.binary("fuzz"));
            engine.env("FUZZ_TARGET", &target).args(["-rss_limit_mb=1024", "-timeout=10"]);
            engine.arg(format!("-artifact_prefix={}/{target}-", found.display()));
            engine
        };
        println!("\n==> {target}");
        let mut looking = engine();
        looking.arg(format!("-max_total_time={}", arguments.seconds)).arg("-print_final_stats=1");
        if !process::run_to_end(looking.arg(&new).arg(&committed), interrupt)?.success() {
            broken.push(target);
        } else if arguments.keep {
            process::run_to_end(engine().arg("-merge=1").arg(&committed).arg(&new), interrupt)?;
        }
    }
    if !broken.is_empty() {
        bail!("broken: {}; the inputs are in {}", broken.join(", "), found.display());
    }
    Ok(())
}

/// The targets' names: each has a folder in the corpus.
fn targets(corpus: &Path, wanted: Option<&str>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in fs::read_dir(corpus).context("the corpus")? {
        names.extend(folder?.file_name().into_string());
    }
    names.sort();
    if let Some(wanted) = wanted {
        if !names.iter().any(|name| name == wanted) {
            bail!("no target {wanted}; there are: {}", names.join(", "));
        }
        names.retain(|name| name == wanted);
    }
    Ok(names)
}
