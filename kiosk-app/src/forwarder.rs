//! The way to the platform: one tokio runtime with one worker behind the loop.

use std::time::Duration;

use faults::Fault;
use outbox::Outbox;
use outbox::forward::{ClientError, ForwardEvent, PlatformClient, PlatformConfig};
use thiserror::Error;
use tokio::runtime::Runtime;

use crate::config::Platform;

/// One request, from the first byte out to the last byte in. A guess: far above a healthy platform, and short enough
/// that a hanging one is given up within a visit.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The running forwarder. Dropping it ends its task at once; what was under way is sent again later.
pub struct Forwarder {
    runtime: Option<Runtime>,
}

/// Why nothing can be forwarded.
#[derive(Debug, Error)]
pub enum ForwarderError {
    #[error("no thread for the forwarder")]
    Runtime(#[source] std::io::Error),
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl ForwarderError {
    pub fn fault(&self) -> Fault {
        match self {
            ForwarderError::Runtime(_) => Fault::PlatformUnreachable,
            ForwarderError::Client(error) => error.fault(),
        }
    }
}

impl Forwarder {
    /// Starts forwarding; every verified receipt and every change of the connection goes to `sink`.
    pub fn start(
        platform: &Platform,
        outbox: &Outbox,
        sink: impl Fn(ForwardEvent) + Send + Sync + 'static,
    ) -> Result<Forwarder, ForwarderError> {
        let client = client(platform)?;
        let runtime = runtime()?;
        runtime.spawn(outbox::forward::run(outbox.clone(), client, sink));
        Ok(Forwarder { runtime: Some(runtime) })
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// One worker is enough: requests go one after the other.
pub fn runtime() -> Result<Runtime, ForwarderError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("platform")
        .enable_all()
        .build()
        .map_err(ForwarderError::Runtime)
}

/// The client of the configured platform.
pub fn client(platform: &Platform) -> Result<PlatformClient, ForwarderError> {
    let config = PlatformConfig {
        url: platform.url.clone(),
        ca: platform.ca.clone(),
        receipt_key: platform.receipt_key.clone(),
        client_cert: platform.client_cert.clone(),
        client_key: platform.client_key.clone(),
        timeout: REQUEST_TIMEOUT,
    };
    Ok(PlatformClient::new(config)?)
}
