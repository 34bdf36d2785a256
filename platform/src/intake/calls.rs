//! Calls for an attendant.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::calls::{CALL, CALLS, CallAnswer, CallState, CallWish};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Following, Json, Peer, Segment, Wait, is_made_up};
use super::shared::Intake;
use crate::limits::Asking;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::news::Topic;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(open)).routes(routes!(find, end))
}

/// Each call is kept for good: a press a visitor. A guess.
const ASKING: Asking = Asking::new("call", 120, 3600);

/// Call for an attendant
///
/// Calling twice under one name is one call.
#[utoipa::path(
    post, path = CALLS, tag = "kiosks",
    request_body = CallWish,
    responses(
        (status = 200, description = "It rings already, or has ended", body = CallAnswer),
        (status = 201, description = "It rings", body = CallAnswer),
        (status = 429, description = "`too-often`: 120 an hour by a kiosk",
            headers(("retry-after" = u64, description = "Seconds"))),
    )
)]
async fn open(
    State(intake): State<Intake>,
    peer: Peer,
    Json(wish): Json<CallWish>,
) -> Result<(StatusCode, Answer<CallAnswer>), Problem> {
    if !is_made_up(&wish.call) {
        return Err(Problem::BadField);
    }
    intake.inner.limits.kiosk(ASKING, &peer)?;
    let (made, state) = intake.change(&peer, move |store, peer| store.open_call(peer, wish.call)).await?;
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Answer(CallAnswer { state })))
}

/// Follow a call
///
/// Answers at once when it is no longer open, else when that changes or the wait is over.
#[utoipa::path(
    get, path = CALL, tag = "kiosks",
    params(("call" = String, Path, description = "The name that the kiosk made up"), Wait),
    responses((status = 200, body = CallAnswer), (status = 404, description = "`call-unknown`"))
)]
async fn find(State(intake): State<Intake>, following: Following) -> Result<Answer<CallAnswer>, Problem> {
    let look =
        |store: &Store, kiosk: &str, call: &str| store.call_state(kiosk, call)?.ok_or(Problem::CallUnknown);
    let state = intake.follow(Topic::Calls, following, look, |state| *state != CallState::Open).await?;
    Ok(Answer(CallAnswer { state }))
}

/// End a call
///
/// Taken back, or the attendant came. Ending twice changes nothing.
#[utoipa::path(
    delete, path = CALL, tag = "kiosks",
    params(("call" = String, Path, description = "The name that the kiosk made up")),
    responses((status = 204, description = "It has ended"), (status = 404, description = "`call-unknown`"))
)]
async fn end(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(call): Segment,
) -> Result<StatusCode, Problem> {
    intake.end(&peer, call, Store::end_call, Problem::CallUnknown).await
}
