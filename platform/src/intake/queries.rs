//! Questions about names and characters, answered from the operator's data.

use axum::Json as Answer;
use axum::extract::State;
use protocol::api::queries::{CHARACTER, CharacterFacts, MAX_NAME, NAME, NameCount};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Peer, Segment};
use super::shared::Intake;
use crate::limits::Asking;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(name)).routes(routes!(character))
}

/// While a name is typed; it is borne by many and names nobody. A guess.
const ASKING_NAME: Asking = Asking::new("name", 60, 60);
/// Each character of it. A guess.
const ASKING_CHARACTER: Asking = Asking::new("character", 60, 60);

/// How many people bear a name
#[utoipa::path(
    get, path = NAME, tag = "queries",
    params(("name" = String, Path, description = "1 to 64 characters", min_length = 1, max_length = 64)),
    responses(
        (status = 200, body = NameCount),
        (status = 404, description = "`no-data`: the operator has supplied none; `no-such-resource`: no name"),
        (status = 429, description = "`too-often`: 60 a minute by a kiosk",
            headers(("retry-after" = u64, description = "Seconds"))),
        (status = 503, description = "`data-unusable`"),
    )
)]
async fn name(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(name): Segment,
) -> Result<Answer<NameCount>, Problem> {
    if !(1..=MAX_NAME).contains(&name.chars().count()) {
        return Err(Problem::NoSuchResource);
    }
    answered(intake, peer, ASKING_NAME, move |intake| {
        let names = intake.inner.data.names()?;
        let count = names.counts.get(&name).copied().unwrap_or(0);
        Ok(NameCount { name, count, as_of: names.as_of.clone(), source: names.source.clone() })
    })
    .await
}

/// Whether a name may have a character
#[utoipa::path(
    get, path = CHARACTER, tag = "queries",
    params(("char" = String, Path, description = "One character", min_length = 1, max_length = 1)),
    responses(
        (status = 200, body = CharacterFacts),
        (status = 404, description = "`no-data`: the operator has supplied none; `no-such-resource`: not one character"),
        (status = 429, description = "`too-often`: 60 a minute by a kiosk",
            headers(("retry-after" = u64, description = "Seconds"))),
        (status = 503, description = "`data-unusable`"),
    )
)]
async fn character(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(text): Segment,
) -> Result<Answer<CharacterFacts>, Problem> {
    let mut characters = text.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else {
        return Err(Problem::NoSuchResource);
    };
    answered(intake, peer, ASKING_CHARACTER, move |intake| {
        let list = intake.inner.data.characters()?;
        let found = list.characters.get(&character);
        Ok(CharacterFacts {
            character: character.to_string(),
            code_point: format!("U+{:04X}", u32::from(character)),
            listed: found.is_some(),
            level: found.map(|found| found.level),
            readings: found.map(|found| found.readings.clone()).unwrap_or_default(),
            strokes: found.and_then(|found| found.strokes),
            as_of: list.as_of.clone(),
            source: list.source.clone(),
        })
    })
    .await
}

async fn answered<T: Send + 'static>(
    intake: Intake,
    peer: Peer,
    asking: Asking,
    answer: impl FnOnce(&Intake) -> Result<T, Problem> + Send + 'static,
) -> Result<Answer<T>, Problem> {
    intake.inner.limits.kiosk(asking, &peer)?;
    intake.read(&peer, |_| Ok(())).await?;
    intake.work(answer).await.map(Answer)
}
