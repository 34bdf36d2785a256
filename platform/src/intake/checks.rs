//! Identity checks: of a request that came, and before there is one.

use axum::Json as Answer;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use protocol::api::checks::{CHECK, CHECKS, CheckState, CheckWish, DecidedBy, IdentityCheck};
use protocol::envelope::check::{self, MAX_CHECK};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Cose, Following, Json, Peer, Segment, is_made_up};
use super::{Intake, failed, new_name, refused};
use crate::attachments::file_hash;
use crate::limits::Asking;
use crate::problem::Problem;
use crate::store::checks::{self, Asked, Check, Early};
use crate::store::{find_own_case, names_file, now};

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new()
        .routes(routes!(ask))
        .routes(routes!(find, ask_early, end))
        .layer(DefaultBodyLimit::max(MAX_CHECK))
}

/// Ask whether a portrait shows the holder of the card
///
/// Pending until a clerk or the operator's matcher decides. Asking twice for one portrait is one check.
#[utoipa::path(
    post, path = CHECKS, tag = "cases",
    request_body = CheckWish,
    responses(
        (status = 200, description = "It was asked for before", body = IdentityCheck),
        (status = 201, description = "It is recorded", body = IdentityCheck),
        (status = 404, description = "`case-unknown`; `portrait-unknown`"),
    )
)]
async fn ask(
    State(intake): State<Intake>,
    peer: Peer,
    Json(wish): Json<CheckWish>,
) -> Result<(StatusCode, Answer<IdentityCheck>), Problem> {
    let portrait = file_hash(&wish.portrait).ok_or(Problem::BadField)?;
    let (kiosk, id, case_number) = (peer.clone(), new_name()?, wish.case_number);
    let asked = intake.change(&peer, move |connection| {
        let Some(case) = find_own_case(connection, &kiosk, &case_number)? else {
            return Ok(Err(Problem::CaseUnknown));
        };
        if !names_file(connection, &portrait, Some(case.number))? {
            return Ok(Err(Problem::PortraitUnknown));
        }
        checks::ask(connection, case.number, &portrait, &id).map(Ok)
    });
    intake.recorded(asked.await?)
}

/// Ask who stands before the machine, before anything is submitted
///
/// The body is an identity check as in `docs/platform-api.md`: number and name as typed, and a portrait, sealed to the platform. It
/// is pending until a clerk or the operator's matcher decides, for 15 minutes at most, and is erased ten minutes after the
/// decision. The same bytes under the same name are one check.
#[utoipa::path(
    put, path = CHECK, tag = "cases",
    params(("id" = String, Path, description = "The name that the kiosk made up, 32 small hex digits", pattern = "^[0-9a-f]{32}$")),
    request_body(content = Vec<u8>, content_type = "application/cose"),
    responses(
        (status = 200, description = "It was asked for before", body = IdentityCheck),
        (status = 201, description = "It is recorded", body = IdentityCheck),
        (status = 404, description = "`no-such-resource`: this is no name"),
        (status = 409, description = "`check-differs`"),
        (status = 429, description = "`too-often`: 8 in ten minutes by a kiosk, 5 an hour about a number",
            headers(("retry-after" = u64, description = "Seconds"))),
    )
)]
async fn ask_early(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(id): Segment,
    Cose(body): Cose,
) -> Result<(StatusCode, Answer<IdentityCheck>), Problem> {
    if !is_made_up(&id) {
        return Err(Problem::NoSuchResource);
    }
    let asked = match body {
        Ok(body) => intake.ask_early(&peer, &id, body).await,
        Err(problem) => Err(problem),
    };
    match asked {
        Ok(asked) => intake.recorded(asked),
        Err(problem) => Err(intake.refuse(&peer, Some(id), problem).await),
    }
}

/// Follow an identity check
///
/// Answers at once when it is no longer pending, else when that changes or the wait is over.
#[utoipa::path(
    get, path = CHECK, tag = "cases",
    params(("id" = String, Path, description = "The check's name"), super::extract::Wait),
    responses((status = 200, body = IdentityCheck), (status = 404, description = "`check-unknown`"))
)]
async fn find(State(intake): State<Intake>, following: Following) -> Result<Answer<IdentityCheck>, Problem> {
    let look = |connection: &Connection, kiosk: &str, id: &str| {
        Ok(checks::find_own(connection, kiosk, id)?.ok_or(Problem::CheckUnknown))
    };
    let enough = |check: &Check| check.state != CheckState::Pending;
    Ok(Answer(shown(intake.follow(following, look, enough).await?)))
}

/// Take an identity check back
///
/// Only one before a request: the citizen went away. What was sent is erased now. Twice changes nothing.
#[utoipa::path(
    delete, path = CHECK, tag = "cases",
    params(("id" = String, Path, description = "The check's name")),
    responses((status = 204, description = "It has ended"), (status = 404, description = "`check-unknown`"))
)]
async fn end(State(intake): State<Intake>, peer: Peer, Segment(id): Segment) -> Result<StatusCode, Problem> {
    intake.end(&peer, id, checks::end, Problem::CheckUnknown).await
}

impl Intake {
    /// Opens and verifies a check before a request, and keeps it as it came.
    async fn ask_early(&self, peer: &Peer, id: &str, body: Bytes) -> Result<Asked, Problem> {
        let digest: [u8; 32] = Sha256::digest(&body).into();
        let (intake, kiosk, name, sealed) = (self.clone(), peer.clone(), id.to_owned(), body.clone());
        let checked =
            tokio::task::spawn_blocking(move || intake.check_early(&kiosk, &name, &digest, &sealed));
        let epoch = match checked.await.unwrap_or(Err(Problem::Failed))? {
            Checked::Known(check) => return Ok(Asked::There(*check)),
            Checked::New { epoch } => epoch,
        };
        let (kiosk, id) = (peer.clone(), id.to_owned());
        let kept = self.write(peer, move |connection| {
            let early = Early { kiosk: &kiosk, epoch, id: &id, digest, sealed: &body };
            checks::ask_early(connection, &early, now()).map(Ok)
        });
        kept.await
    }

    fn check_early(
        &self,
        peer: &Peer,
        id: &str,
        digest: &[u8; 32],
        sealed: &[u8],
    ) -> Result<Checked, Problem> {
        self.admit(peer)?;
        let (epoch, key) = {
            let store = self.reader();
            // An answer that was lost is asked for again: that is no second question.
            let known = checks::find_early(store.reading(), peer, id, digest).map_err(failed)?;
            if let Some(check) = known {
                return Ok(Checked::Known(Box::new(check)));
            }
            let epoch = store.kiosk(peer).map_err(failed)?.ok_or(Problem::UnknownKiosk)?.epoch;
            (epoch, store.signing_key(peer, epoch).map_err(failed)?.ok_or(Problem::WrongEpoch)?)
        };
        self.inner.limits.kiosk(Asking::Check, peer)?;
        let question =
            check::open(sealed, &key, &self.inner.opening_keys).map_err(|error| refused(&error))?;
        if question.kiosk != **peer {
            return Err(Problem::OtherKiosk);
        }
        if hex::encode(question.check) != id {
            return Err(Problem::Malformed);
        }
        self.inner.limits.number(Asking::Check, &question.number)?;
        Ok(Checked::New { epoch })
    }

    /// Answers a wish for a check; the matcher looks at a new one.
    fn recorded(&self, asked: Asked) -> Result<(StatusCode, Answer<IdentityCheck>), Problem> {
        let (status, check) = match asked {
            Asked::Made(check) => {
                if let Some(matcher) = &self.inner.matcher {
                    matcher.look_at(&check.id);
                }
                (StatusCode::CREATED, check)
            }
            Asked::There(check) => (StatusCode::OK, check),
            Asked::Other => return Err(Problem::CheckDiffers),
        };
        Ok((status, Answer(shown(check))))
    }
}

/// What is known of a check before it is kept.
enum Checked {
    Known(Box<Check>),
    New { epoch: u32 },
}

fn shown(check: Check) -> IdentityCheck {
    let by = |by: String| if by.starts_with("clerk") { DecidedBy::Clerk } else { DecidedBy::Matcher };
    let (case_number, portrait) =
        check.case.map(|case| (case.case_number, hex::encode(case.portrait))).unzip();
    IdentityCheck {
        id: check.id,
        case_number,
        portrait,
        state: check.state,
        decided_by: check.decided_by.map(by),
        asked: check.asked,
        decided: check.decided,
        kept_until: check.kept_until,
    }
}
