//! To the platform and back: oldest first, until a verified receipt lets a request be erased.
//!
//! Several requests are on the wire at once, but only while they go through: a pass begins with one, doubles after each
//! receipt and goes back to one after each failure. The platform takes them in any order, each once.
//!
//! | what happened                           | this request | the others        | code     |
//! |-----------------------------------------|--------------|-------------------|----------|
//! | verified receipt                        | erased       | go on             |          |
//! | 4xx about the request                   | held         | go on             | `PLT-05` |
//! | a fourth such refusal in a row          | waits        | wait              | `PLT-05` |
//! | receipt that does not verify, 5xx       | waits        | go on, three tries| `PLT-06`, `PLT-04` |
//! | 503 or 429 with Retry-After             | waits        | wait as told      | `PLT-04` |
//! | unreachable, TLS, too slow, revoked     | waits        | wait              | `PLT-01` … `PLT-03` |
//! | 409: another request has this sequence  | waits        | frozen until the next epoch | `OBX-06` |
//! | a file is damaged here                  | held         | go on             | `OBX-04` |
//!
//! A pass that ends in trouble which may be one request's is followed by one that begins behind that request: whatever is
//! wrong with it, the others go through.
//!
//! When the queue has run empty, and each hour whatever else happens, the signed head goes out too.

mod backoff;
mod call;
mod client;
mod clock;
mod error;
mod heads;
mod pace;
mod round;

use std::time::Duration;

use faults::Fault;
use futures_util::stream::{FuturesUnordered, StreamExt};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep};

pub use backoff::Backoff;
pub use client::{PlatformClient, PlatformConfig, receipt_key};
pub use clock::FlooredClock;
pub use error::{ClientError, ForwardError};
pub use reqwest::Method;

use crate::fault_points::reach;
use crate::store::{Entry, Outbox, QueueError};
use error::Reach;
use protocol::envelope::{RequestId, Sealed};
use protocol::journal::Record;
use round::Step;

/// How often the queue is looked at without being woken: another program, such as `kiosk submit`, may have saved.
/// A guess.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// The first pause after trouble is at most this. A guess.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// No pause is longer: a hall must not wait much longer than the outage. A guess.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Requests in a row that the platform fails at before a pass gives up: one poisoned request must not block those
/// behind it, and a platform that is down must not be sent the whole queue.
const MAX_STRIKES: u32 = 3;

/// Most requests on the wire at once. Measured: with one worker each, kiosk and platform are busy with eight; the rest
/// lets both share a sync of their disks.
const MAX_IN_FLIGHT: usize = 32;

/// How often the head goes out when nothing happens: an old copy of the disk must not run for longer unnoticed.
const HEAD_EVERY: Duration = Duration::from_secs(3600);

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
    /// Sending does not work now, or the platform disagrees with our chain or journal; said once for each kind of trouble.
    Trouble(Fault),
    /// Sending works again.
    Recovered,
}

/// Sends what waits, once, and then the signed head.
///
/// Needs a tokio runtime with time and I/O. Dropping the future at any point is harmless.
pub async fn forward_once(outbox: &Outbox, client: &PlatformClient) -> Summary {
    let mut end = pass(outbox, client, &mut |_| {}).await;
    if end.trouble.is_none()
        && let Err(fault) = heads::send(outbox, client).await
    {
        end.last_fault = Some(fault);
    }
    end.summary(outbox).await
}

/// Sends one request now, whatever waits before it: staff's "try again". A held one is released first.
///
/// # Errors
/// [`QueueError`] when there is no such request, when it is damaged, or when the store fails. That the platform did not
/// take it is no error here: see [`Summary::last_fault`].
pub async fn send_one(
    outbox: &Outbox,
    client: &PlatformClient,
    id: RequestId,
) -> Result<Summary, QueueError> {
    let entry = on_disk(outbox, move |outbox| {
        outbox.release(id)?;
        outbox.unsent(id)
    })
    .await?;
    let mut end = PassEnd::default();
    if let Some(entry) = entry {
        match one(outbox, client, entry).await.1 {
            Ok(_) => end.sent = 1,
            Err(stop) => end.last_fault = Some(stop.fault),
        }
    }
    Ok(end.summary(outbox).await)
}

/// Sends for as long as the future lives: at once when a request is saved, with growing and random pauses while
/// something is wrong. Returns only when the store is frozen.
///
/// `sink` is called between two requests and must not block.
pub async fn run(outbox: Outbox, client: PlatformClient, mut sink: impl FnMut(ForwardEvent)) {
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut trouble = None;
    let mut head_due = Instant::now();
    let mut alarm = None;
    loop {
        let mut end = pass(&outbox, &client, &mut sink).await;
        if end.sent > 0 {
            let count = end.sent;
            note(&outbox, Record::Sent { count }).await;
        }
        let is_due = Instant::now() >= head_due || (end.trouble.is_none() && end.sent > 0);
        if is_due && end.trouble != Some(Fault::StoreFrozen) {
            match heads::send(&outbox, &client).await {
                Ok(true) => {
                    head_due = Instant::now() + HEAD_EVERY;
                    alarm = None;
                }
                // It is tried again with the next look at the queue.
                Ok(false) => {}
                Err(Fault::StoreFrozen) => end = end.trouble(Fault::StoreFrozen),
                // The chain is what it is: said once, and again with each hour's head.
                Err(fault) => {
                    head_due = Instant::now() + HEAD_EVERY;
                    if alarm.replace(fault) != Some(fault) {
                        sink(ForwardEvent::Trouble(fault));
                    }
                }
            }
        }
        if let Some(fault) = end.trouble {
            if trouble.replace(fault) != Some(fault) {
                tracing::warn!(code = fault.code(), "requests wait: {}", fault.cause());
                sink(ForwardEvent::Trouble(fault));
            }
            if fault == Fault::StoreFrozen {
                return;
            }
            if end.sent > 0 {
                backoff.reset();
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
            backoff.reset();
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
    let mut round = client.tries().next_round();
    let mut strikes = 0;
    let mut window = 1;
    let mut reading = true;
    let mut its_own = false;
    let mut flying = FuturesUnordered::new();
    loop {
        while reading && flying.len() < window {
            let after = round.after();
            let found = on_disk(outbox, move |outbox| outbox.next_unsent(after)).await;
            let entry = match found {
                Ok(entry) => entry,
                Err(error) => {
                    reading = false;
                    end = end.trouble(error.fault());
                    continue;
                }
            };
            match (round.take(entry.as_ref().map(|entry| entry.number)), entry) {
                (Step::Send, Some(entry)) => flying.push(one(outbox, client, entry)),
                (Step::Again, _) => {}
                (Step::Send | Step::Done, _) => reading = false,
                (Step::Broken, _) => {
                    reading = false;
                    end = end.trouble(Fault::StoreDamaged);
                }
            }
        }
        // What is on the wire is waited for, also after trouble: its receipts count.
        let Some((case_number, answer)) = flying.next().await else {
            client.tries().ended(&round, its_own && end.trouble.is_some());
            return end;
        };
        match answer {
            Ok(acceptance_number) => {
                end.sent += 1;
                window = (window * 2).min(MAX_IN_FLIGHT);
                client.tries().went_through();
                if reading {
                    // A request that went through outweighs those the platform failed at before.
                    strikes = 0;
                    end.trouble = None;
                }
                sink(ForwardEvent::Accepted { case_number, acceptance_number });
            }
            Err(Stop { reach: Reach::Request, fault, .. }) => {
                end.last_fault = Some(fault);
                sink(ForwardEvent::Held { case_number, fault });
            }
            Err(Stop { reach: Reach::Perhaps, fault, .. }) => {
                its_own = true;
                end = end.trouble(fault);
                window = 1;
                strikes += 1;
                reading &= strikes < MAX_STRIKES;
            }
            Err(Stop { reach: Reach::All | Reach::Frozen, fault, retry_after, may_be_its_own }) => {
                its_own = may_be_its_own;
                reading = false;
                end.retry_after = retry_after.or(end.retry_after);
                // What is worst is what counts: a frozen store stays frozen.
                if end.trouble != Some(Fault::StoreFrozen) {
                    end = end.trouble(fault);
                }
            }
        }
    }
}

/// Why a request did not go through, and how far that reaches.
struct Stop {
    reach: Reach,
    fault: Fault,
    retry_after: Option<Duration>,
    /// Whether another request might go through all the same.
    may_be_its_own: bool,
}

impl From<QueueError> for Stop {
    fn from(error: QueueError) -> Self {
        let reach = match error {
            // The store has trouble with this one: the others may be sound.
            QueueError::Unknown | QueueError::OtherRequest | QueueError::Damaged => Reach::Perhaps,
            QueueError::Read(_) | QueueError::Write(_) | QueueError::Closed => Reach::All,
        };
        Self { reach, fault: error.fault(), retry_after: None, may_be_its_own: false }
    }
}

/// Whether the entry is the one of its name, inside too.
fn is_whole(entry: &Entry) -> bool {
    let Ok(sealed) = Sealed::split(&entry.body) else { return false };
    let hash: [u8; 32] = Sha256::digest(&sealed.content).into();
    sealed.id == entry.id && sealed.claimed().is_ok_and(|outer| outer.content == hash)
}

/// Sends one request and keeps its end on the disk; gives its case number and the acceptance number.
async fn one(outbox: &Outbox, client: &PlatformClient, entry: Entry) -> (String, Result<String, Stop>) {
    let answer = try_one(outbox, client, &entry).await;
    if let Err(Stop { reach: Reach::Request, fault, .. }) = &answer {
        note(outbox, Record::Held { epoch: entry.epoch, seq: entry.seq, fault: *fault }).await;
    }
    (entry.case_number, answer)
}

async fn try_one(outbox: &Outbox, client: &PlatformClient, entry: &Entry) -> Result<String, Stop> {
    let id = entry.id;
    // The disk may have gone bad since the check at the start; what was not signed must not be sent.
    if !is_whole(entry) {
        on_disk(outbox, move |outbox| outbox.hold(id, Fault::StoreDamaged)).await?;
        tracing::error!(seq = entry.seq, code = Fault::StoreDamaged.code(), "a stored request is damaged");
        let fault = Fault::StoreDamaged;
        return Err(Stop { reach: Reach::Request, fault, retry_after: None, may_be_its_own: true });
    }
    let on_wire = OnWire::new(outbox, entry.number);
    let answer = client.send(entry, outbox.kiosk()).await;
    drop(on_wire);
    let error = match answer {
        Ok(receipt) => {
            reach("receipt-verified");
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
    if matches!(error, ForwardError::Refused { .. }) && !client.tries().refused() {
        reach = Reach::Perhaps;
    }
    let may_be_its_own = error.may_be_the_requests();
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
    Err(Stop { reach, fault, retry_after: error.retry_after(), may_be_its_own })
}

/// Says it in the audit journal; requests do not wait for a journal that fails.
async fn note(outbox: &Outbox, record: Record) {
    let outbox = outbox.clone();
    let _ = tokio::task::spawn_blocking(move || outbox.note(&record)).await;
}

/// Marks a request on the wire for `kiosk queue list`, also when the future is dropped half way.
struct OnWire<'a>(&'a Outbox, u64);

impl<'a> OnWire<'a> {
    fn new(outbox: &'a Outbox, number: u64) -> Self {
        outbox.sending(number, true);
        Self(outbox, number)
    }
}

impl Drop for OnWire<'_> {
    fn drop(&mut self) {
        self.0.sending(self.1, false);
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
