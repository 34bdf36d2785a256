//! The one writer of a running server: whatever waits is written in one transaction, so that many requests share one
//! `fsync`.

use std::sync::mpsc;
use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::Store;
use crate::error::PlatformError;
use crate::problem::Problem;

/// Changes in one transaction at most: a bound on how long the first of them waits. A guess.
const GROUP: usize = 256;
/// Changes that may wait: twice as many as there can be connections.
const QUEUE: usize = 1024;

/// Hands changes to the writer's thread, which ends with the last handle.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::SyncSender<Box<dyn Job>>,
}

trait Job: Send {
    /// Makes the change; false when it failed and nothing of it may stay.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Tells the caller, once the change is on disk.
    fn committed(self: Box<Self>);
}

struct Work<F, T> {
    work: Option<F>,
    result: Option<T>,
    answer: oneshot::Sender<T>,
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        match self.work.take().map(|work| work(connection)) {
            Some(Ok(result)) => self.result = Some(result),
            Some(Err(error)) => tracing::error!(%error, "a change of the database failed"),
            None => {}
        }
        self.result.is_some()
    }

    fn committed(self: Box<Self>) {
        // A caller that went away finds out later: what it asked for is done.
        let Self { result, answer, .. } = *self;
        if let Some(result) = result {
            let _ = answer.send(result);
        }
    }
}

impl Writer {
    pub(crate) fn start(store: Store) -> Result<Self, PlatformError> {
        let (jobs, waiting) = mpsc::sync_channel(QUEUE);
        thread::Builder::new()
            .name("writer".into())
            .spawn(move || write(store, &waiting))
            .map_err(PlatformError::Thread)?;
        Ok(Self { jobs })
    }

    /// Makes a change and waits until it is on disk. The change is made even when nobody waits any more.
    ///
    /// # Errors
    /// [`Problem::Failed`]: nothing of the change stays. [`Problem::Busy`] when too many wait.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let (answer, done) = oneshot::channel();
        let job = Box::new(Work { work: Some(work), result: None, answer });
        self.jobs.try_send(job).map_err(|full| match full {
            mpsc::TrySendError::Full(_) => Problem::Busy,
            mpsc::TrySendError::Disconnected(_) => Problem::Failed,
        })?;
        // The sender is dropped unused when the change failed or its group was not committed.
        done.await.map_err(|_| Problem::Failed)
    }
}

fn write(mut store: Store, waiting: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        // Without waiting: whoever comes while this group is written is in the next one.
        group.extend(waiting.try_iter().take(GROUP - 1));
        match commit(&mut store.connection, &mut group) {
            Ok(done) => {
                for (job, done) in group.into_iter().zip(done) {
                    if done {
                        job.committed();
                    }
                }
            }
            Err(error) => tracing::error!(%error, changes = group.len(), "the database took nothing"),
        }
    }
}

/// Runs each job so that a failed one leaves the others alone; says which were done.
fn commit(connection: &mut Connection, group: &mut [Box<dyn Job>]) -> rusqlite::Result<Vec<bool>> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut done = Vec::with_capacity(group.len());
    for job in group {
        let part = transaction.savepoint()?;
        let good = job.run(&part);
        if good {
            part.commit()?;
        } else {
            part.finish()?;
        }
        done.push(good);
    }
    transaction.commit()?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ca;

    #[tokio::test]
    async fn a_change_that_fails_leaves_the_others_alone() {
        let dir = tempfile::tempdir().unwrap();
        ca::init(dir.path(), &["127.0.0.1".to_owned()]).unwrap();
        let writer = Writer::start(Store::open(dir.path()).unwrap()).unwrap();
        let put = |event: &'static str| {
            let writer = writer.clone();
            async move {
                writer
                    .run(move |connection| {
                        connection.execute("INSERT INTO journal (at, event) VALUES (1, ?1)", [event])?;
                        if event == "bad" { Err(rusqlite::Error::InvalidQuery) } else { Ok(event.len()) }
                    })
                    .await
            }
        };
        let (one, bad, two) = tokio::join!(put("one"), put("bad"), put("three"));
        assert_eq!((one, bad, two), (Ok(3), Err(Problem::Failed), Ok(5)));
        let events = Store::open(dir.path()).unwrap().journal(10).unwrap();
        let events: Vec<_> = events.iter().map(|line| line.event.as_str()).collect();
        assert_eq!(events, ["one", "three"]);
    }
}
