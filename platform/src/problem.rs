//! Refusals as RFC 9457 problem details.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use outbox::forward::problems;
use serde::Serialize;
use utoipa::ToSchema;

/// What a kiosk is told to wait when too much is going on, in seconds. A guess.
const BUSY_SECONDS: u64 = 1;
/// What a kiosk is told to wait when there is no room for it, in seconds: it then begins with the next request, whose files may
/// be here already. A guess.
const ROOM_SECONDS: u64 = 60;

/// A refusal, RFC 9457.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemDetails {
    /// What is wrong: one of the types in `docs/platform-api.md`. Stable.
    #[schema(example = "urn:bianmin:problem:case-unknown", pattern = "^urn:bianmin:problem:[a-z-]+$")]
    r#type: &'static str,
    /// The same in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
}

macro_rules! problems {
    ($($name:ident $(($payload:ty))? = $status:ident, $kind:expr, $journalled:literal, $title:literal;)+) => {
        /// Why the platform refuses. The `type` of each is stable; kiosks act on some of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Problem { $(#[doc = $title] $name $(($payload))?,)+ }

        impl Problem {
            /// Status, type and title of every problem, in the order of the list.
            #[cfg(test)]
            pub(crate) const ALL: &[(StatusCode, &str, &str)] = &[$((StatusCode::$status, $kind, $title),)+];

            fn parts(self) -> (StatusCode, &'static str, &'static str) {
                match self { $(Self::$name { .. } => (StatusCode::$status, $kind, $title),)+ }
            }

            /// Whether the refusal goes into the journal: what an honest kiosk on a good line never causes.
            pub(crate) fn is_journalled(self) -> bool {
                match self { $(Self::$name { .. } => $journalled,)+ }
            }
        }
    };
}

problems! {
    UnknownKiosk = FORBIDDEN, problems::KIOSK_UNKNOWN, true, "This kiosk is not enrolled.";
    RevokedKiosk = FORBIDDEN, problems::KIOSK_REVOKED, true, "This kiosk was revoked.";
    OtherKiosk = FORBIDDEN, problems::KIOSK_MISMATCH, true,
        "What was sent is another kiosk's than the certificate.";
    MediaType = UNSUPPORTED_MEDIA_TYPE, problems::MEDIA_TYPE, false,
        "The body has another media type than this route takes.";
    BrokenBody = BAD_REQUEST, problems::BROKEN_BODY, false, "The request's body broke off.";
    BadJson = BAD_REQUEST, "urn:bianmin:problem:bad-json", false, "The body is no JSON.";
    BadQuery = BAD_REQUEST, "urn:bianmin:problem:bad-query", false,
        "The address has an unknown or impossible query.";
    BadField = UNPROCESSABLE_ENTITY, "urn:bianmin:problem:bad-field", false,
        "A field of the body is missing, unknown, there twice or impossible.";
    TooLarge = PAYLOAD_TOO_LARGE, problems::TOO_LARGE, true, "The request is too large.";
    Malformed = UNPROCESSABLE_ENTITY, problems::MALFORMED, true, "This is no valid envelope.";
    BadSignature = UNPROCESSABLE_ENTITY, problems::BAD_SIGNATURE, true,
        "The signature does not verify with the kiosk's key.";
    WrongEpoch = UNPROCESSABLE_ENTITY, problems::WRONG_EPOCH, true,
        "The request belongs to another enrolment of this kiosk.";
    UnknownSealingKey = UNPROCESSABLE_ENTITY, problems::UNKNOWN_SEALING_KEY, true,
        "The request is sealed to keys that the platform does not have.";
    AttachmentMissing = CONFLICT, problems::ATTACHMENT_MISSING, true,
        "An attachment of the request has not come, or not whole.";
    WrongHash = UNPROCESSABLE_ENTITY, problems::WRONG_HASH, true,
        "The attachment's bytes are not those of its name.";
    WrongOffset(u64) = RANGE_NOT_SATISFIABLE, problems::WRONG_OFFSET, false,
        "The piece does not begin where the stored part ends.";
    FilesUnclaimed = INSUFFICIENT_STORAGE, "urn:bianmin:problem:files-unclaimed", true,
        "Too many files of this kiosk wait for a request that names them.";
    StorageLow = INSUFFICIENT_STORAGE, "urn:bianmin:problem:storage-low", true, "The platform's disk is nearly full.";
    Conflict = CONFLICT, problems::SEQUENCE_CONFLICT, true, "Another request has this sequence number.";
    HeadFork = CONFLICT, problems::HEAD_FORK, true, "Under the head's place the platform knows another request.";
    HeadRollback = CONFLICT, problems::HEAD_ROLLBACK, true, "The platform knows later requests than the head.";
    HeadGap = CONFLICT, problems::HEAD_GAP, true, "Requests before the head never came and are not held.";
    HeadJournal = CONFLICT, problems::HEAD_JOURNAL, true, "The kiosk's journal became shorter, or another one.";
    CaseUnknown = NOT_FOUND, "urn:bianmin:problem:case-unknown", false, "The platform has no such case.";
    OrderUnknown = NOT_FOUND, "urn:bianmin:problem:order-unknown", false, "The case has no payment order.";
    AmountDiffers = CONFLICT, "urn:bianmin:problem:amount-differs", false,
        "The case has a payment order with another amount.";
    PaymentUnavailable = SERVICE_UNAVAILABLE, "urn:bianmin:problem:payment-unavailable", false,
        "This platform takes no payments now.";
    CallUnknown = NOT_FOUND, "urn:bianmin:problem:call-unknown", false, "There is no such call.";
    CheckUnknown = NOT_FOUND, "urn:bianmin:problem:check-unknown", false, "There is no such identity check.";
    CheckDiffers = CONFLICT, "urn:bianmin:problem:check-differs", false,
        "Another identity check was asked for under this name.";
    PortraitUnknown = NOT_FOUND, "urn:bianmin:problem:portrait-unknown", false,
        "The case has no attachment of this name.";
    SlotUnknown = NOT_FOUND, "urn:bianmin:problem:slot-unknown", false, "There is no such slot.";
    SlotFull = CONFLICT, "urn:bianmin:problem:slot-full", false, "No place is left, or the slot is over.";
    BookingDiffers = CONFLICT, "urn:bianmin:problem:booking-differs", false,
        "Another appointment was made under this name.";
    CaseBooked = CONFLICT, "urn:bianmin:problem:case-booked", false, "The case has an appointment.";
    AppointmentUnknown = NOT_FOUND, "urn:bianmin:problem:appointment-unknown", false,
        "There is no such appointment.";
    NoData = NOT_FOUND, "urn:bianmin:problem:no-data", false, "The operator has not supplied this data.";
    DataUnusable = SERVICE_UNAVAILABLE, "urn:bianmin:problem:data-unusable", false,
        "The operator's data cannot be read.";
    NoCatalogue = NOT_FOUND, "urn:bianmin:problem:no-catalogue", false, "No catalogue was put here.";
    TooOften(u64) = TOO_MANY_REQUESTS, "urn:bianmin:problem:too-often", false,
        "This kiosk asks too often, or this number is asked about too often.";
    TooSlow = REQUEST_TIMEOUT, problems::TOO_SLOW, false, "The request took too long.";
    NoSuchResource = NOT_FOUND, problems::NO_SUCH_RESOURCE, false, "There is no such resource.";
    NoSuchMethod = METHOD_NOT_ALLOWED, problems::NO_SUCH_METHOD, false,
        "The resource does not know this method.";
    Busy = SERVICE_UNAVAILABLE, "urn:bianmin:problem:busy", false, "Too much is going on: try again.";
    Failed = INTERNAL_SERVER_ERROR, problems::FAILED, false, "The platform failed.";
}

impl Problem {
    /// The stable type.
    pub(crate) fn kind(self) -> &'static str {
        self.parts().1
    }

    /// Seconds after which it is worth another try.
    fn retry_after(self) -> Option<u64> {
        if let Self::TooOften(seconds) = self {
            Some(seconds)
        } else if self == Self::FilesUnclaimed || self == Self::StorageLow {
            Some(ROOM_SECONDS)
        } else {
            (self == Self::Busy).then_some(BUSY_SECONDS)
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, kind, title) = self.parts();
        let body = ProblemDetails { r#type: kind, title, status: status.as_u16() };
        let body = serde_json::to_string(&body).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut answer = (status, kind, body).into_response();
        if let Self::WrongOffset(offset) = self {
            answer.headers_mut().insert(problems::UPLOAD_OFFSET, offset.into());
        }
        if let Some(seconds) = self.retry_after() {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_has_a_type_of_its_own_and_stands_in_the_documentation() {
        let documented = include_str!("../../docs/platform-api.md");
        let mut kinds: Vec<_> = Problem::ALL.iter().map(|(_, kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), Problem::ALL.len());
        for (status, kind, title) in Problem::ALL {
            let name = kind.strip_prefix("urn:bianmin:problem:").unwrap();
            let row = format!("| `{name}` | {} | {title} |", status.as_u16());
            assert!(documented.contains(&row), "docs/platform-api.md lacks the row:\n{row}");
        }
        let rows = documented.lines().filter(|line| line.starts_with("| `") && line.ends_with(". |")).count();
        assert_eq!(rows, Problem::ALL.len(), "docs/platform-api.md has a row too much");
    }
}
