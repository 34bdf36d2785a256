//! The binary `kiosk`: see the library beside it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use kiosk_app::{commands, serve};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use tracing_subscriber::EnvFilter;

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
    let arguments = Arguments::parse();
    log_to_stderr();
    no_core_dumps();
    let answer = match arguments.command {
        Some(command) => commands::perform(command, &arguments.config),
        None => serve::serve(&arguments.config).map(|()| commands::Report::empty()),
    };
    commands::print(answer, arguments.json)
}

/// Logs go to stderr, where systemd's journal takes them; stdout belongs to the answers of commands.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("KIOSK_LOG").unwrap_or_else(|_| EnvFilter::new("info,winit=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
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
