//! Questions about names and characters, answered from the operator's data.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
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
const NAME: Asking = Asking::new("name", 60, 60);
/// Each character of it. A guess.
const CHARACTER: Asking = Asking::new("character", 60, 60);

/// Longest name, in characters: the card has room for 35.
const MAX_NAME: usize = 64;

/// How many people bear a name
#[derive(Serialize, ToSchema)]
pub(super) struct NameCount {
    name: String,
    /// People in the operator's data; 0 when the name is not in it.
    count: u64,
    /// The day of the data.
    as_of: String,
    /// Where the data comes from.
    source: String,
}

/// A character and whether a name may have it
#[derive(Serialize, ToSchema)]
pub(super) struct CharacterFacts {
    character: String,
    /// Such as `U+4FBF`.
    #[schema(pattern = "^U\\+[0-9A-F]{4,6}$")]
    code_point: String,
    /// Whether the operator's list has it.
    listed: bool,
    /// Level in the list; null when it is not listed.
    level: Option<u8>,
    /// Readings in pinyin.
    readings: Vec<String>,
    /// Strokes, when the list says so.
    strokes: Option<u8>,
    /// The day of the data.
    as_of: String,
    /// Where the data comes from.
    source: String,
}

/// How many people bear a name
#[utoipa::path(
    get, path = "/v1/names/{name}/count", tag = "queries",
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
    answered(intake, peer, NAME, move |intake| {
        let names = intake.inner.data.names()?;
        let count = names.counts.get(&name).copied().unwrap_or(0);
        Ok(NameCount { name, count, as_of: names.as_of.clone(), source: names.source.clone() })
    })
    .await
}

/// Whether a name may have a character
#[utoipa::path(
    get, path = "/v1/characters/{char}", tag = "queries",
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
    answered(intake, peer, CHARACTER, move |intake| {
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
