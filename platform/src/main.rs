//! `kiosk-platform`: the reference intake as a program.

mod commands;

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use commands::{Arguments, Command};
use platform::clerk::Desk;
use platform::intake::{self, Intake};
use platform::store::Store;
use platform::{Options, PlatformError, public, tls};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    let Arguments { state, json, command } = Arguments::parse();
    let wished = std::env::var("RUST_LOG").ok().and_then(|text| text.parse().ok());
    let usual = || Targets::new().with_default(Level::INFO);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(wished.unwrap_or_else(usual)).init();
    let done = match command {
        Command::Serve { listen, public, public_url, matcher, keep_free } => {
            serve(&state, listen, public, Options { public_url, matcher, keep_free }).map(|()| None)
        }
        Command::Once(command) => commands::run(&state, command).map(Some),
    };
    match done {
        Ok(Some(answer)) if json => print(&answer.to_string()),
        Ok(Some(answer)) => print(&format!("{answer:#}")),
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => {
            let causes: Vec<String> = causes(&error).collect();
            if json {
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

fn serve(
    state: &Path,
    listen: SocketAddr,
    public: Option<SocketAddr>,
    options: Options,
) -> Result<(), PlatformError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(PlatformError::Listener)?;
    runtime.block_on(async {
        // Before the port opens: from then on a signal must mean a clean end.
        let mut term = signal(SignalKind::terminate()).map_err(PlatformError::Listener)?;
        let mut int = signal(SignalKind::interrupt()).map_err(PlatformError::Listener)?;
        // One for both: what a clerk or a bank does is told at once to the kiosk that waits for it.
        let store = Store::open(state)?;
        let pages = match public {
            None => None,
            Some(address) => {
                let pages = public::router(Desk::over(store.clone())?);
                Some(tls::serve_public(state, bind(address).await?, pages)?)
            }
        };
        let here = pages.as_ref().map(|pages| format!("https://{}", pages.local_addr()));
        let options = Options { public_url: options.public_url.or_else(|| here.clone()), ..options };
        let intake = intake::router(Intake::over(store, options)?);
        let server = tls::serve_router(state, bind(listen).await?, intake)?;
        let mut line = json!({ "listening": server.local_addr().to_string() });
        if let (Some(here), Some(line)) = (here, line.as_object_mut()) {
            line.insert("public".into(), here.into());
        }
        print(&line.to_string());
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        if let Some(pages) = pages {
            pages.shutdown().await;
        }
        server.shutdown().await;
        Ok(())
    })
}

async fn bind(address: SocketAddr) -> Result<TcpListener, PlatformError> {
    TcpListener::bind(address).await.map_err(PlatformError::Listener)
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
