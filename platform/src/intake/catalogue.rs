//! The catalogue that the operator put here.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use protocol::api::heartbeats::CATALOGUE;
use protocol::envelope::MEDIA_TYPE;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Peer;
use super::shared::Intake;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(newest))
}

/// The newest catalogue
///
/// Its files, signed with the receipt key, as in `docs/platform-api.md`. Its number only grows: a kiosk takes no smaller one.
/// Each heartbeat is answered with the number, so nobody has to ask here whether there is a newer one.
#[utoipa::path(
    get, path = CATALOGUE, tag = "kiosks",
    responses(
        (status = 200, description = "The signed catalogue", body = Vec<u8>, content_type = "application/cose"),
        (status = 404, description = "`no-catalogue`: none was put here"),
    )
)]
async fn newest(State(intake): State<Intake>, peer: Peer) -> Result<impl IntoResponse, Problem> {
    let bytes = intake.read(&peer, |store| store.newest_catalogue()?.ok_or(Problem::NoCatalogue)).await?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], bytes))
}
