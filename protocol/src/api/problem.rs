//! Refusals as RFC 9457 problem details. The types are stable: kiosks act on some of them, and `kiosk queue list` shows
//! them to staff.

use serde::{Deserialize, Serialize};

/// What a kiosk is told to wait when too much is going on, in seconds. A guess.
const BUSY_SECONDS: u64 = 1;
/// What a kiosk is told to wait when there is no room for it, in seconds: it then begins with the next request, whose files may
/// be here already. A guess.
const ROOM_SECONDS: u64 = 60;

/// A refusal, RFC 9457.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemDetails {
    /// What is wrong: one of the types in `docs/platform-api.md`. Stable.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "urn:bianmin:problem:case-unknown", pattern = "^urn:bianmin:problem:[a-z-]+$")
    )]
    pub r#type: String,
    /// The same in words.
    pub title: String,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schema(minimum = 400, maximum = 599))]
    pub status: u16,
}

macro_rules! problems {
    ($($variant:ident $(($payload:ty))? = $status:literal, $name:literal, $journalled:literal, $title:literal;)+) => {
        /// Why the platform refuses. The `type` of each is stable; kiosks act on some of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Problem { $(#[doc = $title] $variant $(($payload))?,)+ }

        impl Problem {
            /// Every problem, in the order of the list.
            pub const ALL: &[Problem] = &[$(Problem::$variant $((<$payload>::MIN))?,)+];

            fn parts(self) -> (u16, &'static str, &'static str) {
                match self {
                    $(Self::$variant { .. } => ($status, concat!("urn:bianmin:problem:", $name), $title),)+
                }
            }

            /// Whether the refusal goes into the platform's journal: what an honest kiosk on a good line never causes.
            pub fn is_journalled(self) -> bool {
                match self { $(Self::$variant { .. } => $journalled,)+ }
            }
        }
    };
}

problems! {
    UnknownKiosk = 403, "kiosk-unknown", true, "This kiosk is not enrolled.";
    RevokedKiosk = 403, "kiosk-revoked", true, "This kiosk was revoked.";
    OtherKiosk = 403, "kiosk-mismatch", true, "What was sent is another kiosk's than the certificate.";
    MediaType = 415, "media-type", false, "The body has another media type than this route takes.";
    BrokenBody = 400, "broken-body", false, "The request's body broke off.";
    BadJson = 400, "bad-json", false, "The body is no JSON.";
    BadQuery = 400, "bad-query", false, "The address has an unknown or impossible query.";
    BadField = 422, "bad-field", false, "A field of the body is missing, unknown, there twice or impossible.";
    TooLarge = 413, "too-large", true, "The request is too large.";
    Malformed = 422, "malformed", true, "This is no valid envelope.";
    BadSignature = 422, "bad-signature", true, "The signature does not verify with the kiosk's key.";
    WrongEpoch = 422, "wrong-epoch", true, "The request belongs to another enrolment of this kiosk.";
    UnknownSealingKey = 422, "unknown-sealing-key", true,
        "The request is sealed to keys that the platform does not have.";
    AttachmentMissing = 409, "attachment-missing", true, "An attachment of the request has not come, or not whole.";
    WrongHash = 422, "wrong-hash", true, "The attachment's bytes are not those of its name.";
    WrongOffset(u64) = 416, "wrong-offset", false, "The piece does not begin where the stored part ends.";
    FilesUnclaimed = 507, "files-unclaimed", true,
        "Too many files of this kiosk wait for a request that names them.";
    StorageLow = 507, "storage-low", true, "The platform's disk is nearly full.";
    Conflict = 409, "sequence-conflict", true, "Another request has this sequence number.";
    HeadFork = 409, "head-fork", true, "Under the head's place the platform knows another request.";
    HeadRollback = 409, "head-rollback", true, "The platform knows later requests than the head.";
    HeadGap = 409, "head-gap", true, "Requests before the head never came and are not held.";
    HeadJournal = 409, "head-journal", true, "The kiosk's journal became shorter, or another one.";
    CaseUnknown = 404, "case-unknown", false, "The platform has no such case.";
    OrderUnknown = 404, "order-unknown", false, "The case has no payment order.";
    AmountDiffers = 409, "amount-differs", false, "The case has a payment order with another amount.";
    PaymentUnavailable = 503, "payment-unavailable", false, "This platform takes no payments now.";
    CallUnknown = 404, "call-unknown", false, "There is no such call.";
    CheckUnknown = 404, "check-unknown", false, "There is no such identity check.";
    CheckDiffers = 409, "check-differs", false, "Another identity check was asked for under this name.";
    PortraitUnknown = 404, "portrait-unknown", false, "The case has no attachment of this name.";
    SlotUnknown = 404, "slot-unknown", false, "There is no such slot.";
    SlotFull = 409, "slot-full", false, "No place is left, or the slot is over.";
    BookingDiffers = 409, "booking-differs", false, "Another appointment was made under this name.";
    CaseBooked = 409, "case-booked", false, "The case has an appointment.";
    AppointmentUnknown = 404, "appointment-unknown", false, "There is no such appointment.";
    NoData = 404, "no-data", false, "The operator has not supplied this data.";
    DataUnusable = 503, "data-unusable", false, "The operator's data cannot be read.";
    NoCatalogue = 404, "no-catalogue", false, "No catalogue was put here.";
    TooOften(u64) = 429, "too-often", false,
        "This kiosk asks too often, or this number is asked about too often.";
    TooSlow = 408, "too-slow", false, "The request took too long.";
    NoSuchResource = 404, "no-such-resource", false, "There is no such resource.";
    NoSuchMethod = 405, "no-such-method", false, "The resource does not know this method.";
    Busy = 503, "busy", false, "Too much is going on: try again.";
    Failed = 500, "failed", false, "The platform failed.";
}

impl Problem {
    /// The stable type.
    pub fn kind(self) -> &'static str {
        self.parts().1
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        self.parts().0
    }

    /// The body of the answer.
    pub fn details(self) -> ProblemDetails {
        let (status, kind, title) = self.parts();
        ProblemDetails { r#type: kind.to_owned(), title: title.to_owned(), status }
    }

    /// Seconds after which it is worth another try.
    pub fn retry_after(self) -> Option<u64> {
        if let Self::TooOften(seconds) = self {
            Some(seconds)
        } else if self == Self::FilesUnclaimed || self == Self::StorageLow {
            Some(ROOM_SECONDS)
        } else {
            (self == Self::Busy).then_some(BUSY_SECONDS)
        }
    }
}

/// The orphan rule has it here: only the platform answers so.
#[cfg(feature = "axum")]
impl axum_core::response::IntoResponse for Problem {
    fn into_response(self) -> axum_core::response::Response {
        use http::header;

        let status =
            http::StatusCode::from_u16(self.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self.details()).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut answer = (status, kind, body).into_response();
        if let Self::WrongOffset(offset) = self {
            answer.headers_mut().insert(super::requests::UPLOAD_OFFSET, offset.into());
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
        let documented = include_str!("../../../docs/platform-api.md");
        let mut kinds: Vec<_> = Problem::ALL.iter().map(|problem| problem.kind()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), Problem::ALL.len());
        for problem in Problem::ALL {
            let ProblemDetails { r#type, title, status } = problem.details();
            let name = r#type.strip_prefix("urn:bianmin:problem:").unwrap();
            let row = format!("| `{name}` | {status} | {title} |");
            assert!(documented.contains(&row), "docs/platform-api.md lacks the row:\n{row}");
        }
        let rows = documented.lines().filter(|line| line.starts_with("| `") && line.ends_with(". |")).count();
        assert_eq!(rows, Problem::ALL.len(), "docs/platform-api.md has a row too much");
    }
}
