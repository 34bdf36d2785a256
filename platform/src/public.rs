//! The public listener: plain server-side TLS, for clerks' browsers and for the page a payment QR leads to.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::clerk::{self, Desk, layout, refused::Refused};
use crate::error::PlatformError;
use crate::pay;
use crate::tls::{self, Server};

/// Longest request from its header to its answer: sixteen pages of 8 MB are opened for one. A guess.
const REQUEST: Duration = Duration::from_secs(30);

/// Serves the clerks' pages and the pay page until [`Server::shutdown`]. `state` is the folder that `init` filled; the
/// certificate is the one that kiosks see.
///
/// Needs a running tokio runtime.
///
/// # Errors
/// [`PlatformError`] when the folder lacks a key or a database does not open.
pub fn serve(state: &Path, listener: TcpListener) -> Result<Server, PlatformError> {
    tls::serve_public(state, listener, router(Desk::open(state)?))
}

/// All routes, with the headers that every answer carries.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/clerk") }))
        .route(layout::STYLE_PATH, get(layout::style))
        .merge(clerk::router(desk.clone()))
        .merge(pay::router(desk))
        .fallback(|| async { Refused::NotFound })
        .method_not_allowed_fallback(|| async { Refused::NotFound })
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn(layout::protected))
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Refused::Failed).into_response(),
    }
}
