//! The service commands: each prints a few lines for people, or with `--json` one object last on stdout.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use crate::catalogue::Origin;
use crate::config::Config;

mod audit;
mod capture;
mod card;
mod check;
mod identity;
mod queue;
mod receipt;
mod report;
mod scan;
mod submit;

pub use report::{Failure, Report, print};
pub use submit::Submission;

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
    /// Scan what lies in the document scanner: found, straightened, JPEG at 200 dpi.
    Scan {
        /// A file for one page (its name ends in .jpg or .jpeg), or a folder for all of them.
        #[arg(long, value_name = "DIR|FILE")]
        out: PathBuf,
    },
    /// Take a portrait: judged and cropped as in a visit (GA 461), or the reasons against it.
    Capture {
        /// The JPEG file.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Keep the whole frame, not judged and not cropped.
        #[arg(long)]
        raw: bool,
    },
    /// The requests on this kiosk.
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Submit a request from files: the same checks, the same store and the same envelope as at the screen.
    Submit(Submission),
    /// Send waiting requests to the platform.
    Forward {
        /// Try each waiting request once, then stop.
        #[arg(long, required = true)]
        once: bool,
    },
    /// The audit journal.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Make this kiosk's keys and write what the platform needs to enrol it. No secret leaves the kiosk.
    Identity {
        /// Folder for the certificate signing request `tls.csr`.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Make a new signing key for a new enrolment. The old one stays beside it. Until the kiosk is enrolled with
        /// the new one, no request is taken.
        #[arg(long)]
        new_key: bool,
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
    /// List every mistake with its file and line, of all regions too. A running kiosk reads its catalogue anew on SIGHUP, and
    /// keeps the one it has when this command would find a mistake.
    Check {
        /// The folder; without it the catalogue that this kiosk serves with.
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
    /// One request: where it stands, its times, attempts and last error. Never its content, which nobody here can read.
    Show {
        /// Its id, the beginning of its id, its case number or its acceptance number.
        id: String,
    },
    /// Try one request again now, held or waiting, whatever stands before it.
    Retry {
        /// Its id, the beginning of its id or its case number.
        id: String,
    },
}

/// `kiosk audit …`
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Follow both chains, of the requests and of the journal, and name the first record that does not match.
    Verify,
}

/// Performs one command.
pub fn perform(command: Command, path: &Path) -> Result<Report, Failure> {
    let config = || Config::load(path).map_err(|error| Failure::config(&error));
    match command {
        Command::Check => Ok(check::devices(&config()?)),
        Command::Config(ConfigCommand::Check) => {
            let config = config()?;
            Ok(Report::new(json!({"valid": true, "kiosk": config.kiosk.id}), "no mistakes"))
        }
        Command::Catalogue(CatalogueCommand::Check { dir }) => match dir {
            Some(dir) => check::catalogue(&Origin::folder(&dir)),
            None => check::catalogue(&Origin::of(&config()?)),
        },
        Command::Card(CardCommand::Read { timeout }) => card::read(&config()?, timeout),
        Command::Receipt(ReceiptCommand::Test) => receipt::test(&config()?),
        Command::Scan { out } => scan::scan(&config()?, &out),
        Command::Capture { out, raw } => capture::capture(&config()?, &out, raw),
        Command::Queue(QueueCommand::List) => queue::list(&config()?),
        Command::Queue(QueueCommand::Show { id }) => queue::show(&config()?, &id),
        Command::Queue(QueueCommand::Retry { id }) => queue::retry(&config()?, &id),
        Command::Submit(submission) => submit::submit(&config()?, &submission),
        Command::Forward { once: _ } => queue::forward_once(&config()?),
        Command::Audit(AuditCommand::Verify) => audit::verify(&config()?),
        Command::Identity { out, new_key } => identity::write(&config()?, &out, new_key),
    }
}
