//! Signed heads.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use protocol::api::requests::HEADS;
use protocol::envelope::RequestId;
use protocol::envelope::head::{self, Head, MAX_HEAD};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Cose, Peer};
use super::{Intake, failed, refused};
use crate::limits::Asking;
use crate::problem::Problem;
use crate::store::alarms::Kind;
use crate::store::heads;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(take)).layer(DefaultBodyLimit::max(MAX_HEAD))
}

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
        Ok(body) => intake.take_head(&peer, body).await,
        Err(problem) => Err((None, problem)),
    };
    match taken {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err((subject, problem)) => Err(intake.refuse(&peer, subject, problem).await),
    }
}

impl Intake {
    /// Judges a head; a refusal comes with the place that the head claims.
    async fn take_head(&self, peer: &Peer, body: Bytes) -> Result<(), (Option<String>, Problem)> {
        let (intake, kiosk, bytes) = (self.clone(), peer.clone(), body.clone());
        let checked = tokio::task::spawn_blocking(move || intake.check_head(&kiosk, &bytes)).await;
        let head = checked.unwrap_or(Err(Problem::Failed)).map_err(|problem| (None, problem))?;
        let place = format!("{}/{}", head.epoch, head.seq);
        let digest: RequestId = Sha256::digest(&body).into();
        let judged = self.write(peer, move |connection| {
            // A refusal is an answer, not an error of the database: its alarm must be kept.
            Ok(Ok(heads::take(connection, &head, &digest, &body)?))
        });
        let wrong = match judged.await {
            Ok(None) => return Ok(()),
            Ok(Some(Kind::Fork)) => Problem::HeadFork,
            Ok(Some(Kind::Rollback)) => Problem::HeadRollback,
            Ok(Some(Kind::Gap)) => Problem::HeadGap,
            Ok(Some(Kind::Journal)) => Problem::HeadJournal,
            Err(problem) => problem,
        };
        Err((Some(place), wrong))
    }

    fn check_head(&self, peer: &Peer, body: &[u8]) -> Result<Head, Problem> {
        self.admit(peer)?;
        self.inner.limits.kiosk(Asking::Head, peer)?;
        let claimed = head::claimed(body).map_err(|error| refused(&error))?;
        if claimed.kiosk != **peer {
            return Err(Problem::OtherKiosk);
        }
        let key = self.reader().signing_key(peer, claimed.epoch).map_err(failed)?;
        head::verify(body, &key.ok_or(Problem::WrongEpoch)?).map_err(|error| refused(&error))
    }
}
