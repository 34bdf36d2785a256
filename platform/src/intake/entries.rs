//! Sealed requests.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use protocol::api::requests::ENTRIES;
use protocol::envelope::{self, MAX_ENVELOPE, MEDIA_TYPE, Sealed};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Cose, Peer};
use super::shared::{Intake, refused};
use crate::problem::Problem;
use crate::store::requests::Accepted;

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
    let (kiosk, entry) = (peer.clone(), body.clone());
    match intake.work(move |intake| intake.take(&kiosk, &entry)).await {
        Ok(receipt) => Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], receipt).into_response()),
        Err(problem) => Err(intake.refuse(&peer, envelope::id(&body).map(hex::encode), problem).await),
    }
}

impl Intake {
    /// Takes one request of the kiosk that the certificate names, when all of it is as `docs/envelope.md` says, in its order;
    /// gives the receipt.
    fn take(&self, peer: &Peer, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let store = &self.inner.store;
        store.admit(peer)?;
        let sealed = Sealed::split(body).map_err(|error| refused(&error))?;
        let claimed = sealed.claimed().map_err(|error| refused(&error))?;
        if claimed.kiosk != **peer {
            return Err(Problem::OtherKiosk);
        }
        let key = store.signing_key(peer, claimed.epoch)?.ok_or(Problem::WrongEpoch)?;
        let open = store.takes_epoch(peer, claimed.epoch)?;
        let outer = sealed.check(&key).map_err(|error| refused(&error))?;
        // Same request: the same receipt, whatever became of its epoch or its files since.
        if let Some(receipt) = store.receipt_of(&sealed.id)? {
            return Ok(receipt);
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
        if !own {
            return Err(Problem::Malformed);
        }
        let key = self.inner.receipt_key.clone();
        match store.accept(peer, sealed.id, manifest, body.to_vec(), key)? {
            Accepted::Receipt(receipt) => Ok(receipt),
            Accepted::Conflict => Err(Problem::Conflict),
        }
    }
}
