//! `kiosk-bench`: the virtual devices of a kiosk on one desk.

use std::error::Error;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use serde_json::json;
use simulators::{Bench, Options, PCD, card, control, document, phone};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

#[derive(Parser)]
#[command(
    version,
    about = "Virtual identity card, receipt printer, camera and attendant lamp, with faults on demand"
)]
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
        /// Where the camera listens; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:0")]
        camera: SocketAddr,
        /// Where the attendant's lamp listens; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:0")]
        lamp: SocketAddr,
        /// The folder for the pictures of receipts
        #[arg(long)]
        paper: PathBuf,
        /// A JPEG of what stands before the camera; without it a drawing of a person
        #[arg(long)]
        portrait: Option<PathBuf>,
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
    /// Pays as a citizen with a phone does: opens the page of a payment code and presses its button
    Pay {
        /// What the code says
        url: String,
        /// The authority that the platform comes from, PEM
        #[arg(long)]
        ca: PathBuf,
    },
    /// Draws a paper as it lies on a scanner's glass, 200 dots an inch, for SANE's `pnm` scanner
    Page {
        /// The file, PPM
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    let wished = std::env::var("RUST_LOG").ok().and_then(|text| text.parse().ok());
    let usual = || Targets::new().with_default(Level::WARN);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(wished.unwrap_or_else(usual)).init();
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "kiosk-bench: {}", faults::chain(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    let mut out = std::io::stdout();
    match command {
        Command::Run { control: address, pcd, printer, camera, lamp, paper, portrait, card } => {
            let listener = TcpListener::bind(address)?;
            let options = Options { pcd, printer, camera, lamp, paper, card, portrait };
            let bench = Arc::new(Bench::start(options)?);
            let ready = json!({
                "control": listener.local_addr()?,
                "printer": bench.printer_address(),
                "camera": bench.camera.url(),
                "lamp": bench.lamp.address(),
            });
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
        Command::Pay { url, ca } => phone::pay(&url, &ca)?,
        Command::Page { out: file } => std::fs::write(file, document::lease().ppm())?,
        Command::Cards => {
            for (name, description) in card::BUILT_IN {
                let about = description.lines().next().unwrap_or_default().trim_start_matches("# ");
                writeln!(out, "{name:18} {about}")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
