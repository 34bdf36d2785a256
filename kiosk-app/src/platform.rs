//! The way to the platform: one tokio runtime with one worker behind the loop, which never waits for it.
//!
//! | task        | does                                                              |
//! |-------------|-------------------------------------------------------------------|
//! | forwarder   | sends what waits (`outbox::forward`)                              |
//! | heartbeat   | every minute, whatever else is on the line                        |
//! | catalogue   | when a heartbeat's answer offers a newer one                      |
//! | payment     | while a page shows it: gets the order, follows it until it is paid |
//! | call        | while an attendant is called: until somebody answers              |

mod ask;
mod call;
mod catalogue;
mod heartbeat;
mod payment;

use std::sync::mpsc::Sender;
use std::time::Duration;

use faults::Fault;
use outbox::Outbox;
use outbox::forward::{ClientError, PlatformClient, PlatformConfig};
use protocol::api::heartbeats::HeartbeatAnswer;
use session::Command;
use thiserror::Error;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::AbortHandle;

pub use heartbeat::Lights;

use crate::catalogue::Origin;
use crate::config;
use crate::event::Event;
use faults::chain;

/// One request, from the first byte out to the last byte in. A guess: far above a healthy platform, and short enough
/// that a hanging one is given up within a visit.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The platform as the loop knows it. Dropping it ends its tasks at once; what was under way is done again later.
pub struct Platform {
    runtime: Option<Runtime>,
    client: Option<PlatformClient>,
    events: Sender<Event>,
    paying: Option<Task>,
    calling: Option<(call::Id, Task)>,
}

/// Why nothing can be asked of the platform.
#[derive(Debug, Error)]
pub enum PlatformError {
    /// The system gives no thread.
    #[error("no thread for the platform")]
    Runtime(#[source] std::io::Error),
    /// The client cannot be made.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl PlatformError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            PlatformError::Runtime(_) => Fault::PlatformUnreachable,
            PlatformError::Client(error) => error.fault(),
        }
    }
}

impl Platform {
    /// The runtime, and the client where a platform is configured and its keys are there. What is missing is logged,
    /// and everything that needs it answers with its code.
    pub fn new(table: Option<&config::Platform>, events: Sender<Event>) -> Platform {
        let trouble = |error: &PlatformError| {
            tracing::error!(code = error.fault().code(), "platform: {}", chain(error))
        };
        let runtime = runtime().inspect_err(trouble).ok();
        let client = table.and_then(|table| client(table).inspect_err(trouble).ok());
        Platform { runtime, client, events, paying: None, calling: None }
    }

    /// Starts what runs as long as the kiosk: forwarding, the heartbeat, and newer catalogues if they come from here.
    pub fn serve(&self, outbox: &Outbox, lights: &Lights, origin: &Origin) {
        let (Some(runtime), Some(client)) = (&self.runtime, &self.client) else { return };
        let events = self.events.clone();
        runtime.spawn(outbox::forward::run(outbox.clone(), client.clone(), move |event| {
            drop(events.send(Event::Forward(event)));
        }));
        let (offer, offers) = watch::channel(0);
        if origin.is_platform() {
            runtime.spawn(catalogue::follow(client.clone(), offers, origin.clone(), self.events.clone()));
        }
        let clock = client.clone();
        let heard = move |answer: HeartbeatAnswer| {
            clock.clock().raise(answer.time);
            // Each time, also the same number: what was offered before may not have arrived.
            if let Some(number) = answer.catalogue {
                offer.send_replace(number);
            }
        };
        let (outbox, lights, events) = (outbox.clone(), lights.clone(), self.events.clone());
        runtime.spawn(heartbeat::beat(client.clone(), heard, outbox, lights, events));
    }

    /// The runtime, for the signals of the system.
    pub fn runtime(&self) -> Option<&Runtime> {
        self.runtime.as_ref()
    }

    /// True when calls for an attendant can go over the platform.
    pub fn is_there(&self) -> bool {
        self.runtime.is_some() && self.client.is_some()
    }

    /// Gets the payment order of a case and follows it. It replaces the one that was followed.
    pub fn request_payment(&mut self, command: Command, case_number: String, yuan: u32) {
        let (Some(runtime), Some(client)) = (&self.runtime, &self.client) else {
            let none = session::Event::PaymentOrder(command, Err(Fault::PaymentUnavailable));
            drop(self.events.send(Event::Happened(none)));
            return;
        };
        let follow = payment::follow(client.clone(), self.events.clone(), command, case_number, yuan);
        self.paying = Some(Task(runtime.spawn(follow).abort_handle()));
    }

    /// Nobody looks at the payment any more.
    pub fn stop_paying(&mut self) {
        self.paying = None;
    }

    /// Calls an attendant over the platform.
    pub fn call_attendant(&mut self, command: Command) {
        self.end_call();
        let (Some(runtime), Some(client)) = (&self.runtime, &self.client) else { return };
        let Some(id) = call::Id::new() else { return };
        let call = call::call(client.clone(), self.events.clone(), command, id.clone());
        self.calling = Some((id, Task(runtime.spawn(call).abort_handle())));
    }

    /// Ends the call, answered or not.
    pub fn end_call(&mut self) {
        let (Some((id, task)), Some(runtime), Some(client)) =
            (self.calling.take(), &self.runtime, &self.client)
        else {
            return;
        };
        drop(task);
        runtime.spawn(call::end(client.clone(), id));
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A task that ends with its owner.
struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// One worker is enough: hardly anything is computed there.
pub fn runtime() -> Result<Runtime, PlatformError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("platform")
        .enable_all()
        .build()
        .map_err(PlatformError::Runtime)
}

/// The client of the configured platform.
pub fn client(table: &config::Platform) -> Result<PlatformClient, PlatformError> {
    let config = PlatformConfig {
        url: table.url.clone(),
        ca: table.ca.clone(),
        receipt_key: table.receipt_key.clone(),
        client_cert: table.client_cert.clone(),
        client_key: table.client_key.clone(),
        timeout: REQUEST_TIMEOUT,
    };
    Ok(PlatformClient::new(config)?.with_bandwidth(table.bandwidth))
}
