//! The catalogue that the operator put here.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use outbox::envelope::MEDIA_TYPE;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Intake;
use super::extract::Peer;
use crate::problem::Problem;
use crate::store::catalogues;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(newest))
}

/// What `GET` reads of the headers
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "only described: the header is read by hand")]
struct CatalogueHeaders {
    /// The tag that the kiosk has.
    #[param(rename = "if-none-match")]
    if_none_match: Option<String>,
}

/// The newest catalogue
///
/// A `COSE_Sign1` by the receipt key, as in `docs/platform-api.md`. Its number only grows: a kiosk takes no smaller one.
#[utoipa::path(
    get, path = "/v1/catalogue", tag = "kiosks",
    params(CatalogueHeaders),
    responses(
        (status = 200, description = "The signed catalogue", body = Vec<u8>, content_type = "application/cose",
            headers(("etag" = String, description = "SHA-256 of the bytes"))),
        (status = 304, description = "The kiosk has it", headers(("etag" = String, description = "The same tag"))),
        (status = 404, description = "`no-catalogue`: none was put here"),
    )
)]
async fn newest(State(intake): State<Intake>, peer: Peer, headers: HeaderMap) -> Result<Response, Problem> {
    let look =
        |connection: &rusqlite::Connection| Ok(catalogues::newest(connection)?.ok_or(Problem::NoCatalogue));
    let bytes = intake.read(&peer, look).await?;
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&bytes)));
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|value| value.split(',')).map(str::trim).any(|known| known == tag);
    if known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE.to_owned()), (header::ETAG, tag)];
    Ok((headers, bytes).into_response())
}
