//! `kiosk-bench`: the virtual devices of a kiosk on one desk.

use std::error::Error;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use serde_json::json;
use simulators::{Bench, Options, PCD, card, control};

#[derive(Parser)]
#[command(version, about = "Virtual identity card and receipt printer, with faults on demand")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the devices until `quit` or a signal; prints one line of JSON with the addresses when they are ready
    Run {
        /// Where commands are taken; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:0")]
        control: SocketAddr,
        /// Where vsmartcard's virtual reader listens
        #[arg(long, default_value = PCD)]
        pcd: String,
        /// Where the printer listens; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:0")]
        printer: SocketAddr,
        /// The folder for the pictures of receipts
        #[arg(long)]
        paper: PathBuf,
        /// A card to insert at the start: a built-in name or a file
        #[arg(long)]
        card: Option<String>,
    },
    /// Sends one command to running devices and prints the answer
    Send {
        /// The address that `run` printed
        #[arg(long)]
        control: SocketAddr,
        /// The command, such as `card insert zhang`
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Lists the built-in cards
    Cards,
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            let _ = writeln!(std::io::stderr(), "kiosk-bench: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    let mut out = std::io::stdout();
    match command {
        Command::Run { control: address, pcd, printer, paper, card } => {
            let listener = TcpListener::bind(address)?;
            let bench = Arc::new(Bench::start(Options { pcd, printer, paper, card })?);
            let ready = json!({ "control": listener.local_addr()?, "printer": bench.printer_address() });
            writeln!(out, "{ready}")?;
            out.flush()?;
            control::serve(&listener, &bench)?;
        }
        Command::Send { control: address, words } => {
            let answer = control::send(address, &words.join(" "))?;
            writeln!(out, "{answer}")?;
            if !answer.starts_with("{\"ok\":true") && !answer.contains("\"ok\":true") {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Cards => {
            for (name, description) in card::BUILT_IN {
                let about = description.lines().next().unwrap_or_default().trim_start_matches("# ");
                writeln!(out, "{name:18} {about}")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
