//! Sealed files of requests.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::api::requests::{ATTACHMENT, UPLOAD_COMPLETE, UPLOAD_OFFSET};
use protocol::envelope::attachment::{AttachmentHash, MAX_SEALED_ATTACHMENT};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Peer, Segment, broken};
use super::shared::Intake;
use crate::attachments::{Held, Piece, file_hash};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(held, put)).layer(DefaultBodyLimit::max(MAX_SEALED_ATTACHMENT))
}

/// What `PUT` reads of the headers
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "only described: the header is read by hand")]
struct PieceHeaders {
    /// Where the piece belongs; absent for a whole file.
    #[param(rename = "content-range", pattern = "^bytes [0-9]+-[0-9]+/[0-9]+$")]
    content_range: Option<String>,
}

/// How much of a file is there
#[utoipa::path(
    head, path = ATTACHMENT, tag = "requests",
    params(("hash" = String, Path, description = "SHA-256 of the sealed file", pattern = "^[0-9a-f]{64}$")),
    responses(
        (status = 200, description = "All of it, or a part", headers(
            ("upload-offset" = u64, description = "Bytes that are there"),
            ("upload-complete" = String, description = "`?1` when the file is whole, else `?0`"))),
        (status = 404, description = "Nothing of it; no body"),
    )
)]
async fn held(State(intake): State<Intake>, peer: Peer, Segment(hash): Segment) -> Result<Response, Problem> {
    let hash = file_name(&hash)?;
    let held = intake.work(move |intake| {
        intake.inner.store.admit(&peer)?;
        Ok(intake.inner.attachments.held(&peer, &hash))
    });
    let held = held.await?;
    let status = if held == Held::Part(0) { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok(told(status, held))
}

/// Send a file, or a piece of it
///
/// With `Content-Range: bytes 0-524287/1500000` a piece, without it the whole file. A piece that breaks off is not kept;
/// the sender goes on at the offset. Sending what is there changes nothing.
#[utoipa::path(
    put, path = ATTACHMENT, tag = "requests",
    params(
        ("hash" = String, Path, description = "SHA-256 of the sealed file", pattern = "^[0-9a-f]{64}$"),
        PieceHeaders,
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "The file was there", headers(
            ("upload-offset" = u64, description = "Bytes that are there"),
            ("upload-complete" = String, description = "`?1`"))),
        (status = 201, description = "The file is whole now", headers(
            ("upload-offset" = u64, description = "Bytes that are there"),
            ("upload-complete" = String, description = "`?1`"))),
        (status = 202, description = "The piece is kept", headers(
            ("upload-offset" = u64, description = "Bytes that are there"),
            ("upload-complete" = String, description = "`?0`"))),
        (status = 404, description = "`no-such-resource`: the name is no SHA-256"),
        (status = 416, description = "`wrong-offset`: go on at `upload-offset`", headers(
            ("upload-offset" = u64, description = "Bytes that are there"))),
        (status = 507, description = "`files-unclaimed`; `storage-low`", headers(
            ("retry-after" = u64, description = "Seconds"))),
    )
)]
async fn put(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(name): Segment,
    request: Request,
) -> Result<Response, Problem> {
    let hash = file_name(&name)?;
    // Before a byte of the body is read: this bounds the memory.
    let _place = intake.inner.uploads.try_acquire().map_err(|_| Problem::Busy)?;
    let range = request.headers().get(header::CONTENT_RANGE);
    let range = range.map(|range| range.to_str().unwrap_or_default().to_owned());
    let kept = match Bytes::from_request(request, &()).await {
        Ok(body) => keep(&intake, &peer, hash, range.as_deref(), body).await,
        Err(rejection) => Err(broken(&rejection)),
    };
    let (status, held) = match kept {
        Ok((held @ Held::Whole(_), true)) => (StatusCode::CREATED, held),
        Ok((held @ Held::Whole(_), false)) => (StatusCode::OK, held),
        Ok((held @ Held::Part(_), _)) => (StatusCode::ACCEPTED, held),
        Err(problem) => return Err(intake.refuse(&peer, Some(name), problem).await),
    };
    Ok(told(status, held))
}

async fn keep(
    intake: &Intake,
    peer: &Peer,
    hash: AttachmentHash,
    range: Option<&str>,
    body: Bytes,
) -> Result<(Held, bool), Problem> {
    let piece = Piece::read(range, body.len() as u64).ok_or(Problem::BrokenBody)?;
    if piece.total > MAX_SEALED_ATTACHMENT as u64 {
        return Err(Problem::TooLarge);
    }
    let peer = peer.clone();
    let kept = intake.work(move |intake| {
        if !intake.inner.store.begin_upload(&peer, hash, piece.total)? {
            return Err(Problem::FilesUnclaimed);
        }
        intake.inner.attachments.put(&peer, &hash, piece, &body)
    });
    kept.await
}

fn told(status: StatusCode, held: Held) -> Response {
    let (offset, complete) = match held {
        Held::Whole(bytes) => (bytes, "?1"),
        Held::Part(bytes) => (bytes, "?0"),
    };
    (status, [(UPLOAD_OFFSET, offset.to_string()), (UPLOAD_COMPLETE, complete.to_owned())]).into_response()
}

fn file_name(name: &str) -> Result<AttachmentHash, Problem> {
    file_hash(name).ok_or(Problem::NoSuchResource)
}
