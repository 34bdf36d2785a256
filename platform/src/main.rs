//! `kiosk-platform`: the reference intake as a program.

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use platform::store::Again;
use platform::{PlatformError, ca, report};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Reference intake of the central platform.
#[derive(Parser)]
#[command(name = "kiosk-platform", version)]
struct Arguments {
    /// The platform's folder: keys, certificates, database.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Print one JSON object.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the authority, the server's certificate and the receipt key; what exists stays.
    Init {
        /// A name or address that kiosks reach the server by; may be given several times.
        #[arg(long = "name", default_value = "127.0.0.1")]
        names: Vec<String>,
    },
    /// Record a kiosk and sign its certificate.
    Enrol {
        /// Its id, such as 110101-0007.
        #[arg(long)]
        kiosk: String,
        /// Its public signing key, 64 hex digits.
        #[arg(long, value_name = "HEX")]
        signing_key: String,
        /// Its certificate request, PEM.
        #[arg(long, value_name = "FILE")]
        csr: PathBuf,
        /// Where to put client.pem, ca.pem, receipt.pub and sealing.pub.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Begin a new epoch with a new signing key: the kiosk was revoked, or lost its store or its key.
        #[arg(long)]
        again: bool,
    },
    /// Make a further key that requests are sealed to; kiosks learn it with their next enrolment.
    NewSealingKey,
    /// Take requests until SIGTERM or SIGINT.
    Serve {
        /// Address and port; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8443")]
        listen: SocketAddr,
    },
    /// All requests, each verified again.
    List,
    /// One request with its content.
    Show {
        /// Its id, acceptance number or case number.
        id: String,
    },
    /// Refuse a kiosk from now on.
    Revoke {
        /// Its id.
        #[arg(long)]
        kiosk: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(&arguments) {
        Ok(Some(answer)) if arguments.json => print(&answer.to_string()),
        Ok(Some(answer)) => print(&format!("{answer:#}")),
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => {
            let causes: Vec<String> = causes(&error).collect();
            if arguments.json {
                let error = json!({
                    "code": error.code(), "text": error.to_string(), "cause": causes.join(": "),
                });
                print(&json!({ "error": error }).to_string());
            }
            eprintln!(
                "kiosk-platform: {error}{}",
                causes.iter().map(|c| format!(": {c}")).collect::<String>()
            );
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<Option<Value>, PlatformError> {
    let state = arguments.state.as_path();
    match &arguments.command {
        Command::Init { names } => Ok(Some(json!(ca::init(state, names)?))),
        Command::Enrol { kiosk, signing_key, csr, out, again } => {
            let csr = std::fs::read_to_string(csr)
                .map_err(|source| PlatformError::File { path: csr.clone(), source })?;
            let again = if *again { Again::Yes } else { Again::No };
            Ok(Some(json!(ca::enrol(state, kiosk, signing_key, &csr, out, again)?)))
        }
        Command::NewSealingKey => Ok(Some(json!({ "sealing_key": ca::new_sealing_key(state)? }))),
        Command::Serve { listen } => serve(state, *listen).map(|()| None),
        Command::List => Ok(Some(json!({ "requests": report::list(state)? }))),
        Command::Show { id } => Ok(Some(json!(report::show(state, id)?))),
        Command::Revoke { kiosk } => {
            platform::revoke(state, kiosk)?;
            Ok(Some(json!({ "revoked": kiosk })))
        }
    }
}

fn serve(state: &Path, listen: SocketAddr) -> Result<(), PlatformError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(PlatformError::Listener)?;
    runtime.block_on(async {
        // Before the port opens: from then on a signal must mean a clean end.
        let mut term = signal(SignalKind::terminate()).map_err(PlatformError::Listener)?;
        let mut int = signal(SignalKind::interrupt()).map_err(PlatformError::Listener)?;
        let listener = TcpListener::bind(listen).await.map_err(PlatformError::Listener)?;
        let server = platform::serve(state, listener)?;
        print(&json!({ "listening": server.local_addr().to_string() }).to_string());
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        server.shutdown().await;
        Ok(())
    })
}

/// A closed pipe is the reader's choice, not a crash.
fn print(line: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn causes(error: &PlatformError) -> impl Iterator<Item = String> {
    std::iter::successors(error.source(), |&error| error.source()).map(ToString::to_string)
}
