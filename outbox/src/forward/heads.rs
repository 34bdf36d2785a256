//! The signed head on its way: what the platform thinks of our chain and our journal.

use faults::Fault;

use super::client::PlatformClient;
use super::error::{ForwardError, Reach};
use super::on_disk;
use crate::store::Outbox;
use protocol::journal::Record;

/// Sends the head; `false` when there is none to send now, when it did not arrive, or when the platform knows no heads.
///
/// # Errors
/// What the platform found wrong: [`Fault::StoreFrozen`] for a fork or a rollback, and then the store is frozen;
/// [`Fault::JournalDamaged`]; [`Fault::RequestMissing`] for a gap;
/// [`Fault::PlatformRefused`] for a head that it refuses altogether.
pub(super) async fn send(outbox: &Outbox, client: &PlatformClient) -> Result<bool, Fault> {
    let mut told = None;
    let mut again = true;
    loop {
        let Ok(Some(head)) = on_disk(outbox, Outbox::signed_head).await else { return Ok(false) };
        let error = match client.send_head(head.bytes).await {
            Ok(known) => return Ok(known),
            Err(error) => error,
        };
        let fault = error.fault();
        match error.reach() {
            // Another program of this kiosk may have saved and sent a request between signing and sending.
            Reach::Frozen if told != Some(head.seq) => told = Some(head.seq),
            Reach::Frozen => {
                tracing::error!(code = fault.code(), %error, "the store is frozen");
                let frozen = on_disk(outbox, move |outbox| {
                    outbox.note(&Record::HeadRefused { fault });
                    outbox.freeze()
                });
                return Err(frozen.await.map_or_else(|error| error.fault(), |()| fault));
            }
            // Another program's head, signed later, may have come before: this one is signed anew once.
            Reach::Perhaps if again && matches!(error, ForwardError::HeadJournal) => again = false,
            // "Later, please" is no judgement.
            Reach::Perhaps if matches!(error, ForwardError::Failed { .. }) => {
                tracing::debug!(code = fault.code(), %error, "the head did not arrive");
                return Ok(false);
            }
            Reach::Request | Reach::Perhaps if error.status().is_some_and(|status| status < 500) => {
                tracing::error!(code = fault.code(), %error, "the platform disagrees with the head");
                let _ = on_disk(outbox, move |outbox| {
                    outbox.note(&Record::HeadRefused { fault });
                    Ok(())
                })
                .await;
                return Err(fault);
            }
            Reach::Request | Reach::Perhaps | Reach::All => {
                tracing::debug!(code = fault.code(), %error, "the head did not arrive");
                return Ok(false);
            }
        }
    }
}
