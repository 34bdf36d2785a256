//! A newer catalogue: the answers to heartbeats say its number; then it is fetched, checked and installed.

use std::sync::mpsc::Sender;

use tokio::sync::watch;

use super::ask::Ask;
use crate::catalogue::{CatalogueError, Origin};
use crate::event::Event;
use faults::chain;

/// Takes what is offered for ever. What was refused is not fetched again before the next start; what did not arrive or
/// could not be written is, with the next heartbeat.
pub(super) async fn follow(
    ask: impl Ask,
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
        let bytes = match ask.fetch_catalogue().await {
            Ok(bytes) => bytes,
            Err(trouble) => {
                tracing::warn!(
                    code = trouble.fault.code(),
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

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::time::Duration;

    use ed25519_dalek::SigningKey;
    use faults::Fault;
    use protocol::catalogue::sign;
    use serde_json::Value;

    use super::super::ask::Trouble;
    use super::super::ask::fake::{Scripted, unreachable};
    use super::*;
    use crate::config::Config;

    /// The built-in catalogue under a number, signed with a key.
    fn signed(number: u64, key: u8) -> Result<Value, Trouble> {
        let files = matters::BUILT_IN.iter().copied().collect();
        let bytes = sign(&files, number, 1_800_000_000, &SigningKey::from_bytes(&[key; 32])).unwrap();
        Ok(hex::encode(bytes).into())
    }

    /// A kiosk that takes what key 7 signed.
    fn origin(state: &std::path::Path) -> Origin {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
        std::fs::create_dir(state.join("keys")).unwrap();
        std::fs::write(state.join("keys/receipt.pub"), hex::encode(key.as_bytes())).unwrap();
        let (kiosk, state) = ("[kiosk]\nid = \"110101-0007\"", state.display());
        let text = format!("{kiosk}\nstate = \"{state}\"\n[platform]\nurl = \"https://platform\"\n");
        Origin::of(&Config::parse("kiosk.toml", &text).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_refused_is_not_fetched_again_but_what_is_newer_and_what_did_not_arrive() {
        let state = tempfile::tempdir().unwrap();
        let platform = Scripted::new(vec![signed(3, 8), unreachable(), signed(4, 7)]);
        let (offer, offers) = watch::channel(0);
        let (events, told) = mpsc::channel();
        let mut follow = pin!(follow(platform.clone(), offers, origin(state.path()), events));
        for (offered, fetches) in [(3, 1), (3, 1), (4, 2), (4, 3), (4, 3)] {
            offer.send_replace(offered);
            // Until the next heartbeat.
            let _ = tokio::time::timeout(Duration::from_secs(60), follow.as_mut()).await;
            assert_eq!(platform.asked.lock().unwrap().len(), fetches, "after {offered} was offered");
        }
        let told: Vec<Event> = told.try_iter().collect();
        assert!(matches!(told[..], [Event::CatalogueRefused(Fault::CatalogueRefused), Event::Reload]));
    }
}
