//! How far a case is.

use axum::Json as Answer;
use axum::extract::State;
use protocol::api::progress::{PROGRESS, Progress, ProgressStep};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Peer, Segment};
use super::shared::Intake;
use crate::limits::Asking;
use crate::problem::Problem;
use crate::store::progress;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(find))
}

/// A person types a number in five seconds and looks at the answer; nobody needs to know oftener how far a case is. Guesses.
const ASKING: Asking = Asking::new("progress", 30, 60).and_by_number(10, 600);

/// What became of a case
///
/// Any kiosk may ask for any case: a citizen comes back to another hall. The answer holds nothing about the person.
#[utoipa::path(
    get, path = PROGRESS, tag = "cases",
    params(("case_number" = String, Path, description = "Case number or acceptance number")),
    responses(
        (status = 200, body = Progress),
        (status = 404, description = "`case-unknown`"),
        (status = 429, description = "`too-often`: 30 a minute by a kiosk, 10 in ten minutes about a number",
            headers(("retry-after" = u64, description = "Seconds"))),
    )
)]
async fn find(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(name): Segment,
) -> Result<Answer<Progress>, Problem> {
    intake.inner.limits.kiosk(ASKING, &peer)?;
    intake.inner.limits.number(ASKING, &name)?;
    let found = intake.read(&peer, move |store| {
        let case = store.case(&name)?.ok_or(Problem::CaseUnknown)?;
        let timeline = store.progress(&case)?;
        Ok((case, timeline))
    });
    let (case, timeline) = found.await?;
    let step = |step: progress::Step| ProgressStep { state: step.state, at: step.at, note: step.note };
    Ok(Answer(Progress {
        case_number: case.case_number,
        acceptance_number: case.acceptance_number,
        matter: case.matter,
        timeline: timeline.into_iter().map(step).collect(),
    }))
}
