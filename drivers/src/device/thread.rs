//! A thread of a device: started by name, and waited for when its handle goes, but not for ever.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A running thread of a device.
pub(crate) struct Thread {
    name: &'static str,
    limit: Duration,
    /// Ends with the thread: a thread itself cannot be waited for with a limit.
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Thread {
    /// Starts the thread. `limit` is how long [`Self::wait`] waits for it.
    ///
    /// A thread that the system refuses is told in the log; what was sent to it is then heard by nobody.
    pub fn start(name: &'static str, limit: Duration, run: impl FnOnce() + Send + 'static) -> Self {
        let (running, ended) = mpsc::channel::<()>();
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            run();
            drop(running);
        });
        if let Err(error) = &thread {
            tracing::error!(%error, "the thread {name} cannot be started");
        }
        Self { name, limit, ended, thread: thread.ok() }
    }

    /// Whether it was started and has not ended.
    pub fn is_running(&self) -> bool {
        self.ended.try_recv() == Err(TryRecvError::Empty)
    }

    /// Waits for the thread's end, after it was told to stop. One that hangs in its device is left behind: whoever stops
    /// the kiosk is not held up by it.
    pub fn wait(&mut self) {
        match self.ended.recv_timeout(self.limit) {
            Err(RecvTimeoutError::Timeout) => tracing::warn!("the thread {} hangs and is left", self.name),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                if let Some(thread) = self.thread.take() {
                    let _ = thread.join();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_ends_is_joined_and_one_that_hangs_is_left() {
        let (stop, stopped) = mpsc::channel::<()>();
        let mut thread = Thread::start("ends", Duration::from_secs(60), move || {
            let _ = stopped.recv();
        });
        drop(stop);
        thread.wait();
        assert!(thread.thread.is_none());

        let (stop, stopped) = mpsc::channel::<()>();
        let mut thread = Thread::start("hangs", Duration::ZERO, move || {
            let _ = stopped.recv();
        });
        thread.wait();
        assert!(thread.thread.is_some());
        drop(stop);
    }

    #[test]
    fn a_thread_that_panics_has_ended_too() {
        let mut thread = Thread::start("panics", Duration::from_secs(60), || panic!("on purpose"));
        thread.wait();
        assert!(thread.thread.is_none());
    }
}
