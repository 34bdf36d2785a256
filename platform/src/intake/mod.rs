//! The routes for kiosks, and what they refuse. The shapes are those of [`protocol::api`]; with each route they stand in
//! `GET /openapi.json`, which is made from them; in words: `docs/platform-api.md`.
//!
//! | module          | routes                                                                |
//! |-----------------|-----------------------------------------------------------------------|
//! | `entries`       | `POST /v1/entries`: a sealed request, answered with a signed receipt  |
//! | `attachments`   | `HEAD`, `PUT /v1/attachments/{hash}`: its sealed files, in pieces     |
//! | `heads`         | `POST /v1/heads`: where the kiosk's chains stand                      |
//! | `payments`      | `GET`, `PUT /v1/cases/{case_number}/payment-order`                    |
//! | `progress`      | `GET /v1/cases/{case_number}/progress`                                |
//! | `checks`        | `/v1/identity-checks`, of a request and before one                    |
//! | `appointments`  | `/v1/appointments`                                                    |
//! | `calls`         | `/v1/attendant-calls`                                                 |
//! | `heartbeats`    | `POST /v1/heartbeats`                                                 |
//! | `queries`       | `/v1/names`, `/v1/characters`: what the operator's data says          |
//! | `catalogue`     | `GET /v1/catalogue`                                                   |
//! | `openapi`       | `GET /openapi.json`, `GET /v1/health`                                 |
//!
//! What they share stands in `shared`, what they take out of a request in `extract`.

mod appointments;
mod attachments;
mod calls;
mod catalogue;
mod checks;
mod entries;
pub(crate) mod extract;
mod heads;
mod heartbeats;
mod openapi;
mod payments;
mod progress;
mod queries;
mod shared;

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use utoipa_axum::router::OpenApiRouter;

pub use shared::Intake;

use crate::problem::Problem;

/// Longest request from its header to its answer: 256 KB on a line of 100 kbit/s take 21 s, the longest wait that a kiosk
/// may ask for is 30 s. A guess.
pub(crate) const REQUEST: Duration = Duration::from_secs(40);
/// Largest JSON body: a heartbeat of a machine with 64 devices. A guess.
const MAX_JSON: usize = 64 * 1024;

/// The routes over an opened intake. They need [`PeerKiosk`](crate::tls::PeerKiosk) as an extension.
pub fn router(intake: Intake) -> Router {
    let (router, document) = routes().split_for_parts();
    router
        .layer(Extension(openapi::finish(document)))
        .fallback(|| async { Problem::NoSuchResource })
        .method_not_allowed_fallback(|| async { Problem::NoSuchMethod })
        .layer(middleware::from_fn(in_time))
        .with_state(intake)
}

/// Every route with its description.
fn routes() -> OpenApiRouter<Intake> {
    let json = OpenApiRouter::with_openapi(openapi::frame())
        .merge(payments::routes())
        .merge(progress::routes())
        .merge(checks::routes())
        .merge(appointments::routes())
        .merge(calls::routes())
        .merge(heartbeats::routes())
        .merge(queries::routes())
        .merge(catalogue::routes())
        .merge(openapi::routes())
        .layer(DefaultBodyLimit::max(MAX_JSON));
    json.merge(entries::routes()).merge(attachments::routes()).merge(heads::routes())
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::TooSlow.into_response(),
    }
}
