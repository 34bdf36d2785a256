//! The binary `kiosk`: see the library beside it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use faults::Fault;
use kiosk_app::commands::Failure;
use kiosk_app::{commands, memory, serve};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Self-service kiosk of a police hall. Without a command it serves citizens on the screen.
#[derive(Parser)]
#[command(name = "kiosk", version)]
struct Arguments {
    /// The configuration file.
    #[arg(long, global = true, default_value = "/etc/kiosk/kiosk.toml", value_name = "FILE")]
    config: PathBuf,
    /// Print one JSON object last on stdout.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<commands::Command>,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(instead) => return answer(&instead),
    };
    log_to_stderr();
    memory::overwrite_what_is_freed();
    no_core_dumps();
    let answer = match arguments.command {
        Some(command) => commands::perform(command, &arguments.config),
        None => serve::serve(&arguments.config).map(|()| commands::Report::empty()),
    };
    commands::print(answer, arguments.json)
}

/// What is said instead of a command: help, the version, or what is wrong with the command line, which `--json` tells
/// like every other failure.
fn answer(instead: &clap::Error) -> ExitCode {
    // Whoever was to read it may have gone.
    let _ = instead.print();
    if instead.use_stderr() && std::env::args_os().any(|word| word == "--json") {
        let text = instead.to_string();
        let text = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        let words: Vec<&str> = text.split_whitespace().collect();
        commands::print(Err(Failure::plain(Fault::FileUnusable, words.join(" "))), true);
    }
    u8::try_from(instead.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Logs go to stderr, where systemd's journal takes them; stdout belongs to the answers of commands.
fn log_to_stderr() {
    let wished = std::env::var("KIOSK_LOG").ok().and_then(|text| text.parse().ok());
    let usual = || Targets::new().with_default(Level::INFO).with_target("winit", Level::ERROR);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    tracing_subscriber::registry().with(lines).with(wished.unwrap_or_else(usual)).init();
}

/// A core dump would hold what a citizen gave. The limit stops the kernel's own files, the attribute a handler's and
/// every debugger that is not root's.
fn no_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let done =
        setrlimit(Resource::Core, none).and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable));
    if let Err(error) = done {
        tracing::warn!("core dumps cannot be switched off: {error}");
    }
}
