//! Signed heads.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use protocol::api::requests::HEADS;
use protocol::envelope::head::{self, Head, MAX_HEAD};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Cose, Peer};
use super::shared::{Intake, refused};
use crate::limits::Asking;
use crate::problem::Problem;
use crate::store::alarms::Kind;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(take)).layer(DefaultBodyLimit::max(MAX_HEAD))
}

/// One after each request that was sent, and one an hour. A guess.
const ASKING: Asking = Asking::new("head", 600, 3600);

/// Take a signed head
///
/// Where a kiosk's chains stand, as in `docs/envelope.md`. A head that contradicts what came is alarmed.
#[utoipa::path(
    post, path = HEADS, tag = "requests",
    request_body(content = Vec<u8>, content_type = "application/cose"),
    responses(
        (status = 204, description = "It continues what came before"),
        (status = 409, description = "`head-fork`, `head-rollback`, `head-gap`, `head-journal`: alarmed"),
        (status = 429, description = "`too-often`: 600 an hour by a kiosk",
            headers(("retry-after" = u64, description = "Seconds"))),
    )
)]
async fn take(State(intake): State<Intake>, peer: Peer, Cose(body): Cose) -> Result<StatusCode, Problem> {
    let taken = match body {
        Ok(body) => {
            let kiosk = peer.clone();
            intake.work(move |intake| Ok(intake.take_head(&kiosk, &body))).await
        }
        Err(problem) => Err(problem),
    };
    match taken.unwrap_or_else(|problem| Err((None, problem))) {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err((subject, problem)) => Err(intake.refuse(&peer, subject, problem).await),
    }
}

impl Intake {
    /// Judges a head; a refusal comes with the place that the head claims.
    fn take_head(&self, peer: &Peer, body: &[u8]) -> Result<(), (Option<String>, Problem)> {
        let head = self.check_head(peer, body).map_err(|problem| (None, problem))?;
        let place = format!("{}/{}", head.epoch, head.seq);
        let digest = Sha256::digest(body).into();
        let wrong = match self.inner.store.take_head(peer, head, digest, body.to_vec()) {
            Ok(None) => return Ok(()),
            Ok(Some(Kind::Fork)) => Problem::HeadFork,
            Ok(Some(Kind::Rollback)) => Problem::HeadRollback,
            Ok(Some(Kind::Gap)) => Problem::HeadGap,
            Ok(Some(Kind::Journal)) => Problem::HeadJournal,
            Err(denied) => denied.into(),
        };
        Err((Some(place), wrong))
    }

    fn check_head(&self, peer: &Peer, body: &[u8]) -> Result<Head, Problem> {
        let store = &self.inner.store;
        store.admit(peer)?;
        self.inner.limits.kiosk(ASKING, peer)?;
        let claimed = head::claimed(body).map_err(|error| refused(&error))?;
        if claimed.kiosk != **peer {
            return Err(Problem::OtherKiosk);
        }
        let key = store.signing_key(peer, claimed.epoch)?.ok_or(Problem::WrongEpoch)?;
        head::verify(body, &key).map_err(|error| refused(&error))
    }
}
