//! Sealed requests.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use protocol::api::requests::ENTRIES;
use protocol::envelope::{self, MAX_ENVELOPE, MEDIA_TYPE, Manifest, RequestId, Sealed};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Cose, Peer};
use super::{Intake, failed, refused};
use crate::problem::Problem;
use crate::store::alarms::{self, Kind};
use crate::store::{Accepted, accept};

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(take)).layer(DefaultBodyLimit::max(MAX_ENVELOPE))
}

/// Take a sealed request
///
/// The body is an entry, the answer a receipt, both as in `docs/envelope.md`. The same entry always gets the same receipt.
#[utoipa::path(
    post, path = ENTRIES, tag = "requests",
    request_body(content = Vec<u8>, content_type = "application/cose"),
    responses(
        (status = 200, description = "The signed receipt", body = Vec<u8>, content_type = "application/cose"),
        (status = 409, description = "`attachment-missing`: send the files first; `sequence-conflict`: alarmed"),
        (status = 507, description = "`storage-low`", headers(("retry-after" = u64, description = "Seconds"))),
    )
)]
async fn take(State(intake): State<Intake>, peer: Peer, Cose(body): Cose) -> Result<Response, Problem> {
    let body = match body {
        Ok(body) => body,
        Err(problem) => return Err(intake.refuse(&peer, None, problem).await),
    };
    match intake.take(&peer, body.clone()).await {
        Ok(receipt) => Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], receipt).into_response()),
        Err(problem) => Err(intake.refuse(&peer, envelope::id(&body).map(hex::encode), problem).await),
    }
}

/// What is known of a request before it is stored.
enum Checked {
    /// It came before: its receipt.
    Known(Vec<u8>),
    New(RequestId, Box<Manifest>),
}

impl Intake {
    /// Takes one request of the kiosk that the certificate names; answers the receipt.
    async fn take(&self, peer: &Peer, body: Bytes) -> Result<Vec<u8>, Problem> {
        let (intake, kiosk, entry) = (self.clone(), peer.clone(), body.clone());
        let checked = tokio::task::spawn_blocking(move || intake.check(&kiosk, &entry)).await;
        let (id, manifest) = match checked.unwrap_or(Err(Problem::Failed))? {
            Checked::Known(receipt) => return Ok(receipt),
            Checked::New(id, manifest) => (id, manifest),
        };
        let key = self.inner.receipt_key.clone();
        let stored = self.write(peer, move |connection| {
            Ok(match accept(connection, id, &manifest, &body, Timestamp::now(), &key)? {
                Accepted::Receipt(receipt) => {
                    tracing::debug!(kiosk = manifest.kiosk, seq = manifest.seq, "a request was accepted");
                    Ok(receipt)
                }
                Accepted::Conflict => {
                    let place = manifest.seq.to_string();
                    alarms::raise(connection, &manifest.kiosk, manifest.epoch, Kind::Fork, &place)?;
                    Err(Problem::Conflict)
                }
            })
        });
        stored.await
    }

    /// Checks everything about a request that needs no change of the database, in the order of `docs/envelope.md`.
    fn check(&self, peer: &Peer, body: &[u8]) -> Result<Checked, Problem> {
        self.admit(peer)?;
        let sealed = Sealed::split(body).map_err(|error| refused(&error))?;
        let claimed = sealed.claimed().map_err(|error| refused(&error))?;
        if claimed.kiosk != **peer {
            return Err(Problem::OtherKiosk);
        }
        let (key, open) = {
            let store = self.reader();
            let key = store.signing_key(peer, claimed.epoch).map_err(failed)?;
            (key.ok_or(Problem::WrongEpoch)?, store.takes_epoch(peer, claimed.epoch).map_err(failed)?)
        };
        let outer = sealed.check(&key).map_err(|error| refused(&error))?;
        // Same request: the same receipt, whatever became of its epoch or its files since.
        if let Some(receipt) = self.reader().receipt_of(&sealed.id).map_err(failed)? {
            return Ok(Checked::Known(receipt));
        }
        if !open {
            return Err(Problem::WrongEpoch);
        }
        self.inner.attachments.room()?;
        // From here on none of them is swept before the request is stored.
        if !outer.attachments.iter().all(|hash| self.inner.attachments.claim(hash)) {
            return Err(Problem::AttachmentMissing);
        }
        let manifest = sealed.open(&key, &self.inner.opening_keys).map_err(|error| refused(&error))?;
        // A case number begins with its kiosk's id, so no kiosk can speak of another's case.
        let own = manifest.case_number.strip_prefix(&**peer).is_some_and(|rest| rest.starts_with('-'));
        if own { Ok(Checked::New(sealed.id, Box::new(manifest))) } else { Err(Problem::Malformed) }
    }
}
