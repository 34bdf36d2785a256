//! A newer catalogue: the answers to heartbeats say its number; then it is fetched, checked and installed.

use std::sync::mpsc::Sender;
use std::time::Duration;

use outbox::forward::PlatformClient;
use tokio::sync::watch;

use crate::catalogue::{CatalogueError, Origin};
use crate::chain::chain;
use crate::run::Event;

/// The largest catalogue over a line of 256 kbit/s takes two minutes.
const FETCH: Duration = Duration::from_secs(180);

/// Takes what is offered for ever. What was refused is not fetched again before the next start; what did not arrive or
/// could not be written is, with the next heartbeat.
pub(super) async fn follow(
    client: PlatformClient,
    mut offers: watch::Receiver<u64>,
    origin: Origin,
    events: Sender<Event>,
) {
    // One that is damaged counts as none.
    let installed = |origin: &Origin| origin.find().ok().and_then(|found| found.number);
    let mut settled = on_disk(&origin, installed).await.flatten().unwrap_or(0);
    while offers.changed().await.is_ok() {
        let offered = *offers.borrow_and_update();
        if offered <= settled {
            continue;
        }
        let bytes = match client.catalogue(FETCH).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(
                    code = error.fault().code(),
                    offered,
                    "a newer catalogue could not be fetched"
                );
                continue;
            }
        };
        let event = match on_disk(&origin, move |origin| origin.install(&bytes)).await {
            Some(Ok(number)) => {
                tracing::info!(number, "a newer catalogue is installed");
                Event::Reload
            }
            Some(Err(error)) => {
                tracing::error!(code = error.fault().code(), offered, "catalogue: {}", chain(&error));
                if matches!(error, CatalogueError::Unwritable { .. }) {
                    continue;
                }
                Event::CatalogueRefused(error.fault())
            }
            None => continue,
        };
        settled = offered;
        // A send fails only when the loop has ended.
        drop(events.send(event));
    }
}

/// The disk blocks; the runtime's one worker must not. `None` when the runtime ends.
async fn on_disk<T: Send + 'static>(
    origin: &Origin,
    work: impl FnOnce(&Origin) -> T + Send + 'static,
) -> Option<T> {
    let origin = origin.clone();
    tokio::task::spawn_blocking(move || work(&origin)).await.ok()
}
