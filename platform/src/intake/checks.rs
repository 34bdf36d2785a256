//! Identity checks: of a request that came, and before there is one.

use axum::Json as Answer;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use protocol::api::checks::{CHECK, CHECKS, CheckState, CheckWish, DecidedBy, IdentityCheck};
use protocol::envelope::check::{self, MAX_CHECK};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Cose, Following, Json, Peer, Segment, is_made_up};
use super::shared::{Intake, new_name, refused};
use crate::attachments::file_hash;
use crate::limits::Asking;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::checks::{Asked, Check, Early};
use crate::store::news::Topic;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new()
        .routes(routes!(ask))
        .routes(routes!(find, ask_early, end))
        .layer(DefaultBodyLimit::max(MAX_CHECK))
}

/// Two visitors in a row who each try a few times; who is not recognised five times goes to the counter. Guesses.
const ASKING: Asking = Asking::new("check", 8, 600).and_by_number(5, 3600);

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
    let id = new_name()?;
    let asked =
        intake.change(&peer, move |store, peer| store.ask_check(peer, wish.case_number, portrait, id));
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
        Ok(body) => {
            let (peer, id) = (peer.clone(), id.clone());
            intake.work(move |intake| intake.ask_early(&peer, id, &body)).await
        }
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
    let look =
        |store: &Store, kiosk: &str, id: &str| store.own_check(kiosk, id)?.ok_or(Problem::CheckUnknown);
    let enough = |check: &Check| check.state != CheckState::Pending;
    Ok(Answer(shown(intake.follow(Topic::Checks, following, look, enough).await?)))
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
    intake.end(&peer, id, Store::end_check, Problem::CheckUnknown).await
}

impl Intake {
    /// Opens and verifies a check before a request, and keeps it as it came.
    fn ask_early(&self, peer: &Peer, id: String, sealed: &[u8]) -> Result<Asked, Problem> {
        let store = &self.inner.store;
        store.admit(peer)?;
        let digest: [u8; 32] = Sha256::digest(sealed).into();
        // An answer that was lost is asked for again: that is no second question.
        if let Some(check) = store.early_check(peer, &id, &digest)? {
            return Ok(Asked::There(check));
        }
        let epoch = store.kiosk(peer)?.ok_or(Problem::UnknownKiosk)?.epoch;
        let key = store.signing_key(peer, epoch)?.ok_or(Problem::WrongEpoch)?;
        self.inner.limits.kiosk(ASKING, peer)?;
        let question =
            check::open(sealed, &key, &self.inner.opening_keys).map_err(|error| refused(&error))?;
        if question.kiosk != **peer {
            return Err(Problem::OtherKiosk);
        }
        if hex::encode(question.check) != id {
            return Err(Problem::Malformed);
        }
        self.inner.limits.number(ASKING, &question.number)?;
        Ok(store.ask_early_check(peer, Early { epoch, id, digest, sealed: sealed.to_vec() })?)
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
            Asked::NoCase => return Err(Problem::CaseUnknown),
            Asked::NoPortrait => return Err(Problem::PortraitUnknown),
        };
        Ok((status, Answer(shown(check))))
    }
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
