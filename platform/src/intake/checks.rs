//! Identity checks.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use outbox::envelope::Sealed;
use outbox::envelope::attachment::AttachmentHash;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, Json, Peer, Segment, Stop};
use super::payments::Wait;
use super::{Intake, new_name};
use crate::problem::Problem;
use crate::store::checks::{self, Asked as Wish, Check, CheckState};

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(ask)).routes(routes!(find))
}

/// A portrait that is to be compared with the case's card
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckWish {
    /// A request that this kiosk sent.
    #[schema(max_length = 64)]
    case_number: String,
    /// The name of the portrait among its attachments: SHA-256 of the sealed file.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    portrait: String,
}

/// An identity check
#[derive(Serialize, ToSchema)]
pub(super) struct IdentityCheck {
    /// Its name.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    case_number: String,
    #[schema(pattern = "^[0-9a-f]{64}$")]
    portrait: String,
    state: CheckState,
    decided_by: Option<DecidedBy>,
    /// When it was asked for: Unix seconds.
    asked: i64,
    /// When it was decided: Unix seconds.
    decided: Option<i64>,
}

/// Who decided a check
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum DecidedBy {
    Clerk,
    Matcher,
}

/// Ask whether a portrait shows the holder of the card
///
/// Pending until a clerk or the operator's matcher decides. Asking twice for one portrait is one check.
#[utoipa::path(
    post, path = "/v1/identity-checks", tag = "cases",
    request_body = CheckWish,
    responses(
        (status = 200, description = "It was asked for before", body = IdentityCheck),
        (status = 201, description = "It is recorded", body = IdentityCheck),
        (status = 404, description = "`case-unknown`; `portrait-unknown`"),
    )
)]
async fn ask(
    State(intake): State<Intake>,
    Peer(peer): Peer,
    Json(wish): Json<CheckWish>,
) -> Result<(StatusCode, Answer<IdentityCheck>), Problem> {
    let portrait = hex::decode(&wish.portrait).ok().filter(|bytes| hex::encode(bytes) == wish.portrait);
    let portrait: AttachmentHash =
        portrait.and_then(|bytes| bytes.try_into().ok()).ok_or(Problem::BadField)?;
    let (kiosk, id, case_number) = (peer.clone(), new_name()?, wish.case_number);
    let asked = intake.change(&peer, move |connection| {
        if let Err(problem) = belongs(connection, &kiosk, &case_number, &portrait)? {
            return Ok(Err(problem));
        }
        Ok(match checks::ask(connection, &kiosk, &case_number, &portrait, &id)? {
            Wish::Made(check) => Ok((StatusCode::CREATED, check)),
            Wish::There(check) => Ok((StatusCode::OK, check)),
            Wish::NoCase => Err(Problem::CaseUnknown),
        })
    });
    let (status, check) = asked.await?;
    if let Some(matcher) = intake.inner.matcher.as_ref().filter(|_| check.state == CheckState::Pending) {
        matcher.look_at(&check.id);
    }
    Ok((status, Answer(shown(check))))
}

/// Follow an identity check
///
/// Answers at once when it is no longer pending, else when that changes or the wait is over.
#[utoipa::path(
    get, path = "/v1/identity-checks/{id}", tag = "cases",
    params(("id" = String, Path, description = "The check's name"), Wait),
    responses((status = 200, body = IdentityCheck), (status = 404, description = "`check-unknown`"))
)]
async fn find(
    State(intake): State<Intake>,
    Peer(peer): Peer,
    Segment(id): Segment,
    Asked(asked): Asked<Wait>,
    stop: Stop,
) -> Result<Answer<IdentityCheck>, Problem> {
    let kiosk = peer.clone();
    let look = move |connection: &Connection| {
        Ok(checks::find_own(connection, &kiosk, &id)?.ok_or(Problem::CheckUnknown))
    };
    let enough = |check: &Check| check.state != CheckState::Pending;
    Ok(Answer(shown(intake.wait(&peer, asked.wait, stop, look, enough).await?)))
}

/// Whether a case of the kiosk has this attachment.
fn belongs(
    connection: &Connection,
    kiosk: &str,
    case_number: &str,
    portrait: &AttachmentHash,
) -> rusqlite::Result<Result<(), Problem>> {
    let Some(case) = crate::store::find_own_case(connection, kiosk, case_number)? else {
        return Ok(Err(Problem::CaseUnknown));
    };
    let entry = crate::store::entry_of(connection, &case)?;
    // The signature was checked when it was taken.
    let claimed = Sealed::split(&entry).and_then(|sealed| sealed.claimed());
    let there = claimed.is_ok_and(|outer| outer.attachments.contains(portrait));
    Ok(if there { Ok(()) } else { Err(Problem::PortraitUnknown) })
}

fn shown(check: Check) -> IdentityCheck {
    let by = |by: String| if by.starts_with("clerk") { DecidedBy::Clerk } else { DecidedBy::Matcher };
    IdentityCheck {
        id: check.id,
        case_number: check.case_number,
        portrait: hex::encode(check.portrait),
        state: check.state,
        decided_by: check.decided_by.map(by),
        asked: check.asked,
        decided: check.decided,
    }
}
