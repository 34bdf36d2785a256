//! The one writer of a running program: whatever waits is written in one transaction, so that many requests share one
//! `fsync`. What somebody may wait for is told when it is on disk.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;
use super::news::{News, Topic};
use crate::error::PlatformError;

/// Changes in one transaction at most: a bound on how long the first of them waits. A guess.
const GROUP: usize = 256;
/// Changes that may wait: twice as many as there can be connections.
const QUEUE: usize = 1024;
/// How often the writer looks whether another program has changed the database: a command such as `decide` runs beside the
/// intake, and tells nobody. One look, of a few microseconds, for all who wait. A guess.
const LOOK: Duration = Duration::from_millis(200);

/// Hands changes to the writer's thread, which has made all of them when this is gone.
pub(super) struct Writer {
    jobs: Option<mpsc::SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

trait Job: Send {
    /// Makes the change; false when it failed and nothing of it may stay.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Tells the caller, once the change is on disk or is known not to be.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
    /// What it is news of.
    fn topic(&self) -> Option<Topic>;
}

struct Work<F, T> {
    work: Option<F>,
    result: Option<rusqlite::Result<T>>,
    topic: Option<Topic>,
    answer: mpsc::SyncSender<Result<T, StoreError>>,
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        self.result = self.work.take().map(|work| work(connection));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { result, answer, .. } = *self;
        // Its own failure comes before the group's. A caller that went away finds out later: what it asked for is done.
        let result = result.map(|result| result.map_err(StoreError::from));
        let _ = answer.send(match (result, committed) {
            (Some(Ok(result)), Ok(())) => Ok(result),
            (Some(Err(error)), _) | (Some(Ok(_)) | None, Err(error)) => Err(error),
            (None, Ok(())) => Err(StoreError::Ended),
        });
    }

    fn topic(&self) -> Option<Topic> {
        self.topic
    }
}

impl Writer {
    pub(super) fn start(mut connection: Connection, news: Arc<News>) -> Result<Self, PlatformError> {
        let (jobs, waiting) = mpsc::sync_channel(QUEUE);
        let mut seen = version(&connection).map_err(StoreError::from)?;
        let run = move || {
            loop {
                match waiting.recv_timeout(LOOK) {
                    Ok(first) => write(&mut connection, first, &waiting, &news),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                match version(&connection) {
                    Ok(now) if now != seen => {
                        seen = now;
                        news.tell_all();
                    }
                    Ok(_) => {}
                    Err(error) => tracing::error!(%error, "other programs' changes are not seen"),
                }
            }
        };
        let thread =
            thread::Builder::new().name("writer".into()).spawn(run).map_err(PlatformError::Thread)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Makes a change and waits until it is on disk.
    pub(super) fn run<T: Send + 'static>(
        &self,
        topic: Option<Topic>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, done) = mpsc::sync_channel(1);
        let job = Box::new(Work { work: Some(work), result: None, topic, answer });
        let jobs = self.jobs.as_ref().ok_or(StoreError::Ended)?;
        jobs.try_send(job).map_err(|full| match full {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Ended,
        })?;
        done.recv().unwrap_or(Err(StoreError::Ended))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has ended too.
            let _ = thread.join();
        }
    }
}

/// Changes with each commit of another connection, and with none of this one's.
fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

fn write(
    connection: &mut Connection,
    first: Box<dyn Job>,
    waiting: &mpsc::Receiver<Box<dyn Job>>,
    news: &News,
) {
    let mut group = vec![first];
    // Without waiting: whoever comes while this group is written is in the next one.
    group.extend(waiting.try_iter().take(GROUP - 1));
    let committed = commit(connection, &mut group).map_err(StoreError::from);
    if let Err(error) = &committed {
        tracing::error!(%error, changes = group.len(), "the database took nothing");
    }
    for job in group {
        if let (Some(topic), Ok(())) = (job.topic(), &committed) {
            news.tell(topic);
        }
        job.answer(committed.clone());
    }
}

/// Runs each job so that a failed one leaves the others alone.
fn commit(connection: &mut Connection, group: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in group {
        let part = transaction.savepoint()?;
        if job.run(&part) {
            part.commit()?;
        } else {
            part.finish()?;
        }
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::Store;
    use crate::store::schema;

    type Answer = mpsc::Receiver<Result<usize, StoreError>>;

    fn put(event: &'static str) -> (Box<dyn Job>, Answer) {
        let (answer, done) = mpsc::sync_channel(1);
        let work = move |connection: &Connection| {
            connection.execute("INSERT INTO journal (at, event) VALUES (1, ?1)", [event])?;
            if event == "bad" { Err(rusqlite::Error::InvalidQuery) } else { Ok(event.len()) }
        };
        (Box::new(Work { work: Some(work), result: None, topic: None, answer }), done)
    }

    #[test]
    fn a_change_that_fails_leaves_the_others_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::bring_up(&mut connection).unwrap();
        let (mut group, answers): (Vec<_>, Vec<_>) = ["one", "bad", "three"].map(put).into_iter().unzip();
        let committed = commit(&mut connection, &mut group).map_err(StoreError::from);
        group.into_iter().for_each(|job| job.answer(committed.clone()));
        let answers: Vec<_> = answers.iter().map(|answer| answer.recv().unwrap()).collect();
        assert!(matches!(answers[..], [Ok(3), Err(StoreError::Failed(_)), Ok(5)]), "{answers:?}");
        let mut events = connection.prepare("SELECT event FROM journal ORDER BY number").unwrap();
        let events: Vec<String> =
            events.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(events, ["one", "three"]);
    }

    #[test]
    fn a_group_that_is_not_committed_is_nobodys() {
        let mut connection = Connection::open_in_memory().unwrap();
        let (mut group, answers): (Vec<_>, Vec<_>) = ["one"].map(put).into_iter().unzip();
        connection.execute_batch("BEGIN").unwrap();
        let committed = commit(&mut connection, &mut group).map_err(StoreError::from);
        assert!(committed.is_err());
        group.into_iter().for_each(|job| job.answer(committed.clone()));
        assert!(matches!(answers[0].recv().unwrap(), Err(StoreError::Failed(_))));
    }

    #[tokio::test]
    async fn who_waits_is_told_of_our_changes_and_of_other_programs() {
        let dir = tempfile::tempdir().unwrap();
        let (store, other) = (Store::create(dir.path()).unwrap(), Store::open(dir.path()).unwrap());
        let (mut orders, calls) = (store.listen(Topic::Orders), store.listen(Topic::Calls));
        store.write(|_| Ok(())).unwrap();
        assert!(!orders.has_changed().unwrap(), "nobody waits for that");
        store.write_and_tell(Topic::Orders, |_| Ok(())).unwrap();
        assert!(orders.has_changed().unwrap() && !calls.has_changed().unwrap());
        orders.mark_unchanged();
        other
            .write(|connection| connection.execute("INSERT INTO journal (at, event) VALUES (1, 'x')", []))
            .unwrap();
        orders.changed().await.unwrap();
    }
}
