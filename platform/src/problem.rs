//! Refusals as RFC 9457 problem details.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use outbox::forward::problems;

/// Why the intake refuses. The `type` of each is stable; kiosks act on some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    UnknownKiosk,
    RevokedKiosk,
    OtherKiosk,
    MediaType,
    BrokenBody,
    TooLarge,
    Malformed,
    BadSignature,
    WrongEpoch,
    UnknownSealingKey,
    AttachmentMissing,
    WrongHash,
    /// The stored part ends at this offset.
    WrongOffset(u64),
    Conflict,
    TooSlow,
    NoSuchResource,
    NoSuchMethod,
    Failed,
}

impl Problem {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::UnknownKiosk => {
                (StatusCode::FORBIDDEN, problems::KIOSK_UNKNOWN, "This kiosk is not enrolled.")
            }
            Self::RevokedKiosk => (StatusCode::FORBIDDEN, problems::KIOSK_REVOKED, "This kiosk was revoked."),
            Self::OtherKiosk => (
                StatusCode::FORBIDDEN,
                problems::KIOSK_MISMATCH,
                "The request comes from another kiosk than its certificate.",
            ),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                problems::MEDIA_TYPE,
                "A request has the media type application/cose.",
            ),
            Self::BrokenBody => {
                (StatusCode::BAD_REQUEST, problems::BROKEN_BODY, "The request's body broke off.")
            }
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, problems::TOO_LARGE, "The request is too large.")
            }
            Self::Malformed => {
                (StatusCode::UNPROCESSABLE_ENTITY, problems::MALFORMED, "This is no valid envelope.")
            }
            Self::BadSignature => (
                StatusCode::UNPROCESSABLE_ENTITY,
                problems::BAD_SIGNATURE,
                "The signature does not verify with the kiosk's key.",
            ),
            Self::WrongEpoch => (
                StatusCode::UNPROCESSABLE_ENTITY,
                problems::WRONG_EPOCH,
                "The request belongs to another enrolment of this kiosk.",
            ),
            Self::UnknownSealingKey => (
                StatusCode::UNPROCESSABLE_ENTITY,
                problems::UNKNOWN_SEALING_KEY,
                "The request is sealed to keys that the platform does not have.",
            ),
            Self::AttachmentMissing => (
                StatusCode::CONFLICT,
                problems::ATTACHMENT_MISSING,
                "An attachment of the request has not come, or not whole.",
            ),
            Self::WrongHash => (
                StatusCode::UNPROCESSABLE_ENTITY,
                problems::WRONG_HASH,
                "The attachment's bytes are not those of its name.",
            ),
            Self::WrongOffset(_) => (
                StatusCode::RANGE_NOT_SATISFIABLE,
                problems::WRONG_OFFSET,
                "The piece does not begin where the stored part ends.",
            ),
            Self::Conflict => (
                StatusCode::CONFLICT,
                problems::SEQUENCE_CONFLICT,
                "Another request has this sequence number.",
            ),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, problems::TOO_SLOW, "The request took too long."),
            Self::NoSuchResource => {
                (StatusCode::NOT_FOUND, problems::NO_SUCH_RESOURCE, "There is no such resource.")
            }
            Self::NoSuchMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                problems::NO_SUCH_METHOD,
                "The resource does not know this method.",
            ),
            Self::Failed => (StatusCode::INTERNAL_SERVER_ERROR, problems::FAILED, "The platform failed."),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, kind, title) = self.parts();
        let body = serde_json::json!({ "type": kind, "title": title, "status": status.as_u16() });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut answer = (status, kind, body.to_string()).into_response();
        if let Self::WrongOffset(offset) = self {
            answer.headers_mut().insert(problems::UPLOAD_OFFSET, offset.into());
        }
        answer
    }
}
