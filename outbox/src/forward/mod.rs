//! To the platform and back: oldest first, until a verified receipt lets a request be erased.
//!
//! | what happened                           | this request | the others        | code     |
//! |-----------------------------------------|--------------|-------------------|----------|
//! | verified receipt                        | erased       | go on             |          |
//! | 4xx about the request                   | held         | go on             | `PLT-05` |
//! | receipt that does not verify, 5xx       | waits        | go on, three tries| `PLT-06`, `PLT-04` |
//! | 503 or 429 with Retry-After             | waits        | wait as told      | `PLT-04` |
//! | unreachable, TLS, too slow, revoked     | waits        | wait              | `PLT-01` … `PLT-03` |
//! | 409: another request has this sequence  | waits        | frozen until the next epoch | `OBX-06` |
//! | a file is damaged here                  | held         | go on             | `OBX-04` |

mod backoff;
mod client;
mod clock;
mod error;
pub mod problems;

use std::time::Duration;

use faults::Fault;
use tokio::time::sleep;

pub use client::{PlatformClient, PlatformConfig};
pub use clock::FlooredClock;
pub use error::{ClientError, SendError};

use crate::envelope;
use crate::store::{Entry, Outbox, QueueError};
use backoff::Backoff;
use error::Reach;

/// How often the queue is looked at without being woken: another program, such as `kiosk submit`, may have saved.
/// A guess.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Requests in a row that the platform fails at before a pass gives up: one poisoned request must not block those
/// behind it, and a platform that is down must not be sent the whole queue.
const MAX_STRIKES: u32 = 3;

/// What a pass over the queue did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Requests that were acknowledged and erased.
    pub sent: u64,
    /// Requests that still wait; held ones do not count.
    pub waiting: u64,
    /// The last thing that went wrong.
    pub last_fault: Option<Fault>,
}

/// What the run loop hears from the forwarder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForwardEvent {
    /// The platform has a request, verified.
    Accepted {
        /// Its case number.
        case_number: String,
        /// The platform's number.
        acceptance_number: String,
    },
    /// A request is kept back until staff release it.
    Held {
        /// Its case number.
        case_number: String,
        /// Why.
        fault: Fault,
    },
    /// Sending does not work now; said once for each kind of trouble.
    Trouble(Fault),
    /// Sending works again.
    Recovered,
}

/// Sends what waits, once.
///
/// Needs a tokio runtime with time and I/O. Dropping the future at any point is harmless.
pub async fn forward_once(outbox: &Outbox, client: &PlatformClient) -> Summary {
    pass(outbox, client, &mut |_| {}).await.summary(outbox).await
}

/// Sends for as long as the future lives: at once when a request is saved, with growing and random pauses while
/// something is wrong. Returns only when the store is frozen.
///
/// `sink` is called between two requests and must not block.
pub async fn run(outbox: Outbox, client: PlatformClient, mut sink: impl FnMut(ForwardEvent)) {
    let mut backoff = Backoff::default();
    let mut trouble = None;
    loop {
        let end = pass(&outbox, &client, &mut sink).await;
        if let Some(fault) = end.trouble {
            if trouble.replace(fault) != Some(fault) {
                tracing::warn!(code = fault.code(), "requests wait: {}", fault.cause());
                sink(ForwardEvent::Trouble(fault));
            }
            if fault == Fault::StoreFrozen {
                return;
            }
            if let Some(told) = end.retry_after {
                // Never shorter than our own pause: "0" must not become a busy loop.
                sleep(told.max(backoff.next_pause())).await;
            } else {
                tokio::select! {
                    () = sleep(backoff.next_pause()) => {}
                    () = outbox.woken() => {}
                }
            }
        } else {
            backoff = Backoff::default();
            if trouble.take().is_some() {
                tracing::info!("requests go through again");
                sink(ForwardEvent::Recovered);
            }
            tokio::select! {
                () = sleep(LOOK_AGAIN) => {}
                () = outbox.woken() => {}
            }
        }
    }
}

/// How a pass ended.
#[derive(Default)]
struct PassEnd {
    sent: u64,
    /// Keeps requests from being sent now.
    trouble: Option<Fault>,
    /// Of trouble or of a held request.
    last_fault: Option<Fault>,
    retry_after: Option<Duration>,
}

impl PassEnd {
    fn trouble(mut self, fault: Fault) -> Self {
        self.trouble = Some(fault);
        self.last_fault = Some(fault);
        self
    }

    async fn summary(self, outbox: &Outbox) -> Summary {
        let (waiting, fault) = match on_disk(outbox, Outbox::waiting).await {
            Ok(waiting) => (waiting, None),
            Err(error) => (0, Some(error.fault())),
        };
        Summary { sent: self.sent, waiting, last_fault: fault.or(self.last_fault) }
    }
}

async fn pass(outbox: &Outbox, client: &PlatformClient, sink: &mut impl FnMut(ForwardEvent)) -> PassEnd {
    let mut end = PassEnd::default();
    if outbox.is_frozen() {
        return end.trouble(Fault::StoreFrozen);
    }
    match on_disk(outbox, Outbox::platform_time).await {
        Ok(time) => client.clock().raise(time.unwrap_or(0)),
        Err(error) => return end.trouble(error.fault()),
    }
    let mut after = 0;
    let mut strikes = 0;
    loop {
        let entry = match on_disk(outbox, move |outbox| outbox.next_unsent(after)).await {
            Ok(Some(entry)) => entry,
            Ok(None) => return end,
            Err(error) => return end.trouble(error.fault()),
        };
        after = entry.number;
        match one(outbox, client, &entry).await {
            Ok(acceptance_number) => {
                end.sent += 1;
                // A request that went through outweighs those the platform failed at before.
                strikes = 0;
                end.trouble = None;
                sink(ForwardEvent::Accepted { case_number: entry.case_number.clone(), acceptance_number });
            }
            Err(Stop { reach: Reach::Request, fault, .. }) => {
                end.last_fault = Some(fault);
                sink(ForwardEvent::Held { case_number: entry.case_number.clone(), fault });
            }
            Err(Stop { reach: Reach::Perhaps, fault, .. }) => {
                end = end.trouble(fault);
                strikes += 1;
                if strikes == MAX_STRIKES {
                    return end;
                }
            }
            Err(Stop { reach: Reach::All | Reach::Frozen, fault, retry_after }) => {
                end.retry_after = retry_after;
                return end.trouble(fault);
            }
        }
    }
}

/// Why a request did not go through, and how far that reaches.
struct Stop {
    reach: Reach,
    fault: Fault,
    retry_after: Option<Duration>,
}

impl From<QueueError> for Stop {
    fn from(error: QueueError) -> Self {
        Self { reach: Reach::All, fault: error.fault(), retry_after: None }
    }
}

/// Sends one request and keeps its end on the disk; gives the acceptance number.
async fn one(outbox: &Outbox, client: &PlatformClient, entry: &Entry) -> Result<String, Stop> {
    let id = entry.id;
    // The disk may have gone bad since the check at the start; what was not signed must not be sent.
    if envelope::id(&entry.body) != Some(id) {
        on_disk(outbox, move |outbox| outbox.hold(id, Fault::StoreDamaged)).await?;
        tracing::error!(seq = entry.seq, code = Fault::StoreDamaged.code(), "a stored request is damaged");
        return Err(Stop { reach: Reach::Request, fault: Fault::StoreDamaged, retry_after: None });
    }
    let on_wire = OnWire::new(outbox, entry.number);
    let answer = client.send(entry, outbox.kiosk()).await;
    drop(on_wire);
    let error = match answer {
        Ok(receipt) => {
            let statement = receipt.statement();
            client.clock().raise(statement.time);
            let number = statement.acceptance_number.clone();
            on_disk(outbox, move |outbox| outbox.acknowledge(receipt)).await?;
            tracing::info!(seq = entry.seq, "a request was acknowledged");
            return Ok(number);
        }
        Err(error) => error,
    };
    let mut reach = error.reach();
    // A past epoch has no sequences left to give: only this request is in doubt.
    if reach == Reach::Frozen && on_disk(outbox, Outbox::epoch).await? > entry.epoch {
        reach = Reach::Request;
    }
    let fault = error.fault();
    let problem = error.problem().map(str::to_owned);
    tracing::debug!(seq = entry.seq, code = fault.code(), %error, "a request was not acknowledged");
    on_disk(outbox, move |outbox| {
        outbox.note_attempt(id, fault, problem)?;
        match reach {
            Reach::Request => outbox.hold(id, fault),
            Reach::Frozen => outbox.freeze(),
            Reach::Perhaps | Reach::All => Ok(()),
        }
    })
    .await?;
    Err(Stop { reach, fault, retry_after: error.retry_after() })
}

/// Marks the request on the wire for `kiosk queue list`, also when the future is dropped half way.
struct OnWire<'a>(&'a Outbox);

impl<'a> OnWire<'a> {
    fn new(outbox: &'a Outbox, number: u64) -> Self {
        outbox.sending(number);
        Self(outbox)
    }
}

impl Drop for OnWire<'_> {
    fn drop(&mut self) {
        self.0.sending(0);
    }
}

/// The store blocks; the runtime's one worker must not.
async fn on_disk<T: Send + 'static>(
    outbox: &Outbox,
    work: impl FnOnce(&Outbox) -> Result<T, QueueError> + Send + 'static,
) -> Result<T, QueueError> {
    let outbox = outbox.clone();
    tokio::task::spawn_blocking(move || work(&outbox)).await.unwrap_or(Err(QueueError::Closed))
}
