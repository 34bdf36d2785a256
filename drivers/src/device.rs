//! What all devices have in common: a thread of their own, a handle to it, one look, one job.
//!
//! A device's configuration implements [`Device`] and makes its [`Adapter`], the behaviour. The thread gives the adapter
//! each command as it comes, and does what is due when there is none.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use faults::Fault;

use crate::status::{Health, Status};

mod tell;
mod thread;

pub use tell::Tell;
pub(crate) use thread::Thread;

/// A device as its configuration describes it.
pub trait Device: Clone + Send + 'static {
    /// Its thread's name, and its own in the log.
    const NAME: &'static str;

    /// How long the end of its thread is waited for; it is left behind then. Guess: no thread is in a call for longer.
    const STOP_LIMIT: Duration = Duration::from_secs(2);

    /// What is told of it when its thread cannot be started or is gone.
    const GONE: Fault;

    /// What reaches its adapter: from the handle, and from threads of its links.
    type Input: Send + 'static;

    /// What it tells.
    type Event: Send + 'static;

    /// Its behaviour. `inputs` is the way in for whoever works for it on another thread.
    fn adapter(self, inputs: Inputs<Self>, tell: Tell<Self>) -> impl Adapter<Self::Input> + Send + 'static;

    /// Its state as an event.
    fn told(health: Health) -> Self::Event;

    /// The state that an event tells.
    fn health(event: Self::Event) -> Option<Health>;
}

/// The behaviour of a device.
pub trait Adapter<Input> {
    /// Takes a command in. What follows from it is done when it is due.
    fn obey(&mut self, input: Input);

    /// Does what is due, and says for how long nothing will be. Not called while there are commands.
    fn due(&mut self) -> Duration;

    /// The thread ends.
    fn end(&mut self) {}
}

/// The way to a device's thread. Clones lead to the same.
pub struct Inputs<D: Device>(Sender<Option<D::Input>>);

/// The running thread of a device. Dropping it stops the thread.
pub struct Handle<D: Device> {
    inputs: Inputs<D>,
    thread: Thread,
}

/// Starts the thread of a device. The sink is called on it and must not block.
///
/// A thread that cannot be started leaves a handle whose commands do nothing.
pub fn start<D: Device>(device: D, sink: impl Fn(D::Event) + Send + 'static) -> Handle<D> {
    start_with(|inputs| device.adapter(inputs, Tell::new(sink)))
}

/// Starts the thread of a device with this adapter.
pub(crate) fn start_with<D: Device, A: Adapter<D::Input> + Send + 'static>(
    adapter: impl FnOnce(Inputs<D>) -> A,
) -> Handle<D> {
    let (sender, received) = mpsc::channel();
    let inputs = Inputs(sender);
    let mut adapter = adapter(inputs.clone());
    let thread = Thread::start(D::NAME, D::STOP_LIMIT, move || run(&mut adapter, &received));
    Handle { inputs, thread }
}

fn run<I>(adapter: &mut impl Adapter<I>, inputs: &Receiver<Option<I>>) {
    let mut limit = Duration::ZERO;
    loop {
        limit = match inputs.recv_timeout(limit) {
            Ok(Some(input)) => {
                adapter.obey(input);
                Duration::ZERO
            }
            Err(RecvTimeoutError::Timeout) => adapter.due(),
            Ok(None) | Err(RecvTimeoutError::Disconnected) => return adapter.end(),
        };
    }
}

/// Looks once at a device and says how it is.
pub fn probe<D: Device>(device: &D) -> Health {
    let gone = Health { status: Status::Offline, model: None, fault: Some(D::GONE), raw: None };
    once(device, |_| {}, |_, event| D::health(event)).unwrap_or(gone)
}

/// Starts a device for one job, and stops it as soon as `take` has made something of an event and its time. `None` when
/// its thread ended before that.
pub(crate) fn once<D: Device, T>(
    device: &D,
    job: impl FnOnce(&Handle<D>),
    mut take: impl FnMut(Instant, D::Event) -> Option<T>,
) -> Option<T> {
    let (sender, events) = mpsc::channel();
    let handle = start(device.clone(), move |event| drop(sender.send((Instant::now(), event))));
    job(&handle);
    events.iter().find_map(|(at, event)| take(at, event))
}

impl<D: Device> Inputs<D> {
    /// Says something to the thread; returns at once. Nobody hears it when the thread has ended.
    pub(crate) fn send(&self, input: D::Input) {
        let _ = self.0.send(Some(input));
    }
}

impl<D: Device> Clone for Inputs<D> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<D: Device> Handle<D> {
    /// Says something to the thread; returns at once. Each command of a device is a method around this.
    pub(crate) fn send(&self, input: D::Input) {
        self.inputs.send(input);
    }
}

impl<D: Device> Drop for Handle<D> {
    fn drop(&mut self) {
        let _ = self.inputs.0.send(None);
        self.thread.wait();
    }
}
