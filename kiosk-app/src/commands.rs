//! The service commands: each prints a few lines for people, or with `--json` one object last on stdout.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use faults::Fault;
use serde_json::{Value, json};

use crate::config::Config;

mod card;
mod check;
mod identity;
mod queue;
mod receipt;

/// What staff, sites and other programs can ask of a kiosk.
#[derive(Subcommand)]
pub enum Command {
    /// Look once at every device.
    Check,
    /// The configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The catalogue of matters.
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// The reader of identity cards.
    #[command(subcommand)]
    Card(CardCommand),
    /// The receipt printer.
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// The requests on this kiosk.
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Send waiting requests to the platform.
    Forward {
        /// Try each waiting request once, then stop.
        #[arg(long, required = true)]
        once: bool,
    },
    /// Make this kiosk's keys and write what the platform needs to enrol it. No secret leaves the kiosk.
    Identity {
        /// Folder for the certificate signing request `tls.csr`.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// `kiosk config …`
#[derive(Subcommand)]
pub enum ConfigCommand {
    /// List every mistake with its line.
    Check,
}

/// `kiosk catalogue …`
#[derive(Subcommand)]
pub enum CatalogueCommand {
    /// List every mistake with its file and line.
    Check {
        /// The folder; without it the one of the configuration.
        dir: Option<PathBuf>,
    },
}

/// `kiosk card …`
#[derive(Subcommand)]
pub enum CardCommand {
    /// Wait for a card and read it.
    Read {
        /// Seconds to wait for a card.
        #[arg(long, default_value_t = 30)]
        timeout: u64,
    },
}

/// `kiosk receipt …`
#[derive(Subcommand)]
pub enum ReceiptCommand {
    /// Print a test page.
    Test,
}

/// `kiosk queue …`
#[derive(Subcommand)]
pub enum QueueCommand {
    /// List the requests, oldest first. No personal data.
    List,
}

/// What a command answers.
pub struct Report {
    json: Value,
    text: String,
}

impl Report {
    /// Nothing to say.
    pub fn empty() -> Report {
        Report { json: json!({}), text: String::new() }
    }

    fn new(json: Value, text: impl Into<String>) -> Report {
        Report { json, text: text.into() }
    }
}

/// Why a command failed.
pub struct Failure {
    fault: Fault,
    text: String,
    cause: Option<String>,
}

impl Failure {
    /// From an error and its code. The chain of sources becomes the cause.
    pub fn new(fault: Fault, error: &dyn std::error::Error) -> Failure {
        let chain: Vec<String> =
            std::iter::successors(error.source(), |e| e.source()).map(ToString::to_string).collect();
        let cause = (!chain.is_empty()).then(|| chain.join(": "));
        Failure { fault, text: error.to_string(), cause }
    }

    fn absent(table: &str) -> Failure {
        let text = format!("`[{table}]` is absent from the configuration");
        Failure { fault: Fault::NoDevice, text, cause: None }
    }
}

/// Performs one command.
pub fn perform(command: Command, path: &Path) -> Result<Report, Failure> {
    let config = || Config::load(path).map_err(|error| Failure::new(error.fault(), &error));
    match command {
        Command::Check => Ok(check::devices(&config()?)),
        Command::Config(ConfigCommand::Check) => {
            let config = config()?;
            Ok(Report::new(json!({"valid": true, "kiosk": config.kiosk.id}), "no mistakes"))
        }
        Command::Catalogue(CatalogueCommand::Check { dir }) => match dir {
            Some(dir) => check::catalogue(Some(&dir), None),
            None => {
                let matters = config()?.matters;
                check::catalogue(matters.path.as_deref(), matters.region.as_deref())
            }
        },
        Command::Card(CardCommand::Read { timeout }) => card::read(&config()?, timeout),
        Command::Receipt(ReceiptCommand::Test) => receipt::test(&config()?),
        Command::Queue(QueueCommand::List) => queue::list(&config()?),
        Command::Forward { once: _ } => queue::forward_once(&config()?),
        Command::Identity { out } => identity::write(&config()?, &out),
    }
}

/// Prints the answer and says how the program ends.
pub fn print(answer: Result<Report, Failure>, as_json: bool) -> ExitCode {
    match answer {
        Ok(report) if as_json => println!("{}", report.json),
        Ok(report) if report.text.is_empty() => {}
        Ok(report) => println!("{}", report.text.trim_end()),
        Err(Failure { fault, text, cause }) => {
            let code = fault.code();
            if as_json {
                println!("{}", json!({"error": {"code": code, "text": text, "cause": cause}}));
            } else {
                eprintln!("{code}: {text}");
                if let Some(cause) = cause {
                    eprintln!("because: {cause}");
                }
                eprintln!("{}", fault.remedy());
            }
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
