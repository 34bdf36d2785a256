//! What happened that somebody may wait for: told when it is on disk.

use tokio::sync::watch;

/// What can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Orders,
    Calls,
    Checks,
}

/// Tells whoever waits.
#[derive(Default)]
pub(super) struct News {
    orders: watch::Sender<()>,
    calls: watch::Sender<()>,
    checks: watch::Sender<()>,
}

impl News {
    const ALL: [Topic; 3] = [Topic::Orders, Topic::Calls, Topic::Checks];

    fn of(&self, topic: Topic) -> &watch::Sender<()> {
        match topic {
            Topic::Orders => &self.orders,
            Topic::Calls => &self.calls,
            Topic::Checks => &self.checks,
        }
    }

    /// What changes from now on.
    pub(super) fn listen(&self, topic: Topic) -> watch::Receiver<()> {
        self.of(topic).subscribe()
    }

    pub(super) fn tell(&self, topic: Topic) {
        self.of(topic).send_replace(());
    }

    /// Something changed, and nobody knows what.
    pub(super) fn tell_all(&self) {
        Self::ALL.into_iter().for_each(|topic| self.tell(topic));
    }
}
